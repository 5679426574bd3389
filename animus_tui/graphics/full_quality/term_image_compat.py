"""RGB pixels → the commands of a graphics protocol that term-image makes of them.

Every use of term-image, one private part of it included, is here; `inline_images` says with which versions it works.
Runs in the full-quality viewer only.
"""

from __future__ import annotations

import tempfile
import warnings
from typing import TYPE_CHECKING

with tempfile.TemporaryDirectory() as _folder, warnings.catch_warnings():
    # term-image makes a temporary folder when it is imported, which would stay behind when this process is
    # killed, and warns when there is no terminal, which is just what is wanted here.
    tempfile.tempdir = _folder
    warnings.simplefilter("ignore")
    import term_image.utils
    from term_image.image import ITerm2Image, KittyImage

    tempfile.tempdir = None

if TYPE_CHECKING:
    from PIL import Image

# A query would be answered among the keys that the user types.
term_image.disable_queries()
term_image.set_cell_ratio(0.5)

# Whether they are supported could only be found out by asking.
KittyImage.forced_support = ITerm2Image.forced_support = True


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
