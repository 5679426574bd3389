"""Actions on the message that is being written: the editor, and the search in what was sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from animus_tui.ui.terminal.editor import edit, editor_command, while_suspended

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any

    from textual.app import App

    from animus_tui.ui.commands.parser import CommandCall
    from animus_tui.ui.controllers.reporter import Reporter
    from animus_tui.ui.widgets.prompt import Prompt


class WritingController:
    """Opens the editor on the draft, and what was sent above it."""

    def __init__(
        self,
        app: App[Any],
        prompt: Prompt,
        reporter: Reporter,
        *,
        private_folder: Callable[[], Path | None],
    ) -> None:
        """`private_folder` says where the editor's file must be; None: where temporary files are."""
        self._app = app
        self._prompt = prompt
        self._reporter = reporter
        self._private_folder = private_folder
        self._is_editing = False

    async def search_sent(self) -> None:
        """Look for words in what was sent."""
        await self._prompt.search_sent()

    def editor(self, call: CommandCall) -> None:
        """Open the draft, or the text behind the command, in the user's editor."""
        if not self._is_editing:
            self._is_editing = True
            self._prompt.end_search()
            self._reporter.run(self._edit(call.argument or self._prompt.whole_text))

    async def _edit(self, text: str) -> None:
        """Step aside until the editor ends; the session goes on meanwhile."""
        edited = text
        try:
            command = editor_command()
            folder = self._private_folder()
            edited = await while_suspended(self._app, lambda: edit(text, command, folder=folder))
        finally:
            self._is_editing = False
            if edited != self._prompt.whole_text:
                self._prompt.restore(edited)
            self._prompt.focus()
