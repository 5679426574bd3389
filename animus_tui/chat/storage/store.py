"""Conversations on disk, one folder each: description, history and pictures."""

from __future__ import annotations

import logging
import os
import shutil
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from animus_tui.atomic import changed, make_folder, read_regular, set_mode, write_atomically
from animus_tui.chat.messages import new_id, now
from animus_tui.chat.storage.conversation import StoredConversation
from animus_tui.chat.storage.conversation_folder import HISTORY, IMAGES, disk_error, has_requests
from animus_tui.chat.storage.description import (
    DESCRIPTION,
    change_description,
    read_description,
    read_or_renew,
    write_description,
)
from animus_tui.chat.storage.history import read_messages
from animus_tui.chat.storage.history_format import layout
from animus_tui.chat.storage.staged import StagedConversation
from animus_tui.chat.storage.summary import read_summary
from animus_tui.errors import UsageError
from animus_tui.late_pattern import late_pattern

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from animus_tui.chat.messages import ChatMessage, Conversation

log = logging.getLogger(__name__)

ID = late_pattern(r"[0-9A-Za-z][0-9A-Za-z._-]{0,99}")
LAST = "last-conversation"
"""A file with the id of the conversation that the application used last; without it all of them are looked at."""
FORKED = " (fork)"
"""Behind the title of a conversation that was forked."""
PICTURE_FILE = late_pattern(rb'"images/([^"/\\]+)"')
"""The name of a picture's file in an entry; within a text the quotation marks would be escaped."""
ATTEMPTS = 5
"""How often a history is copied that another process changes meanwhile."""
MOST_NAMED = 5
"""Conversations that an ambiguous beginning of an id is answered with."""
MOST_UNUSED = 4 << 20
"""Bytes up to which a history may be nothing but a greeting with its versions."""
SHOWN_LENGTH = 40
"""Characters of a refused id that the sentence shows."""


class ConversationStore:
    """All conversations below a data directory. Nothing is created before the first conversation is."""

    def __init__(self, root: Path) -> None:
        self.root = root
        """The data directory."""
        self._folder = root / "conversations"
        self._last = root / LAST

    def create(self, conversation: Conversation) -> StoredConversation:
        """Make a new conversation's folder and open it. UsageError when the id is bad or taken; StoreError."""
        folder = self._path(conversation.id)
        if folder.exists():
            raise UsageError(f"There is a conversation “{conversation.id}” in {self._folder} already.")
        self._make_own_folder()
        try:
            make_folder(folder)
            try:
                write_atomically(folder / HISTORY, layout([]))
                write_description(folder, conversation)
            except OSError:
                shutil.rmtree(folder, ignore_errors=True)
                raise
        except OSError as error:
            raise disk_error("The conversation could not be created", self._folder, error) from error
        return StoredConversation(folder)

    def staged(self, conversation_id: str) -> StagedConversation:
        """A new conversation, built in a `with` block; the others see it, whole, once it is finished.

        UsageError when the id is none; StoreError.
        """
        self._path(conversation_id)
        self._make_own_folder()
        return StagedConversation(self._folder, conversation_id)

    def has(self, conversation_id: str) -> bool:
        """Whether there is a conversation with this id."""
        return ID.fullmatch(conversation_id) is not None and (self._folder / conversation_id).is_dir()

    def fork(self, source: StoredConversation, lines: Sequence[bytes]) -> str:
        """Create a conversation with entries of another one and their pictures; returns its id. StoreError.

        It is created whole or not at all. May run in a thread.
        """
        former = source.conversation
        title = former.title.removesuffix(FORKED) + FORKED if former.title else ""
        new = {"id": new_id(), "title": title, "created": now(), "headless": False}
        conversation = replace(former, **new, pinned=False, archived=False, summary=None)
        names = {name for line in lines for name in PICTURE_FILE.findall(line)}
        with self.staged(conversation.id) as staged:
            for name in sorted(names):
                staged.link_file(source.folder / IMAGES / name.decode(errors="replace"))
            staged.finish(conversation, layout(lines))
        return conversation.id

    def change(self, conversation_id: str, change: Callable[[Conversation], Conversation]) -> Conversation:
        """Change a description, also while another process writes the messages. UsageError, StoreError."""
        folder = self.folder(conversation_id)
        try:
            return change_description(folder, change)
        except OSError as error:
            raise disk_error("The conversation could not be changed", folder, error) from error

    def duplicate(self, conversation_id: str) -> str:
        """Copy a conversation and return the id of the copy. UsageError, StoreError.

        The copy is made under another name and gets its own when it is complete.
        """
        source, name = self.folder(conversation_id), new_id()
        try:
            history, used = _unchanged(source / HISTORY)
            described = read_or_renew(source, writable=False)
            pictures = list((source / IMAGES).iterdir()) if (source / IMAGES).is_dir() else []
        except OSError as error:
            raise disk_error("The conversation could not be copied", source, error) from error
        title = f"{described.title} (copy)" if described.title else ""
        with self.staged(name) as staged:
            for picture in pictures:
                staged.link_file(picture)
            copy = replace(described, id=name, title=title, pinned=False, headless=False)
            staged.finish(copy, history, used=used)
        return name

    def open(self, conversation_id: str, *, tail_first: bool = False) -> StoredConversation:
        """Open a conversation, read-only when another process writes it. UsageError when there is none; StoreError.

        `tail_first`: a long history is not read before somebody asks for more than its end.
        """
        return StoredConversation(self.folder(conversation_id), tail_first=tail_first)

    def read_messages(self, conversation: Conversation) -> list[ChatMessage]:
        """The messages of a conversation, oldest first, without opening it; none when they cannot be read."""
        try:
            return read_messages(read_regular(self._path(conversation.id) / HISTORY), conversation.created)
        except OSError:
            return []

    def folder(self, conversation_id: str) -> Path:
        """The folder of a conversation. UsageError when there is none."""
        folder = self._path(conversation_id)
        if folder.is_symlink() or not folder.is_dir():
            raise self._unknown(conversation_id)
        return folder

    def latest(self) -> str | None:
        """The id of the conversation that was used last in the application, or else of the newest one of a command.

        None when there is none. StoreError.
        """
        try:
            noted = read_regular(self._last).decode(errors="replace").strip()
        except OSError:
            noted = ""
        if ID.fullmatch(noted) and self.used(self._folder / noted):
            return noted
        of_command = None
        for _, name in sorted(self._uses(), reverse=True):
            if not _is_headless(self._folder / name):
                return name
            of_command = of_command or name
        return of_command

    def newest(self) -> str | None:
        """The id of the conversation that was used last, by whatever; None when there is none. StoreError."""
        used = max(self._uses(), default=None)
        return used[1] if used else None

    def note_last(self, conversation_id: str) -> None:
        """The application uses this conversation now. A disk that refuses is only logged."""
        note = f"{conversation_id}\n".encode()
        try:
            if not self._last.is_file() or self._last.read_bytes() != note:
                write_atomically(self._last, note)
        except OSError as error:
            log.warning("%s cannot be written: %s", self._last, error)

    def is_unused(self, conversation_id: str) -> bool:
        """Whether a conversation has only a greeting, and no picture was asked for; a long history is not read."""
        history = self._path(conversation_id) / HISTORY
        if has_requests(history.parent):
            return False
        try:
            size = history.lstat().st_size
            if size <= len(layout([])) or size > MOST_UNUSED:
                return size <= len(layout([]))
            summary = read_summary(history)
        except OSError:
            return False
        return summary is not None and summary.only_greeting

    def find(self, beginning: str) -> str:
        """The id that is this, or begins so. UsageError when there is none or several; StoreError."""
        folder = self._path(beginning)
        if folder.is_dir():
            return beginning
        found = [name for _, name in sorted(self._uses(), reverse=True) if name.startswith(beginning)]
        if not found:
            raise self._unknown(beginning)
        if len(found) > 1:
            more = f" and {len(found) - MOST_NAMED} more" if len(found) > MOST_NAMED else ""
            named = ", ".join(map(self._named, found[:MOST_NAMED]))
            raise UsageError(
                f"Several conversations begin with “{beginning}”: {named}{more}. Give more of the id."
            )
        return found[0]

    def _named(self, conversation_id: str) -> str:
        try:
            title = read_description(self._folder / conversation_id).title
        except (OSError, ValueError):
            title = ""
        return f"{conversation_id} (“{title}”)" if title else conversation_id

    def _unknown(self, conversation_id: str) -> UsageError:
        return UsageError(f"There is no conversation “{conversation_id}” in {self._folder}.")

    def _make_own_folder(self) -> None:
        """Make the folder of all conversations, private, unless it is there. StoreError."""
        try:
            if not self._folder.is_dir():
                make_folder(self._folder)
            elif self._folder.stat().st_mode & 0o077:
                set_mode(self._folder, 0o700)
        except OSError as error:
            raise disk_error("The conversation could not be created", self._folder, error) from error

    def _path(self, conversation_id: str) -> Path:
        if not ID.fullmatch(conversation_id):
            shown = conversation_id[:SHOWN_LENGTH] + "…" * (len(conversation_id) > SHOWN_LENGTH)
            raise UsageError(f"{shown!r} is not the id of a conversation: letters, digits, “.”, “_” and “-”.")
        return self._folder / conversation_id

    def _uses(self) -> Iterator[tuple[int, str]]:
        """The time of the last message of every conversation, in nanoseconds, and its id. StoreError."""
        for name in conversation_ids(self._folder):
            folder = f"{self._folder}/{name}"  # a path takes longer than the look
            if used := changed(f"{folder}/{HISTORY}") or changed(f"{folder}/{DESCRIPTION}"):
                yield used, name

    def named_folders(self) -> list[Path]:
        """The folders of all conversations; nothing in them is read. StoreError."""
        return [self._folder / name for name in conversation_ids(self._folder)]

    def used(self, folder: Path) -> int:
        """The time of the last message of a conversation, in nanoseconds since 1970; 0 when the folder is none.

        A conversation without a history counts as used when its description was changed.
        """
        return 0 if folder.is_symlink() else changed(folder / HISTORY) or changed(folder / DESCRIPTION)


class FilesState(NamedTuple):
    """When a conversation's two files were changed: as long as it is the same, so is what was read of them."""

    described: int
    """Nanoseconds of the last change of the description; 0 when there is none."""
    description: int
    """Inode of the description, which is another file after each change."""
    changed: int
    """Nanoseconds of the last change of the history; 0 when there is none."""
    size: int
    """Bytes of the history."""
    history: int
    """Inode of the history."""


NO_FILES = FilesState(0, 0, 0, 0, 0)


def files_state(folder: str) -> FilesState:
    """The state of the files in a folder. There may be thousands: nothing more is asked of the disk."""
    described, _, description = _looked_at(f"{folder}/{DESCRIPTION}")
    return FilesState(described, description, *_looked_at(f"{folder}/{HISTORY}"))


def _looked_at(path: str) -> tuple[int, int, int]:
    """Nanoseconds of the last change, bytes and inode of a file; zeros when there is none."""
    try:
        found = os.stat(path)  # noqa: PTH116 (a path takes longer than the look)
    except OSError:
        return 0, 0, 0
    return found.st_mtime_ns, found.st_size, found.st_ino


def conversation_ids(folder: Path | str) -> list[str]:
    """Names of the folders in the folder of all conversations that may be ids; none when there is no folder yet.

    StoreError.
    """
    try:
        with os.scandir(folder) as entries:
            return [
                entry.name
                for entry in entries
                if ID.fullmatch(entry.name) and entry.is_dir(follow_symlinks=False)
            ]
    except FileNotFoundError:
        return []
    except OSError as error:
        what = "The conversations could not be listed"
        raise disk_error(what, folder, error, access="reading") from error


def _is_headless(folder: Path) -> bool:
    try:
        return read_description(folder).headless
    except (OSError, ValueError):
        return False


def _unchanged(history: Path) -> tuple[bytes, float]:
    """The bytes of a history that others may write, and when it was written, in seconds since 1970. OSError."""
    for _ in range(ATTEMPTS):
        before = history.stat()
        data = read_regular(history)
        after = history.stat()
        if (before.st_mtime_ns, before.st_size) == (after.st_mtime_ns, after.st_size) and (
            before.st_ino == after.st_ino
        ):
            break
    return data, after.st_mtime
