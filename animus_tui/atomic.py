"""Files and folders that are on disk when a call returns, and never half written under their own name."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from stat import S_ISREG
from typing import TYPE_CHECKING

from animus_tui.disk_features import DiskFeature, note_missing

if TYPE_CHECKING:
    from pathlib import Path

CANNOT_FLUSH = (errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP, errno.EPERM, errno.EACCES)
"""How file systems answer that do not know how to flush a folder, or a folder that may be written but not read."""
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
    """Make the names in a folder durable, after a file in it was created or replaced; OSError when the disk fails.

    Where the file system cannot do that, it is left out.
    """
    try:
        fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)
    except OSError as error:
        if error.errno not in CANNOT_FLUSH:
            raise
        note_missing(DiskFeature.FLUSHING, error)


def set_mode(file: int | Path, mode: int) -> None:
    """Give an open file, or a path, this mode, where file system and owner allow it."""
    try:
        os.chmod(file, mode)  # noqa: PTH101 (also for a descriptor)
    except OSError as error:
        note_missing(DiskFeature.PRIVACY, error)


def make_folder(folder: Path, *, mode: int = 0o700) -> None:
    """Make a folder, and those above it; the mode of all holds whatever the umask is. FileExistsError, OSError."""
    for above in reversed(folder.parents):
        if not above.is_dir():
            above.mkdir(mode=mode, exist_ok=True)
            set_mode(above, mode)
            sync_folder(above.parent)
    folder.mkdir(mode=mode)
    set_mode(folder, mode)
    sync_folder(folder.parent)


def ensure_folder(folder: Path) -> None:
    """Make a private folder, and those above it, unless it is there. OSError."""
    if not folder.is_dir():
        with suppress(FileExistsError):  # somebody was faster
            make_folder(folder)


def changed(path: Path) -> int:
    """When a regular file was last changed, in nanoseconds since 1970; 0 when there is no such file."""
    try:
        found = path.stat()
    except OSError:
        return 0
    return found.st_mtime_ns if S_ISREG(found.st_mode) else 0


def read_regular(path: Path) -> bytes:
    """All bytes of a regular file; OSError, also for what would never end, such as a named pipe or a device."""
    fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(fd, "rb") as file:  # noqa: PTH123 (a descriptor)
        if not S_ISREG(os.fstat(fd).st_mode):
            raise OSError(errno.EINVAL, f"{path.name} is no regular file")
        return file.read()


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
            set_mode(fd, mode)
            write_all(fd, data, 0)
            os.fsync(fd)
        finally:
            os.close(fd)
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)
