"""What is kept in the folders of conversations and changes often: written in threads, the newest of each."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

T = TypeVar("T")


class NewestOfFolders(Generic[T]):
    """Knows what is still to be written, by folder. Nothing older is written behind something newer."""

    def __init__(self, write: Callable[[Path, T], None]) -> None:
        """`write` brings something to a folder and waits for the disk."""
        self._write = write
        self._disk = threading.Lock()
        self._waiting: dict[Path, T] = {}

    def note(self, folder: Path, value: T) -> None:
        """Have this written into the folder with the next `bring_to_disk`, in place of what waits for it."""
        self._waiting[folder] = value

    def bring_to_disk(self) -> None:
        """Write what waits, in any thread."""
        with self._disk:
            while self._waiting:
                self._write(*self._waiting.popitem())

    def read(self, folder: Path, read: Callable[[Path], T]) -> T:
        """What is in the folder, or will be as soon as what is under way is written. It waits for the disk."""
        waiting = self._waiting.get(folder)
        if waiting is not None:
            return waiting
        with self._disk:
            return read(folder)
