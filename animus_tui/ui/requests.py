"""What the user asks of the session, from keys, commands and cards alike.

Each is a coroutine that raises ValueError, SaveError or StoreError with one sentence when it cannot be done.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from animus_tui.chat.images.saving import SaveFolder, main_file, save_all, save_picture
from animus_tui.paths import expanded
from animus_tui.ui.flow.picture import PictureEntry
from animus_tui.ui.flow.reply import ReplyEntry

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from textual.app import App

    from animus_tui.chat.messages import ChatMessage, ImageRecord
    from animus_tui.chat.session import ChatSession
    from animus_tui.ui.conversation.view import ConversationPane
    from animus_tui.ui.flow.entry import Entry


class Requests:
    """Asks for the picture that has the focus, or else for the last one."""

    def __init__(self, session: ChatSession, pane: ConversationPane) -> None:
        self._session = session
        self._pane = pane

    async def regenerate(self) -> None:
        """The picture again, with a new seed."""
        self._session.images.start_variant(self.chosen_id)

    async def save_as(self, argument: str) -> str:
        """What `/save` is asked for: the picture, or `all`; to the folder in force, a file, or a folder.

        A folder is the one in force from then on. Returns what to say.
        """
        word, _, rest = argument.partition(" ")
        if word == "all":
            return await self._save_all(rest.strip())
        target = expanded(argument) if argument else None
        if target is None or not (argument.endswith("/") or target.is_dir() or not target.suffix):
            return await self.save(target)
        folder = self.folder.change(argument)
        said = f"Pictures are saved in {folder} from now on{'' if folder.is_dir() else ', a new folder'}"
        return f"{await self.save()}. {said}" if self.picture() is not None else said

    async def _save_all(self, argument: str) -> str:
        folder = self.folder.change(argument) if argument else self.folder.current
        return (await save_all(self._session.conversation, folder)).sentence

    @property
    def folder(self) -> SaveFolder:
        """Where pictures are saved."""
        return SaveFolder.beside(self._session.conversation, self._session.config.image.save_dir)

    async def save(self, target: Path | None = None) -> str:
        """Copy the picture to a file or folder, by default the folder in force; returns what to say."""
        message = self.picture()
        if message is None or message.image is None:
            raise ValueError("There is no picture to save yet.")
        return await self.save_record(message.image, target)

    async def save_record(self, record: ImageRecord, target: Path | None = None) -> str:
        """The same with a picture that is at hand, whichever of its variants is chosen."""
        source, folder = self.path_of(record), self.folder.current
        if target is None:
            return f"Saved to {await asyncio.to_thread(save_picture, source, record, folder)}"
        is_new = not await asyncio.to_thread(target.parent.is_dir)
        path = await asyncio.to_thread(save_picture, source, record, target)
        return f"Saved to {path}, in a new folder" if is_new else f"Saved to {path}"

    async def open_picture(self, message_id: str) -> str:
        """Show the picture or clip of an entry with the program of the system; returns what to say."""
        return await self.open_outside(self._record(message_id))

    async def open_outside(self, record: ImageRecord) -> str:
        """Show a picture or a clip with the program of the system; returns what to say."""
        from animus_tui.ui.opening import open_outside

        return await open_outside(self.path_of(record))

    def is_clip(self, message_id: str) -> bool:
        """Whether an entry shows a clip, which the terminal cannot play."""
        return self._record(message_id).video is not None

    async def copy_path_of(self, message_id: str, app: App[Any]) -> str:
        """Put the path of the file of an entry's picture on the clipboard; returns what to say."""
        return await self.copy_path(self._record(message_id), app)

    async def copy_path(self, record: ImageRecord, app: App[Any]) -> str:
        """Put the path of a picture's file on the clipboard; returns what to say."""
        from animus_tui.ui.clipboard import copy

        await copy(app, str(self.path_of(record)))
        return "Copied the path of the picture"

    def path_of(self, record: ImageRecord) -> Path:
        """The file of a picture, or of a clip, of the open conversation. ValueError when the record names none."""
        return self._session.conversation.path_of(main_file(record))

    async def choose_variant(self, message_id: str, index: int) -> None:
        """Show another variant of a picture."""
        self._pane.updates.show_picture(self._session.images.choose_variant(message_id, index))

    async def retry(self) -> None:
        """Try again: what is chosen and failed, the answer, or the last failed picture."""
        chosen = self._pane.cursor.entry
        failed = self._pane.content.failed()
        if chosen is not None and chosen.can_retry:
            await self.try_again(chosen)
        elif failed and not self._session.can_retry:
            await self.try_again(failed[-1])
        else:
            await self.ask_again()

    async def try_again(self, entry: Entry) -> None:
        """An answer that failed, a picture that did, or one that was promised and never made."""
        match entry:
            case PictureEntry() if entry.image_id is not None:
                self._session.images.retry(entry.image_id)
            case ReplyEntry():
                self._session.images.start_promised(entry.id)
            case _:
                await self.ask_again()

    async def ask_again(self) -> None:
        """The answer that failed, once more."""
        await self._session.retry()
        self._pane.updates.clear_error()
        self._pane.updates.start_typing()
        for message in self._session.conversation.messages[-2:]:
            self._pane.updates.mark_failed(message)

    @property
    def chosen_id(self) -> str | None:
        """The entry of the chosen picture; None: the last one is meant."""
        chosen = self._chosen_picture()
        return chosen.id if chosen is not None else None

    def _record(self, message_id: str) -> ImageRecord:
        record = self._session.conversation.get(message_id).image
        if record is None:
            raise ValueError("There is no picture here any more.")
        return record

    def picture(self) -> ChatMessage | None:
        """The entry of the chosen picture, or else of the last one."""
        return self._chosen_picture() or self._session.images.last_image()

    def _chosen_picture(self) -> ChatMessage | None:
        entry = self._pane.cursor.entry
        return entry.message if isinstance(entry, PictureEntry) else None
