"""Exporting the open conversation to a file, and importing conversations from one."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from animus_tui.chat.export.files import Export, check_target, format_of, free_name
from animus_tui.chat.importing.importer import import_file
from animus_tui.chat.storage.store import ConversationStore
from animus_tui.errors import UserError
from animus_tui.paths import expanded

if TYPE_CHECKING:
    from pathlib import Path

    from animus_tui.chat.session import ChatSession
    from animus_tui.ui.commands.parser import CommandCall
    from animus_tui.ui.controllers.reporter import Reporter


class TransferController:
    """Writes and reads the files in threads, so that the conversation goes on meanwhile."""

    def __init__(self, session: ChatSession, reporter: Reporter) -> None:
        self._session = session
        self._reporter = reporter

    # Actions of the table

    def export(self, call: CommandCall) -> None:
        """Export the conversation: to a file, or as a page into the folder where the application was started."""
        self._reporter.run(self._export(call.argument))

    async def _export(self, argument: str) -> str:
        stored = self._session.conversation
        if not stored.newest:
            raise UserError("There is nothing to export yet: nothing was said in this conversation.")
        export = Export(stored, name=self._session.config.chat.name)
        if argument:
            target = expanded(argument)
            await asyncio.to_thread(check_target, target)
        else:
            target = await asyncio.to_thread(free_name, expanded("."), export.default_name("html"))
        await asyncio.to_thread(export.write, target, format_of(target))
        return f"Exported to {target}"

    def import_(self, call: CommandCall) -> None:
        """Import all conversations of a file; a single one is opened."""
        self._reporter.run(self._import(expanded(call.argument)))

    async def _import(self, path: Path) -> str:
        store = ConversationStore(self._session.data_folder)
        imported = await asyncio.to_thread(import_file, path, store)
        found = imported.ids or imported.present
        if len(found) == 1:
            await self._session.open(found[0])
        return imported.sentence
