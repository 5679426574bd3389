"""Deleted conversations: `trash/<id>` in the data directory, emptied 30 days after each was deleted.

Deleting and restoring are one rename each, so that a conversation is always whole in one of the two places. When it was
deleted stands in a file in its folder, written before the rename.
"""

from __future__ import annotations

import logging
import os
import shutil
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from animus_tui.atomic import ensure_folder, read_regular, sync_folder, write_atomically
from animus_tui.chat.messages import Conversation, new_id, now
from animus_tui.chat.storage.conversation_folder import (
    ReadOnlyError,
    disk_error,
    lock_folder,
)
from animus_tui.chat.storage.description import change_description, read_or_renew
from animus_tui.chat.storage.store import ID, ConversationStore
from animus_tui.errors import StoreError, UserError
from animus_tui.first_frame import forget

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

log = logging.getLogger(__name__)

TRASH = "trash"
KEPT_FOR = timedelta(days=30)
"""How long a deleted conversation can be restored."""
DELETED = "deleted"
"""The file in a deleted conversation's folder that says when it was deleted: ISO 8601 UTC."""
EMPTYING = ".emptied-"
"""Begins the name of a deleted conversation that is being removed for good."""
RESTORED = " (restored)"
"""Behind the title of a conversation that was restored under another id."""
OPEN_ELSEWHERE = "This conversation is open in another window. Close it there first."


class DeletedConversation(Struct, frozen=True):
    """One conversation in the trash."""

    conversation: Conversation
    deleted: str
    """When it was deleted: ISO 8601 UTC."""


class Trash:
    """Deletes and restores conversations that are not open in this process. Everything here waits for the disk."""

    def __init__(self, root: Path) -> None:
        """`root` is the data directory."""
        self._store = ConversationStore(root)
        self._conversations = root / "conversations"
        self._trash = root / TRASH

    def delete(self, conversation_id: str) -> None:
        """Move a conversation to the trash. UsageError; UserError when it is open somewhere; StoreError."""
        folder = self._store.folder(conversation_id)
        target = self._trash / conversation_id
        try:
            with _kept_from_writing(folder):
                ensure_folder(self._trash)
                if target.exists():  # one of the same id that was deleted before: it can still be restored
                    target.rename(self._trash / new_id())
                write_atomically(folder / DELETED, f"{now()}\n".encode())
                folder.rename(target)
            forget(self._store.root)  # it may show this one
            sync_folder(self._trash)
            sync_folder(self._conversations)
        except OSError as error:
            raise disk_error("The conversation could not be deleted", folder, error) from error

    def restore(self, conversation_id: str) -> Conversation:
        """Move a conversation back from the trash; returns its description.

        Where there is one of the same id again, such as an import, it gets another id and a title that says so.
        UserError when it is not in the trash any more; StoreError.
        """
        folder, target = self._trash / conversation_id, self._conversations / conversation_id
        if not ID.fullmatch(conversation_id) or not folder.is_dir():
            raise UserError("This conversation is no longer in the trash.")
        try:
            if target.exists():
                target = self._conversations / new_id()
                change_description(folder, partial(_restored, conversation_id=target.name))
            ensure_folder(self._conversations)
            folder.rename(target)
            (target / DELETED).unlink(missing_ok=True)
            sync_folder(self._conversations)
            sync_folder(self._trash)
            return read_or_renew(target, writable=False)
        except OSError as error:
            raise disk_error("The conversation could not be restored", folder, error) from error

    def deleted(self) -> list[DeletedConversation]:
        """The conversations in the trash, the one deleted last first. StoreError."""
        found = []
        for folder in self._folders_in_trash():
            try:
                conversation = read_or_renew(folder, writable=False)
            except OSError:  # it was restored or removed meanwhile
                continue
            found.append(DeletedConversation(conversation, _deleted_at(folder)))
        return sorted(found, key=lambda each: each.deleted, reverse=True)

    def remove(self, conversation_id: str) -> None:
        """Remove a deleted conversation for good. UserError when it is not in the trash any more; StoreError."""
        folder = self._trash / conversation_id
        if not ID.fullmatch(conversation_id) or not folder.is_dir():
            raise UserError("This conversation is no longer in the trash.")
        try:
            self._remove(folder)
        except OSError as error:
            raise disk_error("The conversation could not be removed", folder, error) from error

    def empty_old(self) -> int:
        """Remove what was deleted 30 days ago or longer, and what a crash left; returns how many were removed.

        What cannot be removed is only logged.
        """
        self._remove_leftovers()
        count = 0
        latest = datetime.now(UTC) - KEPT_FOR
        for folder in self._folders_in_trash():
            try:
                if not (folder / DELETED).is_file():  # put there by hand: its time begins now
                    write_atomically(folder / DELETED, f"{now()}\n".encode())
                elif datetime.fromisoformat(_deleted_at(folder)) < latest:
                    self._remove(folder)
                    count += 1
            except (OSError, ValueError, TypeError) as error:
                log.warning("%s cannot be removed: %s", folder, error)
        return count

    def _remove(self, folder: Path) -> None:
        """Delete a folder, renamed first, so that nobody finds it half deleted."""
        gone = self._trash / f"{EMPTYING}{new_id()}"
        folder.rename(gone)
        shutil.rmtree(gone, ignore_errors=True)

    def _remove_leftovers(self) -> None:
        with suppress(OSError):
            for gone in self._trash.glob(f"{EMPTYING}*"):
                shutil.rmtree(gone, ignore_errors=True)

    def _folders_in_trash(self) -> list[Path]:
        try:
            return [
                folder
                for folder in self._trash.iterdir()
                if ID.fullmatch(folder.name) and folder.is_dir() and not folder.is_symlink()
            ]
        except FileNotFoundError:
            return []
        except OSError as error:
            raise disk_error("The trash could not be read", self._trash, error) from error


@contextmanager
def _kept_from_writing(folder: Path) -> Iterator[None]:
    """Hold the lock of a conversation. UserError when another process has it; OSError."""
    try:
        lock = lock_folder(folder)
    except ReadOnlyError as error:
        raise (UserError(OPEN_ELSEWHERE) if error.is_elsewhere else StoreError(str(error))) from error
    try:
        yield
    finally:
        if lock is not None:
            os.close(lock)


def _restored(conversation: Conversation, conversation_id: str) -> Conversation:
    """The description of a conversation that is restored under another id."""
    title = conversation.title.removesuffix(RESTORED) + RESTORED
    return replace(conversation, id=conversation_id, title=title.strip())


def _deleted_at(folder: Path) -> str:
    """The time at which a conversation was deleted; that of its folder where no file has it."""
    try:
        text = read_regular(folder / DELETED).decode(errors="replace").strip()
        return datetime.fromisoformat(text).astimezone(UTC).isoformat()
    except (OSError, ValueError, OverflowError):
        with suppress(OSError):
            return datetime.fromtimestamp(folder.stat().st_mtime, UTC).isoformat()
        return now()
