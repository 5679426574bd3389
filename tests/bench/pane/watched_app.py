"""The program with a watch on its event loop: `python -m tests.bench.pane.watched_app LOG [ARGUMENT…]`.

Nothing of the program is changed. Its event loop gets a selector that notes how long the loop was away from it: during
that time neither a key nor a token is taken. A line of LOG is `busy BEGIN WALL CPU` (seconds, monotonic clock) for
each time of LEAST or more, `history TIME` when the history's file is opened first, and `echo TIME CPU` for each letter
outside ASCII that is written after it was typed: the processor time of the main thread from the one to the other.
"""

from __future__ import annotations

import asyncio
import os
import selectors
import sys
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing_extensions import Buffer

LEAST = 0.005
READ, WRITE = os.read, os.write


class Watch:
    """Writes the log."""

    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._opened = False
        self._clock = time.pthread_getcpuclockid(threading.main_thread().ident or 0)
        self._waiting: dict[bytes, tuple[float, float]] = {}
        """By letter: when it was typed, by the clock and by the main thread's processor time."""

    def read(self, file: int, size: int) -> bytes:
        """Read, and note letters that are typed."""
        data = READ(file, size)
        if not data.isascii():
            now = time.monotonic(), time.clock_gettime(self._clock)
            self._waiting.update((letter.encode(), now) for letter in data.decode("utf-8", "replace"))
        return data

    def write(self, file: int, data: Buffer) -> int:
        """Write, and note letters that are echoed."""
        written = bytes(data) if self._waiting else b""
        for letter in [letter for letter in self._waiting if letter in written]:
            began, cpu = self._waiting.pop(letter)
            WRITE(self._file, b"echo %.6f %.6f\n" % (began, time.clock_gettime(self._clock) - cpu))
        return WRITE(file, data)

    def busy(self, began: float, wall: float, cpu: float) -> None:
        """The loop was busy with one round of callbacks."""
        WRITE(self._file, b"busy %.6f %.6f %.6f\n" % (began, wall, cpu))

    def audit(self, event: str, arguments: tuple[object, ...]) -> None:
        """Note when the history is opened first."""
        if event == "open" and not self._opened and str(arguments[0]).endswith("history.json"):
            self._opened = True
            WRITE(self._file, b"history %.6f\n" % time.monotonic())


class WatchedSelector(selectors.DefaultSelector):
    """Measures from one return of `select` to the next call: the time that callbacks took."""

    def __init__(self, watch: Watch) -> None:
        super().__init__()
        self._watch = watch
        self._began = self._cpu = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Wait for what is ready, as ever."""
        wall = time.monotonic() - self._began
        if wall >= LEAST and self._began:
            self._watch.busy(self._began, wall, time.thread_time() - self._cpu)
        ready = super().select(timeout)
        self._began, self._cpu = time.monotonic(), time.thread_time()
        return ready


class WatchedPolicy(asyncio.DefaultEventLoopPolicy):
    """Makes loops that are watched."""

    def __init__(self, watch: Watch) -> None:
        super().__init__()
        self._watch = watch

    def new_event_loop(self) -> asyncio.AbstractEventLoop:
        """A loop with the selector that measures."""
        return asyncio.SelectorEventLoop(WatchedSelector(self._watch))


def main() -> int:
    """Run the program; its exit code."""
    watch = Watch(sys.argv[1])
    sys.addaudithook(watch.audit)
    os.read, os.write = watch.read, watch.write
    asyncio.set_event_loop_policy(WatchedPolicy(watch))
    from animus_tui.cli.main import main as run

    return run(sys.argv[2:])


if __name__ == "__main__":
    sys.exit(main())
