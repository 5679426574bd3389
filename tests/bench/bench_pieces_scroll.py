"""What a step of scrolling costs with two pictures in view: `python -m tests.bench.bench_pieces_scroll [rate]`.

120×40 cells of 10×20 pixels, a real pseudo-terminal that takes all at once, or `rate` bytes a second. Per step of the
wheel, the median: bytes of its frame, bytes until nothing follows, milliseconds from the wheel to the end of the frame
and to the end of all, and processor time of the application.
"""

from __future__ import annotations

import os
import re
import select
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from tests.support.album_home import CONVERSATION, LAST, album_home
from tests.support.bench_pictures import picture
from tests.support.scripted_terminal import CELL, ENVIRONMENTS, TERMINALS, ScriptedTerminal
from tests.support.terminal import program_environment, until_silent

STYLES = "mosaic", "kitty", "sixel", "iterm2"
SHOWN = "harbour", "portrait", "leaves", "texture"
STEPS = 24
WHEEL_UP = "\x1b[<64;20;10M"
SYNCHRONIZED = b"\x1b[?2026;2$y"
_FRAME = re.compile(rb"\x1b\[\?2026h.*?\x1b\[\?2026l", re.DOTALL)
STILL = 0.25
"""Seconds without a byte after which a step is over: more than pixels wait for."""


class Step(NamedTuple):
    """What one step cost."""

    frame: int
    """Bytes of the frame."""
    all: int
    """Bytes in all."""
    frame_ms: float
    all_ms: float


def main() -> None:
    """Print a line for each way of drawing."""
    rate = float(sys.argv[1]) if len(sys.argv) > 1 else float("inf")
    _say(f"{'':8}{'frame kB':>10}{'all kB':>10}{'frame ms':>10}{'all ms':>10}{'CPU ms':>10}")
    for style in STYLES:
        steps, processor = measure(style, rate)
        middle = [statistics.median(step[at] for step in steps) for at in range(4)]
        _say(
            f"{style:8}{middle[0] / 1000:10.1f}{middle[1] / 1000:10.1f}{middle[2]:10.1f}{middle[3]:10.1f}"
            f"{processor / len(steps):10.1f}"
        )


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def measure(style: str, rate: float) -> tuple[list[Step], float]:
    """The steps, and milliseconds of processor time of all of them."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        album_home(home, len(SHOWN) * 2, side=1024)
        for number in range(len(SHOWN) * 2):
            file = home / "data" / "conversations" / CONVERSATION / "images" / f"{number}.png"
            picture(SHOWN[number % len(SHOWN)]).save(file, compress_level=1)
        script = TERMINALS["xterm as vt340"] | {CELL: b"\x1b[6;20;10t"}
        env = program_environment(home) | ENVIRONMENTS["xterm as vt340"]
        command = [sys.executable, "-m", "animus_tui", "--demo", "--graphics", style]
        with ScriptedTerminal(command, env, script) as program:
            program.wait_for(LAST)
            program.send(SYNCHRONIZED)
            # Once up and down, so that all is drawn.
            for key in ("\x1b[5~",) * 5 + ("\x1b[F",) + ("\x1b[5~",) * 2:
                program.type(key)
                until_silent(program, 1.0)
            before = _processor(program.pid)
            steps = [step(program, rate) for _ in range(STEPS)]
            return steps, _processor(program.pid) - before


def step(program: ScriptedTerminal, rate: float) -> Step:
    """Turn the wheel once, and read all that comes of it."""
    began = time.monotonic()
    program.type(WHEEL_UP)
    data, frame, frame_ms, last = b"", 0, 0.0, began
    while select.select([program.terminal], [], [], STILL)[0]:
        part = os.read(program.terminal, 1 << 14)
        data += part
        if rate < float("inf"):
            time.sleep(len(part) / rate)
        last = time.monotonic()
        if not frame:
            found = next((found for found in _FRAME.finditer(data) if len(found[0]) > 1000), None)
            if found is not None:
                frame, frame_ms = len(found[0]), (last - began) * 1000
    return Step(frame, len(data), frame_ms, (last - began) * 1000)


def _processor(pid: int) -> float:
    """Milliseconds of processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
