"""What can be done with the file of a picture: save it elsewhere, open it, copy its path."""

from __future__ import annotations

import asyncio
from copy import copy
from typing import TYPE_CHECKING

from animus_tui.chat.images.saving import SaveFolder, main_file, save_all, save_picture, save_several
from animus_tui.ui.images.picture_source import path_in
from animus_tui.ui.terminal import clipboard
from animus_tui.ui.terminal.system_opener import open_outside

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from typing import Any

    from textual.app import App

    from animus_tui.chat.images.catalog import FoundPicture
    from animus_tui.chat.messages import ImageRecord
    from animus_tui.chat.session import ChatSession


class ImageFiles:
    """The files of the open conversation's pictures.

    Each coroutine returns what to say, and raises UserError.
    """

    def __init__(self, session: ChatSession) -> None:
        self._session = session

    def path_of(self, record: ImageRecord) -> Path:
        """The file of a picture or of a clip. UserError when the record names none of the open conversation."""
        return self._session.conversation.path_of(main_file(record))

    @property
    def folder(self) -> SaveFolder:
        """Where pictures are saved."""
        return SaveFolder(self._session.data_folder, self._session.config.image.save_dir)

    async def save(self, record: ImageRecord, target: Path | None = None) -> str:
        """Copy a picture to a file or a folder, by default the folder in force."""
        source, folder = self.path_of(record), self.folder.current
        if target is None:
            return f"Saved to {await asyncio.to_thread(save_picture, source, record, folder)}"
        is_new = not await asyncio.to_thread(target.parent.is_dir)
        path = await asyncio.to_thread(save_picture, source, record, target)
        return f"Saved to {path}, in a new folder" if is_new else f"Saved to {path}"

    async def save_all(self, argument: str) -> str:
        """Copy all pictures of the conversation to the folder in force, or to the one that is named from now on."""
        folder = self.folder.change(argument) if argument else self.folder.current
        return (await save_all(self._session.conversation, folder)).sentence

    async def save_several(self, records: Sequence[ImageRecord]) -> str:
        """Copy pictures to the folder in force, each with a free name."""
        return (await save_several(records, self.path_of, self.folder.current)).sentence

    async def open(self, record: ImageRecord) -> str:
        """Show a picture or a clip with the system's viewer."""
        return await open_outside(self.path_of(record))

    async def copy_path(self, record: ImageRecord, app: App[Any]) -> str:
        """Put the path of a picture's file on the clipboard."""
        await clipboard.copy(app, str(self.path_of(record)))
        return "Copied the path of the picture"


class FoundImageFiles(ImageFiles):
    """The files of pictures in any conversation."""

    def __init__(self, session: ChatSession) -> None:
        super().__init__(session)
        self.pictures: Sequence[FoundPicture] = ()
        """The pictures whose files may be used."""

    def of(self, pictures: Sequence[FoundPicture]) -> FoundImageFiles:
        """A copy that acts on other pictures."""
        files = copy(self)
        files.pictures = pictures
        return files

    def path_of(self, record: ImageRecord) -> Path:
        """The file of one of the pictures. UserError when the record names none of its conversation."""
        return path_in(self.pictures, record)
