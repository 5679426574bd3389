"""Rows about a conversation that goes on: append, stream, keys; and the designs that the chat is compared with."""

from __future__ import annotations

import statistics
import time
from collections import defaultdict
from pathlib import Path

from tests.bench.pane.bench import FEW, MANY, QUIET, WARM_UP, Bench, exchange, reply_end, say
from tests.bench.pane.homes import history_file
from tests.bench.pane.markdown_app import RATE, TOKENS
from tests.bench.pane.messages import LAST_WORD
from tests.bench.pane.table import Row, p95
from tests.bench.pane.terminal import LETTERS, MeasuredProgram, prompt_line, type_at_random
from tests.bench.pane.usage import cpu_seconds, memory

APPENDED = 6
"""Messages that one run appends; the median counts."""
STREAMED = 2_000
"""Tokens of the reply that comes as fast as it can."""
F2 = "\x1bOQ"
CLEAR = "\x15"
RIVAL_SIZE, RIVAL_WINDOW = 1_000, 50
"""One widget a message takes minutes to open more."""


def appending(bench: Bench) -> list[Row]:
    """Say something in a long conversation and in a short one."""
    delays: dict[tuple[str, int], list[float]] = defaultdict(list)
    for _ in range(bench.rounds):
        for size in (FEW, MANY):
            with bench.chat(size) as (program, home):
                opened = time.monotonic()
                # The first exchange opens a connection and imports what only exchanges need.
                _append(program, history_file(home), 0)
                begin = time.monotonic()
                each = [_append(program, history_file(home), number) for number in range(1, APPENDED)]
                if size == MANY:
                    bench.note_away("first exchange", program, opened, begin)
                    bench.note_away("appending", program, begin, time.monotonic())
            for kind, values in zip(("painted", "on disk", "both"), zip(*each, strict=True), strict=True):
                delays[f"Enter to {kind}", size].append(statistics.median(values))
    return [
        Row(
            what=f"append to {MANY:,}: {kind}",
            unit="ms",
            values=delays[kind, MANY],
            versus=f"{FEW}",
            references=delays[kind, FEW],
            comparison="times",
            bar=1.3 if kind.endswith("both") else None,
        )
        for kind, size in delays
        if size == MANY
    ]


def _append(program: MeasuredProgram, history: Path, number: int) -> tuple[float, float, float]:
    """Milliseconds from Enter until the message is painted, is on disk, and both."""
    # The word stands in the middle, as the end of a line may be where the text wraps.
    word = f"word{number:04}"
    text = f"Listen, {word} comes first hold=400 last=End{number}"
    since, pressed = say(program, text)
    wanted = word.encode()
    on_disk = 0.0
    while not on_disk:
        program.pump(0.001)
        with history.open("rb") as file:
            file.seek(-min(4096, history.stat().st_size), 2)
            if wanted in file.read():
                on_disk = time.monotonic()
    painted = program.painted(word, since)
    program.painted(reply_end(text), since)
    program.still(since, quiet=QUIET)
    return (painted - pressed) * 1000, (on_disk - pressed) * 1000, (max(painted, on_disk) - pressed) * 1000


def streaming(bench: Bench) -> list[Row]:
    """A reply of many tokens that come as fast as they can, and the same reply in one piece."""
    used: dict[str, list[float]] = defaultdict(list)
    late: dict[str, list[float]] = defaultdict(list)
    for _ in range(bench.rounds):
        for kind, rate in (("whole", -1), ("stream", 0)):
            with bench.chat(MANY) as (program, _home):
                exchange(program, WARM_UP)
                begin, before = time.monotonic(), cpu_seconds(program.pid)
                text = f"tokens={STREAMED} rate={rate} last={kind}"
                since, _ = say(program, text)
                painted = program.painted(reply_end(text), since)
                program.still(since, quiet=QUIET)
                used[kind].append((cpu_seconds(program.pid) - before) * 1000)
                late[kind].append((painted - bench.server.last_sent(kind)) * 1000)
                bench.note_away(f"{kind} reply of {STREAMED:,}", program, begin, time.monotonic())
    what = f"stream {STREAMED:,} tokens at once"
    return [
        Row(
            what=f"{what}: processor time",
            unit="ms",
            values=used["stream"],
            versus="one piece",
            references=used["whole"],
            comparison="times",
            bar=3,
        ),
        Row(
            what=f"{what}: last byte sent to last word painted",
            unit="ms",
            values=late["stream"],
            versus="one piece",
            references=late["whole"],
            comparison="alone",
            bar=500,
        ),
    ]


def key_echo(bench: Bench) -> list[Row]:
    """Type while nothing happens, and while a reply streams in."""
    idle: dict[str, list[float]] = defaultdict(list)
    busy: dict[str, list[float]] = defaultdict(list)
    wrong: list[float] = []
    for _ in range(bench.rounds):
        with bench.chat(MANY) as (program, _home):
            exchange(program, WARM_UP)
            _keep(idle, type_at_random(program, bench.rng, LETTERS))
            program.type(CLEAR)
            begin = time.monotonic()
            _keep(busy, _type_into_stream(bench, program))
            bench.note_away(f"{RATE:,} tokens/s and keys", program, begin, time.monotonic())
            program.still(0, quiet=QUIET)
            typed = prompt_line(program)
            wrong.append(sum(a != b for a, b in zip(LETTERS, typed.ljust(len(LETTERS)), strict=False)))
    return [
        Row(
            what=f"key echo {kind} at {RATE:,} tokens/s",
            unit="ms",
            values=busy[kind],
            versus="idle",
            references=idle[kind],
            comparison="more",
            bar=10 if kind == "p95" else None,
        )
        for kind in ("p95", "median", "longest")
    ] + [Row(what=f"keys of {len(LETTERS)} that are lost or out of place", unit="keys", values=wrong, bar=0)]


def _type_into_stream(bench: Bench, program: MeasuredProgram) -> list[float]:
    text = f"tokens={TOKENS} rate={RATE} last=Fast"
    since, _ = say(program, text)
    # The first words of the reply, and with them its bubble.
    while program.written(since) < 4_000:
        program.pump(0.05)
    program.read(0.2)
    delays = type_at_random(program, bench.rng, LETTERS)
    program.painted(reply_end(text), since)
    bench.server.last_sent("Fast")
    return delays


def _keep(figures: dict[str, list[float]], delays: list[float]) -> None:
    for kind, value in (
        ("p95", p95(delays)),
        ("median", statistics.median(delays)),
        ("longest", max(delays)),
    ):
        figures[kind].append(value * 1000)


def other_designs(bench: Bench) -> list[Row]:
    """The chat and two usual designs with the same messages."""
    opened: dict[str, list[float]] = defaultdict(list)
    added: dict[str, list[float]] = defaultdict(list)
    echo: dict[str, list[float]] = defaultdict(list)
    app = ("-m", "tests.bench.pane.markdown_app")
    designs = {
        "one Markdown widget a message": (*app, f"{RIVAL_SIZE}"),
        f"a window of {RIVAL_WINDOW} Markdown widgets": (*app, f"{RIVAL_SIZE}", f"{RIVAL_WINDOW}"),
    }
    ours = "animus-chat"
    # These runs are long, and what they show is no matter of some per cent.
    for _ in range((bench.rounds + 2) // 3):
        with bench.chat(RIVAL_SIZE, watched=False) as (program, _home):
            opened[ours].append((program.painted(LAST_WORD) - program.started) * 1000)
            added[ours].append(memory(program.pid).rss)
            exchange(program, WARM_UP)
            echo[ours].append(p95(_type_into_stream(bench, program)) * 1000)
        for design, arguments in designs.items():
            with bench.other(*arguments) as program:
                opened[design].append((program.painted(LAST_WORD) - program.started) * 1000)
                added[design].append(memory(program.pid).rss)
                program.type(F2)
                program.read(0.5)
                echo[design].append(p95(type_at_random(program, bench.rng, LETTERS)) * 1000)
    return [
        Row(
            what=f"{design}, {RIVAL_SIZE:,} messages: {what}",
            unit=unit,
            values=values[design],
            versus=ours,
            references=values[ours],
            comparison="times",
        )
        for design in designs
        for what, unit, values in (
            ("open", "ms", opened),
            ("memory, rss", "MB", added),
            (f"key echo p95 at {RATE:,} tokens/s", "ms", echo),
        )
    ]
