"""Actions on the message that is being written: the editor, and the search in what was sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from animus_tui.ui.controllers.controller import Controller, reported
from animus_tui.ui.terminal.editor import edit, editor_command, while_suspended

if TYPE_CHECKING:
    from animus_tui.ui.commands.parser import CommandCall


class WritingController(Controller):
    """Opens the editor on the draft, and what was sent above it."""

    _is_editing = False

    async def search_sent(self) -> None:
        """Look for words in what was sent."""
        await self._prompt.search_sent()

    def editor(self, call: CommandCall) -> None:
        """Open the draft, or the text behind the command, in the user's editor."""
        if not self._is_editing:
            self._is_editing = True
            self._prompt.end_search()
            self._edit(call.argument or self._prompt.whole_text)

    @reported
    async def _edit(self, text: str) -> None:
        """Step aside until the editor ends; the session goes on meanwhile."""
        edited = text
        try:
            command = editor_command()
            # A temporary conversation may leave nothing elsewhere.
            folder = self._session.conversation.folder if self._session.is_temporary else None
            edited = await while_suspended(self._screen.app, lambda: edit(text, command, folder=folder))
        finally:
            self._is_editing = False
            if edited != self._prompt.whole_text:
                self._prompt.restore(edited)
            self._prompt.focus()
