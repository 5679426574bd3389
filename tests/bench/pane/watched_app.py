"""The program with a watch on its event loop: `python -m tests.bench.pane.watched_app LOG [ARGUMENT…]`.

Nothing of the program is changed. Its event loop gets a selector that notes how long the loop was away from it: during
that time neither a key nor a token is taken. A line of LOG is `busy BEGIN WALL CPU` (seconds, monotonic clock) for
each time of LEAST or more, and `history TIME` when the history's file is opened first.
"""

from __future__ import annotations

import asyncio
import os
import selectors
import sys
import time

LEAST = 0.005


class Watch:
    """Writes the log."""

    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._opened = False

    def busy(self, began: float, wall: float, cpu: float) -> None:
        """The loop was busy with one round of callbacks."""
        os.write(self._file, b"busy %.6f %.6f %.6f\n" % (began, wall, cpu))

    def audit(self, event: str, arguments: tuple[object, ...]) -> None:
        """Note when the history is opened first."""
        if event == "open" and not self._opened and str(arguments[0]).endswith("history.json"):
            self._opened = True
            os.write(self._file, b"history %.6f\n" % time.monotonic())


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
    asyncio.set_event_loop_policy(WatchedPolicy(watch))
    from animus_tui.cli.main import main as run

    return run(sys.argv[2:])


if __name__ == "__main__":
    sys.exit(main())
