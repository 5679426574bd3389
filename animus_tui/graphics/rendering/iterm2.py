"""RGB pixels → iTerm2's inline images, one for each row of cells. Runs in the decoding process only.

Source: https://iterm2.com/documentation-images.html ("Inline Images Protocol").
"""

from __future__ import annotations

from base64 import standard_b64encode
from io import BytesIO
from typing import TYPE_CHECKING

from animus_tui.graphics.rendering.pieces import ITERM2_END, iterm2_start

if TYPE_CHECKING:
    from PIL import Image


def rows_of(
    picture: Image.Image, columns: int, rows: int, cell: tuple[int, int], colours: int
) -> tuple[bytes, ...]:
    """The sequences of an RGB picture of exactly `columns`×`rows` cells of `cell` (width, height) pixels."""
    width, height = columns * cell[0], cell[1]
    strips = (picture.crop((0, row * height, width, (row + 1) * height)) for row in range(rows))
    return tuple(_sequence(strip, columns) for strip in strips)


def _sequence(strip: Image.Image, columns: int) -> bytes:
    file = BytesIO()
    strip.save(file, "PNG", compress_level=6)
    data = file.getvalue()
    return iterm2_start(columns, len(data)) + standard_b64encode(data) + ITERM2_END
