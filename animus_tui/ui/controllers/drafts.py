"""The drafts of conversations: written while one types, and put back when their conversation is shown."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Generic, TypeVar

from animus_tui.chat.storage.draft import read_draft, write_draft

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from animus_tui.chat.storage.conversation import StoredConversation
    from animus_tui.ui.widgets.prompt import Prompt

LONGEST_UNWRITTEN = 0.8
"""Seconds of typing that a crash may cost."""
T = TypeVar("T")


class NewestOfFolders(Generic[T]):
    """What is kept in the folders of conversations and changes often: written in threads, the newest of each.

    Nothing older is written behind something newer.
    """

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


class DraftController:
    """Keeps what stands in the prompt with the conversation on the screen, and not while that can only be read."""

    def __init__(self, prompt: Prompt) -> None:
        self._prompt = prompt
        self._shown: Path | None = None
        """The folder of the conversation on the screen."""
        self._folder: Path | None = None
        """The same folder while the draft is kept in it."""
        self._written = ""
        """What is on the disk, or on its way there."""
        self._is_due = False
        """Whether a timer runs that will write the draft."""
        self._newest = NewestOfFolders(write_draft)

    def show(self, stored: StoredConversation, *, is_kept: bool) -> None:
        """Put the draft of a conversation into the prompt; what stands there is kept with the one before."""
        folder = stored.folder if is_kept and not stored.read_only else None
        if stored.folder == self._shown and (folder == self._folder or self._prompt.draft.strip()):
            self._folder = folder
            return
        self.write()
        is_another = self._shown not in (None, stored.folder)
        self._shown, self._folder, self._written = stored.folder, folder, ""
        if folder is not None:
            draft = self._written = self._newest.read(folder, read_draft)
            said = next((m.content for m in reversed(stored.newest) if m.role == "user"), None)
            if (
                draft.strip() and draft.strip() != said
            ):  # it is the same when a crash came right behind sending
                self._prompt.begin(draft)
                return
        if is_another:
            self._prompt.begin("")

    def note_change(self) -> None:
        """What is written changed: it is on the disk within a second."""
        if self._folder is not None and not self._is_due and self._prompt.draft != self._written:
            self._is_due = True
            self._prompt.set_timer(LONGEST_UNWRITTEN, self._write_due)

    def _write_due(self) -> None:
        self._is_due = False
        self.write()

    def write(self) -> None:
        """Bring the draft to the disk now, without waiting for it."""
        if self._note_newest():
            self._prompt.run_worker(self._newest.bring_to_disk, thread=True)

    def close(self) -> None:
        """Bring the draft to the disk and wait for it: the application ends."""
        self._note_newest()
        self._newest.bring_to_disk()
        self._folder = None

    def _note_newest(self) -> bool:
        """Whether there is something to write."""
        draft = self._prompt.draft
        if self._folder is None or draft == self._written:
            return False
        self._written = draft
        self._newest.note(self._folder, draft)
        return True
