"""What is written to the terminal, by a thread of its own: nobody waits for a terminal that does not read."""

from __future__ import annotations

import os
import select
import threading
import time
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_WAITING = 1 << 20
"""Bytes that wait to be written; beyond them a frame is dropped. One that begins below is taken whole: a screen full of
mosaic has some 400 KB."""
PIECE = 4 << 10
"""Bytes that are written at once, as many as a pseudo-terminal takes."""
SLICE = 50_000
"""Bytes of pixels that are written at once, where there are more: keys and frames come in between."""
STILL = 0.5
"""Seconds without progress after which a terminal counts as one that does not read."""
MEASURED = 16 << 10
"""Bytes from which the time that the terminal takes for them says something: less may wait between the two."""
RATES = 3
"""Times that are kept."""
_TICK = 0.05
"""Seconds between two looks at the progress."""


class TerminalWriter:
    """Writes to a file descriptor, in order. All but `drain` returns at once; the thread ends with the process."""

    def __init__(
        self, descriptor: int, *, on_gone: Callable[[], None], on_caught_up: Callable[[], None]
    ) -> None:
        """`on_gone`: the terminal takes nothing any more, for good. `on_caught_up`: it took all that was not dropped.

        Both are called from the thread.
        """
        self._descriptor = descriptor
        self._on_gone = on_gone
        self._on_caught_up = on_caught_up
        self._waiting: deque[bytes] = deque()
        self._size = 0
        self._written = 0
        self._rates = deque([float("inf")], maxlen=RATES)
        """Bytes a second that the terminal took, the last time at the end."""
        self._has_dropped = False
        self._is_gone = False
        self._change = threading.Condition()
        threading.Thread(target=self._run, name="terminal-output", daemon=True).start()

    def write(self, data: bytes) -> bool:
        """Write all of it or, when too much waits already, nothing: False."""
        with self._change:
            if self._size >= MOST_WAITING or self._has_dropped:
                self._has_dropped = True
                return False
            self._append(data)
        return True

    def write_surely(self, data: bytes) -> None:
        """Write it however much waits: for what is short, and must not be left out."""
        with self._change:
            self._append(data)

    @property
    def is_idle(self) -> bool:
        """Whether all that was to be written has been taken."""
        return not self._size or self._is_gone

    def most_in(self, seconds: float) -> float:
        """Bytes that the terminal will probably take in this time; infinite while nothing is known of it."""
        return self._rates[-1] * seconds

    def most_at_best_in(self, seconds: float) -> float:
        """The same by the best of the last times: in one of them another program may have had the processor."""
        return max(self._rates) * seconds

    def drain(self, longest: float) -> bool:
        """Wait until all is taken, as long as the terminal reads, at most `longest` seconds; whether it was."""
        end = time.monotonic() + longest
        written, moved_at = self._written, time.monotonic()
        with self._change:
            while not self.is_idle:
                self._change.wait(_TICK)
                now = time.monotonic()
                if self._written != written:
                    written, moved_at = self._written, now
                if now > end or now - moved_at > STILL:
                    return False
        return True

    def _append(self, data: bytes) -> None:
        if data and not self._is_gone:
            self._waiting.append(data)
            self._size += len(data)
            self._change.notify_all()

    def _run(self) -> None:
        while True:
            with self._change:
                while not self._waiting:
                    self._change.wait()
                data = self._waiting[0]
            began = time.monotonic()
            if not self._write_out(data):
                return
            if len(data) >= MEASURED:
                self._rates.append(len(data) / max(time.monotonic() - began, 1e-6))
            with self._change:
                self._waiting.popleft()
                self._size -= len(data)
                has_caught_up = not self._waiting and self._has_dropped
                if has_caught_up:
                    self._has_dropped = False
                self._change.notify_all()
            if has_caught_up:
                self._on_caught_up()

    def _write_out(self, data: bytes) -> bool:
        """Write all of it; False when the terminal is gone."""
        rest = memoryview(data)
        while rest:
            try:
                done = os.write(self._descriptor, rest[:PIECE])
            except BlockingIOError:  # another program made it so for all who use it
                with suppress(OSError, ValueError):
                    select.select([], [self._descriptor], [], STILL)
                continue
            except OSError:
                with self._change:
                    self._is_gone = True
                    self._waiting.clear()
                    self._size = 0
                    self._change.notify_all()
                self._on_gone()
                return False
            rest = rest[done:]
            self._written += done
        return True
