"""Which message of the application is shown, and when it goes: plain values, no widget and no clock of its own."""

from __future__ import annotations

from msgspec import Struct
from textual.notifications import SeverityLevel

LEAST_SHOWN = 0.8
"""Seconds that a message stays at least: a key typed in this time was not an answer to it."""
MOST_WAITING = 3
"""Messages kept behind the one that is shown; the oldest is dropped."""
RANKS: dict[SeverityLevel, int] = {"information": 0, "warning": 1, "error": 2}


class Notice(Struct, frozen=True):
    """One sentence and how serious it is."""

    text: str
    severity: SeverityLevel = "information"

    @property
    def words(self) -> str:
        """The sentence, which says how serious it is without a colour too."""
        return self.text if self.severity == "information" else f"{self.severity.capitalize()}: {self.text}"


class MessageQueue:
    """Shows the newest message. One that is more serious is not replaced by a lesser one before a key was pressed."""

    def __init__(self) -> None:
        self._shown: Notice | None = None
        self._since = 0.0
        self._is_passed = False
        """Whether a key was pressed while it was shown, so that it goes as soon as something else comes."""
        self._waiting: list[Notice] = []

    @property
    def shown(self) -> Notice | None:
        """The message that is shown."""
        return self._shown

    def add(self, notice: Notice, now: float) -> None:
        """Show a message, or keep it until the more serious one that is shown has gone. `now` in seconds."""
        shown = self._shown
        if shown is None or shown == notice or self._is_passed:
            self._show(notice, now)
        elif RANKS[notice.severity] < RANKS[shown.severity]:
            self._keep(notice)
        else:
            if shown.severity != "information":
                self._keep(shown)
            self._show(notice, now)

    def press(self, now: float) -> None:
        """A key was pressed: go on to the next message, unless the present one has only just appeared."""
        shown = self._shown
        if shown is None:
            return
        is_read = now - self._since >= LEAST_SHOWN
        if is_read:
            self._shown = None
            if self._waiting:
                self._show(self._waiting.pop(0), now)
        elif shown.severity != "error":
            self._is_passed = True

    def _show(self, notice: Notice, now: float) -> None:
        self._shown, self._since, self._is_passed = notice, now, False
        if notice in self._waiting:
            self._waiting.remove(notice)

    def _keep(self, notice: Notice) -> None:
        if notice in self._waiting:
            self._waiting.remove(notice)
        self._waiting = [*self._waiting, notice][-MOST_WAITING:]
