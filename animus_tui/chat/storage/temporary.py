"""Temporary conversations: kept in a private folder in memory, where the system has one, that goes with them.

What a process left that was killed goes at the next start of any other one. The folder is locked for as long as its
process lives.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from animus_tui.chat.storage.conversation_folder import disk_error
from animus_tui.chat.storage.store import ConversationStore
from animus_tui.locked_folders import LockedFolder, remove_abandoned, remove_tree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from animus_tui.chat.messages import Conversation
    from animus_tui.chat.storage.conversation import StoredConversation

PREFIX = "animus-chat-temporary-"
PREVIEWS = "animus-chat-previews-"
"""Begins the name of the folder of previews of images."""
EDITED = "animus-chat-editor-"
"""Begins the name of the folder of a text that is open in the user's editor."""
SHARED_MEMORY = "/dev/shm"  # noqa: S108 (a folder of mode 0700 is made in it)
MOUNTS = Path("/proc/self/mounts")
IN_MEMORY = ("tmpfs", "ramfs")
ON_DISK = (
    "There is no folder in memory here, so the temporary conversation is in {folder} until you leave it."
)


class TemporaryStore:
    """The temporary conversations of this process. Nothing is created before the first one is."""

    def __init__(self) -> None:
        self._folder: LockedFolder | None = None

    def create(self, conversation: Conversation) -> StoredConversation:
        """Begin a temporary conversation. StoreError."""
        try:
            root = (self._folder or self._create_folder()).path
        except OSError as error:
            where = Path(tempfile.gettempdir())
            raise disk_error("The temporary conversation could not be created", where, error) from error
        return ConversationStore(root).create(conversation)

    def holds(self, stored: StoredConversation) -> bool:
        """Whether a conversation is one of these."""
        return self._folder is not None and stored.folder.is_relative_to(self._folder.path)

    def notice(self) -> str | None:
        """A sentence for the user where temporary conversations are not kept in memory; else None."""
        if self._folder is None or _is_in_memory(self._folder.path):
            return None
        return ON_DISK.format(folder=self._folder.path)

    def remove(self, stored: StoredConversation) -> None:
        """Delete the folder of a closed conversation."""
        remove_tree(stored.folder)

    def close(self) -> None:
        """Delete all temporary conversations."""
        if self._folder is not None:
            self._folder.remove()
            self._folder = None

    def _create_folder(self) -> LockedFolder:
        self._folder = private_folder(PREFIX)
        return self._folder


def private_folder(prefix: str) -> LockedFolder:
    """A new folder in memory, where the system has such a place. OSError."""
    within = next((each for each in _folders() if _is_in_memory(each)), Path(tempfile.gettempdir()))
    return LockedFolder(within, prefix)


def remove_left_texts() -> None:
    """Remove what killed processes of this user left in folders that go with their process; for a thread."""
    for folder in _folders():
        for prefix in (PREFIX, EDITED, PREVIEWS):
            remove_abandoned(folder, prefix)


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
