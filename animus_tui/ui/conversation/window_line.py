"""The line above the messages that the character remembers, where it does not remember all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.segment import Segment

from animus_tui.printable import short_line
from animus_tui.ui.conversation.entries.caption import cut

if TYPE_CHECKING:
    from animus_tui.ui.conversation.content import Content
    from animus_tui.ui.conversation.entries.entry import Entry
    from animus_tui.ui.conversation.entries.layout import Layout
    from animus_tui.ui.conversation.entries.render_context import RenderContext
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


def add_window_line(layout: Layout, context: RenderContext) -> None:
    """Say in the blank row below an entry that the character remembers from there; nothing to a screen reader.

    What is read there does not change, and this line moves.
    """
    if context.for_reader:
        return
    words = f"{short_line(context.options.name)} remembers from here"
    line = cut(words if context.plain else f"── {words} ──", context.text_width)
    x = context.text_x if context.plain else context.left + max(0, (context.column - cell_len(line)) // 2)
    layout.drop_last_blank()
    layout.add_row(x, [Segment(line, context.palette.page.quiet)])
    layout.foot = 1
