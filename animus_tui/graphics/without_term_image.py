"""RGB pixels → half-block cells, or what a graphics protocol transmits, where term-image is not installed.

Runs in the decoding process and in the full-quality viewer only; `drawing` describes the functions.
Source of the last one: https://iterm2.com/documentation-images.html (OSC 1337).
"""

from __future__ import annotations

import zlib
from base64 import standard_b64encode
from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING

from PIL import Image

from animus_tui.graphics.kitty import commands
from animus_tui.graphics.protocol import Line

if TYPE_CHECKING:
    from animus_tui.graphics.protocol import Colours

_UPPER_HALF = "▀"
_LEVEL = 1
"""Of compression: 4 makes scenes 1 to 6 % smaller and takes 40 % longer."""
_PNG_LEVEL = 4
"""Of compression of a PNG, which is written once for a picture."""
_SYSTEM_COLOURS = 16
"""The first colours of xterm's palette, which every user sets as they like; the others are always the same."""


def cells(picture: Image.Image, colours: Colours) -> tuple[Line, ...]:
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


def payload(picture: Image.Image) -> bytes:
    """An RGB picture as the data of a transmission: compressed by zlib, then in base64, without any control data."""
    return standard_b64encode(zlib.compress(picture.tobytes(), _LEVEL))


def kitty(picture: Image.Image, columns: int, rows: int) -> list[str]:
    """An RGB picture for the Kitty graphics protocol; it begins at the cursor, which stays there (C=1)."""
    size = f"s={picture.width},v={picture.height},c={columns},r={rows}"
    return ["".join(commands(f"a=T,f=24,t=d,o=z,C=1,{size},q=2", payload(picture)))]


def iterm2(picture: Image.Image, columns: int, rows: int) -> list[str]:
    """An RGB picture as iTerm2's inline image; it begins at the cursor."""
    file = BytesIO()
    picture.save(file, "PNG", compress_level=_PNG_LEVEL)
    size = f"size={file.tell()};width={columns};height={rows}"
    data = standard_b64encode(file.getvalue()).decode("ascii")
    return [f"\x1b]1337;File={size};preserveAspectRatio=0;inline=1:{data}\x1b\\"]
