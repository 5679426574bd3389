"""The instructions of a request: system message, persona of the user, examples, lorebook entries, author's note.

Macros such as `{{user}}` are filled in anew for each request. Where none of this is configured the system message is
sent as it is, to the byte.
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

import msgspec
from msgspec.structs import replace

from animus_tui.characters.macros import DEFAULT_USER, filled
from animus_tui.chat.attachments import newest_attached
from animus_tui.chat.history_window import history_window, limited_window, token_room
from animus_tui.chat.token_meter import estimated_tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from animus_tui.characters.lorebook import Lorebook
    from animus_tui.chat.conversation_settings import ConversationSettings
    from animus_tui.chat.messages import ChatMessage, Conversation
    from animus_tui.chat.token_meter import TokenMeter
    from animus_tui.config.schema import ChatConfig, Config

log = logging.getLogger(__name__)

LORE_SHARE = 4
"""Of `history_tokens` a lorebook takes this part at most, so that it leaves room to what was said."""
BEFORE_CHARACTER = "before_char"
"""Where an entry of a lorebook wants to stand before the instructions; all others stand behind them."""


class Instructions(NamedTuple):
    """What a request has beside its messages."""

    chat: ChatConfig
    """What holds in the conversation, with the whole system message."""
    note: str
    """The author's note; empty where there is none."""


def instructions_for(
    config: Config,
    conversation: Conversation,
    past: Sequence[ChatMessage],
    new: ChatMessage | None = None,
    *,
    before: str | None = None,
) -> Instructions:
    """The configuration of a request with the whole system message, for an answer to `new` or to the end of the past.

    `config` is what holds in the conversation. The past ends before the message with the id `before`.
    """
    settings, chat = conversation.character, config.chat
    fill = macro_filler(config, settings)
    about = (config.user.about or "").strip()
    parts = [chat.system_message, about and f"About {config.user.name or DEFAULT_USER}: {about}"]
    if settings is not None:
        parts.append(settings.examples.strip())
        if (book := lorebook_of(settings)) is not None:
            first, last = _matched_lore(book, chat, past, new, before)
            parts = [*first, *parts, *last]
    system = "\n\n".join(fill(part) for part in parts if part.strip())
    return Instructions(
        chat if system == chat.system_message else replace(chat, system_message=system),
        "" if settings is None else fill(settings.note).strip(),
    )


def macro_filler(config: Config, settings: ConversationSettings | None) -> Callable[[str], str]:
    """Fills in the macros of a text of the conversation's character, as of today."""
    name, nickname = config.chat.name, "" if settings is None else settings.nickname
    is_named_elsewhere = ("chat", "name") in config.fixed
    char = name if is_named_elsewhere else nickname or name
    today = datetime.now().astimezone().date()
    return lambda text: filled(text, char=char, user=config.user.name or "", today=today)


def lorebook_of(settings: ConversationSettings) -> Lorebook | None:
    """The lorebook of a character; None where it has none, or one that cannot be read."""
    if settings.lorebook is None:
        return None
    from animus_tui.characters.lorebook import Lorebook  # few conversations need it

    try:
        return msgspec.convert(settings.lorebook, Lorebook)
    except msgspec.ValidationError as error:
        log.warning("the lorebook of %s cannot be read: %s", settings.name, error)
        return None


def unused_lore(settings: ConversationSettings) -> str:
    """Features of a lorebook that are not supported, such as "regular expressions"; empty where there are none."""
    book = lorebook_of(settings)
    return "" if book is None else ", ".join(book.unused)


def _matched_lore(
    book: Lorebook,
    chat: ChatConfig,
    past: Sequence[ChatMessage],
    new: ChatMessage | None,
    before: str | None,
) -> tuple[list[str], list[str]]:
    """The lorebook entries that the newest messages match: those before the instructions, and those behind them."""
    texts = list(_newest_texts(past, new, before, book.scan_depth))
    budget = book.token_budget
    if chat.history_tokens is not None:
        budget = min(budget, chat.history_tokens // LORE_SHARE)
    first: list[str] = []
    last: list[str] = []
    for entry in book.matched(texts, budget, estimated_tokens):
        (first if entry.position == BEFORE_CHARACTER else last).append(entry.content.strip())
    return first, last


def _newest_texts(
    past: Sequence[ChatMessage], new: ChatMessage | None, before: str | None, most: int
) -> Iterator[str]:
    """The texts of the newest messages, the oldest first."""
    for message in history_window(past, most, before=before):
        yield message.content or ""
    if new is not None:
        yield new.content or ""


def newest_left_out(
    messages: Sequence[ChatMessage],
    config: Config,
    conversation: Conversation,
    meter: TokenMeter,
    *,
    sees: bool,
    new: ChatMessage | None = None,
    before: str | None = None,
) -> str | None:
    """Id of the newest message of a conversation that the limits keep from the model; None when they keep none.

    They are those of the request for an answer to `new`, one of the messages; by default, to what the user writes next.
    `sees`: the model is shown the pictures of the user. Only messages before the one with the id `before` count.
    """
    chat, note = config.chat, ""
    if len(messages) <= chat.history_size and chat.history_tokens is None:
        return None
    until = before if new is None else new.id
    addresses: dict[str, str] = {}
    if chat.history_tokens is not None:
        chat, note = instructions_for(config, conversation, messages, new, before=until)
        if sees:
            window = history_window(messages, chat.history_size, before=until)
            addresses = dict.fromkeys(newest_attached(window, new), "")
    room = token_room(chat, meter, new, addresses, note=note)
    left_out = limited_window(messages, chat.history_size, before=until, room=room).left_out
    return None if left_out is None else left_out.id
