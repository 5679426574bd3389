"""A picture as terminal cells: how many it takes, and what stands in each."""

from __future__ import annotations

import sys

from msgspec import Struct
from rich.color import Color, ColorType
from rich.color_triplet import ColorTriplet
from rich.segment import Segment
from rich.style import Style

from animus_tui.graphics.decoding.protocol import Line

_OVERHEAD = 130
"""Bytes that CPython 3.11 adds to a line: two objects of bytes, the Struct and its entry in the tuple."""


class Cells(Struct, frozen=True):
    """A drawn picture of exactly `columns`×`rows` cells, kept compactly (8 bytes a cell, 10 with sextants)."""

    columns: int
    rows: int
    lines: tuple[Line, ...]
    """`rows` of them, from the top."""

    @property
    def size_in_bytes(self) -> int:
        """Memory that the cells take, near enough for a cache."""
        return sum(
            _OVERHEAD + sys.getsizeof(line.text) + len(line.foreground) + len(line.background)
            for line in self.lines
        )

    def segments(self, row: int) -> list[Segment]:
        """Row `row` (0 is the top) for Rich and Textual: `columns` cells, neighbours that look alike in one piece.

        Made anew at each call, at about 2 µs a cell: keep the result where a row is painted often.
        """
        line = self.lines[row]
        fronts, backs = _colours(line.foreground, self.columns), _colours(line.background, self.columns)
        pieces: list[Segment] = []
        first = 0
        for at in range(1, self.columns + 1):
            if at == self.columns or fronts[at] != fronts[first] or backs[at] != backs[first]:
                style = Style.from_color(_colour(fronts[first]), _colour(backs[first]))
                pieces.append(Segment(line.text[first:at], style))
                first = at
        return pieces


def fit(
    width_px: int, height_px: int, *, max_columns: int, max_rows: int, cell_ratio: float
) -> tuple[int, int]:
    """Columns and rows of the largest picture that keeps its shape within `max_columns`×`max_rows`; at least 1×1.

    `cell_ratio` is a cell's width divided by its height. A size that is not known (0) counts as a square.
    """
    max_columns, max_rows = max(max_columns, 1), max(max_rows, 1)
    shape = height_px / width_px if width_px > 0 and height_px > 0 else 1.0
    rows = max_columns * shape * cell_ratio
    if rows <= max_rows:
        return max_columns, min(max(round(rows), 1), max_rows)
    return min(max(round(max_rows / (shape * cell_ratio)), 1), max_columns), max_rows


def _colours(line: bytes, columns: int) -> list[bytes]:
    """The colour of each cell in a row, 3 bytes or 1."""
    depth = len(line) // columns
    return [line[start : start + depth] for start in range(0, len(line), depth)]


def _colour(value: bytes) -> Color:
    """The colour of 3 bytes (red, green, blue) or of 1 (an index into xterm's palette)."""
    if len(value) == 1:
        return Color.from_ansi(value[0])
    # Color.from_triplet would do the same in three times the time; nobody asks for a name.
    return Color("", ColorType.TRUECOLOR, None, ColorTriplet(*value))
