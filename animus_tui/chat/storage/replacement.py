"""Other entries in place of a message and of all that follow it: made in another thread, then used in one step.

What is made is a file of its own and a list of messages of its own. The thread that changes the conversation uses both
at once, and only when nothing was written since they were begun; so two writers never come in between each other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from animus_tui.chat.storage.history import History
    from animus_tui.chat.storage.history_file import HistoryFile

    Change = Callable[[Sequence[bytes]], Sequence[bytes]]
    """Gives the entries that are to stand in place of others. It runs in another thread; UserError."""


class Replacement:
    """First `make`, in any thread; then it goes to the conversation's `use`, and in any thread to its `settle`."""

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
        """The entries that come."""
        self.is_made = False
        """Whether file and messages are ready to be used."""
        self.is_used = False
        self._read = read
        self._change = change
        self._made = None if file is None else file.copy_with_tail(self.position, lambda: self.lines)

    def make(self) -> None:
        """Make it. UserError as of the change; StoreError when the history cannot be read.

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
        """Let go of the former file, in any thread."""
        if self._made is not None:
            self._made[0].close()
