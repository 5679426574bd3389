"""The row that says from where on the character remembers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.segment import Segment

from animus_tui.printable import short_line
from animus_tui.ui.conversation.entries.caption import cut

if TYPE_CHECKING:
    from animus_tui.ui.conversation.entries.layout import Layout
    from animus_tui.ui.conversation.entries.render_context import RenderContext


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
