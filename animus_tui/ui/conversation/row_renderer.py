"""Paints the rows of the conversation: text, and over it the selection, hits of a search and the bar of the cursor."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from msgspec import Struct
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from animus_tui.ui.conversation.selection import cells

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.widget import Widget

    from animus_tui.ui.conversation.cursor import EntryCursor
    from animus_tui.ui.conversation.entries.layout import Layout
    from animus_tui.ui.conversation.entries.render_context import RenderContext
    from animus_tui.ui.conversation.highlights import SearchHighlights
    from animus_tui.ui.conversation.selection import MouseSelection
    from animus_tui.ui.conversation.viewport import Viewport

BAR = "▌"


class StyledSpan(Struct, frozen=True):
    """Cells in another style."""

    start: int
    end: int
    style: Style


class RowRenderer:
    """Turns the rows that are in view into strips."""

    def __init__(
        self,
        host: Widget,
        viewport: Viewport,
        highlights: SearchHighlights,
        selection: MouseSelection,
        cursor: EntryCursor,
        *,
        shows_new_mark: bool,
    ) -> None:
        """`host` has the component styles; with `shows_new_mark` the last row says that there is more below."""
        self._host = host
        self._viewport = viewport
        self._entries = viewport.entries
        self._highlights = highlights
        self._selection = selection
        self._cursor = cursor
        self._shows_new_mark = shows_new_mark

    def rows(self, y: int, count: int) -> Iterator[Strip]:
        """`count` rows of the view from row `y` on, each exactly as wide as the view."""
        entries, viewport, context = self._entries, self._viewport, self._entries.context
        width, height = viewport.width, viewport.height
        if context is None or not width:
            yield from [Strip.blank(width)] * count
            return
        ground = context.palette.page.text
        is_marked = self._highlights.needle or self._selection.selected or self._cursor.entry is not None
        last = height - 1 if self._has_new_mark else -1
        first, rows, index, top, layout = viewport.y, entries.rows, 0, 0, None
        for at in range(y, y + count):
            row = first + at
            if row < rows and (layout is None or row >= top + len(layout)):
                index = entries.at(row).entry
                layout, top = entries.layout(index), entries.top(index)
            strip = Strip.blank(context.width, ground)
            if layout is not None and row < top + len(layout):
                strip = layout.strip(row - top, ground)
                if is_marked:
                    strip = self._marked(strip, layout, index, row - top)
            yield self._with_new_mark(strip, context) if at == last else strip

    def _marked(self, strip: Strip, layout: Layout, index: int, row: int) -> Strip:
        placed, selection, chosen = layout.placed[row], self._selection.selected, self._cursor.entry
        spans: list[StyledSpan] = []
        if self._highlights.needle and placed.row.pieces:
            spans += self._hits(layout, index, row)
        if selection:
            style = self._host.get_component_rich_style("pane--selection", partial=True)
            spans += [StyledSpan(*span, style) for span in cells(layout, placed, index, selection)]
        strip = _restyled(strip, spans)
        is_chosen = chosen is not None and self._entries[index] is chosen
        is_foot = row >= len(layout) - layout.foot or (row == len(layout) - 1 and not placed.row.cells)
        is_gap = row < layout.head or is_foot
        return self._with_bar(strip, _bar_cell(layout)) if is_chosen and not is_gap else strip

    def _with_bar(self, strip: Strip, at: int) -> Strip:
        """Draw the bar in a cell, if that is blank."""
        context = self._entries.context
        parts = strip.divide([at, at + 1, strip.cell_length]) if at + 1 < strip.cell_length else []
        if context is None or len(parts) < 2 or parts[1].text != " ":
            return strip
        bar = Strip([Segment(">" if context.for_reader else BAR, context.palette.bar)], 1)
        return Strip.join([parts[0], bar, *parts[2:]])

    def _hits(self, layout: Layout, index: int, row: int) -> list[StyledSpan]:
        placed = layout.placed[row]
        usual = self._host.get_component_rich_style("pane--hit")
        chosen = self._host.get_component_rich_style("pane--hit-chosen")
        wanted = self._highlights.chosen_in(self._entries[index])
        hits, found = self._highlights.hits_in(layout), list[StyledSpan]()
        for piece in placed.row.pieces:
            line = piece.line + placed.first_line
            for hit in hits.get(line, ()):
                span = placed.cells_of(piece, layout.lines[line], hit.start, hit.end)
                if span is not None:
                    is_chosen = hit.number is not None and hit.number == wanted
                    found.append(StyledSpan(*span, chosen if is_chosen else usual))
        return found

    # The mark of what is new

    @property
    def _has_new_mark(self) -> bool:
        viewport = self._viewport
        is_below = viewport.y + viewport.height < self._entries.rows
        return self._shows_new_mark and viewport.unseen > 0 and is_below

    def _with_new_mark(self, strip: Strip, context: RenderContext) -> Strip:
        start, text = self._new_mark(context)
        mark = Strip([Segment(text, context.palette.new_mark)])
        return Strip.join([strip.crop(0, start), mark, strip.crop(start + len(text))])

    def _new_mark(self, context: RenderContext) -> tuple[int, str]:
        """The cell where it begins, and what it says."""
        text = f" ↓ {self._viewport.unseen} new · End "[: context.width]
        return max(0, context.width - len(text) - 2), text

    def is_on_new_mark(self, x: int, y: int) -> bool:
        """Whether a cell of the view belongs to the mark of what is new."""
        context = self._entries.context
        if not self._has_new_mark or context is None or y != self._viewport.height - 1:
            return False
        start, text = self._new_mark(context)
        return start <= x < start + len(text)


def _bar_cell(layout: Layout) -> int:
    """Beside the first row that has something on it."""
    rows = islice(layout.placed, layout.head, None)
    return max(0, next((placed.x for placed in rows if placed.row.cells), 1) - 1)


def _restyled(strip: Strip, spans: list[StyledSpan]) -> Strip:
    """Cells in other styles, the later ones on top."""
    width = strip.cell_length
    for span in spans:
        start, end, style = span.start, span.end, span.style
        within, after = _cut(strip.crop(start, width), min(end, width) - start)
        if within.cell_length:
            painted = [Segment(text, (base + style) if base else style) for text, base, _ in within]
            strip = Strip.join([_cut(strip, start)[0], Strip(painted, within.cell_length), after])
    return strip


def _cut(strip: Strip, cells: int) -> tuple[Strip, Strip]:
    """The first cells and the rest; accents without a cell of their own stay with the letter before them."""
    before, after = strip.crop(0, cells), strip.crop(cells)
    first = next(iter(after), None)
    if first is None or not first.text or cell_len(first.text[0]):
        return before, after
    marks = next((at for at, character in enumerate(first.text) if cell_len(character)), len(first.text))
    moved = Segment(first.text[:marks], first.style)
    rest = [Segment(first.text[marks:], first.style), *list(after)[1:]]
    return Strip([*before, moved], before.cell_length), Strip(rest, after.cell_length)
