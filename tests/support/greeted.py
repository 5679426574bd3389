"""A data directory whose newest conversation was begun with a character, and in which nothing was said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from animus_tui.chat.conversation_settings import settings_of
from animus_tui.chat.events import EventBus
from animus_tui.chat.storage.open_conversations import OpenConversations
from animus_tui.chat.storage.store import ConversationStore
from animus_tui.config.schema import Config

if TYPE_CHECKING:
    from pathlib import Path

    from animus_tui.characters.character import Character


def begin_with(character: Character, data: Path, config: Config | None = None) -> None:
    """Begin a conversation with a character, as the application does."""
    config = config or Config()
    conversations = OpenConversations(ConversationStore(data), EventBus(), config)
    try:
        conversations.switch_to_new(settings_of(character, config))
    finally:
        conversations.close()
