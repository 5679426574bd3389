"""RGB pixels → what term-image makes of them: half-block cells, or what the Kitty graphics protocol transmits.

Runs in the decoding process only.
"""

from __future__ import annotations

import re
import tempfile
import warnings
from typing import TYPE_CHECKING

from animus_tui.graphics.protocol import Line

with tempfile.TemporaryDirectory() as _folder, warnings.catch_warnings():
    # term-image makes a temporary folder when it is imported, which would stay behind when this process is
    # killed, and warns when there is no terminal, which is just what is wanted here.
    tempfile.tempdir = _folder
    warnings.simplefilter("ignore")
    import term_image
    from term_image.image import BlockImage
    from term_image.image.kitty import ControlData, Transmission

    tempfile.tempdir = None

if TYPE_CHECKING:
    from PIL import Image

    from animus_tui.graphics.protocol import Colours

# A query would be answered among the keys that the user types.
term_image.disable_queries()
term_image.set_cell_ratio(0.5)

PIXELS_PER_CELL = (1, 2)
"""Width and height of a cell in pixels, one above the other."""

_LEVEL = 1
"""Of compression: 4 makes scenes 1 to 6 % smaller and takes 40 % longer."""

_TOKEN = re.compile(r"\x1b\[(?P<sgr>[\d;]*)m|(?P<break>\n)|(?P<text>[^\x1b\n]+)")
_PALETTE, _DIRECT = "5", "2"


def draw(pixels: Image.Image, colours: Colours) -> tuple[Line, ...]:
    """The lines of an RGB picture of `columns`×`2·rows` pixels; 24-bit unless `colours` is "256" or "16"."""
    across, down = PIXELS_PER_CELL
    picture = BlockImage(pixels, width=pixels.width // across, height=pixels.height // down)
    picture.set_render_method("indexed" if colours in ("256", "16") else "direct")
    return _lines(str(picture))


def payload(pixels: Image.Image) -> bytes:
    """An RGB picture as the data of a transmission: compressed by zlib, then in base64, without any control data."""
    whole: bytes = Transmission(ControlData(f=24), pixels.tobytes(), _LEVEL).encode()
    return whole


def _lines(drawn: str) -> tuple[Line, ...]:
    """The lines in term-image's output: half blocks and blanks between SGR sequences."""
    lines: list[Line] = []
    text, foreground, background = "", bytearray(), bytearray()
    front = back = b""
    for token in _TOKEN.finditer(drawn):
        if token["text"]:
            piece = token["text"]
            text += piece
            # What has no foreground takes its background's colour, so that equal cells look equal.
            foreground += (back if piece.isspace() else front) * len(piece)
            background += back * len(piece)
        elif token["break"]:
            lines.append(Line(text, bytes(foreground), bytes(background)))
            text, foreground, background = "", bytearray(), bytearray()
        elif token["sgr"].startswith("38;"):
            front = _colour(token["sgr"])
        elif token["sgr"].startswith("48;"):
            back = _colour(token["sgr"])
    return (*lines, Line(text, bytes(foreground), bytes(background)))


def _colour(sgr: str) -> bytes:
    """The bytes of `38;2;r;g;b` (three) or `48;5;n` (one)."""
    _, kind, *values = sgr.split(";")
    if (kind, len(values)) not in ((_DIRECT, 3), (_PALETTE, 1)):
        raise ValueError(f"no colour: {sgr}")
    return bytes(map(int, values))
