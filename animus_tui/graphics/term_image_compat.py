"""RGB pixels → what term-image makes of them: half-block cells, or what a graphics protocol transmits.

Every use of term-image, one private part of it included, is here; `engine` says with which versions it works. Runs in
the decoding process and in the full-quality viewer only; `drawing` describes the functions.
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
    import term_image.utils
    from term_image.image import BlockImage, ITerm2Image, KittyImage
    from term_image.image.kitty import ControlData, Transmission

    tempfile.tempdir = None

if TYPE_CHECKING:
    from PIL import Image

    from animus_tui.graphics.protocol import Colours

# A query would be answered among the keys that the user types.
term_image.disable_queries()
term_image.set_cell_ratio(0.5)

# Whether they are supported could only be found out by asking.
KittyImage.forced_support = ITerm2Image.forced_support = True

_LEVEL = 1
"""Of compression: 4 makes scenes 1 to 6 % smaller and takes 40 % longer."""

_TOKEN = re.compile(r"\x1b\[(?P<sgr>[\d;]*)m|(?P<break>\n)|(?P<text>[^\x1b\n]+)")
_PALETTE, _DIRECT = "5", "2"


def cells(picture: Image.Image, colours: Colours) -> tuple[Line, ...]:
    """The lines of an RGB picture of `columns`×`2·rows` pixels; 24-bit unless `colours` is "256" or "16"."""
    image = BlockImage(picture, width=picture.width, height=picture.height // 2)
    image.set_render_method("indexed" if colours in ("256", "16") else "direct")
    return _lines(str(image))


def payload(picture: Image.Image) -> bytes:
    """An RGB picture as the data of a transmission: compressed by zlib, then in base64, without any control data."""
    whole: bytes = Transmission(ControlData(f=24), picture.tobytes(), _LEVEL).encode()
    return whole


def kitty(picture: Image.Image, columns: int, rows: int) -> list[str]:
    """An RGB picture for the Kitty graphics protocol, a string for each row of cells."""
    return _whole(KittyImage, picture, columns, rows)


def iterm2(picture: Image.Image, columns: int, rows: int) -> list[str]:
    """An RGB picture as iTerm2's inline image, a string for each row of cells."""
    return _whole(ITerm2Image, picture, columns, rows)


def _whole(style: type[KittyImage | ITerm2Image], picture: Image.Image, columns: int, rows: int) -> list[str]:
    # It would bring the picture down to what it takes for the size of a cell; these are cells that hold all of it.
    # The only public way to tell it the size of a cell is a terminal that answers.
    cell = -(-picture.width // columns), -(-picture.height // rows)
    term_image.utils._cell_size_cache[:] = (*term_image.utils.get_terminal_size(), *cell)  # noqa: SLF001
    image = style(picture, width=columns, height=rows)
    image.set_render_method("whole")
    return str(image).split("\n")


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
