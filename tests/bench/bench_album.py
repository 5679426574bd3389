"""A conversation of many pictures from outside: `python -m tests.bench.bench_album [--pictures N] [--rounds N]`.

The program runs in a pseudo-terminal of 120×40 whose other end takes everything as fast as it comes. Pictures are PNG
files of 1024×1024 pixels, noise under a gradient, drawn in 60×30 cells. What is compared runs in the same round.

memory   Resident memory of the application's own process, and of its family, decoder included: when it has started,
         and at most while every picture of the conversation is scrolled into view and drawn. Megabytes are millions.
scroll   A page up until the last byte before 0.1 s of silence, over pictures that were drawn before, beside a page
         that draws new ones; what the decoder uses of the processor meanwhile, and what goes to the terminal beside
         text: both are nothing where scrolling neither decodes nor sends.
keys     A key until its echo is read: idle, paging over pictures that are drawn, and paging while new ones arrive.
         Each key is a letter of its own, typed 30 to 70 ms after the one before; a page up after every fourth.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.pane.homes import CONFIG, environment
from tests.bench.pane.server import ScriptedServer
from tests.bench.pane.table import Row, p95, table
from tests.bench.pane.terminal import LETTERS, MeasuredProgram, type_at_random
from tests.bench.pane.usage import MEGABYTE, cpu_seconds, memory
from tests.support.album_home import LAST, album_home

STYLES = ("kitty", "mosaic", "block")
PAGE_UP, CLEAR, END = "\x1b[5~", "\x15", "\x1b[F"
FIRST = b"Title 0."
QUIET = 0.25
UNMOVED = 2.0
"""Seconds without a byte after which a page up has moved nothing."""
SIDE = 1024
DRAWN = 20
"""Pictures over which one scrolls back and forth."""
MOST_MEMORY = 120
LOOKS = "\n[ui]\nimage_rows = 30\n"


class Album:
    """Starts the program on one conversation."""

    def __init__(self, folder: Path, address: str, pictures: int) -> None:
        self._home = album_home(folder / "home", pictures, side=SIDE, grain=2)
        (self._home / "config.toml").write_text(CONFIG.format(address=address) + LOOKS, "utf-8")
        self._env = environment(self._home) | {"PYTHONPYCACHEPREFIX": str(folder / "compiled")}
        self.pictures = pictures

    @contextmanager
    def shown(self, style: str) -> Iterator[MeasuredProgram]:
        """The program, open and still."""
        start = [sys.executable, "-m", "animus_tui", "--graphics", style]
        with MeasuredProgram(start, self._env) as program:
            program.painted(LAST.split()[-1])
            program.still(0, quiet=2 * QUIET)
            yield program


def resident(pid: int) -> float:
    """Megabytes of one process."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / MEGABYTE


def page(program: MeasuredProgram, *, patience: float = 2 * QUIET) -> float:
    """Seconds from the key to the last byte before silence; 0 when none comes in `patience` seconds."""
    program.forget()
    begin = time.monotonic()
    program.type(PAGE_UP)
    last = program.still(0, quiet=QUIET, timeout=patience)
    return (last or begin) - begin


def pages_to_the_top(program: MeasuredProgram, pictures: int) -> Iterator[None]:
    """Page up until the first picture's title was written, or nothing moves any more. AssertionError: never there.

    Each step is one page. On a busy machine a page may come so late that the next step takes it for its own: that the
    title was missed is seen by pages without any output.
    """
    without_output = 0
    for _ in range(3 * pictures + 20):
        moved = page(program, patience=UNMOVED) > 0
        yield
        without_output = 0 if moved else without_output + 1
        if without_output == 3 or FIRST in b"".join(piece.data for piece in program.pieces):
            return
    raise AssertionError("the first picture was never reached")


def decoder_of(program: MeasuredProgram) -> float:
    """Processor time of the application's children so far, in seconds."""
    children = Path(f"/proc/{program.pid}/task/{program.pid}/children").read_text().split()
    return sum(cpu_seconds(int(child)) for child in children)


def remembering(album: Album, rounds: int) -> list[Row]:
    """Memory at the start and with everything drawn."""
    found: dict[tuple[str, str], list[float]] = defaultdict(list)
    for _ in range(rounds):
        for style in STYLES:
            with album.shown(style) as program:
                begin = resident(program.pid)
                most, most_family = begin, memory(program.pid).rss
                for _ in pages_to_the_top(program, album.pictures):
                    most = max(most, resident(program.pid))
                    most_family = max(most_family, memory(program.pid).rss)
                found[style, "begin"].append(begin)
                found[style, "most"].append(most)
                found[style, "family"].append(most_family)
    return [
        row
        for style in STYLES
        for row in (
            Row(
                what=f"{style}: the application with {album.pictures} pictures",
                unit="MB",
                values=found[style, "most"],
                versus="with those at its end",
                references=found[style, "begin"],
                bar=MOST_MEMORY,
            ),
            Row(what=f"{style}: with its decoder", unit="MB", values=found[style, "family"]),
        )
    ]


def scrolling(album: Album, rounds: int) -> list[Row]:
    """Pages over what was drawn before, and what they cost beside painting."""
    found: dict[tuple[str, str], list[float]] = defaultdict(list)
    for _ in range(rounds):
        for style in STYLES:
            with album.shown(style) as program:
                fresh = [page(program) for _ in range(DRAWN)]
                program.type(END)
                program.still(0, quiet=2 * QUIET)
                used = decoder_of(program)
                again, sent = [], 0
                for _ in range(DRAWN):
                    again.append(page(program))
                    sent += sum(piece.data.count(b"\x1b_G") for piece in program.pieces)
                found[style, "decoder"].append((decoder_of(program) - used) * 1000)
                found[style, "sent"].append(sent)
                found[style, "fresh"].append(p95(fresh) * 1000)
                found[style, "again"].append(p95(again) * 1000)
    return [
        row
        for style in STYLES
        for row in (
            Row(
                what=f"{style}: page over drawn pictures, p95",
                unit="ms",
                values=found[style, "again"],
                versus="over new ones",
                references=found[style, "fresh"],
                comparison="times",
            ),
            Row(what=f"{style}: decoder meanwhile", unit="ms", values=found[style, "decoder"], bar=10),
            Row(what=f"{style}: graphics commands meanwhile", unit="", values=found[style, "sent"], bar=0),
        )
    ]


def typing(album: Album, rounds: int) -> list[Row]:
    """Key echo: idle, over drawn pictures, and while new ones arrive."""
    chance = random.Random(3)
    found: dict[tuple[str, str], list[float]] = defaultdict(list)
    for _ in range(rounds):
        for style in STYLES:
            with album.shown(style) as program:
                found[style, "idle"].append(p95(type_at_random(program, chance, LETTERS)) * 1000)
                for kind in ("new", "drawn"):
                    program.type(CLEAR)
                    program.type(END)
                    program.still(0, quiet=2 * QUIET)
                    delays: list[float] = []
                    for start in range(0, len(LETTERS), 4):
                        program.forget()
                        program.type(PAGE_UP)
                        delays += type_at_random(program, chance, LETTERS[start : start + 4])
                    found[style, kind].append(p95(delays) * 1000)
                    found[style, f"longest {kind}"].append(max(delays) * 1000)
    return [
        Row(
            what=f"{style}: {what}",
            unit="ms",
            values=found[style, kind],
            versus=versus,
            references=found[style, reference],
            comparison="more",
            bar=bar,
        )
        for style in STYLES
        for what, kind, versus, reference, bar in (
            ("key echo p95, paging over drawn pictures", "drawn", "idle", "idle", None),
            ("key echo p95, paging, pictures arrive", "new", "idle", "idle", None),
            ("the same", "new", "paging", "drawn", 15),
            ("longest echo, pictures arrive", "longest new", "paging", "longest drawn", None),
        )
    ]


PARTS = {"memory": remembering, "scroll": scrolling, "keys": typing}


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description="Measure a conversation of many pictures from outside.")
    parser.add_argument("--pictures", type=int, default=200, help="(default %(default)s)")
    parser.add_argument("--rounds", type=int, default=1, help="runs of each (default %(default)s)")
    parser.add_argument("--only", choices=list(PARTS), action="append", help="measure this; may be repeated")
    arguments = parser.parse_args()
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder, ScriptedServer() as server:
        begin = time.monotonic()
        album = Album(Path(folder), server.address, arguments.pictures)
        sys.stderr.write(f"{arguments.pictures} pictures took {time.monotonic() - begin:.0f} s to make\n")
        for name in arguments.only or PARTS:
            begin = time.monotonic()
            rows += PARTS[name](album, arguments.rounds)
            sys.stderr.write(f"{name} took {time.monotonic() - begin:.0f} s\n")
    load = f"load {os.getloadavg()[1]:.1f} on {os.cpu_count()} processors"
    sys.stdout.write(f"Python {sys.version.split()[0]}, {arguments.rounds} rounds, {load}\n{table(rows)}")


if __name__ == "__main__":
    main()
