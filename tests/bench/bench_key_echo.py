"""Keys while a reply of one kind streams in: `python -m tests.bench.bench_key_echo [--tokens N] [--only NAME] [--all]`.

For each kind of text the program runs in a pseudo-terminal, with a conversation of 10 messages or as many as `--size`
says. Letters are typed 30 to 70 ms apart, first while nothing happens, then while the reply comes with 1,000 tokens a
second. Printed are, in milliseconds: p95 from a key to its echo, idle and meanwhile; the longest time that the event
loop took neither key nor token, by the clock; and the most processor time of the main thread in any such time, which
other processes disturb least. That of the text's end, where the whole of it is kept, is counted as well.
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


def measured(bench: Bench, kind: str, tokens: int, size: int) -> tuple[float, float, float, float]:
    """p95 idle and while the text streams in, longest time away, most processor time of one; milliseconds."""
    with bench.chat(size) as (program, _home):
        exchange(program, WARM_UP)
        idle = p95(type_at_random(program, bench.rng, LETTERS))
        program.type(CLEAR)
        program.still(0, quiet=QUIET)
        begin = time.monotonic()
        text = f"tokens={tokens} rate={RATE} kind={kind} last=Fast"
        since, _ = say(program, text)
        program.read(0.5)
        echo = p95(type_at_random(program, bench.rng, LETTERS))
        program.painted(reply_end(text), since)
        bench.server.last_sent("Fast")
        program.still(0, quiet=QUIET)
        away = program.busy(begin, time.monotonic()) or [(0.0, 0.0)]
    figures = idle, echo, max(wall for wall, _ in away), max(cpu for _, cpu in away)
    return tuple(figure * 1000 for figure in figures)  # type: ignore[return-value]  # there are four


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
    tell(f"{'':30}{'idle p95':>10}{'echo p95':>10}{'away':>8}{'cpu':>8}{'load':>8}")
    with tempfile.TemporaryDirectory() as folder, ScriptedServer() as server:
        bench = Bench(Path(folder), server, 1)
        bench.warm_up()
        for kind in options.only or (KINDS if options.all else ORDINARY):
            idle, echo, away, cpu = measured(bench, kind, options.tokens, options.size)
            load = os.getloadavg()[0]
            tell(f"{kind:30}{idle:10.1f}{echo:10.1f}{away:8.1f}{cpu:8.1f}{load:8.1f}")


if __name__ == "__main__":
    main()
