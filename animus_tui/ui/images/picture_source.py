"""Where the viewer and the gallery get their pictures from: one conversation, or what was found in all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from animus_tui.chat.messages import ChatMessage
from animus_tui.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from animus_tui.chat.images.catalog import FoundPicture
    from animus_tui.chat.messages import ImageRecord
    from animus_tui.chat.storage.conversation import StoredConversation


class PictureSource:
    """The pictures of a conversation one after the other, wherever they stand in it.

    Reads only the message that is asked for: which ones show a picture is known without reading any.
    """

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
        """Whether the choice of another variant is stored."""
        return not self._stored.read_only


class AttachedPictures(PictureSource):
    """The pictures of one message of the user's; each is an entry that is named by its number, from 0."""

    def __init__(self, stored: StoredConversation, message: ChatMessage) -> None:
        super().__init__(stored)
        self._attached = message.attached or []

    def __len__(self) -> int:
        return len(self._attached)

    def message(self, message_id: str) -> ChatMessage:
        """The entry of a picture."""
        return ChatMessage(id=message_id, role="user", image=self._attached[int(message_id)])

    def number(self, message_id: str) -> int:
        """Which of the pictures it is, the first one 1."""
        return int(message_id) + 1

    def beside(self, message_id: str, step: int) -> ChatMessage | None:
        """The picture before (-1) or after (1) this one; None at either end."""
        at = int(message_id) + step
        return self.message(str(at)) if 0 <= at < len(self) else None

    @property
    def is_writable(self) -> bool:
        """Always False: they have no variants."""
        return False


class FoundPictures(PictureSource):
    """The pictures in the order in which the gallery shows them; each variant is an entry of its own."""

    def __init__(self, pictures: Sequence[FoundPicture]) -> None:
        self._pictures = pictures
        self._numbers = {name_of(picture): number for number, picture in enumerate(pictures)}

    def __len__(self) -> int:
        return len(self._pictures)

    def picture(self, name: str) -> FoundPicture:
        """The picture that the viewer knows by this name. KeyError."""
        return self._pictures[self._numbers[name]]

    def message(self, message_id: str) -> ChatMessage:
        """The entry of a picture, which is named by `name_of`. KeyError."""
        return ChatMessage(id=message_id, role="assistant", image=self.picture(message_id).record)

    def path(self, record: ImageRecord) -> Path:
        """The picture's file. UserError when the record names none of its conversation."""
        return path_in(self._pictures, record)

    def number(self, message_id: str) -> int:
        """Which of the pictures it is, the first one 1; 0 when it is none of them."""
        return self._numbers.get(message_id, -1) + 1

    def beside(self, message_id: str, step: int) -> ChatMessage | None:
        """The picture before (-1) or after (1) this one; None at either end."""
        at = self._numbers[message_id] + step
        return self.message(name_of(self._pictures[at])) if 0 <= at < len(self) else None

    @property
    def is_writable(self) -> bool:
        """Always False: each variant is a picture of its own, so that none is chosen."""
        return False


def name_of(picture: FoundPicture) -> str:
    """A name that is unique among the pictures of all conversations."""
    return f"{picture.conversation_id}/{picture.message_id}/{picture.variant}"


def path_in(pictures: Sequence[FoundPicture], record: ImageRecord) -> Path:
    """The file of the picture with this very record: two conversations may have equal ones. UserError."""
    for picture in pictures:
        if picture.record is record:
            return picture.path()
    raise UserError("There is no picture here any more.")
