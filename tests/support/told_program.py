"""The program, and in a file what it writes before pictures become pixels: a line of JSON for each frame and picture.

Pixels of what scrolls come after as many seconds as the variable PIXELS_AFTER says, if it is set.
The first argument is the file. A picture is its first character, its columns, its sequences (Latin-1), and its glyphs;
it is told once more when it gets these later.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from animus_tui.cli.main import main
from animus_tui.graphics.rendering.pixel_rows import PixelTable
from animus_tui.ui.terminal import driver
from animus_tui.ui.terminal.driver import TerminalDriver
from tests.support.pixel_screen import known

if TYPE_CHECKING:
    from animus_tui.graphics.rendering.cells import Cells
    from animus_tui.graphics.rendering.pixel_rows import PixelRows


PIXELS_AFTER = "TOLD_PROGRAM_PIXELS_AFTER"
"""Name of a variable of the environment."""


def watch(file: Path) -> None:
    """Write down all that is painted from now on."""
    told = file.open("w", encoding="utf-8")
    write, add, set_mosaic = TerminalDriver.write, PixelTable.add, PixelTable.set_mosaic

    def tell(picture: PixelRows) -> None:
        seen = known(picture)
        sequences = [sequence.decode("latin-1") for sequence in seen.sequences]
        print(json.dumps([seen.first, seen.columns, sequences, seen.glyphs]), file=told, flush=True)

    def told_write(self: TerminalDriver, data: str) -> None:
        print(json.dumps(data), file=told, flush=True)
        write(self, data)

    def told_add(self: PixelTable, *args: Any) -> PixelRows | None:
        picture = add(self, *args)
        if picture is not None:
            tell(picture)
        return picture

    def told_set_mosaic(self: PixelTable, picture: PixelRows, mosaic: Cells) -> None:
        set_mosaic(self, picture, mosaic)
        tell(picture)

    TerminalDriver.write = told_write  # type: ignore[method-assign]  # looked at, not replaced
    PixelTable.set_mosaic = told_set_mosaic  # type: ignore[method-assign]  # the same
    PixelTable.add = told_add  # type: ignore[method-assign,assignment]  # the same


if __name__ == "__main__":
    driver.PIXELS_AFTER = float(os.environ.get(PIXELS_AFTER, driver.PIXELS_AFTER))
    watch(Path(sys.argv[1]))
    sys.exit(main(sys.argv[2:]))
