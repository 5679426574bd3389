"""RGB pixels → half-block cells, each of two pixels one above the other. Runs in the decoding process only."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from PIL import Image

from animus_tui.graphics.decoding.protocol import Line

if TYPE_CHECKING:
    from animus_tui.graphics.decoding.protocol import Colours

PIXELS_PER_CELL = (1, 2)
"""Width and height of a cell in pixels."""
_UPPER_HALF = "▀"
_SYSTEM_COLOURS = 16
"""The first colours of xterm's palette, which every user sets as they like; the others are always the same."""


def draw(picture: Image.Image, colours: Colours) -> tuple[Line, ...]:
    """The lines of an RGB picture of `columns`×`2·rows` pixels; 24-bit unless `colours` is "256" or "16"."""
    if colours in ("256", "16"):
        data, depth = _indexed(picture), 1
    else:
        data, depth = picture.tobytes(), 3
    length = picture.width * depth
    starts = range(0, len(data) - length, 2 * length)
    return tuple(_line(data[at : at + length], data[at + length : at + 2 * length], depth) for at in starts)


def _line(upper: bytes, lower: bytes, depth: int) -> Line:
    places = range(0, len(upper), depth)
    text = "".join(" " if upper[at : at + depth] == lower[at : at + depth] else _UPPER_HALF for at in places)
    return Line(text, upper, lower)


def _indexed(picture: Image.Image) -> bytes:
    """The nearest colour of xterm's palette for each pixel."""
    nearest = picture.quantize(palette=_palette(), dither=Image.Dither.NONE).tobytes()
    return nearest.translate(bytes((index + _SYSTEM_COLOURS) % 256 for index in range(256)))


@cache
def _palette() -> Image.Image:
    """A picture with xterm's colours from 16 on: a cube of 6×6×6, then 24 greys."""
    levels = (0, 95, 135, 175, 215, 255)
    values = [level for red in levels for green in levels for blue in levels for level in (red, green, blue)]
    for grey in range(8, 248, 10):
        values += [grey] * 3
    palette = Image.new("P", (1, 1))
    palette.putpalette(values)
    return palette
