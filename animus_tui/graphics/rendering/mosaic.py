"""RGB pixels → glyphs of two colours each, chosen by structure. Runs in the decoding process only.

A glyph splits a cell in two, and the best colour of a part is the mean of its pixels. With the mask m of a glyph
(1 where it is filled) and m' = m − mean(m), what the two colours explain of a cell's pixels x is (x·m')² / m'·m',
summed over red, green and blue: the glyph that explains the most leaves the least squared error. From there on
`similarity` takes other glyphs, and other lightness of the two colours, where more of the structure comes out.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Literal

import numpy as np
from PIL.Image import Resampling

from animus_tui.graphics.decoding.protocol import Line
from animus_tui.graphics.rendering import similarity
from animus_tui.graphics.rendering.similarity import ACROSS, DOWN

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL import Image

    Floats = NDArray[np.float32]

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

_TRIANGLES = {"\U0001fb6c": "left", "\U0001fb6d": "upper", "\U0001fb6e": "right", "\U0001fb6f": "lower"}
"""From a side to the middle of the cell."""

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

_MANY_CELLS = 60_000
"""With more of them a picture of ACROSS×DOWN pixels a cell would take too much of the process's memory."""
_CELLS_AT_A_TIME = 2048
"""About, but at least a row of them. Bounds the memory of the fit: 9 KiB a cell (measured by tracemalloc)."""
_NOISE = 30.0 * 3 * ACROSS * DOWN
"""Squared differences in a cell (30 a value) that are not worth explaining."""


def pixels_per_cell(columns: int, rows: int) -> tuple[int, int]:
    """Width and height of a cell in pixels for `draw`."""
    return (ACROSS, DOWN) if columns * rows <= _MANY_CELLS else (ACROSS // 2, DOWN // 2)


def draw(
    picture: Image.Image, columns: int, rows: int, kind: Literal["quadrants", "wedges"]
) -> tuple[Line, ...]:
    """The lines of an RGB picture with the same number of pixels in each cell."""
    high, bands = picture.height // rows, min(-(-rows * columns // _CELLS_AT_A_TIME), rows)
    lines: list[Line] = []
    for band_number in range(bands):
        top, bottom = rows * band_number // bands, rows * (band_number + 1) // bands
        band = picture.crop((0, top * high, picture.width, bottom * high))
        if high != DOWN:
            band = band.resize((columns * ACROSS, (bottom - top) * DOWN), Resampling.BOX)
        lines += _lines(*_fitted(_cells(np.asarray(band)), bottom - top, kind), columns)
    return tuple(lines)


@cache
def tables(
    kind: Literal["quadrants", "wedges"],
) -> tuple[NDArray[np.uint32], Floats, Floats, similarity.Shapes]:
    """Of the glyphs: code points, m' to be multiplied with, the length of m', and what SSIM needs.

    Takes about 3 ms, by the first picture or by whoever wants to have it behind them.
    """
    characters, masks = quadrants() if kind == "quadrants" else wedges()
    centred = masks - masks.mean(1)[:, None]
    length = np.sqrt(np.square(centred).sum(1)).astype(np.float32)
    return (
        np.array([ord(glyph) for glyph in characters], np.uint32),
        (centred / length[:, None]).T.astype(np.float32),
        length,
        similarity.shapes(masks),
    )


def _cells(band: NDArray[np.uint8]) -> Floats:
    """Pixels by cell and colour: cells×3×(DOWN·ACROSS)."""
    rows, columns = band.shape[0] // DOWN, band.shape[1] // ACROSS
    fields = band.reshape(rows, DOWN, columns, ACROSS, 3).transpose(0, 2, 4, 1, 3)
    return fields.reshape(rows * columns, 3, DOWN * ACROSS).astype(np.float32)


def _fitted(
    cells: Floats, rows: int, kind: Literal["quadrants", "wedges"]
) -> tuple[NDArray[np.uint32], NDArray[np.uint8], NDArray[np.uint8]]:
    """Code point, foreground and background of each cell."""
    codes, directions, lengths, known = tables(kind)
    along = (cells.reshape(-1, cells.shape[2]) @ directions).reshape(len(cells), 3, -1)
    explained = np.einsum("ncg,ncg->ng", along, along)
    mean = cells.mean(2)
    all_there_is = np.einsum("ncp,ncp->n", cells, cells) - np.square(mean).sum(1) * cells.shape[2]
    light = np.einsum("ncp,c->np", cells, similarity.LUMA)
    least = similarity.LeastSquares(
        explained.argmax(1),
        mean @ similarity.LUMA,
        (light @ directions / lengths).T,
        1 - (explained.T + _NOISE) / (all_there_is + _NOISE),
    )
    look = similarity.improved(light, rows, known, least)
    each = np.arange(len(cells))
    step = along[each, :, look.glyphs] / lengths[look.glyphs][:, None]
    step += (look.step - least.steps[look.glyphs, each])[:, None]
    part = known.filled[look.glyphs]
    mean += (look.back + look.step * part - least.mean)[:, None]
    part = part[:, None]
    foreground, background = _rounded(mean + step * (1 - part)), _rounded(mean - step * part)
    blank = (foreground == background).all(1)
    return np.where(blank, np.uint32(ord(" ")), codes[look.glyphs]), foreground, background


def _rounded(colours: NDArray[np.floating]) -> NDArray[np.uint8]:
    return (colours + 0.5).clip(0, 255).astype(np.uint8)


def _lines(
    codes: NDArray[np.uint32], foreground: NDArray[np.uint8], background: NDArray[np.uint8], columns: int
) -> list[Line]:
    text = codes.astype("<u4").tobytes().decode("utf-32-le")
    front, back = foreground.tobytes(), background.tobytes()
    return [
        Line(
            text[at : at + columns],
            front[3 * at : 3 * (at + columns)],
            back[3 * at : 3 * (at + columns)],
        )
        for at in range(0, len(text), columns)
    ]


def quadrants() -> tuple[str, NDArray[np.float32]]:
    """Quadrants and eighths, and of each the part of each of a cell's pixels that it fills: glyphs×(DOWN·ACROSS)."""
    x, y = _points()
    shapes = {glyph: _mosaic(filled, 2, 2) for glyph, filled in _HALVES_AND_QUADRANTS.items()}
    shapes |= {glyph: y > 1 - eighths / 8 for glyph, eighths in _LOWER_EIGHTHS.items()}
    shapes |= {glyph: x < eighths / 8 for glyph, eighths in _LEFT_EIGHTHS.items()}
    return "".join(shapes), _masks(shapes)


def wedges() -> tuple[str, NDArray[np.float32]]:
    """The same with sextants, wedges, triangles and bars, which many fonts lack."""
    x, y = _points()
    shapes = {glyph: _mosaic(filled, 2, 3) for glyph, filled in _SEXTANTS.items()}
    for number, (left, begin, right, end) in enumerate(_WEDGES):
        slope = (end - begin) / 3 / ((right - left) / 2)
        shapes[chr(_FIRST_WEDGE + number)] = y > begin / 3 + slope * (x - left / 2)
    distances = {"left": x, "upper": y, "right": 1 - x, "lower": 1 - y}
    nearest = np.minimum(np.minimum(x, y), np.minimum(1 - x, 1 - y))
    shapes |= {glyph: distances[side] == nearest for glyph, side in _TRIANGLES.items()}
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
