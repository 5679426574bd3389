"""Who writes a conversation: the one process, and in it the one object, that holds the lock on its folder."""

from __future__ import annotations

import fcntl
import os
from errno import EACCES, EPERM, EROFS
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

FORBIDDEN = (EACCES, EPERM, EROFS)


class NotTheWriterError(Exception):
    """The folder can only be read; `str()` is one sentence that says why and what to do."""


def lock_folder(folder: Path) -> int:
    """Take the lock and return its file descriptor: closing it, also by dying, gives the lock back.

    NotTheWriterError when another one has it or when the folder may not be written; OSError when the disk refuses.
    """
    fd = -1
    try:
        fd = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.fchmod(fd, 0o600)
        folder.chmod(0o700)
    except OSError as error:
        if fd >= 0:
            os.close(fd)
        if isinstance(error, BlockingIOError):
            reason = "This conversation is open in another window, so it can only be read here."
        elif error.errno in FORBIDDEN:
            reason = f"{folder} may not be written, so this conversation can only be read."
        else:
            raise
        raise NotTheWriterError(f"{reason} Start a new one to go on.") from error
    return fd
