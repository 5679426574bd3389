"""The folder of a conversation: the lock that its only writer holds, and its description, `conversation.json`."""

from __future__ import annotations

import fcntl
import logging
import os
from errno import EACCES, EPERM, EROFS
from typing import TYPE_CHECKING, Any

import msgspec

from animus_tui.atomic import DiskFeature, note_missing, read_regular, set_mode, write_atomically
from animus_tui.chat.messages import Conversation
from animus_tui.errors import UserError

if TYPE_CHECKING:
    from pathlib import Path

log = logging.getLogger(__name__)

DESCRIPTION = "conversation.json"
FORBIDDEN = (EACCES, EPERM, EROFS)
ELSEWHERE = (
    "This conversation is open in another window, so it can only be read here. Start a new one to go on."
)


class ReadOnlyError(UserError):
    """The folder of a conversation can only be read."""

    def __init__(self, sentence: str, *, is_elsewhere: bool = False) -> None:
        super().__init__(sentence)
        self.is_elsewhere = is_elsewhere
        """Another one writes it, and may end."""


def may_not_be_written(folder: Path) -> ReadOnlyError:
    """What a folder that may only be read means for its conversation."""
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


def is_unlocked(folder: Path) -> bool:
    """Whether nobody has the lock at this moment."""
    try:
        fd = lock_folder(folder)
    except (ReadOnlyError, OSError):
        return False
    if fd is not None:
        os.close(fd)
    return True


def read_description(folder: Path) -> Conversation:
    """The description in a conversation's folder, whose name is the id; OSError, ValueError when it is damaged."""
    fields = msgspec.json.decode(read_regular(folder / DESCRIPTION), type=dict[str, Any])
    fields["id"] = folder.name
    try:
        return msgspec.convert(fields, Conversation)
    except msgspec.ValidationError:
        # What is remembered for pictures is worth less than the title.
        return msgspec.convert(fields | {"pictures": {}}, Conversation)


def write_description(folder: Path, conversation: Conversation) -> None:
    """Write the description whole; OSError."""
    write_atomically(folder / DESCRIPTION, msgspec.json.format(msgspec.json.encode(conversation)) + b"\n")


def read_or_renew(folder: Path, *, writable: bool) -> Conversation:
    """The description; an empty one when it is missing or cannot be read, and then it is kept beside the new one.

    A description that can neither be read nor written is only logged: the messages are worth more. OSError: no folder.
    """
    path = folder / DESCRIPTION
    try:
        return read_description(folder)
    except FileNotFoundError:
        folder.stat()
    except (OSError, ValueError) as error:
        log.warning("%s cannot be read: %s", path, error)
        if writable:
            try:
                path.replace(path.with_name(f"{DESCRIPTION}.damaged-{path.lstat().st_mtime_ns}"))
            except OSError as refused:
                log.warning("%s cannot be kept: %s", path, refused)
                return Conversation(id=folder.name)
    conversation = Conversation(id=folder.name)
    if writable:
        try:
            write_description(folder, conversation)
        except OSError as error:
            log.warning("%s cannot be written: %s", path, error)
    return conversation
