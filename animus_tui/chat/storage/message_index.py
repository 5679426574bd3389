"""What is known of every message of a conversation without decoding it: role, length, pictures.

The screen guesses from it how tall a message is, and finds the messages with pictures.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from animus_tui.chat.messages import ChatMessage, Role

T = TypeVar("T")

ROLES: tuple[Role, ...] = ("user", "assistant", "system", "tool")
"""All roles; of each message the index of its role in this order is kept."""
CODES = {role: code for code, role in enumerate(ROLES)}


class MessageIndex:
    """Role and length of each message, by its place from 0: nine bytes each, more for pictures."""

    def __init__(self, messages: Sequence[ChatMessage] = ()) -> None:
        self.roles = bytearray()
        self.lengths = array("I")
        """Characters of the text."""
        self.breaks = array("I")
        """Line breaks in the text."""
        self.pictures: dict[int, tuple[int, int]] = {}
        """Width and height in pixels, by the place of the message that shows the picture."""
        self.replies: dict[int, str] = {}
        """Id of the message whose promised picture this is, by the place of the picture's own message."""
        self.extend(messages)

    @classmethod
    def guessed(cls, unknown: int, newest: Sequence[ChatMessage]) -> MessageIndex:
        """The index of messages of which only the newest are known: the `unknown` ones before are like these."""
        known, index = cls(newest), cls()
        mean = sum(known.lengths) // max(1, len(known))
        index.roles = bytearray([CODES["assistant"]]) * unknown + known.roles
        index.lengths = array("I", [mean]) * unknown + known.lengths
        index.breaks = array("I", [0]) * unknown + known.breaks
        index.pictures = {unknown + place: size for place, size in known.pictures.items()}
        index.replies = {unknown + place: promise for place, promise in known.replies.items()}
        return index

    def __len__(self) -> int:
        return len(self.roles)

    def copy(self) -> MessageIndex:
        """The index of this moment, which no later change reaches."""
        other = MessageIndex()
        other.roles, other.lengths, other.breaks = self.roles[:], self.lengths[:], self.breaks[:]
        other.pictures, other.replies = self.pictures.copy(), self.replies.copy()
        return other

    def become(self, other: MessageIndex) -> None:
        """Take over the content of another index, which is not used any more."""
        self.__dict__.update(other.__dict__)

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
        """Put another message at a place."""
        text = message.content or ""
        self.roles[place] = CODES[message.role]
        self.lengths[place] = len(text)
        self.breaks[place] = text.count("\n")
        self.pictures.pop(place, None)
        self.replies.pop(place, None)
        self._note(place, message)

    def cut(self, place: int) -> None:
        """Forget the messages from a place on."""
        del self.roles[place:], self.lengths[place:], self.breaks[place:]
        self.pictures = before(self.pictures, place)
        self.replies = before(self.replies, place)

    def role(self, place: int) -> Role:
        """The role of a message."""
        return ROLES[self.roles[place]]

    def _note(self, place: int, message: ChatMessage) -> None:
        if message.image is not None:
            self.pictures[place] = message.image.width, message.image.height
        if message.reply_to is not None:
            self.replies[place] = message.reply_to


def before(values: Mapping[int, T], place: int) -> dict[int, T]:
    """Values by place, of the places before one."""
    return {other: value for other, value in values.items() if other < place}
