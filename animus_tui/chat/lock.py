"""Who writes a conversation: the one process, and in it the one object, that holds the lock on its folder."""

from __future__ import annotations

import fcntl
import os
from errno import EACCES, EPERM, EROFS
from typing import TYPE_CHECKING

from animus_tui.atomic import set_mode
from animus_tui.disk_features import DiskFeature, note_missing

if TYPE_CHECKING:
    from pathlib import Path

FORBIDDEN = (EACCES, EPERM, EROFS)
ELSEWHERE = (
    "This conversation is open in another window, so it can only be read here. Start a new one to go on."
)


class NotTheWriterError(Exception):
    """The folder can only be read; `str()` is one sentence that says why and what to do."""

    def __init__(self, sentence: str, *, is_elsewhere: bool = False) -> None:
        super().__init__(sentence)
        self.is_elsewhere = is_elsewhere
        """Another one writes it, and may end."""


def may_not_be_written(folder: Path) -> NotTheWriterError:
    """What a folder that may only be read means for its conversation."""
    return NotTheWriterError(
        f"{folder} may not be written, so this conversation can only be read. Start a new one to go on."
    )


def lock_folder(folder: Path) -> int | None:
    """Take the lock and return its file descriptor: closing it, also by dying, gives the lock back.

    None where the file system knows no locks, or the file of the lock cannot be used: then nobody is kept from
    writing. NotTheWriterError when another one has it or when the folder may not be written; OSError: no such folder.
    """
    fd = -1
    try:
        fd = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if fd >= 0:
            os.close(fd)
        if isinstance(error, BlockingIOError):
            raise NotTheWriterError(ELSEWHERE, is_elsewhere=True) from error
        if isinstance(error, FileNotFoundError | NotADirectoryError):
            raise
        if error.errno in FORBIDDEN and not os.access(folder, os.W_OK | os.X_OK):
            raise may_not_be_written(folder) from error
        note_missing(DiskFeature.LOCKS, error)
        return None
    set_mode(fd, 0o600)
    set_mode(folder, 0o700)
    return fd


def is_unlocked(folder: Path) -> bool:
    """Whether nobody has the lock at this moment."""
    try:
        fd = lock_folder(folder)
    except (NotTheWriterError, OSError):
        return False
    if fd is not None:
        os.close(fd)
    return True
