"""The one conversation with the terminal, before the application starts: ask, do something else, read the answers.

The answers arrive where keys arrive. So the terminal neither echoes nor collects lines from the question on, and what
is not an answer is handed on, in its order.
"""

from __future__ import annotations

import os
import select
import signal
import termios
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from animus_tui.graphics.queries import Answers, is_complete, read_answers

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType, TracebackType
    from typing import Any, Self

PATIENCE = 0.2
"""Seconds from the question to the last moment that the rest of an answer is waited for."""
SILENCE = 0.1
"""Seconds from the question after which a terminal that has said nothing yet is waited for no longer."""
MOST_BYTES = 1 << 16
"""More than this is no answer; what is behind it is left where it is."""
_LFLAG, _CC = 3, 6
"""Places in what tcgetattr gives (termios(3))."""
_ENDING = (signal.SIGTERM, signal.SIGHUP)


class Inquiry:
    """`with Inquiry(…) as inquiry:` and `inquiry.ask()`; on leaving the terminal is as it was, whatever happens.

    Answers that come after the bound are for whoever reads the keys then: `outstanding` says whether to expect them.
    """

    def __init__(self, keyboard: int, screen: int, asked: bytes) -> None:
        """File descriptors of one terminal, to read from and to write to, and what to ask; empty asks nothing."""
        self._keyboard = keyboard
        self._screen = screen
        self._asked = asked
        self._received = b""
        self._before: list[Any] | None = None
        self._handlers: dict[int, Callable[[int, FrameType | None], Any] | int | None] = {}
        self._asked_at = 0.0
        self._is_read = False
        self.outstanding = False
        """Whether answers may still come."""
        self._typed = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if not self._is_read:
                # Nobody is going to read the keys: what comes now would be typed into the shell.
                self._receive()
        finally:
            self.restore()
            for number, handler in self._handlers.items():
                if signal.getsignal(number) == self._end:
                    signal.signal(number, handler)

    def ask(self) -> None:
        """Put the questions, when this is a terminal and it is our turn to use it; otherwise nothing."""
        # Not a part of `__enter__`: Ctrl+C in the middle of that would never come to `__exit__`.
        if self._asked and _is_one_terminal(self._keyboard, self._screen):
            with suppress(OSError, termios.error):
                self._ask()

    @property
    def attributes_before(self) -> list[Any] | None:
        """What tcgetattr gave before the question; None when nothing was asked."""
        return self._before

    def answers(self) -> Answers:
        """What came in time. Waits for the last answer, at most until the bounds, which count from the question."""
        self._receive()
        self._is_read = True
        answers, self._typed = read_answers(self._received, asked=self._asked)
        self.outstanding = self._before is not None and not answers.complete
        return answers

    def take_typed(self) -> bytes:
        """What came and is no answer, once: keys, and what may be the beginning of a late answer."""
        typed, self._typed = self._typed, b""
        return typed

    def restore(self) -> None:
        """The terminal echoes and collects lines as it did before. Safe to call twice."""
        if self._before is not None:
            with suppress(termios.error):
                termios.tcsetattr(self._keyboard, termios.TCSANOW, self._before)

    def _ask(self) -> None:
        before = termios.tcgetattr(self._keyboard)
        quiet = [*before[:_CC], list(before[_CC])]
        quiet[_LFLAG] &= ~(termios.ECHO | termios.ICANON)
        quiet[_CC][termios.VMIN], quiet[_CC][termios.VTIME] = 1, 0
        for number in _ENDING:
            if signal.getsignal(number) == signal.SIG_DFL:
                self._handlers[number] = signal.signal(number, self._end)
        self._before = before
        termios.tcsetattr(self._keyboard, termios.TCSANOW, quiet)
        self._asked_at = time.monotonic()
        os.write(self._screen, self._asked)

    def _receive(self) -> None:
        if self._before is None:
            return
        while not is_complete(self._received) and len(self._received) < MOST_BYTES:
            bound = PATIENCE if self._received else SILENCE
            patience = max(0, self._asked_at + bound - time.monotonic())
            try:
                if not select.select([self._keyboard], [], [], patience)[0]:
                    return
                data = os.read(self._keyboard, 4096)
            except OSError:  # the terminal is gone
                return
            if not data:
                return
            self._received += data

    def _end(self, number: int, _frame: FrameType | None) -> None:
        """A polite request to end, while the terminal is still ours: give it back, then do as was asked."""
        self.restore()
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)


def _is_one_terminal(keyboard: int, screen: int) -> bool:
    """Whether both ends are the same terminal, and it is this process's turn to use it."""
    try:
        return (
            os.isatty(keyboard)
            and os.fstat(keyboard).st_rdev == os.fstat(screen).st_rdev
            and os.tcgetpgrp(keyboard) == os.getpgrp()
        )
    except OSError:
        return False
