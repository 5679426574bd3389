"""Time from a picture's bytes to its cells on the screen: `python -m tests.bench.bench_first_picture [--rounds N]`.

The program runs in a pseudo-terminal of 120×40 with the demo server, and two pictures are asked for: the first of the
session and a later one. Each time runs from the moment at which the picture's file was written (the time of its last
change) to the end of the first frame that shows its cells, and so includes the file's way to the disk, its decoding and
its painting. Where pixels are drawn row by row, there is a time until the first frame that shows anything of the
picture, a mosaic or a row, and one until its last row. Medians of the rounds, the least in parentheses; other processes
only ever add.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import re
import statistics
import struct
import sys
import tempfile
import termios
import time
from pathlib import Path

from tests.bench.pane.homes import environment
from tests.bench.pane.terminal import PATIENCE, SYNC_END, MeasuredProgram

CONFIG = "[auto_turn]\nenabled = false\n[image]\nwidth = 1024\nheight = 1024\n"
CELLS = {
    "mosaic": re.compile("[\u2580-\u259f\U0001fb00-\U0001fbae]"),
    "block": re.compile("[\u2580-\u259f]"),
    "kitty": re.compile("\U0010eeee"),
}
"""What a picture is made of on the screen, by `--graphics`."""
PIECES = {"sixel": re.compile(rb"\x1bP[0-9;]*q"), "iterm2": re.compile(rb"\x1b\]1337;File=")}
"""What a row of a picture begins with, where pixels are drawn row by row."""
SIZE = 40, 120, 1200, 800
"""Of the terminal: rows and columns, and the same in pixels, across and down."""
LEAST = 300
"""Such characters in a frame that shows a picture; a bar of progress has fewer."""
FRAME = 400_000
"""Bytes of a frame that are looked at; what a terminal is given before one is not read."""
READY = "or try one of these"


def shown(program: MeasuredProgram, since: float, graphics: str) -> float:
    """When the first frame with a picture was complete after a moment of the monotonic clock; it is waited for."""
    end, position, frame = time.monotonic() + PATIENCE, 0, list[bytes]()
    while time.monotonic() < end:
        while position < program.now:
            moment, data = program.pieces[position]
            position += 1
            frame.append(data)
            if SYNC_END not in b"".join(frame[-2:])[-len(data) - len(SYNC_END) :]:
                continue  # the program waits for who reads, so nothing is looked at before a frame is whole
            *ended, rest = b"".join(frame).split(SYNC_END)
            frame = [rest]
            if moment >= since and any(_has_picture(one, graphics) for one in ended):
                return moment
        program.pump(0.02)
    raise AssertionError(f"no picture\n{program.text()}")


def last_piece(program: MeasuredProgram, since: float, start: re.Pattern[bytes]) -> float:
    """When the last row of pixels was there after a moment of the monotonic clock, nothing of which is waited for."""
    moments = [piece.time for piece in program.pieces if piece.time >= since and start.search(piece.data)]
    assert moments, f"no pixels\n{program.text()}"
    return moments[-1]


def _has_picture(frame: bytes, graphics: str) -> bool:
    cells = CELLS.get(graphics, CELLS["mosaic"])
    has_row = graphics in PIECES and PIECES[graphics].search(frame) is not None
    return has_row or len(cells.findall(frame[-FRAME:].decode("utf-8", "ignore"))) >= LEAST


def written(home: Path, number: int, program: MeasuredProgram) -> float:
    """When the picture of this number was written, on the monotonic clock; it is waited for."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        moments = sorted(path.stat().st_mtime_ns / 1e9 for path in home.glob("data/conversations/*/*/*.png"))
        if len(moments) > number:
            return moments[number] - time.time() + time.monotonic()
        program.pump(0.005)
    raise AssertionError(f"no file\n{program.text()}")


def session(folder: Path, graphics: str) -> list[dict[str, float]]:
    """Milliseconds of the first picture of a session and of the second, by what was there to see."""
    home = Path(tempfile.mkdtemp(dir=folder))
    (home / "config.toml").write_text(CONFIG, "utf-8")
    command = [sys.executable, "-m", "animus_tui", "--graphics", graphics]
    times = []
    with MeasuredProgram(command, environment(home)) as program:
        fcntl.ioctl(program.terminal, termios.TIOCSWINSZ, struct.pack("4H", *SIZE))
        program.painted(READY)
        program.still(0, quiet=0.5)
        for number, what in enumerate(("a harbour at dusk", "a forest in the mist")):
            program.type(f"/image {what}\r")
            begin = written(home, number, program)
            seen = {"anything" if graphics in PIECES else "": shown(program, begin, graphics)}
            program.still(program.now, quiet=1.0, timeout=2)
            if graphics in PIECES:
                seen["pixels"] = last_piece(program, begin, PIECES[graphics])
            times.append({name: (moment - begin) * 1000 for name, moment in seen.items()})
    return times


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description="Measure the first picture of a session, and a later one.")
    parser.add_argument("--rounds", type=int, default=5, help="sessions of each kind (default %(default)s)")
    parser.add_argument(
        "--only", choices=[*CELLS, *PIECES], action="append", help="this kind; may be repeated"
    )
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for graphics in arguments.only or [*CELLS, *PIECES]:
            rounds = [session(Path(folder), graphics) for _ in range(arguments.rounds)]
            for name, seen in zip(("first", "later"), zip(*rounds, strict=True), strict=True):
                for what in seen[0]:
                    times = [each[what] for each in seen]
                    figures = f"{statistics.median(times):6.0f} ms ({min(times):.0f})"
                    sys.stdout.write(f"{graphics:8}{name:8}{what:10}{figures}\n")
                    sys.stdout.flush()
    sys.stdout.write(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors\n")


if __name__ == "__main__":
    main()
