"""What was found in histories, kept in a file of the cache, so that the next run need not read them all again.

The file may be deleted at any time. Each conversation stands in it with the state of its files at that moment; whoever
uses it compares that with the state now, so an old entry is noticed and read anew.
"""

from __future__ import annotations

import hashlib
import logging
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from animus_tui.atomic import ensure_folder, read_regular, write_atomically
from animus_tui.chat.messages import ImageRecord

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

log = logging.getLogger(__name__)

VERSION = 1
"""Of the layout of the file; another one is not read."""


class IndexedPicture(Struct, frozen=True, array_like=True):
    """One variant of a picture in a history."""

    message_id: str
    record: ImageRecord
    variant: int
    variants: int
    is_shown: bool


class IndexedConversation(Struct, frozen=True, array_like=True):
    """What one conversation had when its files were in this state."""

    state: tuple[int, int, int, int]
    """Of the history: nanoseconds of the last change, bytes, inode; nanoseconds of the description's last change."""
    conversation_id: str
    title: str
    pictures: list[IndexedPicture]
    """Newest first."""


class _File(Struct, frozen=True, array_like=True):
    version: int
    root: str
    conversations: dict[str, IndexedConversation]
    """By the name of the folder."""


class PicturesIndex:
    """The file for one data directory. Everything here waits for the disk; what it refuses is only logged."""

    def __init__(self, folder: Path, root: Path) -> None:
        """`folder` of the cache need not exist; `root` is the data directory."""
        self._root = str(root)
        self._path = folder / f"{hashlib.sha256(self._root.encode(errors='replace')).hexdigest()[:16]}.index"

    def load(self) -> Mapping[str, IndexedConversation]:
        """The conversations by the names of their folders; none where there is no file that can be read."""
        try:
            found = msgspec.msgpack.decode(read_regular(self._path), type=_File)
        except (OSError, ValueError, RecursionError):
            return {}
        return found.conversations if (found.version, found.root) == (VERSION, self._root) else {}

    def save(self, conversations: Mapping[str, IndexedConversation]) -> None:
        """Write it whole."""
        try:
            ensure_folder(self._path.parent)
            data = msgspec.msgpack.encode(_File(VERSION, self._root, dict(conversations)))
            write_atomically(self._path, data)
        except (OSError, ValueError) as error:
            log.warning("%s cannot be written: %s", self._path, error)
