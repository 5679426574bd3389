"""How far an export is, for another thread, which may stop it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from animus_tui.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

T = TypeVar("T")

CANCELLED = "The export was cancelled, and nothing was written."


class ExportCancelledError(UserError):
    """The export was cancelled, as it was asked to be."""


class ExportProgress:
    """Counts the messages that were written."""

    def __init__(self) -> None:
        self.done = 0
        """Messages so far."""
        self.total = 0
        """Messages in all."""
        self.is_cancelled = False

    @property
    def percent(self) -> int:
        """From 0 to 100."""
        return 100 * self.done // max(1, self.total)

    def counted(self, messages: Iterable[T]) -> Iterator[T]:
        """The messages, one by one. ExportCancelledError once the export is cancelled."""
        for self.done, message in enumerate(messages):
            self.check()
            yield message

    def check(self) -> None:
        """ExportCancelledError when the export is cancelled."""
        if self.is_cancelled:
            raise ExportCancelledError(CANCELLED)
