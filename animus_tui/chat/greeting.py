"""The greeting of a character: the first message of a conversation, with the alternatives as its versions.

A conversation with nothing but a greeting counts as unused.
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
    """The texts of a greeting, with macros filled in; `config` is what holds in the conversation."""
    fill = macro_filler(config, settings)
    texts = (fill(text).strip() for text in (settings.greeting, *settings.greetings))
    return list(dict.fromkeys(filter(None, texts)))[:MOST_GREETINGS]


def greeting_message(settings: ConversationSettings, config: Config, *, shown: int = 0) -> ChatMessage | None:
    """The message of a greeting, with the alternatives as its versions; None where there is no greeting.

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
    """Write the greeting of its character into an unused conversation, in place of a former one.

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
    """Write the greeting of an unused conversation again if its macros have changed; whether they have.

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
    """Write the greeting of another character into an unused conversation; whether anything changed.

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
