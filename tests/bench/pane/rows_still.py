"""Rows about a conversation that is opened, read and left alone: open, first, memory, page, resize, idle."""

from __future__ import annotations

import time
from collections import defaultdict
from pathlib import Path

from tests.bench.pane.bench import FEW, MANY, QUIET, Bench
from tests.bench.pane.homes import ROOT
from tests.bench.pane.messages import LAST_WORD
from tests.bench.pane.table import Row, p95
from tests.bench.pane.terminal import MeasuredProgram
from tests.bench.pane.usage import cpu_seconds, memory

PAGES = 80
PAGING = 45.0
"""Seconds after which a round is content with the pages that it has."""
PAGE_UP = "\x1b[5~"
PAGE_QUIET = 0.04
"""Seconds without output after which a page is complete: more than two steps of an animation."""
FULL_FRAME = 1_000
"""Bytes that a frame of the whole screen has at least; a frame of a part may have them too."""
RESIZED = 0.8
"""Seconds without output after which no frame of the resize before is still to come."""
WIDTHS = (100, 120, 80, 120, 110, 90, 120, 60)
IDLE = 5.0


def opening(bench: Bench) -> list[Row]:
    """Open many messages and few."""
    figures: dict[tuple[str, int], list[float]] = defaultdict(list)
    for _ in range(bench.rounds):
        for size in (FEW, MANY):
            with bench.chat(size) as (program, _home):
                moment = program.painted(LAST_WORD)
                figures["process start to last message painted", size].append(moment - program.started)
                figures["history file opened to that", size].append(moment - program.history_opened)
                figures["processor time until all is still", size].append(cpu_seconds(program.pid))
                bench.note_away(f"opening {size:,}", program, program.started, time.monotonic())
    return [
        Row(
            what=f"open {MANY:,}: {what}",
            unit="ms",
            values=_milliseconds(figures[what, MANY]),
            versus=f"{FEW}",
            references=_milliseconds(figures[what, FEW]),
            comparison="times",
            bar=1.3,
        )
        for what, size in figures
        if size == MANY
    ]


def resident(bench: Bench) -> list[Row]:
    """Memory with many messages open, and with few."""
    kinds: dict[tuple[str, int], list[float]] = defaultdict(list)
    for _ in range(bench.rounds):
        for size in (FEW, MANY):
            with bench.chat(size, watched=False) as (program, _home):
                for kind, megabytes in memory(program.pid)._asdict().items():
                    kinds[kind, size].append(megabytes)
    rows = [
        Row(
            what=f"memory added by {MANY:,}, {kind}",
            unit="MB",
            values=kinds[kind, MANY],
            versus=f"{FEW}",
            references=kinds[kind, FEW],
            comparison="more",
            bar=5,
        )
        for kind in ("rss", "private")
    ]
    return [
        *rows,
        Row(what=f"memory with {MANY:,} open, rss", unit="MB", values=kinds["rss", MANY], bar=60),
        Row(what=f"memory with {MANY:,} open, pss", unit="MB", values=kinds["pss", MANY]),
    ]


def first_frame(bench: Bench) -> list[Row]:
    """Start to the first full frame, beside the least chat that Textual can be."""
    figures: dict[tuple[str, str], list[float]] = defaultdict(list)
    minimal = str(Path(ROOT, "tests/bench/pane/minimal_app.py"))

    def take(kind: str, program: MeasuredProgram) -> None:
        figures["start to first full frame", kind].append(_first_full(program))
        figures["processor time until all is still", kind].append(cpu_seconds(program.pid))

    for _ in range(bench.rounds):
        with bench.other(minimal) as program:
            take("minimal screen", program)
        with bench.chat(MANY, watched=False) as (program, _home):
            take("chat", program)
    return [
        Row(
            what=f"{what}, {MANY:,} messages",
            unit="ms",
            values=_milliseconds(figures[what, "chat"]),
            versus="minimal screen",
            references=_milliseconds(figures[what, "minimal screen"]),
            comparison="times",
            bar=None if what.startswith("processor") else 1.15,
        )
        for what, kind in figures
        if kind == "chat"
    ]


def _first_full(program: MeasuredProgram) -> float:
    """Seconds from the start to the end of the first burst of output that shows the last message."""
    shown = program.painted(LAST_WORD)
    ends = [piece.time for piece in program.pieces if piece.time >= shown]
    last = shown
    for moment in ends:
        if moment - last > QUIET / 2:
            break
        last = moment
    return last - program.started


def paging(bench: Bench) -> list[Row]:
    """Page up through many messages."""
    complete: list[float] = []
    first: list[float] = []
    dead: list[float] = []
    made: list[float] = []
    used: list[float] = []
    for _ in range(bench.rounds):
        with bench.chat(MANY) as (program, _home):
            begin, before = time.monotonic(), cpu_seconds(program.pid)
            delays: list[tuple[float, float] | None] = []
            while len(delays) < PAGES and time.monotonic() < begin + PAGING:
                delays.append(_page(program))
            used.append((cpu_seconds(program.pid) - before) / len(delays) * 1000)
            bench.note_away("paging", program, begin, time.monotonic())
        seen = [delay for delay in delays if delay is not None]
        dead.append(len(delays) - len(seen))
        made.append(len(seen))
        first.append(p95([delay[0] for delay in seen]))
        complete.append(p95([delay[1] for delay in seen]))
    what = f"page up p95, {PAGES} pages at {MANY:,} messages"
    return [
        Row(what=f"{what}: key to last byte of the frame", unit="ms", values=complete, bar=20),
        Row(what=f"{what}: key to first frame", unit="ms", values=first),
        Row(what="page up: processor time of one", unit="ms", values=used),
        Row(what="page up: keys without any effect", unit="keys", values=dead, bar=0),
        Row(what=f"page up: pages within {PAGING:g} s", unit="pages", values=made),
    ]


def _page(program: MeasuredProgram) -> tuple[float, float] | None:
    """Milliseconds to the first frame and to the complete one; None when nothing happened."""
    since, pressed = program.now, time.monotonic()
    program.type(PAGE_UP)
    last = program.still(since, quiet=PAGE_QUIET, timeout=PAGING)
    if last is None or program.written(since) < FULL_FRAME:
        return None
    first = program.frame(since, least=FULL_FRAME)
    return (first - pressed) * 1000, (last - pressed) * 1000


def resizing(bench: Bench) -> list[Row]:
    """Change the width with many messages open."""
    delays: list[float] = []
    ends: list[float] = []
    used: list[float] = []
    for _ in range(bench.rounds):
        with bench.chat(MANY) as (program, _home):
            begin, before = time.monotonic(), cpu_seconds(program.pid)
            for width in WIDTHS:
                since, moment = program.now, time.monotonic()
                program.resize(width, 40)
                delays.append((program.frame(since, least=FULL_FRAME) - moment) * 1000)
                last = program.still(since, quiet=RESIZED) or moment
                ends.append((last - moment) * 1000)
            used.append((cpu_seconds(program.pid) - before) / len(WIDTHS) * 1000)
            bench.note_away("resizing", program, begin, time.monotonic())
    what = f"resize with {MANY:,} messages"
    return [
        Row(what=f"{what}: to the first frame", unit="ms", values=delays, bar=40),
        Row(what=f"{what}: to the last byte", unit="ms", values=ends),
        Row(what=f"{what}: processor time of one", unit="ms", values=used),
    ]


def idling(bench: Bench) -> list[Row]:
    """Leave it alone."""
    written: list[float] = []
    busy: list[float] = []
    for _ in range(bench.rounds):
        with bench.chat(MANY, watched=False) as (program, _home):
            program.read(1)
            since, used = program.now, cpu_seconds(program.pid)
            program.read(IDLE)
            busy.append((cpu_seconds(program.pid) - used) * 1000)
            written.append(program.written(since))
    return [
        Row(what=f"idle for {IDLE:g} s: written", unit="bytes", values=written, bar=0),
        Row(what=f"idle for {IDLE:g} s: processor time", unit="ms", values=busy, bar=10),
    ]


def _milliseconds(seconds: list[float]) -> list[float]:
    return [value * 1000 for value in seconds]
