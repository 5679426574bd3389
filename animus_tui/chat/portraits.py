"""How large the picture in a file is, by its header: nothing is decoded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from animus_tui.backends.base.files import size_in

if TYPE_CHECKING:
    from pathlib import Path

HEAD = 256 << 10
"""Bytes that are read: a JPEG may have a preview before its size."""


def size_of(file: Path) -> tuple[int, int] | None:
    """Width and height in pixels; None when they cannot be read. Asks the disk."""
    try:
        with file.open("rb") as opened:
            return size_in(opened.read(HEAD))
    except (OSError, ValueError):
        return None
