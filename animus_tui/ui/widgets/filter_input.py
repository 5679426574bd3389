"""The line above a list that filters it, and that takes the keys of the list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from animus_tui.ui.widgets.key_order import KeyOrder, follows_focus, runs_binding
from animus_tui.ui.widgets.line_input import LineInput

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual import events


class FilterInput(KeyOrder, LineInput):
    """Filters a list by words. The keys of the list come here, so that they follow the letters typed before them."""

    def __init__(self, keys: Mapping[str, str]) -> None:
        """`keys`: key → action of the screen. One that is a character is typed where something stands already."""
        super().__init__(placeholder="Filter", compact=True, id="filter")
        self._keys = keys

    async def on_key(self, event: events.Key) -> None:
        """Do at once what a key of the list does, or what one that is no character does in a line."""
        if follows_focus(self, event):
            action = ""
        elif (action := self._keys.get(event.key, "")) == "" or (event.is_printable and self.value):
            if event.is_printable or not await runs_binding(self, event.key):
                return
            action = ""
        event.stop()
        event.prevent_default()
        if action:
            await self.screen.run_action(action)
