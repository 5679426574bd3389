"""RGB pixels → glyphs of two colours each, the nearest that least squares can find. Runs in the decoding process only.

A glyph splits a cell in two, and the best colour of a part is the mean of its pixels. With the mask m of a glyph
(1 where it is filled) and m' = m − mean(m), what the two colours explain of a cell's pixels x is (x·m')² / m'·m',
summed over red, green and blue: the glyph that explains the most leaves the least squared error.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Literal

import numpy as np
from PIL.Image import Resampling

from animus_tui.graphics import glyphs
from animus_tui.graphics.glyphs import ACROSS, DOWN
from animus_tui.graphics.protocol import Line

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL import Image

    Floats = NDArray[np.float32]

_MANY_CELLS = 60_000
"""With more of them a picture of ACROSS×DOWN pixels a cell would take too much of the process's memory."""
_CELLS_AT_A_TIME = 2048
"""Bounds the memory of the fit: about 8 KiB a cell."""
_MOST_CONTRAST = 1.3
"""Two colours show less contrast than the pixels had; it is given back up to this factor, the best for SSIM."""
_NOISE = 30.0 * 3 * ACROSS * DOWN
"""Squared differences in a cell (30 a value) that are not worth any contrast."""


def pixels_per_cell(columns: int, rows: int) -> tuple[int, int]:
    """Width and height of a cell in pixels for `draw`."""
    return (ACROSS, DOWN) if columns * rows <= _MANY_CELLS else (ACROSS // 2, DOWN // 2)


def draw(
    picture: Image.Image, columns: int, rows: int, kind: Literal["quadrants", "wedges"]
) -> tuple[Line, ...]:
    """The lines of an RGB picture with the same number of pixels in each cell."""
    high, height = picture.height // rows, max(_CELLS_AT_A_TIME // columns, 1)
    lines: list[Line] = []
    for top in range(0, rows, height):
        bottom = min(top + height, rows)
        band = picture.crop((0, top * high, picture.width, bottom * high))
        if high != DOWN:
            band = band.resize((columns * ACROSS, (bottom - top) * DOWN), Resampling.BOX)
        lines += _lines(*_fitted(_cells(np.asarray(band)), kind), columns)
    return tuple(lines)


@cache
def _shapes(kind: Literal["quadrants", "wedges"]) -> tuple[NDArray[np.uint32], Floats, Floats, Floats]:
    """Of the glyphs: code points, the parts that they fill, m' to be multiplied with, and the length of m'."""
    characters, masks = glyphs.quadrants() if kind == "quadrants" else glyphs.wedges()
    filled = masks.mean(1).astype(np.float32)
    centred = masks - filled[:, None]
    length = np.sqrt(np.square(centred).sum(1)).astype(np.float32)
    return (
        np.array([ord(glyph) for glyph in characters], np.uint32),
        filled,
        (centred / length[:, None]).T.astype(np.float32),
        length,
    )


def _cells(band: NDArray[np.uint8]) -> Floats:
    """Pixels by cell and colour: cells×3×(DOWN·ACROSS)."""
    rows, columns = band.shape[0] // DOWN, band.shape[1] // ACROSS
    fields = band.reshape(rows, DOWN, columns, ACROSS, 3).transpose(0, 2, 4, 1, 3)
    return fields.reshape(rows * columns, 3, DOWN * ACROSS).astype(np.float32)


def _fitted(
    cells: Floats, kind: Literal["quadrants", "wedges"]
) -> tuple[NDArray[np.uint32], NDArray[np.uint8], NDArray[np.uint8]]:
    """Code point, foreground and background of each cell."""
    codes, filled, directions, lengths = _shapes(kind)
    along = (cells.reshape(-1, cells.shape[2]) @ directions).reshape(len(cells), 3, -1)
    explained = np.square(along).sum(1)
    best = explained.argmax(1)
    each = np.arange(len(cells))
    mean = cells.mean(2)
    all_there_is = np.square(cells - mean[:, :, None]).sum((1, 2))
    contrast = np.sqrt((all_there_is + _NOISE) / (explained[each, best] + _NOISE)).clip(1, _MOST_CONTRAST)
    step = along[each, :, best] * (contrast / lengths[best])[:, None]  # from background to foreground
    part = filled[best][:, None]
    foreground, background = _rounded(mean + step * (1 - part)), _rounded(mean - step * part)
    blank = (foreground == background).all(1)
    return np.where(blank, np.uint32(ord(" ")), codes[best]), foreground, background


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
