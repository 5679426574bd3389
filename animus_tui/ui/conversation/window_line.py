"""The line above the messages that the character remembers, where it does not remember all."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from animus_tui.ui.conversation.content import Content
    from animus_tui.ui.conversation.entries.entry import Entry
    from animus_tui.ui.conversation.viewport import Viewport


class WindowLine:
    """Has the line stand below one entry, on the blank row that is there anyway: nothing moves when it does."""

    def __init__(self, content: Content, viewport: Viewport) -> None:
        self._content = content
        self._viewport = viewport
        self._above: Entry | None = None

    def show_below(self, message_id: str | None) -> None:
        """Draw the line below a message and nowhere else; None takes it away."""
        above = None if message_id is None else self._shown(message_id)
        before, self._above = self._above, above
        if before is above:
            return
        for entry, ends in ((before, False), (above, True)):
            if entry is not None:
                entry.ends_before_window = ends
                entry.invalidate()
                self._viewport.entry_changed(entry)

    def _shown(self, message_id: str) -> Entry | None:
        """The entry of a message, or the one above it where it takes no rows, as a tool's result."""
        entries = self._content.entries
        entry = self._content.find(message_id)
        index = None if entry is None else entries.index(entry)
        if index is None or entries.context is None:
            return entry
        while index > 0 and not len(entries.layout(index)):
            index -= 1
        return entries[index]
