"""Keys while a reply of one kind streams in: `python -m tests.bench.bench_key_echo [--tokens N] [--only NAME] [--all]`.

For each kind of text the program runs in a pseudo-terminal, with a conversation of 10 messages or as many as `--size`
says. Letters are typed 30 to 70 ms apart, first while nothing happens, then while the reply comes with 1,000 tokens a
second. Printed are, in milliseconds: p95 from a key to its echo, idle and meanwhile, by the clock and as processor time
of the main thread; the longest time that the event loop took neither key nor token, by the clock; and the most
processor time of any such time, until all that follows the reply's end is done. What other processes disturb least is
processor time, although a busy machine has more than one token come at a time.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.pane.bench import QUIET, WARM_UP, Bench, exchange, reply_end, say
from tests.bench.pane.markdown_app import RATE
from tests.bench.pane.server import ScriptedServer
from tests.bench.pane.table import p95
from tests.bench.pane.terminal import LETTERS, type_at_random
from tests.bench.pane.texts import KINDS, ORDINARY

CLEAR = "\x15"


def measured(bench: Bench, kind: str, tokens: int, size: int) -> list[float]:
    """Milliseconds: what the columns of the table say, from left to right."""
    with bench.chat(size) as (program, _home):
        exchange(program, WARM_UP)
        begin = time.monotonic()
        idle = p95(type_at_random(program, bench.rng, LETTERS))
        program.type(CLEAR)
        program.still(0, quiet=QUIET)
        middle = time.monotonic()
        text = f"tokens={tokens} rate={RATE} kind={kind} last=Fast"
        since, _ = say(program, text)
        program.read(0.5)
        echo = p95(type_at_random(program, bench.rng, LETTERS))
        program.painted(reply_end(text), since)
        bench.server.last_sent("Fast")
        program.still(0, quiet=QUIET)
        end = time.monotonic()
        away = program.busy(middle, end) or [(0.0, 0.0)]
        cpu = [p95(program.echoes(*span)) for span in ((begin, middle), (middle, end))]
    figures = idle, echo, *cpu, max(wall for wall, _ in away), max(used for _, used in away)
    return [figure * 1000 for figure in figures]


def tell(line: str) -> None:
    """Print at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tokens", type=int, default=6_000, help="of a reply (default %(default)s, 24 kB)")
    parser.add_argument("--size", type=int, default=10, help="messages before it (default %(default)s)")
    parser.add_argument("--only", choices=list(KINDS), action="append", help="this kind; may be repeated")
    parser.add_argument("--all", action="store_true", help="also kinds that nobody writes")
    options = parser.parse_args()
    heads = ("idle", "streaming", "idle cpu", "str. cpu", "away", "away cpu", "load")
    tell(f"{'p95 of echoes, longest away':30}" + "".join(f"{head:>11}" for head in heads))
    with tempfile.TemporaryDirectory() as folder, ScriptedServer() as server:
        bench = Bench(Path(folder), server, 1)
        bench.warm_up()
        for kind in options.only or (KINDS if options.all else ORDINARY):
            figures = [*measured(bench, kind, options.tokens, options.size), os.getloadavg()[0]]
            tell(f"{kind:30}" + "".join(f"{figure:11.1f}" for figure in figures))


if __name__ == "__main__":
    main()
