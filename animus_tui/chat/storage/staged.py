"""A new conversation that is built in a folder with a temporary name, and then renamed.

What a killed process left is removed when the next conversation is built.
"""

from __future__ import annotations

import logging
import os
import shutil
import time
from typing import TYPE_CHECKING, Self

from msgspec.structs import replace

from animus_tui.atomic import ensure_folder, make_folder, read_regular, sync_folder, write_atomically
from animus_tui.chat.messages import new_id
from animus_tui.chat.storage.conversation_folder import (
    HISTORY,
    IMAGES,
    ReadOnlyError,
    disk_error,
    is_unlocked,
    lock_folder,
    picture_name,
)
from animus_tui.chat.storage.description import DESCRIPTION, write_description
from animus_tui.chat.storage.summary import read_summary
from animus_tui.errors import StoreError, UsageError

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from animus_tui.chat.messages import Conversation

log = logging.getLogger(__name__)

PREFIX = ".staged-"
"""The temporary name begins so; no id begins with a dot."""

LEAST_AGE = 60
"""Seconds since the last change of a folder that is taken for a leftover: before, its lock may be yet to be taken."""


class StagedConversation:
    """The folder of a conversation that is being built; leaving the `with` block removes it unless it is finished."""

    def __init__(self, conversations: Path, conversation_id: str) -> None:
        """`conversations` is the folder of all of them, which is there."""
        self._final = conversations / conversation_id
        self._folder = conversations / f"{PREFIX}{new_id()}"
        self._lock: int | None = None

    def __enter__(self) -> Self:
        """UsageError when there is such a conversation already; StoreError."""
        try:
            _remove_leftovers(self._final.parent)
            if self._final.exists():
                raise self._taken
            make_folder(self._folder)
            self._lock = lock_folder(self._folder)
        except ReadOnlyError as error:
            raise StoreError(str(error)) from error
        except OSError as error:
            raise disk_error("The conversation could not be created", self._final.parent, error) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)  # has another name once it is finished
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    @property
    def _taken(self) -> UsageError:
        return UsageError(f"There is a conversation “{self._final.name}” in {self._final.parent} already.")

    def write_image(self, data: bytes, suffix: str) -> str:
        """Keep the bytes of a picture; returns the path below the folder, named after its bytes.

        ValueError when `suffix` is none of a picture; StoreError.
        """
        relative = f"{IMAGES}/{picture_name(data, suffix)}"
        self.write_file(relative, data)
        return relative

    def write_file(self, relative: str, data: bytes) -> bool:
        """Keep a file at a path below `images/` that an entry names; False for another path. StoreError."""
        folder, _, name = relative.partition("/")
        if folder != IMAGES or not name or "/" in name or name.startswith(".") or "\0" in name:
            return False
        path = self._folder / IMAGES / name
        try:
            ensure_folder(path.parent)
            if not path.exists():
                write_atomically(path, data)
        except OSError as error:
            raise disk_error("The picture could not be saved", self._final.parent, error) from error
        return True

    def link_file(self, source: Path) -> None:
        """Keep a file of another conversation's `images/` under its name: by a second name, else by a copy.

        Nobody changes such a file. One that is gone or is no file is left out. StoreError.
        """
        if source.name.startswith(".") or source.is_symlink() or not source.is_file():
            return
        path = self._folder / IMAGES / source.name
        try:
            ensure_folder(path.parent)
            try:
                path.hardlink_to(source)
            except FileNotFoundError:
                return
            except OSError:  # the file system knows no second names
                write_atomically(path, read_regular(source))
        except OSError as error:
            raise disk_error("The picture could not be saved", self._final.parent, error) from error

    def finish(self, conversation: Conversation, history: bytes, *, used: float | None = None) -> None:
        """Write history and description, and rename the folder to its id. UsageError when that is taken; StoreError.

        `history` is the content of the file. `used`: when it was used last, in seconds since 1970, for the order in
        which conversations are listed.
        """
        try:
            if (images := self._folder / IMAGES).is_dir():
                sync_folder(images)
            write_atomically(self._folder / HISTORY, history)
            summary = read_summary(self._folder / HISTORY)
            write_description(self._folder, replace(conversation, summary=summary))
            if used is not None:
                for name in (HISTORY, DESCRIPTION):
                    os.utime(self._folder / name, (used, used))
            if self._final.exists():
                raise self._taken
            self._folder.rename(self._final)
            sync_folder(self._final.parent)
        except FileExistsError as error:
            raise self._taken from error
        except (OSError, OverflowError) as error:
            reason = error if isinstance(error, OSError) else OSError(str(error))
            raise disk_error("The conversation could not be created", self._final.parent, reason) from error


def _remove_leftovers(conversations: Path) -> None:
    """Delete what killed processes left; a folder that is in use is locked, or has just been made."""
    for folder in conversations.glob(f"{PREFIX}*"):
        if folder.is_symlink() or not folder.is_dir() or time.time() - folder.stat().st_mtime < LEAST_AGE:
            continue
        if is_unlocked(folder):
            log.warning("%s is removed: its import never ended", folder)
            shutil.rmtree(folder, ignore_errors=True)
