"""Small files of pictures that are looked at again and again: made once, kept in a folder that is bounded in bytes."""

from __future__ import annotations

import hashlib
import os
import tempfile
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from animus_tui.atomic import ensure_folder
from animus_tui.graphics.decoding.decoder import PictureUnreadable

if TYPE_CHECKING:
    from pathlib import Path

    from animus_tui.graphics.decoding.protocol import Rgb

MOST_BYTES = 96 << 20
"""Of all thumbnails: about 10,000 photographs."""
SIDE = 192
"""Pixels of a thumbnail's longer side: a tile of 20 cells is as wide where letters have 10 pixels."""
SUFFIX = ".jpg"
_KEPT = 0.8
"""What is left of MOST_BYTES when the oldest go, so that they do not go one by one."""


class _Kept(NamedTuple):
    used: int
    """Nanoseconds: a file's time is that of its last use."""
    size: int
    path: str


class ThumbnailFolder:
    """What was used longest ago goes first. Everything here waits for the disk: call it in a thread.

    Several programs may share the folder. A disk that refuses costs time and nothing else: thumbnails are made anew.
    """

    def __init__(self, folder: Path, *, most_bytes: int = MOST_BYTES) -> None:
        """`folder` need not exist yet."""
        self._folder = folder
        self._most = most_bytes
        self._size: int | None = None
        """Bytes of all files, once they were counted."""

    def place(self, picture: Path, background: Rgb) -> Path:
        """Where the thumbnail of this state of a picture's file is, or would be. PictureUnreadable when it is gone."""
        try:
            state = picture.stat()
        except FileNotFoundError:
            raise PictureUnreadable("The picture's file is gone.") from None
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            raise PictureUnreadable(f"The picture's file cannot be read: {reason}.") from None
        seen = f"{os.fspath(picture)}\0{state.st_size} {state.st_mtime_ns} {background}"
        name = hashlib.sha256(seen.encode(errors="surrogateescape")).hexdigest()[:40]
        return self._folder / name[:2] / f"{name}{SUFFIX}"

    def has(self, place: Path) -> bool:
        """Whether it is there; it then counts as used now."""
        try:
            os.utime(place)
        except OSError:
            return False
        return True

    def put(self, place: Path, data: bytes) -> bool:
        """Keep a thumbnail; whether the disk took it."""
        try:
            ensure_folder(place.parent)
            self._write(place, data)
        except OSError:
            return False
        self._size = self._counted() if self._size is None else self._size + len(data)
        if self._size > self._most:
            self._drop_oldest()
        return True

    def remove(self, place: Path) -> None:
        """It turned out to be no picture."""
        with suppress(OSError):
            place.unlink()

    def _write(self, place: Path, data: bytes) -> None:
        # Through a file of a name of its own, since two programs may make the same one. Not synced: a power cut
        # costs a thumbnail, and one that it left half written is no picture and made anew.
        number, temporary = tempfile.mkstemp(dir=place.parent, prefix=".", suffix=".tmp")
        try:
            with os.fdopen(number, "wb") as file:
                file.write(data)
            os.replace(temporary, place)  # noqa: PTH105 (a name, no path)
        except OSError:
            with suppress(OSError):
                os.unlink(temporary)  # noqa: PTH108
            raise

    def _files(self) -> list[_Kept]:
        found: list[_Kept] = []
        with suppress(OSError), os.scandir(self._folder) as shelves:
            for shelf in [entry.path for entry in shelves if entry.is_dir(follow_symlinks=False)]:
                with suppress(OSError), os.scandir(shelf) as files:
                    for file in files:
                        state = file.stat(follow_symlinks=False)
                        found.append(_Kept(state.st_mtime_ns, state.st_size, file.path))
        return found

    def _counted(self) -> int:
        return sum(kept.size for kept in self._files())

    def _drop_oldest(self) -> None:
        files = sorted(self._files())
        size = sum(kept.size for kept in files)
        for kept in files:
            if size <= self._most * _KEPT:
                break
            with suppress(OSError):
                os.unlink(kept.path)  # noqa: PTH108
            size -= kept.size
        self._size = size
