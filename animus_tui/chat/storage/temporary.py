"""Temporary conversations: kept in a private folder in memory, where the system has one, that goes with them.

What a process left that was killed goes at the next start of any other one. The folder is locked for as long as its
process lives.
"""

from __future__ import annotations

import fcntl
import logging
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from animus_tui.chat.storage.conversation import disk_error
from animus_tui.chat.storage.store import ConversationStore

if TYPE_CHECKING:
    from collections.abc import Iterator

    from animus_tui.chat.messages import Conversation
    from animus_tui.chat.storage.conversation import StoredConversation

log = logging.getLogger(__name__)

PREFIX = "animus-chat-temporary-"
_NEW = f"new-{PREFIX}"
"""How a folder is called until it is locked."""
SHARED_MEMORY = "/dev/shm"  # noqa: S108 (a folder of mode 0700 is made in it)
MOUNTS = Path("/proc/self/mounts")
IN_MEMORY = ("tmpfs", "ramfs")
ON_DISK = (
    "There is no folder in memory here, so the temporary conversation is in {folder} until you leave it."
)


class TemporaryStore:
    """The temporary conversations of this process. Nothing is created before the first one is."""

    def __init__(self) -> None:
        self._root: Path | None = None
        self._lock = -1

    def create(self, conversation: Conversation) -> StoredConversation:
        """Begin a temporary conversation. StoreError."""
        try:
            root = self._root or self._create_root()
        except OSError as error:
            where = Path(tempfile.gettempdir())
            raise disk_error("The temporary conversation could not be created", where, error) from error
        return ConversationStore(root).create(conversation)

    def holds(self, stored: StoredConversation) -> bool:
        """Whether a conversation is one of these."""
        return self._root is not None and stored.folder.is_relative_to(self._root)

    def notice(self) -> str | None:
        """What to tell where a temporary conversation is not kept in memory."""
        if self._root is None or _is_in_memory(self._root):
            return None
        return ON_DISK.format(folder=self._root)

    def remove(self, stored: StoredConversation) -> None:
        """Remove what a closed conversation was kept in."""
        _remove(stored.folder)

    def close(self) -> None:
        """Remove all of it."""
        if self._root is not None:
            _remove(self._root)
            os.close(self._lock)
            self._root = None

    def _create_root(self) -> Path:
        """A folder that nobody else may look into, locked by this process."""
        folder = next((each for each in _folders() if _is_in_memory(each)), Path(tempfile.gettempdir()))
        new = Path(tempfile.mkdtemp(prefix=_NEW, dir=folder))
        lock = os.open(new / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        with suppress(
            OSError
        ):  # a file system without locks: then nobody takes the folder for an abandoned one
            fcntl.flock(lock, fcntl.LOCK_EX)
        self._root, self._lock = new.with_name(new.name.removeprefix("new-")), lock
        new.rename(self._root)
        return self._root


def remove_abandoned() -> None:
    """Remove what killed processes of this user left; for a thread."""
    for folder in _folders():
        with suppress(OSError):
            for path in [*folder.glob(f"{PREFIX}*")]:
                with suppress(OSError):  # one that cannot be looked at does not keep the others
                    _remove_if_abandoned(path)


def _remove_if_abandoned(path: Path) -> None:
    if path.is_symlink() or path.stat().st_uid != os.getuid():
        return
    lock = os.open(path / "lock", os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _remove(path)
    except OSError:  # its process lives, or nothing can be locked there
        return
    finally:
        os.close(lock)


def _folders() -> Iterator[Path]:
    """Where temporary conversations may be, the best place first."""
    names = (os.environ.get("XDG_RUNTIME_DIR", ""), SHARED_MEMORY, tempfile.gettempdir())
    for name in dict.fromkeys(names):
        if Path(name).is_absolute() and os.access(name, os.W_OK | os.X_OK):
            yield Path(name)


def _is_in_memory(folder: Path) -> bool:
    """Whether the kernel keeps the files below a folder in memory; False where it does not tell (macOS)."""
    try:
        lines = MOUNTS.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return False
    mounts = [line.split(" ")[1:3] for line in lines if line.count(" ") > 2]
    around = [(place, kind) for place, kind in mounts if folder.is_relative_to(place)]
    return bool(around) and max(around, key=lambda mount: len(mount[0]))[1] in IN_MEMORY


def _remove(folder: Path) -> None:
    try:
        shutil.rmtree(folder)
    except FileNotFoundError:
        return
    except OSError as error:
        log.warning("%s could not be removed: %s", folder, error)
