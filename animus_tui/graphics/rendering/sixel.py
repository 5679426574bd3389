"""RGB pixels → sixel graphics, one sequence for each row of cells. Runs in the decoding process only.

A sixel is a column of six pixels of one colour, as a character; a band of them is drawn colour after colour.
Source: VT330/VT340 Programmer Reference Manual, volume 2, chapter 14.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from animus_tui.graphics.rendering.pieces import SIXEL_END, sixel_start

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Bytes = NDArray[np.uint8]

BAND = 6
"""Pixels of a sixel, one below the other."""
_NONE = ord("?")
"""A sixel with no pixel set; each pixel adds a bit, the uppermost 1."""
_SHORTEST_REPEAT = 4
"""From so many on, a repeat is shorter than the sixels themselves."""
_WIDEST = 6
"""Bytes of a run at most: `!`, four digits, a sixel."""


def rows_of(
    picture: Image.Image, columns: int, rows: int, cell: tuple[int, int], colours: int
) -> tuple[bytes, ...]:
    """The sequences of an RGB picture of exactly `columns`×`rows` cells of `cell` (width, height) pixels."""
    indices, percent = _quantised(picture, colours)
    height = cell[1]
    return tuple(_sequence(indices[row * height : (row + 1) * height], percent) for row in range(rows))


def _quantised(picture: Image.Image, colours: int) -> tuple[Bytes, NDArray[np.int64]]:
    """For each pixel the number of its colour, and of each colour red, green and blue in percent, as sixel has them."""
    found = picture.quantize(colours, Image.Quantize.MEDIANCUT)
    exact = np.array(found.getpalette(), np.int64).reshape(-1, 3)[:colours]
    percent = np.unique((exact * 100 + 127) // 255, axis=0)
    palette = Image.new("P", (1, 1))
    palette.putpalette(((percent * 255 + 50) // 100).astype(np.uint8).tobytes())
    indexed = picture.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG)
    return np.minimum(np.asarray(indexed), len(percent) - 1).astype(np.uint8), percent


def _sequence(indices: Bytes, percent: NDArray[np.int64]) -> bytes:
    """The sequence that draws one row of cells."""
    height, width = indices.shape
    used = np.flatnonzero(np.bincount(indices.ravel(), minlength=len(percent)))
    registers = b"".join(b"#%d;2;%d;%d;%d" % (number, *percent[number].tolist()) for number in used.tolist())
    return sixel_start(width, height) + registers + _bands(indices, len(percent)) + SIXEL_END


def _bands(indices: Bytes, colours: int) -> bytes:
    """The pixels, as a terminal takes them after its registers are set."""
    height, width = indices.shape
    bands = -(-height // BAND)
    sixels = np.zeros((bands, colours, width), np.uint8)
    across = np.arange(width)
    for y in range(height):
        # No two pixels of one line are in one sixel.
        sixels[y // BAND, indices[y], across] |= 1 << y % BAND
    places = np.flatnonzero(sixels)
    values = sixels.ravel()[places]
    lines, columns = np.divmod(places, width)  # a line is one colour of one band
    begins = np.ones(len(places), np.bool_)
    begins[1:] = (np.diff(places) != 1) | (values[1:] != values[:-1]) | (columns[1:] == 0)
    first = np.flatnonzero(begins)
    lengths = np.diff(first, append=len(places))
    lines, columns = lines[first], columns[first]
    is_first = np.ones(len(first), np.bool_)
    is_first[1:] = lines[1:] != lines[:-1]
    gaps = columns.copy()
    gaps[1:] -= np.where(is_first[1:], 0, columns[:-1] + lengths[:-1])
    runs, numbers = _runs(width), _numbers()
    text = np.zeros((len(first), 5 + 2 * _WIDEST), np.uint8)
    band = lines // colours
    text[is_first, 0] = np.where(np.diff(band[is_first], prepend=0) != 0, ord("-"), ord("$"))
    text[0, 0] = 0
    text[is_first, 1:5] = numbers[(lines % colours)[is_first]]
    text[:, 5 : 5 + _WIDEST] = runs[gaps]
    text[:, 5 + _WIDEST :] = runs[lengths]
    after = text[:, 5 + _WIDEST :]
    after[after == _NONE] = np.broadcast_to(values[first, None] + _NONE, after.shape)[after == _NONE]
    flat = text.ravel()
    return bytes(flat[flat != 0])


@lru_cache(maxsize=4)
def _runs(width: int) -> Bytes:
    """How 0, 1, 2, … empty sixels are written, up to `width`, filled up with zeros."""
    texts = (b"?" * n if n < _SHORTEST_REPEAT else b"!%d?" % n for n in range(width + 1))
    return np.array([*texts], f"S{_WIDEST}").view(np.uint8).reshape(-1, _WIDEST)


@lru_cache(maxsize=1)
def _numbers() -> Bytes:
    """How colour 0, 1, 2, … is chosen, filled up with zeros."""
    return np.array([b"#%d" % number for number in range(256)], "S4").view(np.uint8).reshape(-1, 4)
