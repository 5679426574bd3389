"""Exporting the open conversation to a file, and importing conversations from one."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from animus_tui.chat.export.files import Export, check_target, format_of, free_name
from animus_tui.chat.export.transcript import ExportCancelledError
from animus_tui.chat.importing.importer import import_file
from animus_tui.chat.storage.store import ConversationStore
from animus_tui.errors import UserError
from animus_tui.paths import expanded
from animus_tui.ui.controllers.controller import Controller, reported

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from animus_tui.chat.export.transcript import ExportProgress
    from animus_tui.ui.commands.parser import CommandCall
    from animus_tui.ui.controllers.controller import ChatParts


SHOWN_EVERY = 0.5
"""Seconds between two looks at how far an export is; most have ended by the first."""


class TransferController(Controller):
    """Writes and reads the files in threads, so that the conversation goes on meanwhile."""

    def __init__(self, parts: ChatParts, *, show_activity: Callable[[str], None]) -> None:
        """`show_activity` shows what is under way for as long as it is; an empty text takes that away."""
        super().__init__(parts)
        self._show_activity = show_activity
        self._under_way: list[ExportProgress] = []
        """Of the exports that are being written, the newest one last."""

    @property
    def is_exporting(self) -> bool:
        """Whether a file is being written."""
        return bool(self._under_way)

    def cancel(self) -> None:
        """Stop the newest export; it leaves nothing behind."""
        if self._under_way:
            self._under_way[-1].is_cancelled = True

    # Actions of the table

    @reported
    async def export(self, call: CommandCall) -> str:
        """Export the conversation: to a file, or as a page into the folder where the application was started."""
        stored = self._session.conversation
        if not stored.newest:
            raise UserError("There is nothing to export yet: nothing was said in this conversation.")
        export = Export(stored, name=self._session.config.chat.name)
        if call.argument:
            target = expanded(call.argument)
            await asyncio.to_thread(check_target, target)
        else:
            target = await asyncio.to_thread(free_name, expanded("."), export.default_name("html"))
        try:
            await self._write(export, target)
        except ExportCancelledError as cancelled:
            return str(cancelled)
        return f"Exported to {target}"

    async def _write(self, export: Export, target: Path) -> None:
        """Write in a thread, and tell how far that is. When this is cancelled, as at the end, the thread ends soon."""
        progress = export.progress
        self._under_way.append(progress)
        timer = self._screen.set_interval(SHOWN_EVERY, self._show_progress)
        try:
            await asyncio.to_thread(export.write, target, format_of(target))
        finally:
            progress.is_cancelled = True
            timer.stop()
            self._under_way.remove(progress)
            self._show_activity("")

    def _show_progress(self) -> None:
        if self._under_way:
            self._show_activity(f"exporting {self._under_way[-1].percent} %")

    @reported
    async def import_(self, call: CommandCall) -> str:
        """Import all conversations of a file; a single one is opened."""
        store = ConversationStore(self._session.data_folder)
        imported = await asyncio.to_thread(import_file, expanded(call.argument), store)
        found = imported.ids or imported.present
        if len(found) == 1:
            await self._session.open(found[0])
        return imported.sentence
