"""What the user asks of the session, from keys, commands and cards alike.

Each is a coroutine that raises ValueError, SaveError or StoreError with one sentence when it cannot be done.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from animus_tui.chat.saving import save_picture
from animus_tui.paths import pictures_dir
from animus_tui.ui.flow.picture import PictureEntry
from animus_tui.ui.flow.reply import ReplyEntry

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from textual.app import App

    from animus_tui.chat.messages import ChatMessage, ImageRecord
    from animus_tui.chat.session import ChatSession
    from animus_tui.ui.flow.entry import Entry
    from animus_tui.ui.widgets.conversation_pane import ConversationPane


class Requests:
    """Asks for the picture that has the focus, or else for the last one."""

    def __init__(self, session: ChatSession, pane: ConversationPane) -> None:
        self._session = session
        self._pane = pane

    async def paint(self, prompt: str) -> None:
        """A picture from the user's own words."""
        self._session.generate_image(prompt)

    async def edit(self, prompt: str) -> None:
        """A changed version of the picture."""
        self._session.edit_image(prompt, self._chosen_id())

    async def regenerate(self) -> None:
        """The picture again, with a new seed."""
        self._session.regenerate(self._chosen_id())

    async def save(self, target: Path | None = None) -> str:
        """Copy the picture to a file or folder, by default the user's pictures folder; returns what to say."""
        message = self.picture()
        if message is None or message.image is None:
            raise ValueError("There is no picture to save yet.")
        return await self.save_record(message.image, target)

    async def save_record(self, record: ImageRecord, target: Path | None = None) -> str:
        """The same with a picture that is at hand, whichever of its variants is chosen."""
        source = self.path_of(record)
        folder = pictures_dir(self._session.config.image.save_dir)
        return f"Saved to {await asyncio.to_thread(save_picture, source, record, target or folder)}"

    async def open_picture(self, message_id: str) -> str:
        """Show the picture of an entry with the viewer of the system; returns what to say."""
        return await self.open_outside(self._record(message_id))

    async def open_outside(self, record: ImageRecord) -> str:
        """Show a picture with the viewer of the system; returns what to say."""
        from animus_tui.ui.opening import open_outside

        return await open_outside(self.path_of(record))

    async def copy_path_of(self, message_id: str, app: App[Any]) -> str:
        """Put the path of the file of an entry's picture on the clipboard; returns what to say."""
        return await self.copy_path(self._record(message_id), app)

    async def copy_path(self, record: ImageRecord, app: App[Any]) -> str:
        """Put the path of a picture's file on the clipboard; returns what to say."""
        from animus_tui.ui.clipboard import copy

        await copy(app, str(self.path_of(record)))
        return "Copied the path of the picture"

    def path_of(self, record: ImageRecord) -> Path:
        """The file of a picture of the open conversation. ValueError when the record names none."""
        return self._session.conversation.path_of(record.file)

    async def choose_variant(self, message_id: str, index: int) -> None:
        """Show another variant of a picture."""
        self._pane.show_picture(self._session.choose_variant(message_id, index))

    async def retry(self) -> None:
        """Try again: what is chosen and failed, the answer, or the last failed picture."""
        chosen = self._pane.chosen_entry
        failed = self._pane.failed_entries()
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
                self._session.retry_image(entry.image_id)
            case ReplyEntry():
                self._session.paint_promised(entry.id)
            case _:
                await self.ask_again()

    async def ask_again(self) -> None:
        """The answer that failed, once more."""
        await self._session.retry()
        self._pane.clear_error()
        self._pane.start_typing()
        for message in self._session.conversation.messages[-2:]:
            self._pane.mark_failed(message)

    def _chosen_id(self) -> str | None:
        chosen = self._chosen_picture()
        return chosen.id if chosen is not None else None

    def _record(self, message_id: str) -> ImageRecord:
        record = self._session.conversation.get(message_id).image
        if record is None:
            raise ValueError("There is no picture here any more.")
        return record

    def picture(self) -> ChatMessage | None:
        """The entry of the chosen picture, or else of the last one."""
        return self._chosen_picture() or self._session.last_image()

    def _chosen_picture(self) -> ChatMessage | None:
        entry = self._pane.chosen_entry
        return entry.message if isinstance(entry, PictureEntry) else None
