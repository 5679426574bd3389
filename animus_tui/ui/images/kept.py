"""Mosaics that are kept with the frame that the next start paints first, so that the application has them at once.

Bytes in, values out. What is read is trusted no further than what the decoding process answers: it is a mosaic of its
size, of the same file, for the same colours and glyphs; and only a picture that is in view and wanted so is shown.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import DecodeError, Struct, msgpack

from animus_tui.graphics.decoding.checking import picture_in
from animus_tui.graphics.decoding.protocol import CellsRequest, Colours, Drawn, Glyphs, Line, Rgb
from animus_tui.graphics.rendering.cells import Cells
from animus_tui.ui.images.cache import ImageKey

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MOST_KEPT = 16
"""Pictures; hardly more are in view at once."""


class _Picture(Struct, frozen=True, array_like=True):
    path: bytes
    changed: int
    """When the file was changed, in nanoseconds since 1970."""
    size: int
    """Bytes of the file."""
    columns: int
    rows: int
    background: Rgb
    cell: tuple[int, int] | None
    lines: tuple[Line, ...]


class _Kept(Struct, frozen=True, array_like=True):
    colours: Colours
    glyphs: Glyphs
    pictures: list[_Picture]


def encoded(
    pictures: Iterable[tuple[ImageKey, Cells]], *, colours: Colours, glyphs: Glyphs, most_bytes: int
) -> bytes:
    """Mosaics as bytes, as many as there is room for. Looks at their files."""
    kept: list[_Picture] = []
    for key, cells in list(pictures)[:MOST_KEPT]:
        most_bytes -= cells.size_in_bytes
        try:
            found = key.path.stat()
        except OSError:
            continue
        if most_bytes > 0:
            place = os.fsencode(key.path), found.st_mtime_ns, found.st_size
            kept.append(_Picture(*place, key.columns, key.rows, key.background, key.cell, cells.lines))
    return msgpack.encode(_Kept(colours, glyphs, kept))


def decoded(data: bytes, *, colours: Colours, glyphs: Glyphs) -> Mapping[ImageKey, Cells]:
    """The mosaics that are still those of their files; none where anything is wrong. Looks at the files."""
    try:
        kept = msgpack.decode(data, type=_Kept)
    except (DecodeError, RecursionError):
        return {}
    if (kept.colours, kept.glyphs) != (colours, glyphs):
        return {}
    found: dict[ImageKey, Cells] = {}
    for picture in kept.pictures[:MOST_KEPT]:
        place = picture.columns, picture.rows, picture.background
        cells = picture_in(Drawn(picture.lines), CellsRequest(picture.path, *place, colours, glyphs))
        if isinstance(cells, Cells) and _is_same(picture):
            key = ImageKey(Path(os.fsdecode(picture.path)), *place, picture.cell)
            found[key] = cells
    return found


def _is_same(picture: _Picture) -> bool:
    """Whether its file is as it was."""
    try:
        found = os.stat(picture.path)  # noqa: PTH116 (bytes)
    except (OSError, ValueError):
        return False
    return (found.st_mtime_ns, found.st_size) == (picture.changed, picture.size)
