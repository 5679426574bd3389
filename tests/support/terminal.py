"""A program in a real pseudo-terminal with an emulated screen: type, wait for what is shown, resize, kill."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import pyte

from tests.support.planted_secrets import tells_a_secret
from tests.support.program import quick_start
from tests.support.quick_screen import QuickScreen

# The emulator stumbles over these: private modes with a prefix, those that are saved or restored, questions for
# modes and states (such as that for light or dark, which tmux asks from 3.6 on), application commands, control strings.
_NOT_EMULATED = re.compile(
    rb"\x1b\[[<>=][0-9;]*[a-zA-Z]|\x1b\[\?[0-9;]*(?:\$p|[nsr])|\x1b[_P^X].*?\x1b\\", re.DOTALL
)
MOSAIC = re.compile("[\u2580-\u2593\u2596-\u259f]")
MANY = 20
"""Cells of a row; a scrollbar or a mark has fewer."""
PATIENCE = 110
"""Seconds for what takes one; the machine may do much else, and pytest-timeout is hardly longer."""


class TerminalProgram:
    """`with TerminalProgram([...], env, columns=120, rows=40) as program:`; `raw` keeps every byte it wrote."""

    def __init__(
        self, arguments: Sequence[str], env: Mapping[str, str], *, columns: int = 120, rows: int = 40
    ) -> None:
        self._arguments = list(arguments)
        self.env = {**quick_start(), **env}
        self.screen = QuickScreen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self._unread = b""
        self._rows: dict[int, str] = {}
        self.raw = b""

    def __enter__(self) -> Self:
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.execve(self._arguments[0], self._arguments, self.env)
        self._set_size()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.kill()
        os.close(self.terminal)
        if error is not None and (log := self._end_of_log()):
            error.add_note(f"The program's log ends with:\n{log}")
        assert not tells_a_secret(self.raw.decode("utf-8", "replace")), "a secret is on the screen"

    def type(self, text: str) -> None:
        """Send characters or escape sequences as a keyboard would."""
        os.write(self.terminal, text.encode())

    def resize(self, columns: int, rows: int) -> None:
        """Change the size of the terminal; the program gets SIGWINCH."""
        self.screen.resize(rows, columns)
        self._set_size()

    def text(self) -> str:
        """The screen now, lines without trailing blanks."""
        self.read(0)
        return self._shown_text()

    def wait_for(self, wanted: str, *, timeout: float = PATIENCE, gone: bool = False) -> str:
        """Wait until the screen shows (with `gone`: no longer shows) a text; AssertionError with the screen if not."""
        end = time.monotonic() + timeout
        while (wanted in self.text()) == gone:
            if time.monotonic() > end:
                raise AssertionError(f"{'still' if gone else 'not'} on the screen: {wanted!r}\n{self.text()}")
            self.read(0.05)
        return self.text()

    def read(self, seconds: float) -> None:
        """Take in what the program writes for that long."""
        end = time.monotonic() + seconds
        while select.select([self.terminal], [], [], max(0, end - time.monotonic()))[0]:
            try:
                data = os.read(self.terminal, 1 << 16)
            except OSError:
                return
            if not data:
                return
            self.raw += data
            self._feed(data)

    def wait_for_exit(self, timeout: float = PATIENCE) -> int:
        """The exit code, or minus the signal."""
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            self.read(0.02)
            done, status = os.waitpid(self.pid, os.WNOHANG)
            if done:
                self.pid = 0
                return os.waitstatus_to_exitcode(status)
        raise AssertionError(f"still running\n{self.text()}")

    def wait_for_exit_unread(self, timeout: float = PATIENCE) -> int:
        """The same, while nobody reads what the program writes."""
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            done, status = os.waitpid(self.pid, os.WNOHANG)
            if done:
                self.pid = 0
                return os.waitstatus_to_exitcode(status)
            time.sleep(0.02)
        raise AssertionError("still running")

    def _end_of_log(self) -> str:
        """The end of the log of the program; empty when there is none."""
        try:
            log = Path(self.env["ANIMUS_DATA_DIR"], "animus-chat.log").read_text("utf-8", "replace")
        except (KeyError, OSError):
            return ""
        return "\n".join(log.splitlines()[-60:])

    def take_away(self) -> None:
        """Close the terminal; the program has none any more."""
        os.close(self.terminal)
        self.terminal = os.open(os.devnull, os.O_RDWR)

    def children(self) -> list[int]:
        """Processes that the program has started and that have not ended."""
        return [int(pid) for pid in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()]

    def is_running(self) -> bool:
        """Whether nobody has seen it end."""
        return self.pid != 0

    def kill(self, number: int = signal.SIGKILL) -> None:
        """End the program and wait for it."""
        if self.pid:
            os.kill(self.pid, number)
            os.waitpid(self.pid, 0)
            self.pid = 0

    def _shown_text(self) -> str:
        """The emulated screen; only rows that changed are read again, as that takes longer than to emulate them."""
        for row in self.screen.dirty:
            line = self.screen.buffer[row]
            # The right half of a wide character is an empty cell.
            self._rows[row] = "".join(line[column].data for column in range(self.screen.columns)).rstrip()
        self.screen.dirty.clear()
        return "\n".join(self._rows.get(row, "") for row in range(self.screen.lines))

    def _set_size(self) -> None:
        size = struct.pack("HHHH", self.screen.lines, self.screen.columns, 0, 0)
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, size)

    def _feed(self, data: bytes) -> None:
        data = self._unread + data
        # A sequence that is cut at the end of what was read waits for its rest.
        last = data.rfind(b"\x1b", max(0, len(data) - 512))
        self._unread = b""
        if last >= 0 and not re.match(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|[^\[\]P_^X])", data[last:]):
            data, self._unread = data[:last], data[last:]
        self._stream.feed(_NOT_EMULATED.sub(b"", data))


def program_environment(home: Path) -> dict[str, str]:
    """The environment of a program in a terminal that keeps everything below `home`."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "ANIMUS_DATA_DIR": str(home / "data"),
        "ANIMUS_CONFIG": str(home / "config.toml"),
        "XDG_PICTURES_DIR": str(home / "Pictures"),
    }


def chat_program(
    home: Path,
    *arguments: str,
    columns: int = 120,
    rows: int = 40,
    environment: Mapping[str, str] | None = None,
) -> TerminalProgram:
    """animus-chat in a terminal, with everything it keeps below `home`; `environment` adds to the usual one."""
    env = program_environment(home) | dict(environment or {})
    return TerminalProgram([sys.executable, "-m", "animus_tui", *arguments], env, columns=columns, rows=rows)


class SharedProgram:
    """One program for the tests of a module, so that each need not start its own; `with` ends it."""

    def __init__(self, make: Callable[[], TerminalProgram]) -> None:
        self._make = make
        self._program: TerminalProgram | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if self._program is not None:
            self._program.__exit__(None, None, None)
            self._program = None

    def ready(self, is_ready: Callable[[TerminalProgram], bool]) -> TerminalProgram:
        """The program; a new one where the test before did not leave it ready."""
        if self._program is not None and not (self._program.is_running() and is_ready(self._program)):
            self.__exit__()
        if self._program is None:
            self._program = self._make().__enter__()
            until(self._program, lambda: self._program is not None and is_ready(self._program))
        return self._program


def until(program: TerminalProgram, holds: Callable[[], bool]) -> None:
    """Take in what is written until something holds; pytest-timeout ends a wait in vain."""
    while not holds():
        program.read(0.05)


def until_written(program: TerminalProgram, text: str) -> None:
    """Until a text was on the screen, however short: who looks at a busy moment may come too late for it."""
    until(program, lambda: text.encode() in program.raw)


def until_painted(program: TerminalProgram) -> None:
    """Until a picture is on the screen as a mosaic: rows of block elements (U+2580 to U+259F) that are no frame."""
    until(program, lambda: sum(len(MOSAIC.findall(line)) > MANY for line in program.text().splitlines()) > 3)


def until_silent(program: TerminalProgram, seconds: float) -> None:
    """Until nothing is written for that long; whoever never stops writing runs into pytest-timeout."""
    while True:
        before = len(program.raw)
        program.read(seconds)
        if len(program.raw) == before:
            return
