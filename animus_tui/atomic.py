"""Files and folders that are on disk when a call returns, and never half written under their own name.

A file system may lack locks, private modes, or folders that can be flushed: everything else works there, and the user
is told once.
"""

from __future__ import annotations

import errno
import logging
import os
import sys
from contextlib import suppress
from enum import Enum
from stat import S_IMODE, S_ISREG
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

log = logging.getLogger(__name__)

CANNOT_FLUSH = (errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP, errno.EPERM, errno.EACCES)
"""How file systems answer that do not know how to flush a folder, or a folder that may be written but not read."""


class DiskFeature(Enum):
    """Something that is used where it exists; its value is what the user is told where it does not."""

    LOCKS = "Conversations cannot be locked here ({reason}): do not write the same one in two windows at the same time."
    PRIVACY = (
        "This disk does not keep files private ({reason}): other users may be able to read conversations."
    )
    FLUSHING = "This disk cannot flush folders ({reason}): a power cut may cost the newest messages."


_missing: dict[DiskFeature, str] = {}
_told: set[DiskFeature] = set()


def note_missing(feature: DiskFeature, error: OSError) -> None:
    """Note that the file system lacks a feature; the first time it is a warning in the log."""
    if feature not in _missing:
        _missing[feature] = feature.value.format(reason=error.strerror or error)
        log.warning("%s", _missing[feature])


def new_notices() -> list[str]:
    """A sentence for each missing feature that this function has not returned before."""
    new = [feature for feature in _missing if feature not in _told]
    _told.update(new)
    return [_missing[feature] for feature in new]


def write_all(fd: int, data: bytes, offset: int) -> None:
    """Write all of `data` at `offset` of an open file; OSError when the disk takes only a part."""
    left = memoryview(data)
    while left:
        step = os.pwrite(fd, left, offset)
        if step == 0:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        left, offset = left[step:], offset + step


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
    """Give an open file, or a path, this mode, where file system and owner allow it.

    One that has it is left alone: its time of change is one of the marks by which others see that it is another.
    """
    try:
        if S_IMODE(os.stat(file).st_mode) != mode:  # noqa: PTH116 (also for a descriptor)
            os.chmod(file, mode)  # noqa: PTH101 (the same)
    except OSError as error:
        note_missing(DiskFeature.PRIVACY, error)


def make_folder(folder: Path) -> None:
    """Make a private folder, and those above it, whatever the umask is. FileExistsError, OSError."""
    ensure_folder(folder.parent)
    folder.mkdir(mode=0o700)
    set_mode(folder, 0o700)
    sync_folder(folder.parent)


def ensure_folder(folder: Path) -> None:
    """Make a private folder, and those above it, unless it is there. OSError."""
    if not folder.is_dir():
        with suppress(FileExistsError):  # somebody was faster
            make_folder(folder)


def changed(path: Path | str) -> int:
    """When a regular file was last changed, in nanoseconds since 1970; 0 when there is no such file."""
    try:
        found = os.stat(path)  # noqa: PTH116 (thousands are looked at, and a Path for each would take longer)
    except OSError:
        return 0
    return found.st_mtime_ns if S_ISREG(found.st_mode) else 0


def read_regular(path: Path | str, most: int = sys.maxsize) -> bytes:
    """The bytes of a regular file, at most the first `most` of them.

    OSError, also for what would never end, such as a named pipe or a device.
    """
    fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:  # a file object takes 9 µs in place of 5 for a short file, and there are thousands
        found = os.fstat(fd)
        if not S_ISREG(found.st_mode):
            raise OSError(errno.EINVAL, "this is no regular file")
        pieces, left = list[bytes](), most
        while left and (piece := os.read(fd, min(left, found.st_size + 1))):
            pieces.append(piece)
            left -= len(piece)
        return b"".join(pieces)
    finally:
        os.close(fd)


def remove_leftovers(*folders: Path) -> None:
    """Delete what a crash in `write_atomically` left in these folders. Nobody may be writing in them. OSError."""
    for folder in folders:
        for path in folder.glob(".*.tmp"):
            path.unlink()


def new_file(path: Path, mode: int) -> int:
    """Open an empty file in place of whatever has the name; the mode holds whatever the umask is. OSError."""
    path.unlink(missing_ok=True)
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    set_mode(fd, mode)
    return fd


def write_atomically(path: Path, data: bytes, *, mode: int = 0o600, is_durable: bool = True) -> None:
    """Write a whole file through a temporary one beside it: readers see the old bytes or the new ones.

    The mode holds whatever the umask is. One writer at a time; what a crash left behind is overwritten. Without
    `is_durable` nobody waits until it is on the disk, and a power cut may leave anything. OSError.
    """
    temporary = path.with_name(f".{path.name}.tmp")
    fd = new_file(temporary, mode)
    try:
        try:
            write_all(fd, data, 0)
            if is_durable:
                os.fsync(fd)
        finally:
            os.close(fd)
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    if is_durable:
        sync_folder(path.parent)


def give_name(whole: Path, target: Path) -> None:
    """Let a whole file have its name, unless there is something of that name. FileExistsError, OSError."""
    try:
        target.hardlink_to(whole)
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        if os.path.lexists(target):
            raise FileExistsError(target) from None
        whole.rename(target)
