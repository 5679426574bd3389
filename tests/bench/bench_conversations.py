"""Opening the list of many conversations, from outside: `python -m tests.bench.bench_conversations [--rounds N]`.

The program runs in a pseudo-terminal of 120×40 whose other end takes everything as fast as it comes. A conversation has
20 messages. What is compared runs in the same round.

start    From the start of the program to its first frame, in milliseconds.
open     Ctrl+L until the first row of the list was written, in milliseconds, and the processor time until then: the
         first time, and once more.
filter   A letter until the rows that have it were written.
memory   Resident memory of the application's own process with the list open. Megabytes are millions.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

from tests.bench.pane.homes import CONFIG, environment
from tests.bench.pane.server import ScriptedServer
from tests.bench.pane.table import Row, table
from tests.bench.pane.terminal import MeasuredProgram
from tests.bench.pane.usage import MEGABYTE, cpu_seconds
from tests.support.many_conversations import write_conversations

SIZES = (10, 1_000, 5_000)
MESSAGES = 20
ROW = f"{MESSAGES} messages"
"""Is written in each row of the list and nowhere else."""
LIST, ESCAPE = "\x0c", "\x1b"
BARS = {1_000: 150.0, 5_000: 300.0}
"""Milliseconds."""
SETTLED = 1.0
"""Seconds in which the program comes to rest."""


def resident(pid: int) -> float:
    """Megabytes of one process."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / MEGABYTE


def timed(program: MeasuredProgram, key: str, word: str) -> tuple[float, float]:
    """Milliseconds from a key until a word was written, and of the processor until then."""
    program.still(0, quiet=SETTLED)
    program.forget()
    used, begin = cpu_seconds(program.pid), time.monotonic()
    program.type(key)
    return (program.painted(word) - begin) * 1000, (cpu_seconds(program.pid) - used) * 1000


def measure(home: Path, found: dict[tuple[str, int], list[float]], size: int) -> None:
    """One program: open the list, leave it, open it again, filter."""
    start = [sys.executable, "-m", "animus_tui", "--graphics", "none"]
    with MeasuredProgram(start, environment(home)) as program:
        found["start", size].append((program.painted("Quit") - program.started) * 1000)
        for which in ("first", "again"):
            opened, used = timed(program, LIST, ROW)
            found[which, size].append(opened)
            found[f"{which} cpu", size].append(used)
            if which == "again":
                break
            program.type(ESCAPE)
        found["filter", size].append(timed(program, "h", " of ")[0])
        found["memory", size].append(resident(program.pid))


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description="Measure the list of many conversations from outside.")
    parser.add_argument("--rounds", type=int, default=3, help="runs of each (default %(default)s)")
    arguments = parser.parse_args()
    found: dict[tuple[str, int], list[float]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder, ScriptedServer() as server:
        homes = {size: Path(folder) / str(size) for size in SIZES}
        for size, home in homes.items():
            home.mkdir()
            (home / "config.toml").write_text(CONFIG.format(address=server.address), "utf-8")
            write_conversations(home / "data", size, size * MESSAGES)
        for _ in range(arguments.rounds):
            for size, home in homes.items():
                measure(home, found, size)
    rows = [
        row
        for size in SIZES
        for row in (
            Row(
                what=f"{size:,} conversations: start",
                unit="ms",
                values=found["start", size],
                versus="10",
                references=found["start", SIZES[0]],
            ),
            Row(
                what="  Ctrl+L until rows",
                unit="ms",
                values=found["first", size],
                versus="10",
                references=found["first", SIZES[0]],
                bar=BARS.get(size),
            ),
            Row(what="  of the processor", unit="ms", values=found["first cpu", size]),
            Row(what="  once more", unit="ms", values=found["again", size], bar=BARS.get(size)),
            Row(what="  of the processor", unit="ms", values=found["again cpu", size]),
            Row(what="  a letter to filter by", unit="ms", values=found["filter", size]),
            Row(
                what="  memory",
                unit="MB",
                values=found["memory", size],
                versus="10",
                references=found["memory", SIZES[0]],
                comparison="more",
            ),
        )
    ]
    load = f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors"
    sys.stdout.write(f"Python {sys.version.split()[0]}, {arguments.rounds} rounds, {load}\n{table(rows)}")


if __name__ == "__main__":
    main()
