"""RGB pixels → iTerm2's inline images, one for each row of cells. Runs in the decoding process only.

Sources: https://iterm2.com/documentation-images.html ("Inline Images Protocol"); `doNotMoveCursor` is WezTerm's,
https://wezterm.org/imgcat.html, and others ignore it. Without `size` the terminal of VS Code shows nothing.
"""

from __future__ import annotations

from base64 import standard_b64encode
from io import BytesIO

from PIL import Image

from animus_tui.graphics.rendering.pieces import ITERM2_END, iterm2_start

QUALITY = 90
"""Of JPEG, 0–95, with colours in full resolution: SSIM 0.989; 85 has 0.984 in 18 % fewer bytes."""
_FEW_COLOURS = 256
"""So many a PNG keeps in a byte a pixel."""


def rows_of(picture: Image.Image, columns: int, rows: int, cell: tuple[int, int]) -> tuple[bytes, ...]:
    """The sequences of an RGB picture of exactly `columns`×`rows` cells of `cell` (width, height) pixels."""
    width, height = columns * cell[0], cell[1]
    strips = (picture.crop((0, row * height, width, (row + 1) * height)) for row in range(rows))
    return tuple(_sequence(strip, columns) for strip in strips)


def _sequence(strip: Image.Image, columns: int) -> bytes:
    data = _file(strip)
    return iterm2_start(columns, len(data)) + standard_b64encode(data) + ITERM2_END


def _file(strip: Image.Image) -> bytes:
    """A PNG where it is the smaller one: writing and flat parts, which then are exact. Else a JPEG.

    JPEG is cut at a row's border without a seam: nothing is taken from the neighbours, whatever is left of a block.
    """
    photograph = _photograph(strip)
    found = strip.getcolors(_FEW_COLOURS)
    if found is None:
        return photograph
    exact = strip.convert("P", palette=Image.Palette.ADAPTIVE, colors=len(found))
    if exact.convert("RGB").tobytes() != strip.tobytes():
        return photograph
    return min(_saved(exact, "PNG"), photograph, key=len)


def _photograph(strip: Image.Image) -> bytes:
    try:
        return _saved(strip, "JPEG", quality=QUALITY, subsampling="4:4:4", optimize=True)
    except OSError:  # noise: Pillow's buffer for tables made to measure has a byte a pixel
        return _saved(strip, "JPEG", quality=QUALITY, subsampling="4:4:4")


def _saved(picture: Image.Image, kind: str, **options: str | int) -> bytes:
    file = BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()
