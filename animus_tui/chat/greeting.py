"""What a character says first. It stands in the history as any reply does, with the alternatives as its versions.

A conversation with nothing else counts as one in which nothing was said, so it is as good as new.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from animus_tui.chat.instructions import filler
from animus_tui.chat.messages import ChatMessage
from animus_tui.errors import StoreError

if TYPE_CHECKING:
    from animus_tui.chat.conversation_settings import ConversationSettings
    from animus_tui.chat.storage.open_conversations import ConversationWriter
    from animus_tui.config.schema import Config

MOST_GREETINGS = 50
"""Versions of a greeting that are offered, at most: a card may have thousands."""


def greeting_texts(settings: ConversationSettings, config: Config) -> list[str]:
    """What the character may say first, with its macros filled in; `config` is what holds in the conversation."""
    fill = filler(config, settings)
    texts = (fill(text).strip() for text in (settings.greeting, *settings.greetings))
    return list(dict.fromkeys(filter(None, texts)))[:MOST_GREETINGS]


def greeting_message(settings: ConversationSettings, config: Config) -> ChatMessage | None:
    """What opens a conversation, with the alternatives as versions of it; None where the character does not begin."""
    messages = [
        ChatMessage(role="assistant", content=text, greeting=True)
        for text in greeting_texts(settings, config)
    ]
    if not messages:
        return None
    first, *others = messages
    if not others:
        return first
    return replace(first, branches=[None, *([msgspec.to_builtins(other)] for other in others)])


def begins_with(settings: ConversationSettings) -> tuple[object, ...]:
    """What the first words of a character go by."""
    return settings.name, settings.nickname, settings.greeting, settings.greetings


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
