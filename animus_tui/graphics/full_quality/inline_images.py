"""RGB pixels → the commands that show them at the cursor: by term-image, or by our own code where it is not installed.

Light to import, so that `doctor` can tell which of them draws. Runs otherwise in the full-quality viewer only.
Source of `iterm2`: https://iterm2.com/documentation-images.html (OSC 1337).
"""

from __future__ import annotations

from base64 import standard_b64encode
from importlib import metadata
from importlib.util import find_spec
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from PIL import Image

    from animus_tui.graphics.probe.known_terminals import Viewer

    InlineImage = Callable[[Image.Image, int, int], list[str]]
    """RGB pixels, columns and rows → at most `rows` strings, one for each row from the top, the cursor before each."""

_KNOWN_INTERFACE = "0.7."
"""Versions of term-image whose interface is the one that `term_image_compat` uses."""
_PNG_LEVEL = 4
"""Of compression of a PNG, which is written once for a picture."""


def term_image_version() -> str | None:
    """The version of term-image that draws; None where our own code does."""
    if find_spec("term_image") is None:
        return None
    try:
        version = metadata.version("term-image")
    except metadata.PackageNotFoundError:
        return None
    return version if version.startswith(_KNOWN_INTERFACE) else None


def inline_image(style: Viewer) -> InlineImage:
    """What draws for a terminal of this style. Imports term-image where it is installed."""
    if term_image_version() is None:
        return kitty if style == "kitty" else iterm2
    from animus_tui.graphics.full_quality import term_image_compat  # it may not be installed

    return term_image_compat.kitty if style == "kitty" else term_image_compat.iterm2


def kitty(picture: Image.Image, columns: int, rows: int) -> list[str]:
    """An RGB picture for the Kitty graphics protocol; it begins at the cursor, which stays there (C=1)."""
    # They bring Pillow and rich, of which `doctor` has no use: 13 ms for rich alone.
    from animus_tui.graphics.decoding.pixels import compressed
    from animus_tui.graphics.rendering.kitty import commands

    size = f"s={picture.width},v={picture.height},c={columns},r={rows}"
    return ["".join(commands(f"a=T,f=24,t=d,o=z,C=1,{size},q=2", compressed(picture)))]


def iterm2(picture: Image.Image, columns: int, rows: int) -> list[str]:
    """An RGB picture as iTerm2's inline image; it begins at the cursor."""
    file = BytesIO()
    picture.save(file, "PNG", compress_level=_PNG_LEVEL)
    size = f"size={file.tell()};width={columns};height={rows}"
    data = standard_b64encode(file.getvalue()).decode("ascii")
    return [f"\x1b]1337;File={size};preserveAspectRatio=0;inline=1:{data}\x1b\\"]
