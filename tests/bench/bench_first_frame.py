"""How soon a start shows something: `python -m tests.bench.bench_first_frame [--rounds N] [PROGRAM …]`.

A PROGRAM is an `animus-chat` of another installation, such as one without `-e`, as users have it: what makes a checkout
importable takes some of a start itself. The terminal is a pseudo-terminal of 120×40 whose other end takes everything as
fast as it comes; the newest conversation has 20 messages. Milliseconds from the start of the process, with the times of
an interpreter that writes one byte in the same round.

frame    Until the last row of the kept frame was written, before anything is loaded.
whole    Until the application has painted over it.
without  Until the first frame of the application, where none is kept.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from animus_tui.chat.storage.store import ConversationStore
from animus_tui.first_frame import NAME
from tests.bench.pane.homes import CONFIG, ROOT, environment
from tests.bench.pane.server import ScriptedServer
from tests.bench.pane.table import Row, table
from tests.bench.pane.terminal import MeasuredProgram
from tests.support.many_conversations import write_conversations
from tests.support.terminal import until

if TYPE_CHECKING:
    from collections.abc import Sequence

SIZES = (10, 5_000)
MESSAGES = 20
LAST_ROW = "\x1b[40;1H"
BAR = 60.0
"""Milliseconds."""


def start_of(program: str) -> list[str]:
    """What runs an installed program, or the checkout for an empty name."""
    return [program] if program else [sys.executable, "-m", "animus_tui"]


def interpreter_of(program: str) -> str:
    """The interpreter that runs it."""
    return str(Path(program).with_name("python")) if program else sys.executable


def keep_frame(program: str, home: Path) -> None:
    """Have a frame kept, by a program that is left to rest."""
    with MeasuredProgram(start_of(program), environment(home)) as started:
        until(started, (home / "data" / NAME).exists)


def measure(program: str, home: Path, found: dict[tuple[str, str, int], list[float]], size: int) -> None:
    """One round."""
    nothing = [interpreter_of(program), "-c", "import os; os.write(1, b'.'); input()"]
    with MeasuredProgram(nothing, environment(home)) as started:
        found["python", program, size].append((started.painted(".") - started.started) * 1000)
    with MeasuredProgram(start_of(program), environment(home)) as started:
        found["frame", program, size].append((started.painted(LAST_ROW) - started.started) * 1000)
        asked = started.now
        found["whole", program, size].append((started.painted(LAST_ROW, asked) - started.started) * 1000)
    frame = home / "data" / NAME
    aside = frame.rename(home / NAME)
    with MeasuredProgram(start_of(program), environment(home)) as started:
        found["without", program, size].append((started.painted(LAST_ROW) - started.started) * 1000)
    aside.rename(frame)


def rows_of(
    program: str, found: dict[tuple[str, str, int], list[float]], programs: Sequence[str]
) -> list[Row]:
    """The figures of one program."""
    rows = []
    for size in SIZES:
        what = f"{program or 'checkout'}, {size:,}" if len(programs) > 1 else f"{size:,} conversations"
        rows.append(Row(what=f"{what}: python", unit="ms", values=found["python", program, size]))
        for kind in ("frame", "whole", "without"):
            rows.append(
                Row(
                    what=f"  {kind}",
                    unit="ms",
                    values=found[kind, program, size],
                    versus="python",
                    references=found["python", program, size],
                    bar=BAR if kind == "frame" else None,
                )
            )
    return rows


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description="Measure how soon a start shows something.")
    parser.add_argument("--rounds", type=int, default=15, help="runs of each (default %(default)s)")
    parser.add_argument("programs", nargs="*", metavar="PROGRAM", help="an installed animus-chat")
    arguments = parser.parse_args()
    programs = ["", *arguments.programs]
    found: dict[tuple[str, str, int], list[float]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder, ScriptedServer() as server:
        homes: dict[tuple[str, int], Path] = {}
        for program in programs:
            for size in SIZES:
                home = homes[program, size] = Path(folder) / f"{len(homes)}"
                home.mkdir()
                (home / "config.toml").write_text(CONFIG.format(address=server.address), "utf-8")
                newest = write_conversations(home / "data", size, size * MESSAGES)[0]
                ConversationStore(home / "data").note_last(newest)
                keep_frame(program, home)
        os.chdir(ROOT)
        for _ in range(arguments.rounds):
            for (program, size), home in homes.items():
                measure(program, home, found, size)
    rows = [row for program in programs for row in rows_of(program, found, programs)]
    load = f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors"
    sys.stdout.write(f"Python {sys.version.split()[0]}, {arguments.rounds} rounds, {load}\n{table(rows)}")


if __name__ == "__main__":
    main()
