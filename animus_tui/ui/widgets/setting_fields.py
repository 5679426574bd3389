"""The fields in which a number or a text of the settings is edited."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.reactive import Reactive
from textual.widgets import TextArea

from animus_tui.ui.widgets.key_order import KeyOrder, follows_focus
from animus_tui.ui.widgets.line_input import LineInput

if TYPE_CHECKING:
    from textual import events

NEW_LINE = ("shift+enter", "alt+enter", "ctrl+j")


class ValueInput(KeyOrder, LineInput):
    """A number or a text while it is edited, in the row of its setting."""

    async def on_key(self, event: events.Key) -> None:
        """Enter accepts at once: the keys behind it are for the list."""
        if follows_focus(self, event):
            event.stop()
            event.prevent_default()
        elif event.key == "enter":
            event.stop()
            event.prevent_default()
            await self.screen.run_action("accept")


class ValueText(KeyOrder, TextArea):
    """A text of several lines while it is edited, below the list."""

    cursor_blink: Reactive[bool] = Reactive(False, init=False)

    async def on_key(self, event: events.Key) -> None:
        """Enter accepts at once: the keys behind it are for the list."""
        if not follows_focus(self, event):
            if event.key == "enter":
                await self.screen.run_action("accept")
            elif event.key in NEW_LINE:
                self.insert("\n")
            else:
                return
        event.stop()
        event.prevent_default()
