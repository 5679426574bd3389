"""Several pictures of one prompt beside each other, from which one is chosen."""

from __future__ import annotations

import math
from textwrap import wrap
from typing import TYPE_CHECKING, Literal, NamedTuple

from rich.cells import cell_len
from rich.segment import Segment

from animus_tui.graphics.rendering.cells import fit
from animus_tui.ui.conversation.entries.entry import joined
from animus_tui.ui.conversation.entries.layout import PlacedRow, Target
from animus_tui.ui.images.slot import ImageSlot, blank_row, row_of_cells
from animus_tui.ui.markdown.cells import cut
from animus_tui.ui.markdown.text_layout import Row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from animus_tui.chat.messages import ImageRecord
    from animus_tui.ui.conversation.entries.entry import Entry
    from animus_tui.ui.conversation.entries.layout import Layout
    from animus_tui.ui.conversation.entries.render_context import RenderContext

GAP = 2
"""Cells between two pictures."""
MUCH = 1.25
"""Factor by which pictures must be larger for an arrangement other than a square one."""
Reach = Literal["here", "there", "away"]
"""Whether the keys are for the pictures, for another message, or for something else than the conversation."""
CHOOSING: dict[Reach, str] = {
    "here": "1–{} or Enter chooses",
    "there": "↑ ↓ to it, then 1–{} or Enter",
    "away": "Tab, then 1–{} or Enter",
}
"""What to press to choose one of so many pictures."""
CHOOSE = "choose-picture:"
"""What a click on a picture does; its number follows, from 0."""


class GridShape(NamedTuple):
    """Pictures across and down, and the size of one."""

    across: int
    down: int
    columns: int
    """Cells of one picture."""
    rows: int
    """Rows of one picture, without the line below it."""

    @property
    def width(self) -> int:
        """Cells of the whole grid."""
        return self.across * self.columns + (self.across - 1) * GAP

    @property
    def height(self) -> int:
        """Rows of the whole grid."""
        return self.down * (self.rows + 1)


def grid_shape(
    count: int, pixels: tuple[int, int], *, max_columns: int, max_rows: int, cell_ratio: float
) -> GridShape:
    """The grid of `count` pictures of a size in pixels within so many cells in which they are largest.

    Four are two by two, unless they are much larger in another arrangement.
    """

    def shape(across: int) -> GridShape:
        down = math.ceil(count / across)
        columns = (max_columns - (across - 1) * GAP) // across
        fitted = fit(*pixels, max_columns=columns, max_rows=max_rows // down - 1, cell_ratio=cell_ratio)
        return GridShape(across, down, *fitted)

    square = shape(math.ceil(math.sqrt(count)))
    largest = max(map(shape, range(1, count + 1)), key=_area)
    return largest if _area(largest) >= MUCH * _area(square) else square


def _area(shape: GridShape) -> int:
    return shape.columns * shape.rows


def grid_room(context: RenderContext) -> int:
    """Columns that several pictures beside each other may take: on a wide screen more than the words."""
    return context.text_width if context.for_reader else max(context.text_width, context.width - 2)


def grid_x(width: int, context: RenderContext) -> int:
    """The cell where a grid of that many columns begins: with the words, or in the middle where it is wider."""
    return context.text_x if width <= context.text_width else max(1, (context.width - width) // 2)


class GridCell:
    """One picture of a grid."""

    def __init__(self, entry: Entry, record: ImageRecord) -> None:
        self.record = record
        self.shape = GridShape(1, 1, 1, 1)
        """Shape of the grid that the cell is part of."""
        self.slot = ImageSlot(entry, lambda _: (self.shape.columns, self.shape.rows), record.file)

    def row(self, number: int, context: RenderContext) -> Row:
        """Row `number` of exactly as many cells as the grid gives it."""
        columns = self.shape.columns
        if self.slot.sentence:
            lines = wrap(self.slot.sentence, columns)
            line = lines[number] if number < len(lines) else ""
            return Row((Segment(line.ljust(columns), context.palette.page.quiet),), columns)
        cells = self.slot.cells
        if cells is None or number >= cells.rows:
            return blank_row(columns, context)
        row = row_of_cells(cells, number, columns)
        pad = columns - row.cells
        return row if not pad else Row((*row.segments, Segment(" " * pad)), columns)


def add_grid(
    layout: Layout, context: RenderContext, cells: Sequence[GridCell], shape: GridShape, marked: int
) -> None:
    """Add the rows of the grid; the marked picture has a mark before its number."""
    x = grid_x(shape.width, context)
    for first in range(0, len(cells), shape.across):
        beside = cells[first : first + shape.across]
        for number in range(shape.rows):
            _place(layout, context, [cell.row(number, context) for cell in beside], x, first)
        _place(
            layout,
            context,
            [_label(cell, at, marked, context) for at, cell in enumerate(beside, first)],
            x,
            first,
        )


def _label(cell: GridCell, at: int, marked: int, context: RenderContext) -> Row:
    seed = cell.record.seed
    columns = cell.shape.columns
    mark = "❯" if at == marked else " "
    full = joined((f"{mark} {at + 1}", "" if seed is None else f"seed {seed}"))
    words = full if cell_len(full) <= columns else cut(full.replace("seed ", ""), columns)
    style = context.palette.accent if at == marked else context.palette.page.quiet
    return Row((Segment(words + " " * (columns - cell_len(words)), style),), columns)


def _place(layout: Layout, context: RenderContext, rows: Sequence[Row], left: int, first: int) -> None:
    """Add one row of all pictures beside each other, from cell `left` on, each a target for a click."""
    gap = Segment(" " * GAP, context.palette.page.text)
    segments: list[Segment] = []
    x = left
    for at, row in enumerate(rows, first):
        if segments:
            segments.append(gap)
            x += GAP
        segments += row.segments
        layout.targets.append(Target(len(layout), x, x + row.cells, f"{CHOOSE}{at}"))
        x += row.cells
    layout.placed.append(PlacedRow(left, Row(tuple(segments), x - left)))
