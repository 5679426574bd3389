"""Pictures of many conversations for those who know one: the viewer, and what is done with a picture."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING

from animus_tui.chat.messages import ChatMessage
from animus_tui.errors import UserError
from animus_tui.ui.album import Album
from animus_tui.ui.image_files import ImageFiles

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from animus_tui.chat.images.catalog import FoundPicture
    from animus_tui.chat.messages import ImageRecord
    from animus_tui.chat.session import ChatSession


class FoundAlbum(Album):
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
        return _path_in(self._pictures, record)

    def number(self, message_id: str) -> int:
        """Which of the pictures it is, the first one 1; 0 when it is none of them."""
        return self._numbers.get(message_id, -1) + 1

    def beside(self, message_id: str, step: int) -> ChatMessage | None:
        """The picture before (-1) or after (1) this one; None at either end."""
        at = self._numbers[message_id] + step
        return self.message(name_of(self._pictures[at])) if 0 <= at < len(self) else None

    @property
    def is_writable(self) -> bool:
        """Nothing is chosen here: there are no variants."""
        return False


class FoundImageFiles(ImageFiles):
    """The files of pictures in any conversation."""

    def __init__(self, session: ChatSession) -> None:
        super().__init__(session)
        self.pictures: Sequence[FoundPicture] = ()
        """Those that something may be done with."""

    def of(self, pictures: Sequence[FoundPicture]) -> FoundImageFiles:
        """The same with other pictures."""
        files = copy(self)
        files.pictures = pictures
        return files

    def path_of(self, record: ImageRecord) -> Path:
        """The file of one of the pictures. UserError when the record names none of its conversation."""
        return _path_in(self.pictures, record)


def name_of(picture: FoundPicture) -> str:
    """What no other picture of all conversations is called."""
    return f"{picture.conversation_id}/{picture.message_id}/{picture.variant}"


def _path_in(pictures: Sequence[FoundPicture], record: ImageRecord) -> Path:
    """Two conversations may have equal records, so it is the very record that counts."""
    for picture in pictures:
        if picture.record is record:
            return picture.path()
    raise UserError("There is no picture here any more.")
