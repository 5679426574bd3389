"""The open conversation together with the bus: what is put here is on disk before it is told."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from msgspec.structs import replace

from animus_tui.chat.disk_errors import StoreError
from animus_tui.chat.events import EventBus, HistorySaved, HistoryUnsaved

if TYPE_CHECKING:
    from animus_tui.chat.events import SessionEvent
    from animus_tui.chat.messages import ChatMessage, Conversation
    from animus_tui.chat.stored_conversation import StoredConversation
    from animus_tui.chat.stored_messages import StoredMessages

TITLE_LENGTH = 60
"""Characters of the first message that name a conversation."""


class Transcript:
    """One open conversation. A disk that refuses is told on the bus and never stops the conversation."""

    def __init__(self, stored: StoredConversation, bus: EventBus) -> None:
        self.stored = stored
        self._bus = bus

    @property
    def id(self) -> str:
        """The conversation's id."""
        return self.stored.conversation.id

    @property
    def messages(self) -> StoredMessages:
        """All messages, oldest first."""
        return self.stored.messages

    def publish(self, event: SessionEvent) -> None:
        """Tell all subscribers."""
        self._bus.publish(event)

    async def get_ready(self) -> None:
        """Wait, without holding up anything else, for what the next long message of a long history needs."""
        stored = self.stored
        ahead = stored.copy_ahead()
        if ahead is not None:
            making = asyncio.ensure_future(asyncio.to_thread(ahead.make))
            making.add_done_callback(lambda _: stored.take_ahead(ahead))
            await asyncio.shield(making)

    def put(self, message: ChatMessage) -> None:
        """Append the message, or replace the one with its id; what could not be saved before is tried again."""
        waiting = self.stored.unsaved
        refused = ""
        try:
            self.stored.put(message)
        except StoreError as error:
            refused = error.sentence
        unsaved = self.stored.unsaved
        if saved := [message_id for message_id in waiting if message_id not in unsaved]:
            self.publish(HistorySaved(conversation_id=self.id, message_ids=saved))
        if refused:
            self.publish(HistoryUnsaved(conversation_id=self.id, message_ids=unsaved, error=refused))

    def name_after(self, text: str) -> None:
        """Give the conversation its title, the first words that were said, unless it has one."""
        conversation = self.stored.conversation
        if conversation.title:
            return
        words = " ".join(text.split())
        title = words if len(words) <= TITLE_LENGTH else words[: TITLE_LENGTH - 1].rstrip() + "…"
        self.describe(replace(conversation, title=title))

    def describe(self, conversation: Conversation) -> None:
        """Replace what is known of the conversation beside its messages."""
        try:
            self.stored.describe(conversation)
        except StoreError as error:
            self.publish(HistoryUnsaved(conversation_id=self.id, message_ids=[], error=error.sentence))
