"""Files and folders that are on disk when a call returns, and never half written under their own name."""

from __future__ import annotations

import errno
import os
from stat import S_ISREG
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC


def write_all(fd: int, data: bytes, offset: int) -> None:
    """Write all of `data` at `offset` of an open file; OSError when the disk takes only a part."""
    written = 0
    while written < len(data):
        step = os.pwrite(fd, data[written:] if written else data, offset + written)
        if step == 0:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        written += step


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable, after a file in it was created or replaced."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def make_folder(folder: Path, *, mode: int = 0o700) -> None:
    """Make a folder, and those above it; its mode holds whatever the umask is. FileExistsError, OSError."""
    folder.mkdir(mode=mode, parents=True)
    folder.chmod(mode)
    sync_folder(folder.parent)


def changed(path: Path) -> int:
    """When a regular file was last changed, in nanoseconds since 1970; 0 when there is no such file."""
    try:
        found = path.stat()
    except OSError:
        return 0
    return found.st_mtime_ns if S_ISREG(found.st_mode) else 0


def remove_leftovers(*folders: Path) -> None:
    """Delete what a crash in `write_atomically` left in these folders. Nobody may be writing in them. OSError."""
    for folder in folders:
        for path in folder.glob(".*.tmp"):
            path.unlink()


def write_atomically(path: Path, data: bytes, *, mode: int = 0o600) -> None:
    """Write a whole file through a temporary one beside it: readers see the old bytes or the new ones.

    The mode holds whatever the umask is. One writer at a time; what a crash left behind is overwritten. OSError.
    """
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.unlink(missing_ok=True)
    fd = os.open(temporary, NEW_FILE, mode)
    try:
        try:
            os.fchmod(fd, mode)
            write_all(fd, data, 0)
            os.fsync(fd)
        finally:
            os.close(fd)
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)
