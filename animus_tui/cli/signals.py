"""Signals that ask the application to end: SIGTERM, and SIGHUP when the terminal goes."""

from __future__ import annotations

import os
import signal
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

SAME = 2.0
"""Seconds in which a further SIGHUP tells of the same end of the terminal."""


@contextmanager
def ended_by_signals(end: Callable[[], None], *, at_once: Callable[[], None]) -> Iterator[None]:
    """Within the block the first SIGTERM or SIGHUP calls `end`, another one ends the process at once.

    A SIGHUP directly behind the first signal counts with it: the kernel and the shell both send one when a terminal
    goes.

    `end` is called from the signal's handler, which may interrupt anything. `at_once` is called just before the hard
    end, for what must not be left as it is. A SIGHUP that the parent process had ignored, as `nohup` does, stays so.
    """
    asked_at: float | None = None

    def handle(number: int, _frame: FrameType | None) -> None:
        nonlocal asked_at
        if asked_at is None:
            asked_at = time.monotonic()
            end()
            return
        if number == signal.SIGHUP and time.monotonic() - asked_at < SAME:
            return
        at_once()
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    numbers = [signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
        numbers.append(signal.SIGHUP)
    before = {number: signal.signal(number, handle) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
