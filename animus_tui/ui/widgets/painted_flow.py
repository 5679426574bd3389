"""The rows of the conversation as they are painted: text, and what is marked in it."""

from __future__ import annotations

import asyncio
from itertools import islice
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from msgspec import Struct
from rich.cells import cell_len
from rich.segment import Segment
from textual.strip import Strip

from animus_tui.ui.flow.entry import Entry
from animus_tui.ui.flow.hits import hits_in, is_slow
from animus_tui.ui.flow.selection import Selection, cells
from animus_tui.ui.typeset.rows import cell_of
from animus_tui.ui.widgets.flow_scroll import FlowScroll

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.style import Style
    from textual.geometry import Region

    from animus_tui.ui.flow.canvas import Canvas
    from animus_tui.ui.flow.entry import Layout
    from animus_tui.ui.flow.hits import HitsByLine

BAR = "▌"


class Hit(Struct, frozen=True):
    """A place where what is looked for stands: the entry, and which of the hits in it."""

    entry: Entry
    number: int


class Inked(NamedTuple):
    """Cells in another style."""

    start: int
    end: int
    style: Style


class PaintedFlow(FlowScroll):
    """Paints the selection, the hits of a search and the bar of the chosen entry over the rows of the flow."""

    shows_new_mark: ClassVar[bool] = True
    """Whether a mark over the last row says that there is more below."""

    def __init__(self) -> None:
        super().__init__()
        self.canvas: Canvas | None = None
        self.selection: Selection | None = None
        self.chosen: Entry | None = None
        """The entry that the keys are for."""
        self._needle = ""
        self._hit: Hit | None = None
        self._seeking: set[Layout] = set()
        """Long entries of which a row is in view, while they are looked through in a thread."""
        self._unseen = 0

    # What is marked

    def select(self, selection: Selection | None) -> None:
        """Mark what lies between two positions, or nothing."""
        if selection != self.selection:
            has_begun_or_ended = bool(selection) != bool(self.selection)
            self.selection = selection
            self.refresh()
            if has_begun_or_ended:
                self.refresh_bindings()

    def mark_hits(self, needle: str, chosen: Hit | None = None) -> None:
        """Mark what is looked for wherever it is in view; an empty needle marks nothing."""
        self._needle, self._hit = needle, chosen
        self.refresh()

    def row_of_hit(self, index: int, number: int) -> int:
        """The row of an entry on which one of its hits begins; 0 when there are fewer."""
        if not self._can_settle:
            return 0
        layout = self.flow.layout(index)
        places = [
            (part.number, line, part.start)
            for line, parts in self._hits_in(layout).items()
            for part in parts
            if part.number is not None and part.number <= number
        ]
        last = max((place[0] for place in places), default=0)
        line, start = next((place[1:] for place in places if place[0] == last), (0, 0))
        return layout.row_of(line, start) if places else 0

    async def seek(self, entry: Entry, needle: str) -> None:
        """Look through an entry, so that its hits can be marked at once."""
        index = self.flow.index(entry)
        if index is not None and self._can_settle and is_slow(layout := self.flow.layout(index), needle):
            await asyncio.to_thread(hits_in, layout, needle)

    def _hits_in(self, layout: Layout) -> HitsByLine:
        """The hits in an entry; none yet in a long one, which is looked through in a thread first."""
        needle = self._needle
        if not is_slow(layout, needle):
            return hits_in(layout, needle)
        if layout not in self._seeking:
            self._seeking.add(layout)
            self.run_worker(self._mark_later(layout, needle))
        return {}

    async def _mark_later(self, layout: Layout, needle: str) -> None:
        try:
            await asyncio.to_thread(hits_in, layout, needle)
        finally:
            self._seeking.discard(layout)
        self.refresh()

    # Painting

    def render_lines(self, crop: Region) -> list[Strip]:
        """The rows of a part of the widget.

        Nothing surrounds them, so they go without what Textual does for the border and padding of each line, which
        takes most of the time of a frame; a row that was painted before is the same strip again, caches included.
        """
        ground = self.canvas.palette.page.text if self.canvas else None
        background, filters = self.background_colors[1], self.get_line_filters()
        strips = []
        for strip in self._rows(crop.y, crop.height):
            shown = strip.crop_extend(crop.x, crop.right, ground)
            for line_filter in filters:
                shown = shown.apply_filter(line_filter, background)
            strips.append(shown)
        return strips

    def render_line(self, y: int) -> Strip:
        """Row `y` of the view, exactly as wide as it."""
        return next(self._rows(y, 1))

    def _rows(self, y: int, count: int) -> Iterator[Strip]:
        """The rows of the view from row `y` on."""
        canvas, flow = self.canvas, self.flow
        if canvas is None or not self.view.width:
            yield from [Strip.blank(self.view.width)] * count
            return
        ground = canvas.palette.page.text
        marked = self._needle or self.selection or (self.has_focus and self.chosen is not None)
        last = self.view.height - 1 if self._has_new_mark else -1
        rows, index, top, layout = flow.rows, 0, 0, None
        for at in range(y, y + count):
            row = self._y + at
            if row < rows and (layout is None or row >= top + len(layout)):
                index = flow.at(row).entry
                layout, top = flow.layout(index), flow.top(index)
            strip = Strip.blank(canvas.width, ground)
            if layout is not None and row < top + len(layout):
                strip = layout.strip(row - top, ground)
                if marked:
                    strip = self._marked(strip, layout, index, row - top)
            yield self._with_new_mark(strip, canvas) if at == last else strip

    def _marked(self, strip: Strip, layout: Layout, index: int, row: int) -> Strip:
        placed = layout.placed[row]
        inked: list[Inked] = []
        if self._needle and placed.row.pieces:
            inked += self._hits(layout, index, row)
        if self.selection:
            style = self.get_component_rich_style("pane--selection", partial=True)
            inked += [Inked(*span, style) for span in cells(layout, placed, index, self.selection)]
        is_chosen = self.has_focus and self.chosen is not None and self.flow[index] is self.chosen
        is_gap = row < layout.head or (row == len(layout) - 1 and not placed.row.cells)
        if is_chosen and not is_gap:
            return self._with_bar(_inked(strip, inked), self._bar_cell(layout))
        return _inked(strip, inked)

    def _with_bar(self, strip: Strip, at: int) -> Strip:
        """The bar in one cell, where nothing else stands in it."""
        canvas = self.canvas
        parts = strip.divide([at, at + 1, strip.cell_length]) if at + 1 < strip.cell_length else []
        if canvas is None or len(parts) < 2 or parts[1].text != " ":
            return strip
        bar = Strip([Segment(">" if canvas.plain else BAR, canvas.palette.bar)], 1)
        return Strip.join([parts[0], bar, *parts[2:]])

    def _bar_cell(self, layout: Layout) -> int:
        """Beside the first row that has something on it."""
        rows = islice(layout.placed, layout.head, None)
        return max(0, next((placed.x for placed in rows if placed.row.cells), 1) - 1)

    def _hits(self, layout: Layout, index: int, row: int) -> list[Inked]:
        placed = layout.placed[row]
        usual = self.get_component_rich_style("pane--hit")
        chosen = self.get_component_rich_style("pane--hit-chosen")
        wanted = self._hit.number if self._hit and self.flow[index] is self._hit.entry else None
        hits, found = self._hits_in(layout), list[Inked]()
        for piece in placed.row.pieces:
            line = piece.line + placed.first_line
            for number, begin, end in hits.get(line, ()):
                start, stop = max(begin, piece.start), min(end, piece.end)
                if start < stop:
                    text = layout.lines[line]
                    x, until = (placed.x + cell_of(piece, text, at) for at in (start, stop))
                    is_it = number is not None and number == wanted
                    found.append(Inked(x, until, chosen if is_it else usual))
        return found

    # The mark of what is new

    @property
    def _has_new_mark(self) -> bool:
        return self.shows_new_mark and self._unseen > 0 and self._y + self.view.height < self.flow.rows

    def _with_new_mark(self, strip: Strip, canvas: Canvas) -> Strip:
        start, text = self._new_mark(canvas)
        mark = Strip([Segment(text, canvas.palette.new_mark)])
        return Strip.join([strip.crop(0, start), mark, strip.crop(start + len(text))])

    def _new_mark(self, canvas: Canvas) -> tuple[int, str]:
        """The cell where it begins, and what it says."""
        text = f" ↓ {self._unseen} new · End "[: canvas.width]
        return max(0, canvas.width - len(text) - 2), text

    def is_on_new_mark(self, x: int, y: int) -> bool:
        """Whether a cell of the view belongs to the mark."""
        if not self._has_new_mark or self.canvas is None or y != self.view.height - 1:
            return False
        start, text = self._new_mark(self.canvas)
        return start <= x < start + len(text)


def _inked(strip: Strip, inked: list[Inked]) -> Strip:
    """Cells in other styles, the later ones on top."""
    width = strip.cell_length
    for start, end, style in inked:
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
