"""The terminal's window as the kernel knows it."""

from __future__ import annotations

import fcntl
import struct
import termios

_BELIEVABLE = range(2, 200)
"""Pixels of a cell in either direction."""


def cell_size(descriptor: int) -> tuple[int, int] | None:
    """Width and height of a cell in pixels, by the kernel's record of the window (TIOCGWINSZ): no question is asked.

    None where there is no terminal, or it does not tell. It changes with the size of the letters.
    """
    try:
        record = fcntl.ioctl(descriptor, termios.TIOCGWINSZ, bytes(8))
    except OSError:
        return None
    rows, columns, width, height = struct.unpack("HHHH", record)
    if not (rows and columns):
        return None
    cell = round(width / columns), round(height / rows)
    return cell if cell[0] in _BELIEVABLE and cell[1] in _BELIEVABLE else None
