"""The pictures of a conversation one after the other, wherever they stand in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from animus_tui.chat.messages import ChatMessage, ImageRecord
    from animus_tui.chat.storage.conversation import StoredConversation


class Album:
    """Reads only the message that is asked for: which ones show a picture is known without reading any."""

    def __init__(self, stored: StoredConversation) -> None:
        self._stored = stored

    def __len__(self) -> int:
        return len(self._stored.messages.message_index.pictures)

    def message(self, message_id: str) -> ChatMessage:
        """The entry of a picture as it is now. KeyError."""
        return self._stored.get(message_id)

    def path(self, record: ImageRecord) -> Path:
        """The picture's file. UserError when the record names none of this conversation."""
        return self._stored.path_of(record.file)

    def number(self, message_id: str) -> int:
        """Which of the pictures it is, the oldest one 1; 0 when it is none of them."""
        place = self._stored.messages.place(message_id)
        pictures = self._stored.messages.message_index.pictures
        return sum(other <= place for other in pictures) if place in pictures else 0

    def beside(self, message_id: str, step: int) -> ChatMessage | None:
        """The picture before (-1) or after (1) this one; None at either end."""
        pictures = sorted(self._stored.messages.message_index.pictures)
        at = self.number(message_id) - 1 + step
        return self._stored.messages[pictures[at]] if 0 <= at < len(pictures) else None

    @property
    def is_writable(self) -> bool:
        """Whether another variant can be chosen for good."""
        return not self._stored.read_only
