"""The conversation pane from outside: `python -m tests.bench.bench_pane [--rounds N] [--only NAME]` prints one table.

The program runs in a pseudo-terminal of 120×40 with its data in a temporary folder, and a server on the loopback
address answers it. Nothing of the program is reached into, so that one benchmark measures any pane, this and the next.
Processor time and memory come from /proc, so Linux is needed.

Each figure is the median of the rounds, with the least one behind it in parentheses: other processes only ever add, so
on a busy machine the least is nearer to what the program needs. What is compared runs in turns in the same round.
The bar holds for the median; its failing is told and is no error. Where processor time stands beside a time by the
clock, it is what other processes disturb least; it counts the whole process family, threads included.

open     Process start, and opening of the history's file, until the last word of the last message is painted.
memory   Of the whole process family when its output has been still for 0.3 s. Megabytes are millions of bytes.
first    Process start until the first burst of output that shows the last message ends (0.15 s of silence). The
         processor time goes on until all is still: a long history is read to its beginning behind the first frame.
append   Enter until the message stands in the conversation, is in the history's file, and both.
stream   Processor time of the program from before the message is typed until the reply is there and all is still.
         The reply comes token by token, one event each, as fast as they are taken, or whole in one event.
keys     A key until its echo is read from the terminal. Each key is a letter of its own that nothing else shows, typed
         30 to 70 ms after the one before. p95, median and maximum of each round, then median of the rounds.
page     Page Up until the last byte before 40 ms of silence, and until the first frame of at least 1,000 bytes ends
         (the program marks the ends of frames: synchronised output). Every page shows what was not shown before;
         a round makes 80 pages, or as many as it can in 45 s.
resize   Change of the terminal's width until the first frame of at least 1,000 bytes ends. All changes of all rounds.
idle     Bytes written and processor time while nothing happens.
designs  Beside the chat, with the same messages: one Markdown widget a message, and a window of them.
away     For each phase of the above: the longest time that the event loop took neither key nor token, by the clock, and
         processor time of the main thread in that time. The difference is other threads and other processes.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.bench.pane import rows_still, rows_talk
from tests.bench.pane.bench import Bench
from tests.bench.pane.server import ScriptedServer
from tests.bench.pane.table import Row, table

ROWS: dict[str, Callable[[Bench], list[Row]]] = {
    "open": rows_still.opening,
    "memory": rows_still.resident,
    "first": rows_still.first_frame,
    "append": rows_talk.appending,
    "stream": rows_talk.streaming,
    "keys": rows_talk.key_echo,
    "page": rows_still.paging,
    "resize": rows_still.resizing,
    "idle": rows_still.idling,
    "designs": rows_talk.other_designs,
}
ROUNDS = 5
LONGEST_AWAY = 16
"""Milliseconds."""


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description="Measure the conversation pane from outside.")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="runs of each (default %(default)s)")
    parser.add_argument("--only", choices=list(ROWS), action="append", help="measure this; may be repeated")
    arguments = parser.parse_args()
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder, ScriptedServer() as server:
        bench = Bench(Path(folder), server, arguments.rounds)
        rows += _measured("start", Bench.warm_up, bench)
        for name in arguments.only or ROWS:
            rows += _measured(name, ROWS[name], bench)
    rows += _away(bench)
    load = f"load {os.getloadavg()[1]:.1f} on {os.cpu_count()} processors"
    head = f"Python {sys.version.split()[0]}, {arguments.rounds} rounds, median (least), {load}"
    sys.stdout.write(f"{head}\n{table(rows)}")


def _measured(name: str, measure: Callable[[Bench], list[Row]], bench: Bench) -> list[Row]:
    start = time.monotonic()
    try:
        rows = measure(bench)
    except (AssertionError, OSError, LookupError, ValueError) as error:  # no figure is a result, too
        sys.stderr.write(f"{name} could not be measured: {error}\n")
        return [Row(what=f"{name}: could not be measured", unit="", values=(), bar=0)]
    sys.stderr.write(f"{name} took {time.monotonic() - start:.0f} s\n")
    return rows


def _away(bench: Bench) -> list[Row]:
    return [
        Row(
            what=f"event loop away, longest, {phase}",
            unit="ms",
            values=[wall * 1000 for wall, _ in longest],
            versus="processor time of it",
            references=[cpu * 1000 for _, cpu in longest],
            bar=None if phase.startswith("opening") else LONGEST_AWAY,
        )
        for phase, longest in bench.away.items()
    ]


if __name__ == "__main__":
    main()
