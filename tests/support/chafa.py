"""Pictures as the program chafa draws them, for comparison where it is installed."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING

from animus_tui.graphics.decoding.protocol import Line
from animus_tui.graphics.rendering.cells import Cells

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SYMBOLS = {
    "half": "half",
    "block": "block",
    "block, sextant, wedge": "block+sextant+wedge",
    "block, legacy computing": "block+1fb00..1fb8b",
}
"""Sets of symbols by what they are called. Those with lines, dots or letters look different in each font."""
_TOKEN = re.compile(r"\x1b\[(?P<sgr>[\d;]*)m|\x1b\[\?25[lh]|(?P<break>\r?\n)|(?P<glyph>[^\x1b])")


def version() -> str | None:
    """The first line that the program says of itself; None when it is not installed."""
    if shutil.which("chafa") is None:
        return None
    said = subprocess.run(["chafa", "--version"], capture_output=True, text=True, check=True).stdout
    return said.splitlines()[0]


def draw(picture: Path, columns: int, rows: int, symbols: str) -> Cells:
    """The file in 24-bit colours, with all the work that the program is ready to do."""
    options = {
        "--format": "symbols",
        "--colors": "full",
        "--size": f"{columns}x{rows}",
        "--symbols": symbols,
        "--work": "9",
        "--dither": "none",
        "--animate": "off",
        "--font-ratio": "1/2",
    }
    arguments = [text for option in options.items() for text in option]
    run = subprocess.run(
        ["chafa", *arguments, "--stretch", str(picture)], capture_output=True, text=True, check=True
    )
    return Cells(columns, rows, tuple(_lines(run.stdout)))


def _lines(drawn: str) -> Iterator[Line]:
    text, front, back = "", bytearray(), bytearray()
    colours = {"38": bytes((255, 255, 255)), "48": bytes(3)}
    swapped = False
    for token in _TOKEN.finditer(drawn):
        if token["break"]:
            yield Line(text, bytes(front), bytes(back))
            text, front, back = "", bytearray(), bytearray()
        elif token["glyph"]:
            text += token["glyph"]
            front += colours["48" if swapped else "38"]
            back += colours["38" if swapped else "48"]
        elif token["sgr"] is not None:
            numbers = iter((token["sgr"] or "0").split(";"))
            for number in numbers:
                if number in colours:
                    next(numbers)
                    colours[number] = bytes(int(next(numbers)) for _ in range(3))
                elif number == "7":
                    swapped = True
                elif number == "0":
                    swapped = False
