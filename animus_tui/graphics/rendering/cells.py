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
_BRIGHT = 8
"""Number of the first of the bright colours among the 16 of ANSI."""


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

    def sequence(self, row: int, start: int, stop: int) -> str:
        """Columns `start` to `stop` (exclusive) of a row as what is written to a terminal; about 1 µs a cell."""
        line = self.lines[row]
        depth = len(line.foreground) // self.columns
        fronts, backs, before = line.foreground, line.background, b""
        parts: list[str] = []
        for at in range(start, stop):
            front = fronts[at * depth : (at + 1) * depth]
            back = backs[at * depth : (at + 1) * depth]
            if front + back != before:
                before = front + back
                parts.append(f"\x1b[{_parameters(front, 30)};{_parameters(back, 40)}m")
            parts.append(line.text[at])
        return "".join(parts) + "\x1b[0m"


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


def _parameters(value: bytes, base: int) -> str:
    """The parameters of SGR for a colour; `base` is 30 for the foreground and 40 for the background."""
    if len(value) == 1:
        number = value[0]
        if number < _BRIGHT:
            return str(base + number)
        return str(base + 60 + number - _BRIGHT) if number < 2 * _BRIGHT else f"{base + 8};5;{number}"
    return f"{base + 8};2;{value[0]};{value[1]};{value[2]}"


def _colour(value: bytes) -> Color:
    """The colour of 3 bytes (red, green, blue) or of 1 (an index into xterm's palette)."""
    if len(value) == 1:
        return Color.from_ansi(value[0])
    # Color.from_triplet would do the same in three times the time; nobody asks for a name.
    return Color("", ColorType.TRUECOLOR, None, ColorTriplet(*value))
