"""The gallery from outside: `python -m tests.bench.bench_gallery [--pictures N] [--rounds N]` prints one table.

The program runs in a pseudo-terminal of 120×40. Its data has 100 conversations of 50 pictures, or one conversation of
50. Each picture is a file of its own by a hard link to one of 40 real PNG files of 1024×1024 pixels, noise under a
gradient, so that no thumbnail serves two. What is compared runs in the same round, and both begin without thumbnails.

open     F4 until the frame with the count of all pictures ends, and until every tile in view has been drawn: without
         thumbnails, and again when they are there. The first opening reads all histories, the second asks for changes.
page     Page Down until the first frame of at least 1,000 bytes ends: thumbnails being made, and over those that are.
         The small gallery has two pages, between which it goes back and forth.
keys     An arrow until the frame that moves the choice ends, typed 30 to 70 ms after the one before: while thumbnails
         are made, and when all in view are there.
filter   A letter of a word until the count has changed.
memory   Resident memory of the application's own process, and of its family, after all of this. Megabytes are millions.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from animus_tui.chat.messages import ChatMessage, Conversation, ImageRecord
from animus_tui.chat.storage.history_format import encode, layout
from animus_tui.chat.storage.store import ConversationStore
from tests.bench.pane.homes import CONFIG, environment
from tests.bench.pane.server import ScriptedServer
from tests.bench.pane.table import Row, p95, table
from tests.bench.pane.terminal import MeasuredProgram
from tests.bench.pane.usage import MEGABYTE, memory
from tests.support.album_home import album_home

FEW = 50
IN_ONE = 50
"""Pictures of a conversation, each below what was said."""
SIDE, DIFFERENT = 1024, 40
OPEN, ESCAPE, DOWN, UP = "\x1bOS", "\x1b", "\x1b[6~", "\x1b[5~"
ARROWS = "\x1b[C", "\x1b[D"
GREETING = "Say hello to"
QUIET = 0.5
PAGES, PRESSES = 12, 40
FRAME = 1_000
"""Bytes that a frame with another page has at least."""
STYLES = ("mosaic", "kitty")


def home_of(folder: Path, count: int, address: str) -> Path:
    """A home with so many pictures; the conversation used last has none."""
    home = folder / f"with-{count}"
    store = ConversationStore(home / "data")
    kept = folder / "originals"
    if not kept.exists():
        album_home(kept, DIFFERENT, side=SIDE, grain=2)
    originals = sorted(kept.rglob("*.png"))
    for first in range(0, count, IN_ONE):
        stored = store.create(Conversation(id=f"c{first}", title=f"Conversation {first}"))
        images = stored.folder / "images"
        images.mkdir()
        lines = []
        for number in range(first, first + IN_ONE):
            at = f"2026-01-{1 + number // 1440 % 28:02}T{number // 60 % 24:02}:{number % 60:02}:00.000Z"
            os.link(originals[number % DIFFERENT], images / f"{number}.png")
            record = ImageRecord(
                prompt=f"A picture of {number} foxes in the snow, golden light, soft clouds, photograph",
                file=f"images/{number}.png",
                created=at,
                width=SIDE,
                height=SIDE,
                settings={"seed": number, "model": "fast"},
            )
            said = ChatMessage(role="user", content="Can you show me foxes in the snow? " * 4, timestamp=at)
            lines += [
                encode(said).line,
                encode(ChatMessage(role="assistant", timestamp=at, image=record)).line,
            ]
        (stored.folder / "history.json").write_bytes(layout(lines))
        stored.close()
    store.create(Conversation(id="last")).close()
    (home / "config.toml").write_text(CONFIG.format(address=address), "utf-8")
    return home


class Gallery:
    """Starts the program beside so many pictures, without thumbnails."""

    def __init__(self, folder: Path, home: Path, count: int) -> None:
        self._folder, self._home, self.count = folder, home, count

    @contextmanager
    def started(self, style: str) -> Iterator[MeasuredProgram]:
        shutil.rmtree(self._folder / "cache", ignore_errors=True)
        env = environment(self._home) | {
            "PYTHONPYCACHEPREFIX": str(self._folder / "compiled"),
            "XDG_CACHE_HOME": str(self._folder / "cache"),
        }
        arguments = [sys.executable, "-m", "animus_tui", "--graphics", style]
        with MeasuredProgram(arguments, env) as program:
            program.painted(GREETING)
            program.still(0, quiet=QUIET)
            yield program

    @property
    def told(self) -> str:
        return f"{self.count:,} pictures"


def opened(program: MeasuredProgram, gallery: Gallery) -> tuple[float, float]:
    """Seconds from the key to the count, and to the last tile in view."""
    since, begin = program.now, time.monotonic()
    program.type(OPEN)
    counted = program.painted(gallery.told, since)
    last = program.still(since, quiet=3 * QUIET, timeout=60)
    assert last is not None
    return counted - begin, last - begin


def pages(program: MeasuredProgram, gallery: Gallery, *, each_drawn: bool) -> list[float]:
    """Seconds of each page; with `each_drawn` the next key waits until all its tiles are there."""
    found = []
    for number in range(PAGES):
        since, begin = program.now, time.monotonic()
        program.type(DOWN if gallery.count > PAGES * FEW or number % 2 == 0 else UP)
        found.append(program.frame(since, least=FRAME) - begin)
        program.still(since, quiet=QUIET if each_drawn else 0.03, timeout=QUIET if not each_drawn else 30)
    return found


def presses(program: MeasuredProgram, chance: random.Random) -> list[float]:
    """Seconds from an arrow to the end of the first frame behind it."""
    found = []
    for number in range(PRESSES):
        program.still(program.now, quiet=chance.uniform(0.03, 0.07), timeout=0.07)
        since, begin = program.now, time.monotonic()
        program.type(ARROWS[number % 2])
        found.append(program.frame(since, least=1) - begin)
    return found


def filtered(program: MeasuredProgram, gallery: Gallery) -> list[float]:
    """Seconds from a letter to the count of the pictures that are left."""
    found = []
    program.type("/")
    program.still(program.now, quiet=0.2)
    for letter in "49":
        since, begin = program.now, time.monotonic()
        program.type(letter)
        found.append(program.painted(f" of {gallery.count:,}", since) - begin if letter == "4" else 0)
        program.still(since, quiet=0.2)
    program.type(ESCAPE)
    program.still(program.now, quiet=QUIET)
    return found[:1]


def measure(program: MeasuredProgram, gallery: Gallery, chance: random.Random) -> dict[str, float]:
    """All figures of one start, in milliseconds and megabytes."""
    count, drawn = opened(program, gallery)
    found = {"first opening, to its count": count, "first opening, to all tiles": drawn}
    fresh = pages(program, gallery, each_drawn=False)
    arrows = presses(program, chance)
    program.still(program.now, quiet=QUIET, timeout=30)
    since = program.now
    program.type(ESCAPE)
    program.painted(GREETING, since)
    program.still(program.now, quiet=QUIET, timeout=2)
    count, drawn = opened(program, gallery)
    found |= {"second opening, to its count": count, "second opening, to all tiles": drawn}
    again = pages(program, gallery, each_drawn=True)
    found |= {
        "page p95, thumbnails are made": p95(fresh),
        "arrow p95, thumbnails are made": p95(arrows),
        "page p95, thumbnails are there": p95(again),
        "arrow p95, all is there": p95(presses(program, chance)),
        "filter": max(filtered(program, gallery)),
    }
    found = {name: seconds * 1000 for name, seconds in found.items()}
    return found | {
        "memory of the application": resident(program.pid),
        "memory with its decoder": memory(program.pid).rss,
    }


def resident(pid: int) -> float:
    """Megabytes of one process."""
    pages_of_memory = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages_of_memory * os.sysconf("SC_PAGE_SIZE") / MEGABYTE


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description="Measure the gallery from outside.")
    parser.add_argument("--pictures", type=int, default=5_000, help="a multiple of 50 (default %(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="runs of each (default %(default)s)")
    arguments = parser.parse_args()
    chance = random.Random(3)
    found: dict[tuple[str, str, int], list[float]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as name, ScriptedServer() as server:
        folder = Path(name)
        counts = FEW, arguments.pictures
        galleries = [Gallery(folder, home_of(folder, count, server.address), count) for count in counts]
        with galleries[0].started(STYLES[0]) as program:  # so that Python compiles what is started later
            opened(program, galleries[0])
        for _ in range(arguments.rounds):
            for style in STYLES:
                for gallery in galleries:
                    with gallery.started(style) as program:
                        for what, value in measure(program, gallery, chance).items():
                            found[style, what, gallery.count].append(value)
    rows = [
        Row(
            what=f"{style}: {what}",
            unit="MB" if what.startswith("memory") else "ms",
            values=values,
            versus=f"{FEW}",
            references=found[style, what, FEW],
            comparison="more" if what.startswith("memory") else "times",
        )
        for (style, what, count), values in found.items()
        if count != FEW
    ]
    load = f"load {os.getloadavg()[1]:.1f} on {os.cpu_count()} processors"
    sys.stdout.write(f"Python {sys.version.split()[0]}, {arguments.rounds} rounds, {load}\n{table(rows)}")


if __name__ == "__main__":
    main()
