"""A row by what stands on it: found again when the entry is set at another width, or has grown above it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from animus_tui.ui.conversation.entries.entry import Layout


class RowMark(Struct, frozen=True):
    """The first text at a row or below it; without any, the end of the entry."""

    line: int | None
    """Counted from `Layout.first_found`, unless it is above: what folds there moves no line below."""
    is_folded: bool
    """Whether the line is above."""
    offset: int
    """Characters."""
    rows: int
    """From the row down to the text or the end."""


def mark_of(layout: Layout, row: int) -> RowMark:
    """What is at a row."""
    for below in range(len(layout) - row):
        placed = layout.placed[row + below]
        if placed.row.pieces:
            piece = placed.row.pieces[0]
            line = piece.line + placed.first_line
            is_folded = line < layout.first_found
            return RowMark(line if is_folded else line - layout.first_found, is_folded, piece.start, below)
    return RowMark(None, False, 0, max(0, len(layout) - row))


def marked_row(layout: Layout, mark: RowMark) -> int:
    """The row of a layout of the same entry where the mark is."""
    if mark.line is None:
        return max(0, len(layout) - mark.rows)
    line = mark.line if mark.is_folded else mark.line + layout.first_found
    return max(0, layout.row_of(line, mark.offset) - mark.rows)
