"""What all measurements share: homes, the server, how programs are started, and the times the event loop was away."""

from __future__ import annotations

import random
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.pane.homes import ROOT, Homes, environment
from tests.bench.pane.messages import LAST_WORD
from tests.bench.pane.server import SUFFIX, ScriptedServer
from tests.bench.pane.table import Row
from tests.bench.pane.terminal import MeasuredProgram

FEW, MANY = 10, 10_000
"""Messages in the conversations that are compared."""
QUIET = 0.3
"""Seconds without output after which a program is taken to have nothing more to do."""
WARM_UP = "tokens=400 rate=-1 last=Warm"
"""An exchange that loads whatever Markdown needs at its first use."""


class Bench:
    """Starts programs and keeps what is learned of their event loops."""

    def __init__(self, folder: Path, server: ScriptedServer, rounds: int) -> None:
        self.rounds = rounds
        self.server = server
        self.homes = Homes(folder, server.address)
        self.rng = random.Random(3)
        self.away: dict[str, list[tuple[float, float]]] = defaultdict(list)
        """By phase, for each run: the longest time the loop was away, and the processor's part of the longest."""
        self._folder = folder

    @contextmanager
    def chat(self, size: int, *, watched: bool = True) -> Iterator[tuple[MeasuredProgram, Path]]:
        """The chat with a conversation of that length, open and still; and its home."""
        home = self.homes.fresh(size)
        log = home / "watch.log"
        start = ["-m", "tests.bench.pane.watched_app", str(log)] if watched else ["-m", "animus_tui"]
        with self._program(start, home, log if watched else None) as program:
            program.painted(LAST_WORD)
            program.still(0, quiet=QUIET)
            yield program, home

    @contextmanager
    def other(self, *arguments: str) -> Iterator[MeasuredProgram]:
        """A program that is compared with the chat, open and still."""
        with self._program(list(arguments), self.homes.fresh(FEW), None) as program:
            program.painted(LAST_WORD)
            program.still(0, quiet=QUIET)
            yield program

    def note_away(self, phase: str, program: MeasuredProgram, begin: float, end: float) -> None:
        """Keep the longest time that the loop was away in this phase."""
        self.away[phase].append(max(program.busy(begin, end), default=(0.0, 0.0)))

    def _program(self, arguments: list[str], home: Path, log: Path | None) -> MeasuredProgram:
        env = environment(home) | {"PYTHONPYCACHEPREFIX": str(self._folder / "compiled")}
        return MeasuredProgram([sys.executable, *arguments], env, log)

    def warm_up(self) -> list[Row]:
        """Let Python compile what is started later; there is nothing to tell of it."""
        with self.chat(FEW):
            pass
        with self.chat(FEW, watched=False) as (program, _):
            exchange(program, WARM_UP)
        with self.other(str(ROOT / "tests/bench/pane/minimal_app.py")):
            pass
        return []


def say(program: MeasuredProgram, text: str) -> tuple[int, float]:
    """Type a message, wait for it, and send it; the position in the output and the time of the Enter key."""
    since = program.now
    program.type(text)
    program.painted(text.split()[-1], since)
    program.still(since, quiet=0.1)
    position, moment = program.now, time.monotonic()
    program.type("\r")
    return position, moment


def exchange(program: MeasuredProgram, text: str) -> None:
    """Say it, and wait until the reply has been painted and nothing more is."""
    since, _ = say(program, text)
    program.painted(reply_end(text), since)
    program.still(since, quiet=QUIET)


def reply_end(text: str) -> str:
    """The last word of the reply to a message whose last setting is `last`."""
    return text.rpartition("last=")[2] + SUFFIX
