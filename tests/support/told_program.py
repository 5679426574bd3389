"""The program, and in a file what it writes before pictures become pixels: a line of JSON for each frame and picture.

The first argument is the file. A picture is its first character, its columns, its sequences (Latin-1), and its glyphs.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from animus_tui.cli.main import main
from animus_tui.graphics.rendering.pixel_rows import PixelTable
from animus_tui.ui.terminal.driver import TerminalDriver
from tests.support.pixel_screen import known

if TYPE_CHECKING:
    from animus_tui.graphics.rendering.pixel_rows import PixelRows


def watch(file: Path) -> None:
    """Write down all that is painted from now on."""
    told = file.open("w", encoding="utf-8")
    write, add = TerminalDriver.write, PixelTable.add

    def told_write(self: TerminalDriver, data: str) -> None:
        print(json.dumps(data), file=told, flush=True)
        write(self, data)

    def told_add(self: PixelTable, *args: Any) -> PixelRows | None:
        picture = add(self, *args)
        if picture is not None:
            seen = known(picture)
            sequences = [sequence.decode("latin-1") for sequence in seen.sequences]
            line = json.dumps([seen.first, seen.columns, sequences, seen.glyphs])
            print(line, file=told, flush=True)
        return picture

    TerminalDriver.write = told_write  # type: ignore[method-assign]  # looked at, not replaced
    PixelTable.add = told_add  # type: ignore[method-assign,assignment]  # the same


if __name__ == "__main__":
    watch(Path(sys.argv[1]))
    sys.exit(main(sys.argv[2:]))
