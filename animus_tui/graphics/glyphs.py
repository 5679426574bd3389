"""The shapes that a mosaic is made of, as the Unicode standard draws them. Runs in the decoding process only.

Two colours are free in each cell, so a shape stands for its complement as well, and only one of the two is here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

ACROSS, DOWN = 8, 16
"""Pixels of a cell: eighths are whole pixels."""
_FINE = 6
"""Points that are looked at in each direction of a pixel: thirds of a cell are whole points."""

_HALVES_AND_QUADRANTS = {
    "▀": 0b0011,
    "▌": 0b0101,
    "▘": 0b0001,
    "▝": 0b0010,
    "▖": 0b0100,
    "▗": 0b1000,
    "▞": 0b0110,
}
"""Which quarters are filled: upper left is bit 0, upper right 1, lower left 2, lower right 3."""
_LOWER_EIGHTHS = {chr(0x2580 + eighths): eighths for eighths in (1, 2, 3, 5, 6, 7)}
_LEFT_EIGHTHS = {chr(0x2590 - eighths): eighths for eighths in (1, 2, 3, 5, 6, 7)}

_FIRST_SEXTANT = 0x1FB00
_LEFT_HALF, _RIGHT_HALF = 0b010101, 0b101010  # of the sextants; these two have code points elsewhere
_SEXTANTS = {
    chr(_FIRST_SEXTANT + filled - 1 - (filled > _LEFT_HALF) - (filled > _RIGHT_HALF)): filled
    for filled in range(2, 63, 2)
    if filled != _RIGHT_HALF
}
"""Which sixths are filled, bit 0 the upper left, then row by row. The even ones: the odd ones are their complements."""

_FIRST_WEDGE = 0x1FB3C
_WEDGES = (
    *((0, 2, 1, 3), (0, 2, 2, 3), (0, 1, 1, 3), (0, 1, 2, 3), (0, 0, 1, 3)),
    *((0, 1, 1, 0), (0, 1, 2, 0), (0, 2, 1, 0), (0, 2, 2, 0), (0, 3, 1, 0), (0, 2, 2, 1)),
    *((1, 3, 2, 2), (0, 3, 2, 2), (1, 3, 2, 1), (0, 3, 2, 1), (1, 3, 2, 0)),
    *((1, 0, 2, 1), (0, 0, 2, 1), (1, 0, 2, 2), (0, 0, 2, 2), (1, 0, 2, 3), (0, 1, 2, 2)),
)
"""Lines from x, y to x, y in halves of the width and thirds of the height, by code point; filled is what lies below."""

_VERTICAL_BARS = {chr(0x1FB70 + left - 1): left for left in range(1, 7)}
_HORIZONTAL_BARS = {chr(0x1FB76 + top - 1): top for top in range(1, 7)}
"""One eighth of the cell, with this many eighths before it."""
_EDGES = {
    "\U0001fb7c": ("left", "lower"),
    "\U0001fb7d": ("left", "upper"),
    "\U0001fb7e": ("right", "upper"),
    "\U0001fb7f": ("right", "lower"),
    "\U0001fb80": ("upper", "lower"),
}
"""Bars of one eighth along two sides."""


def quadrants() -> tuple[str, NDArray[np.float32]]:
    """Quadrants and eighths, and of each the part of each of a cell's pixels that it fills: glyphs×(DOWN·ACROSS)."""
    x, y = _points()
    shapes = {glyph: _mosaic(filled, 2, 2) for glyph, filled in _HALVES_AND_QUADRANTS.items()}
    shapes |= {glyph: y > 1 - eighths / 8 for glyph, eighths in _LOWER_EIGHTHS.items()}
    shapes |= {glyph: x < eighths / 8 for glyph, eighths in _LEFT_EIGHTHS.items()}
    return "".join(shapes), _masks(shapes)


def wedges() -> tuple[str, NDArray[np.float32]]:
    """The same with sextants, wedges and bars, which many fonts lack."""
    x, y = _points()
    shapes = {glyph: _mosaic(filled, 2, 3) for glyph, filled in _SEXTANTS.items()}
    for number, (left, begin, right, end) in enumerate(_WEDGES):
        slope = (end - begin) / 3 / ((right - left) / 2)
        shapes[chr(_FIRST_WEDGE + number)] = y > begin / 3 + slope * (x - left / 2)
    shapes |= {glyph: (x > left / 8) & (x < (left + 1) / 8) for glyph, left in _VERTICAL_BARS.items()}
    shapes |= {glyph: (y > top / 8) & (y < (top + 1) / 8) for glyph, top in _HORIZONTAL_BARS.items()}
    sides = {"left": x < 1 / 8, "right": x > 7 / 8, "upper": y < 1 / 8, "lower": y > 7 / 8}
    shapes |= {glyph: sides[one] | sides[other] for glyph, (one, other) in _EDGES.items()}
    common, masks = quadrants()
    return common + "".join(shapes), np.concatenate([masks, _masks(shapes)])


def _points() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where the points are looked at, from 0 to 1 across and down the cell."""
    rows, columns = DOWN * _FINE, ACROSS * _FINE
    y, x = np.indices((rows, columns))
    return (x + 0.5) / columns, (y + 0.5) / rows


def _mosaic(filled: int, columns: int, rows: int) -> NDArray[np.bool_]:
    """Fields of equal size, filled where their bit is set."""
    x, y = _points()
    field = (y * rows).astype(int) * columns + (x * columns).astype(int)
    whole: NDArray[np.bool_] = (filled >> field & 1).astype(bool)
    return whole


def _masks(shapes: dict[str, NDArray[np.bool_]]) -> NDArray[np.float32]:
    fine = np.stack(list(shapes.values())).reshape(-1, DOWN, _FINE, ACROSS, _FINE)
    masks: NDArray[np.float32] = fine.mean((2, 4), dtype=np.float32).reshape(len(shapes), DOWN * ACROSS)
    return masks
