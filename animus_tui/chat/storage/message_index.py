"""What is known of every message without reading it again: enough to guess how tall each one is."""

from __future__ import annotations

from abc import abstractmethod
from array import array
from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar, overload

from animus_tui.chat.messages import ChatMessage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from animus_tui.chat.messages import Role

T = TypeVar("T")

ROLES: tuple[Role, ...] = ("user", "assistant", "system", "tool")
"""A role is kept as its index here."""
CODES = {role: code for code, role in enumerate(ROLES)}


class Outline:
    """One place per message, in order; nine bytes each, more for pictures."""

    def __init__(self, messages: Sequence[ChatMessage] = ()) -> None:
        self.roles = bytearray()
        self.lengths = array("I")
        """Characters of the text."""
        self.breaks = array("I")
        """Line breaks in the text."""
        self.pictures: dict[int, tuple[int, int]] = {}
        """Width and height, by the place of the message that shows the picture."""
        self.replies: dict[int, str] = {}
        """Which message's promise a picture fulfils, by the place of the picture's own."""
        self.extend(messages)

    @classmethod
    def guessed(cls, unknown: int, newest: Sequence[ChatMessage]) -> Outline:
        """That of messages of which only the newest are known: the unknown ones before them are like these."""
        known = cls(newest)
        mean = sum(known.lengths) // max(1, len(known))
        outline = cls()
        outline.roles = bytearray([CODES["assistant"]]) * unknown + known.roles
        outline.lengths = array("I", [mean]) * unknown + known.lengths
        outline.breaks = array("I", [0]) * unknown + known.breaks
        outline.pictures = {unknown + place: size for place, size in known.pictures.items()}
        outline.replies = {unknown + place: promise for place, promise in known.replies.items()}
        return outline

    def __len__(self) -> int:
        return len(self.roles)

    def copy(self) -> Outline:
        """The outline of this moment."""
        other = Outline()
        other.roles, other.lengths, other.breaks = self.roles[:], self.lengths[:], self.breaks[:]
        other.pictures, other.replies = self.pictures.copy(), self.replies.copy()
        return other

    def extend(self, messages: Sequence[ChatMessage]) -> None:
        """Add messages at the end."""
        first = len(self.roles)
        texts = [message.content or "" for message in messages]
        self.roles += bytes([CODES[message.role] for message in messages])
        self.lengths.extend([len(text) for text in texts])
        self.breaks.extend([text.count("\n") for text in texts])
        for place, message in enumerate(messages, first):
            if message.image is not None or message.reply_to is not None:
                self._note(place, message)

    def replace(self, place: int, message: ChatMessage) -> None:
        """Another message stands at a place now."""
        text = message.content or ""
        self.roles[place] = CODES[message.role]
        self.lengths[place] = len(text)
        self.breaks[place] = text.count("\n")
        self.pictures.pop(place, None)
        self.replies.pop(place, None)
        self._note(place, message)

    def remove(self, place: int) -> None:
        """Take a message out."""
        del self.roles[place], self.lengths[place], self.breaks[place]
        self.pictures = without(self.pictures, place)
        self.replies = without(self.replies, place)

    def role(self, place: int) -> Role:
        """Whose message it is."""
        return ROLES[self.roles[place]]

    def _note(self, place: int, message: ChatMessage) -> None:
        if message.image is not None:
            self.pictures[place] = message.image.width, message.image.height
        if message.reply_to is not None:
            self.replies[place] = message.reply_to


def without(values: Mapping[int, T], place: int) -> dict[int, T]:
    """Values by place, once the message at one place is gone: those behind it move up."""
    return {other - (other > place): value for other, value in values.items() if other != place}


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
