"""What is tried again, and when: the answer, and pictures, each for itself."""

from __future__ import annotations

import time
from math import ceil

Waiting = str | None
"""A picture by its id; None for the answer."""


class Countdowns:
    """The waits that are told to the user. Empty, and so false, while nothing waits."""

    def __init__(self) -> None:
        self._waits: dict[Waiting, tuple[str, float]] = {}

    def __bool__(self) -> bool:
        return bool(self._waits)

    def start(self, what: Waiting, title: str, seconds: float) -> None:
        """`title` says what went wrong; it is tried again in so many seconds."""
        self._waits[what] = title, time.monotonic() + seconds

    def stop(self, what: Waiting) -> None:
        """It waits no more, whatever time is left."""
        self._waits.pop(what, None)

    def clear(self) -> None:
        """Nothing waits any more."""
        self._waits.clear()

    def texts(self) -> dict[Waiting, str]:
        """What to say of each now; blank where the time has come, which is forgotten then."""
        now = time.monotonic()
        told = {
            what: f"{title}: trying again in {ceil(end - now)} s" if end > now else ""
            for what, (title, end) in self._waits.items()
        }
        self._waits = {what: wait for what, wait in self._waits.items() if told[what]}
        return told
