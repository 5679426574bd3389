"""What a character says first. It stands in the history as any reply does, with the alternatives as its versions.

A conversation with nothing else counts as one in which nothing was said, so it is as good as new.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from animus_tui.chat.instructions import macro_filler
from animus_tui.chat.messages import ChatMessage, is_unused
from animus_tui.errors import StoreError

if TYPE_CHECKING:
    from animus_tui.chat.conversation_settings import ConversationSettings
    from animus_tui.chat.storage.conversation_writer import ConversationWriter
    from animus_tui.config.schema import Config

MOST_GREETINGS = 50
"""Versions of a greeting that are offered, at most: a card may have thousands."""


def greeting_texts(settings: ConversationSettings, config: Config) -> list[str]:
    """What the character may say first, with its macros filled in; `config` is what holds in the conversation."""
    fill = macro_filler(config, settings)
    texts = (fill(text).strip() for text in (settings.greeting, *settings.greetings))
    return list(dict.fromkeys(filter(None, texts)))[:MOST_GREETINGS]


def greeting_message(settings: ConversationSettings, config: Config, *, shown: int = 0) -> ChatMessage | None:
    """What opens a conversation, with the alternatives as versions of it; None where the character does not begin.

    `shown` is the number of the version that is shown, from 0.
    """
    texts = greeting_texts(settings, config)
    messages = [ChatMessage(role="assistant", content=text, greeting=True) for text in texts]
    if len(messages) < 2:
        return messages[0] if messages else None
    branches: list[list[dict[str, Any]] | None] = [[msgspec.to_builtins(each)] for each in messages]
    branches[shown] = None
    return replace(messages[shown], branches=branches)


def greet(writer: ConversationWriter, config: Config) -> None:
    """Have a conversation in which nothing was said begin with what its character says first, or with nothing.

    `config` is what holds in the conversation.
    """
    stored = writer.stored
    settings, former = stored.conversation.character, next(iter(stored.newest), None)
    greeting = None if settings is None else greeting_message(settings, config)
    if greeting is not None:
        writer.put(greeting if former is None else replace(greeting, id=former.id))
    elif former is not None:
        writer.put(replace(former, branches=None))
        with suppress(StoreError):  # a greeting too many does no harm
            stored.remove(former.id)
    else:
        return
    writer.summarise()


def refresh_greeting(writer: ConversationWriter, config: Config) -> bool:
    """Fill in the macros of a greeting once more where nothing was said yet; whether any had another value by now.

    `config` is what holds in the conversation. A greeting that was deleted, or a version of it, does not come back.
    """
    newest, settings = writer.stored.newest, writer.stored.conversation.character
    if settings is None or not newest or not is_unused(newest):
        return False
    former = newest[0]
    said = [former.content if each is None else each[0].get("content") for each in former.branches or [None]]
    texts = greeting_texts(settings, config)
    if said == texts or len(said) != len(texts):
        return False
    if (greeting := greeting_message(settings, config, shown=former.branch)) is not None:
        writer.put(replace(greeting, id=former.id))
        writer.summarise()
    return True


def change_greeting(writer: ConversationWriter, config: Config, former: ConversationSettings) -> bool:
    """Have a character begin otherwise, where another one did and nothing was said yet; whether anything changed.

    `former` is what the conversation kept before; `config` is what holds in it now.
    """
    stored = writer.stored
    settings = stored.conversation.character or former
    if (settings.greeting, settings.greetings) == (former.greeting, former.greetings):
        return refresh_greeting(writer, config)
    if not is_unused(stored.newest):
        return False
    greet(writer, config)
    return True
