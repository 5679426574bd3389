"""The terminal's alternate screen for one picture: no echo, and keys that send no signal."""

from __future__ import annotations

import os
import termios
from contextlib import suppress
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any

    from animus_tui.graphics.probe.known_terminals import Viewer

_ENTER = b"\x1b[?1049h\x1b[2J\x1b[?25l"
_LEAVE = b"\x1b[0m\x1b[2J\x1b[?25h\x1b[?1049l"
END_OF_STRING = b"\x1b\\"
KITTY_END = END_OF_STRING + b"\x1b_Gm=0;" + END_OF_STRING
"""Ends a transmission that was cut off in the middle; says nothing to a terminal that waits for none."""
KITTY_CLEAR = b"\x1b_Ga=d,d=A,q=2" + END_OF_STRING
"""Deletes the pictures on the screen, and what the terminal kept of them."""
_FAREWELLS: dict[Viewer, bytes] = {"kitty": KITTY_END + KITTY_CLEAR, "iterm2": END_OF_STRING}
_LFLAG, _IFLAG, _CC = 3, 0, 6  # places in what tcgetattr returns


class AlternateScreen:
    """`with AlternateScreen(keys, screen, style):` between two programs' use of a terminal.

    One may be entered within another, as by a process within that of the one that started it: whichever process is
    left over puts everything back.
    """

    def __init__(self, keys: int, screen: int, style: Viewer) -> None:
        """`keys` and `screen` are file descriptors of the terminal, to read from and to write to."""
        self._keys = keys
        self._screen = screen
        self._farewell = _FAREWELLS[style] + _LEAVE
        self._before: list[Any] | None = None

    def __enter__(self) -> Self:
        self.enter()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.leave()

    def enter(self) -> None:
        """Take the terminal. What was typed before is not for the picture."""
        with suppress(termios.error):
            self._before = termios.tcgetattr(self._keys)
            quiet = termios.tcgetattr(self._keys)
            quiet[_LFLAG] &= ~(termios.ECHO | termios.ICANON | termios.ISIG | termios.IEXTEN)
            quiet[_IFLAG] &= ~(termios.IXON | termios.ICRNL)
            quiet[_CC][termios.VMIN], quiet[_CC][termios.VTIME] = 1, 0
            termios.tcsetattr(self._keys, termios.TCSAFLUSH, quiet)
        self.put(_ENTER)

    def leave(self) -> None:
        """Give it back as it was, without a key that was meant for the picture."""
        self.put(self._farewell)
        if self._before is not None:
            with suppress(termios.error):
                termios.tcsetattr(self._keys, termios.TCSAFLUSH, self._before)

    def put(self, data: bytes) -> None:
        """Write all of it; a terminal that is gone takes nothing."""
        rest = memoryview(data)
        with suppress(OSError):
            while rest:
                rest = rest[os.write(self._screen, rest) :]
