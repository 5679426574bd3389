"""The folder of one conversation: names of its files, its lock, and errors of the disk."""

from __future__ import annotations

import fcntl
import os
from errno import EACCES, EDQUOT, EFBIG, ENOSPC, EPERM, EROFS
from typing import TYPE_CHECKING

from animus_tui.atomic import DiskFeature, note_missing, set_mode
from animus_tui.errors import StoreError, UserError
from animus_tui.late_pattern import late_pattern

if TYPE_CHECKING:
    from pathlib import Path

HISTORY = "history.json"
"""Name of the file of the messages."""
IMAGES = "images"
"""Name of the folder of the pictures."""
REQUESTS = "begun"
"""Name of the folder of the pictures that were asked for and not made, one JSON file each."""
SUFFIX = late_pattern(r"\.?([0-9a-z]{1,8})")
FORBIDDEN = (EACCES, EPERM, EROFS)
ELSEWHERE = (
    "This conversation is open in another window, so it can only be read here. Start a new one to go on."
)


def disk_error(what: str, where: Path | str, error: OSError, *, access: str = "writing") -> StoreError:
    """The error for the user: what could not be done, why, and what to do; `access` is what has to be allowed."""
    if error.errno in (ENOSPC, EDQUOT, EFBIG):
        advice = "Make room there"
    elif error.errno in FORBIDDEN:
        advice = f"Allow {access} there"
    else:
        advice = "Check the folder and the disk"
    return StoreError(
        f"{what} in {where}: {error.strerror or error}. {advice}; nothing that was on the disk is lost."
    )


def picture_name(data: bytes, suffix: str) -> str:
    """The name of a picture's file: the same for the same bytes. `suffix` is `.png` or `png` and so on; ValueError."""
    import hashlib  # 5 ms of OpenSSL, for a picture

    plain = SUFFIX.fullmatch(suffix.lower())
    if plain is None:
        raise ValueError(f"{suffix!r} is not the suffix of a picture's file.")
    return f"{hashlib.sha256(data).hexdigest()}.{plain[1]}"


class ReadOnlyError(UserError):
    """The folder of a conversation can only be read."""

    def __init__(self, sentence: str, *, is_elsewhere: bool = False) -> None:
        super().__init__(sentence)
        self.is_elsewhere = is_elsewhere
        """Whether another process writes the conversation, which may end."""


def may_not_be_written(folder: Path) -> ReadOnlyError:
    """The error for a folder without write permission."""
    return ReadOnlyError(
        f"{folder} may not be written, so this conversation can only be read. Start a new one to go on."
    )


def lock_folder(folder: Path) -> int | None:
    """Take the lock and return its file descriptor: closing it, also by dying, gives the lock back.

    None where the file system knows no locks, or the file of the lock cannot be used: then nobody is kept from
    writing. ReadOnlyError when another one has it or when the folder may not be written; OSError: no such folder.
    """
    fd = -1
    try:
        fd = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if fd >= 0:
            os.close(fd)
        if isinstance(error, BlockingIOError):
            raise ReadOnlyError(ELSEWHERE, is_elsewhere=True) from error
        if isinstance(error, FileNotFoundError | NotADirectoryError):
            raise
        if error.errno in FORBIDDEN and not os.access(folder, os.W_OK | os.X_OK):
            raise may_not_be_written(folder) from error
        note_missing(DiskFeature.LOCKS, error)
        return None
    set_mode(fd, 0o600)
    set_mode(folder, 0o700)
    return fd


def has_requests(folder: Path | str) -> bool:
    """Whether a conversation has pictures that were asked for and not made."""
    try:
        with os.scandir(f"{folder}/{REQUESTS}") as files:
            return any(file.name.endswith(".json") for file in files)
    except OSError:
        return False


def is_unlocked(folder: Path) -> bool:
    """Whether nobody has the lock at this moment."""
    try:
        fd = lock_folder(folder)
    except (ReadOnlyError, OSError):
        return False
    if fd is not None:
        os.close(fd)
    return True
