"""Reading drawn cells back."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from animus_tui.graphics.rendering.cells import Cells

Pixel = tuple[int, ...]


def pixels(cells: Cells) -> list[list[Pixel]]:
    """Two rows of pixels a row of cells; a pixel is (red, green, blue), or (index,) with 256 colours."""
    grid: list[list[Pixel]] = []
    for line in cells.lines:
        depth = len(line.foreground) // cells.columns
        front, back = (
            [tuple(plane[at : at + depth]) for at in range(0, len(plane), depth)]
            for plane in (line.foreground, line.background)
        )
        top = [
            {"▀": fg, " ": bg}[character] for character, fg, bg in zip(line.text, front, back, strict=True)
        ]
        grid += [top, back]
    return grid


def near(pixel: Pixel, wanted: Pixel, tolerance: int = 16) -> bool:
    """Whether no channel is further away than `tolerance`: JPEG and filters do not keep values exactly."""
    return max(abs(one - other) for one, other in zip(pixel, wanted, strict=True)) <= tolerance


def assert_all_near(cells: Cells, wanted: Pixel, tolerance: int = 16) -> None:
    """The picture is of one colour."""
    odd = [pixel for row in pixels(cells) for pixel in row if not near(pixel, wanted, tolerance)]
    assert not odd, f"{len(odd)} pixels are not {wanted}, the first is {odd[0]}"


def is_gone(pid: int) -> bool:
    """Whether the process has ended; it may not have been waited for yet."""
    status = Path(f"/proc/{pid}/stat")
    try:
        os.kill(pid, 0)
        return status.parent.parent.exists() and status.read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True
