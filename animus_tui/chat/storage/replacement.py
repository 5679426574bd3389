"""A replacement of a message and of all that follow it: made in another thread, then applied in one step.

Making it writes a new file and reads the new messages. The thread that changes the conversation applies both at once,
and only when nothing was written since the replacement was begun.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from animus_tui.chat.storage.history import History
    from animus_tui.chat.storage.history_file import HistoryFile

    Change = Callable[[Sequence[bytes]], Sequence[bytes]]
    """Old entries → new entries. It runs in another thread; UserError."""


class Replacement:
    """Call `make` in any thread, then `StoredConversation.use`, then its `settle` in any thread."""

    def __init__(
        self,
        history: History,
        place: int,
        read: Callable[[], Sequence[bytes]],
        change: Change,
        file: HistoryFile | None,
        *,
        version: int,
    ) -> None:
        """`history` is a snapshot, of which the entries from the message at `place` on are replaced; `read` reads them.

        Without a `file` that can be copied only the entries are made. `version` counts the changes of the conversation.
        """
        self.history = history
        """The messages as they will be, once `is_made`."""
        self.place = place
        self.position = history.position_of(place)
        """Where the first replaced entry is among all entries."""
        self.version = version
        self.lines: Sequence[bytes] = ()
        """The new entries, once they are made."""
        self.is_made = False
        """Whether file and messages are ready to be used."""
        self.is_used = False
        self._read = read
        self._change = change
        self._made = None if file is None else file.copy_with_tail(self.position, lambda: self.lines)

    def make(self) -> None:
        """Read, change and write the entries. UserError as of the change; StoreError when they cannot be read.

        A disk that refuses the copy is left for `use` to find out.
        """
        self.lines = self._change(self._read())
        if self._made is None:
            return
        copy, contents = self._made
        copy.make()
        if copy.descriptor is not None:
            contents.descriptor = copy.descriptor
            self.history.replace_tail(self.place, self.lines, contents)
            self.is_made = True

    def use_file(self) -> bool:
        """Give the history's name to the new file, unless that was changed meanwhile; whether it has it. OSError."""
        return self.is_made and self._made is not None and self._made[0].use()

    def discard(self) -> None:
        """Delete what was made."""
        if self._made is not None:
            self._made[0].discard()

    def close(self) -> None:
        """Close the former file, in any thread."""
        if self._made is not None:
            self._made[0].close()
