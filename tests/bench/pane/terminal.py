"""A program in a pseudo-terminal whose output is kept with the time of each piece, and shown only when asked for.

The terminal says that it knows synchronised output (mode 2026), as current terminals do: the program then marks the
end of each frame, and a frame counts as complete when that mark is there.
"""

from __future__ import annotations

import math
import os
import random
import re
import select
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Self

from tests.support.terminal import TerminalProgram

SYNC_QUERY, SYNC_ANSWER = b"\x1b[?2026$p", b"\x1b[?2026;2$y"
SYNC_END = b"\x1b[?2026l"
PATIENCE = 120.0
"""Seconds after which the program is taken for dead."""


class Piece(NamedTuple):
    """What one read gave, and when."""

    time: float
    data: bytes


class MeasuredProgram(TerminalProgram):
    """Times are seconds on the monotonic clock, which all processes share."""

    def __init__(self, arguments: Sequence[str], env: Mapping[str, str], log: Path | None = None) -> None:
        """`log` is where a watched program tells of its event loop."""
        super().__init__(arguments, env)
        self.pieces: list[Piece] = []
        self._log = log
        self._shown = 0

    def __enter__(self) -> Self:
        self.started = time.monotonic()
        return super().__enter__()

    def read(self, seconds: float) -> None:
        """Take in what the program writes for that long."""
        end = time.monotonic() + seconds
        while self.pump(end - time.monotonic()) or time.monotonic() < end:
            pass

    def pump(self, seconds: float) -> bool:
        """Wait that long at most for one piece of output; whether there was one."""
        if not select.select([self.terminal], [], [], max(0.0, seconds))[0]:
            return False
        try:
            data = os.read(self.terminal, 1 << 16)
        except OSError:
            data = b""
        if not data:
            raise AssertionError(f"the program has ended\n{self.text()}")
        self.pieces.append(Piece(time.monotonic(), data))
        if SYNC_QUERY in data:
            os.write(self.terminal, SYNC_ANSWER)
        return True

    def text(self) -> str:
        """The screen, with all that has been read."""
        self._feed(b"".join(piece.data for piece in self.pieces[self._shown :]))
        self._shown = len(self.pieces)
        return "\n".join(line.rstrip() for line in self.screen.display)

    def forget(self) -> None:
        """Keep nothing of what was written: it may be hundreds of megabytes."""
        self.pieces.clear()
        self._shown = 0

    @property
    def now(self) -> int:
        """How many pieces there are: a position for `since`."""
        return len(self.pieces)

    def written(self, since: int = 0) -> int:
        """Bytes of output."""
        return sum(len(piece.data) for piece in self.pieces[since:])

    def painted(self, word: str, since: int = 0) -> float:
        """When a word, which must have no style inside, was painted; it is waited for."""
        return self._when(word.encode(), since, 0)

    def frame(self, since: int, *, least: int) -> float:
        """When the first frame of that many bytes or more was complete; it is waited for."""
        return self._when(SYNC_END, since, least)

    def still(self, since: int, *, quiet: float, timeout: float = 10.0) -> float | None:
        """When the last byte came before the output was quiet for that long; None when no byte comes in time."""
        begin = time.monotonic()
        while True:
            last = self.pieces[-1].time if self.now > since else None
            if last is not None and time.monotonic() - last >= quiet:
                return last
            if time.monotonic() - begin > timeout:
                return last
            self.pump(0.005)

    def busy(self, begin: float, end: float) -> list[tuple[float, float]]:
        """Seconds, by the clock and of processor time, that the event loop was away, each time it was."""
        found = [(float(line[2]), float(line[3]), float(line[1])) for line in self._logged("busy")]
        return [(wall, cpu) for wall, cpu, began in found if begin <= began <= end]

    def echoes(self, begin: float, end: float) -> list[float]:
        """Seconds of the main thread's processor time from each letter that was typed to its echo."""
        return [float(line[2]) for line in self._logged("echo") if begin <= float(line[1]) <= end]

    @property
    def history_opened(self) -> float:
        """When the program opened the history's file first."""
        lines = self._logged("history")
        assert lines, "the program has not opened a history"
        return float(lines[0][1])

    def _logged(self, kind: str) -> list[list[str]]:
        assert self._log is not None
        lines = [line.split() for line in self._log.read_text().splitlines()] if self._log.exists() else []
        return [line for line in lines if line[0] == kind]

    def _when(self, wanted: bytes, since: int, least: int) -> float:
        end = time.monotonic() + PATIENCE
        position, count, tail = since, 0, b""
        while time.monotonic() < end:
            while position < self.now:
                moment, data = self.pieces[position]
                position += 1
                count += len(data)
                # A word may be cut by the end of a piece.
                tail = tail[1 - len(wanted) :] + data
                if count >= least and wanted in tail:
                    return moment
            self.pump(0.02)
        raise AssertionError(f"never written: {wanted!r}\n{self.text()}")


LETTERS = "".join(
    chr(code)
    for first, last in ((0x410, 0x44F), (0x3B1, 0x3C1), (0x3C3, 0x3C9))
    for code in range(first, last + 1)
)
"""Letters that nothing else on the screen has, so that the first one of a kind is the echo of a key."""


def type_at_random(
    program: MeasuredProgram, rng: random.Random, letters: str, *, pause: tuple[float, float] = (0.03, 0.07)
) -> list[float]:
    """Type the letters one by one; seconds from each key to its echo, infinite for one that never came."""
    waiting: dict[bytes, float] = {}
    delays: list[float] = []
    position, tail = program.now, b""

    def take(seconds: float, *, until_all: bool = False) -> None:
        nonlocal position, tail
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and (waiting or not until_all):
            program.pump(left)
            for moment, data in program.pieces[position:]:
                tail = tail[-1:] + data
                delays.extend(moment - waiting.pop(letter) for letter in list(waiting) if letter in tail)
            position = program.now

    for letter in letters:
        take(rng.uniform(*pause))
        waiting[letter.encode()] = time.monotonic()
        program.type(letter)
    take(10, until_all=True)
    return delays + [math.inf] * len(waiting)


def prompt_line(program: MeasuredProgram) -> str:
    """The line of the screen with letters of LETTERS, only these."""
    found = re.findall(f"[{LETTERS}]+", program.text())
    return max(found, key=len, default="")
