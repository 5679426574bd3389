"""The fields of the settings: what filters the list, and what a number or a text is edited in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widgets import Input, TextArea

from animus_tui.ui.widgets.key_order import KeyOrder, follows_focus, runs_binding

if TYPE_CHECKING:
    from textual import events

NEW_LINE = ("shift+enter", "alt+enter", "ctrl+j")
KEYS_OF_LIST = {
    "down": "move(1)",
    "up": "move(-1)",
    "pagedown": "move(10)",
    "pageup": "move(-10)",
    "right": "step(1)",
    "left": "step(-1)",
    "enter": "change",
    "space": "change",
    "delete": "reset",
}
"""Key → what the screen does, while the filter has the focus."""


class FilterInput(KeyOrder, Input):
    """Where one types what is sought. It takes the keys of the list, too, so that they come behind the letters."""

    async def on_key(self, event: events.Key) -> None:
        """Letters filter, other keys are for the list; a blank is one of them while nothing is sought."""
        if follows_focus(self, event):
            does = ""
        elif (does := KEYS_OF_LIST.get(event.key, "")) == "" or (event.key == "space" and self.value):
            if event.is_printable or not await runs_binding(self, event.key):
                return
            does = ""
        event.stop()
        event.prevent_default()
        if does:
            await self.screen.run_action(does)


class ValueInput(KeyOrder, Input):
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
