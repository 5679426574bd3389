"""What typesetting yields: rows to paint, and the text that they show, for copying and finding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field

from animus_tui.ui.typeset.cells import cells_of, clusters
from animus_tui.values import Value

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.segment import Segment


class Piece(Value, frozen=True):
    """A stretch of a line of text on one row."""

    x: int
    """Cell where it begins."""
    line: int
    """Index into `SetText.lines`."""
    start: int
    """Characters `start` to `end` of that line stand here."""
    end: int


class Row(Value, frozen=True):
    """One row of cells, not filled up to the right."""

    segments: tuple[Segment, ...]
    cells: int
    """Its width."""
    pieces: tuple[Piece, ...] = ()
    """From left to right; none on a row without text, such as a rule."""


class Link(Value, frozen=True):
    """An address that can be opened, and where its words stand."""

    href: str
    line: int
    start: int
    end: int


class SetText(Struct):
    """A text that was set at one width. Never changed once it is handed out."""

    rows: list[Row] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    """The text without wraps and without marks of emphasis, a paragraph or a line of code each."""
    code: list[str] = field(default_factory=list)
    """The blocks of code, from the top, as they stand in the source."""
    links: list[Link] = field(default_factory=list)
    """From the top."""


def cell_of(piece: Piece, line: str, offset: int) -> int:
    """The cell where the character at `offset` of the line stands; beyond the piece, where the piece ends."""
    cells = 0
    for start, end, width in _clusters(piece, line):
        if offset < end and offset < piece.end:
            return piece.x + (cells if offset >= start else 0)
        cells += width
    return piece.x + cells


def offset_at(row: Row, lines: Sequence[str], x: int) -> tuple[int, int] | None:
    """Line and offset of the character at a cell, or where the nearest text begins or ends; None without text."""
    nearest = None
    for piece in row.pieces:
        if nearest is not None and x < piece.x:
            before, behind = nearest
            return before if x - behind < piece.x - x else (piece.line, piece.start)
        at = piece.x
        for start, _, width in _clusters(piece, lines[piece.line]):
            if x < at + width:
                return piece.line, start
            at += width
        nearest = (piece.line, piece.end), at
    return nearest[0] if nearest else None


def _clusters(piece: Piece, line: str) -> Iterator[tuple[int, int, int]]:
    """Start, end and cells of what stands in a piece."""
    part = line[piece.start : piece.end]
    column = cells_of(line[: piece.start]) if "\t" in part else 0
    for start, end, cells in clusters(part, column):
        yield piece.start + start, piece.start + end, cells
