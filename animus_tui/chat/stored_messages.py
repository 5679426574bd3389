"""The messages of a conversation as a sequence, most of which stays on the disk."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, overload

from animus_tui.chat.messages import ChatMessage
from animus_tui.chat.outline import CODES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from animus_tui.chat.history_entries import Entries
    from animus_tui.chat.outline import Outline


class OutlinedMessages(Sequence[ChatMessage]):
    """Messages that are read one by one, of which all is known that their heights are guessed from."""

    @property
    @abstractmethod
    def outline(self) -> Outline:
        """What is known of all of them without reading any."""

    @abstractmethod
    def place(self, message_id: str) -> int | None:
        """The index of the message with this id."""

    @abstractmethod
    def _at(self, place: int) -> ChatMessage:
        """The message with this index, from 0."""

    @overload
    def __getitem__(self, index: int) -> ChatMessage: ...

    @overload
    def __getitem__(self, index: slice) -> list[ChatMessage]: ...

    def __getitem__(self, index: int | slice) -> ChatMessage | list[ChatMessage]:
        places = range(len(self))[index]
        return self._at(places) if isinstance(places, int) else [self._at(place) for place in places]


class StoredMessages(OutlinedMessages):
    """Read when they are asked for, always as they are now. An iterator has those of the moment when it was made.

    An iterator may be used up in another thread; everything else is for the thread that changes the conversation.
    """

    def __init__(self, entries: Entries) -> None:
        self._entries = entries

    @property
    def outline(self) -> Outline:
        """What is known of all of them without reading any."""
        return self._entries.outline

    def place(self, message_id: str) -> int | None:
        """The index of the message with this id."""
        return self._entries.place(message_id)

    def last_picture(self) -> ChatMessage | None:
        """The newest message that shows a picture."""
        pictures = self.outline.pictures
        return self[max(pictures)] if pictures else None

    def said(self, most: int) -> list[str]:
        """The user's newest texts, that many at most, oldest first."""
        roles, user = self.outline.roles, bytes([CODES["user"]])
        first = len(roles)
        for _ in range(min(most, roles.count(user))):
            first = roles.rfind(user, 0, first)
        return [message.content or "" for message in self._entries.each(first) if message.role == "user"]

    def snapshot(self) -> Entries:
        """The entries of this moment, for another thread."""
        return self._entries.snapshot()

    def __len__(self) -> int:
        return len(self._entries.outline)

    def _at(self, place: int) -> ChatMessage:
        return self._entries.message(place)

    def __iter__(self) -> Iterator[ChatMessage]:
        return self._entries.snapshot().each()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and len(self) == len(other) and list(self) == list(other)
