"""A picture as large and as sharp as the terminal can show it.

`python -m animus_tui.graphics.full_quality.viewer_process` is a program of its own, for it decodes what nobody vouches
for: with limits on memory and time, and no file written. It asks the terminal nothing but its size, which the kernel
knows. Any key ends it.
"""

from __future__ import annotations

import argparse
import os
import re
import select
import signal
import stat
import sys
import termios
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, NamedTuple, get_args

from animus_tui.graphics.decoding import pixels
from animus_tui.graphics.decoding.protocol import MOST_SENT_PIXELS
from animus_tui.graphics.full_quality.alternate_screen import KITTY_CLEAR, AlternateScreen
from animus_tui.graphics.full_quality.inline_images import inline_image
from animus_tui.graphics.probe.capabilities import USUAL_CELL, cell_size
from animus_tui.graphics.probe.known_terminals import Viewer
from animus_tui.graphics.rendering.cells import fit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from animus_tui.graphics.decoding.protocol import Rgb
    from animus_tui.graphics.full_quality.inline_images import InlineImage

HINT = "Any key returns"
USUAL_WINDOW = (80, 24)
STILL = 0.1
"""Seconds without another change of size after which the picture is drawn anew."""
ALONE = 1.0
"""Seconds after which the program notices that the one which started it is gone."""
_REPORT = re.compile(rb"\x1b(?:\[[<?>][0-9;]*[A-Za-z~$]*|\[[IO]|[_P\]X^].*?(?:\x1b\\|\x07))", re.DOTALL)
"""What a terminal sends without a key: the mouse, the focus, answers to somebody else's questions."""


class Options(NamedTuple):
    """What is to be shown, and on what kind of terminal."""

    file: Path
    style: Viewer
    size: tuple[int, int]
    """Of the picture, in pixels; 0 where it is not known."""
    cell: tuple[int, int] | None
    """Of a cell, in pixels, where the terminal told and the kernel does not know."""
    ratio: float
    """Width of a cell divided by its height, where nobody knows its pixels."""
    ground: Rgb
    """What shines through."""
    draw: InlineImage
    """What shows pixels at the cursor."""


class Window(NamedTuple):
    """The terminal now."""

    columns: int
    rows: int
    cell: tuple[int, int] | None
    """Pixels of a cell; None where the kernel does not know."""


def main(arguments: Sequence[str]) -> int:
    """Show the picture until a key is pressed; the exit code."""
    options = _options(arguments)
    keys, screen = sys.stdin.fileno(), sys.stdout.fileno()
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, _end)
    # Who is in the background may still give the terminal back.
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    with AlternateScreen(keys, screen, options.style) as terminal:
        _show(options, keys, screen, terminal)
    return 0


def _end(*_: object) -> None:
    """Leave through every `finally`."""
    raise SystemExit(0)


def _options(arguments: Sequence[str]) -> Options:
    parser = argparse.ArgumentParser(
        prog="animus_tui.graphics.full_quality.viewer_process", description=__doc__
    )
    parser.add_argument("file", type=Path)
    parser.add_argument("--style", choices=get_args(Viewer), required=True)
    parser.add_argument("--size", type=_pair, default=(0, 0), help="of the picture in pixels, 1024x768")
    parser.add_argument("--cell", type=_pair, help="of a cell in pixels, 10x20")
    parser.add_argument("--ratio", type=float, default=0.5, help="width of a cell / its height")
    parser.add_argument("--ground", type=bytes.fromhex, default=bytes(3), help="behind the picture, RRGGBB")
    read = parser.parse_args(arguments)
    red, green, blue = read.ground
    return Options(
        read.file, read.style, read.size, read.cell, read.ratio, (red, green, blue), inline_image(read.style)
    )


def _pair(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    return int(width), int(height)


def _show(options: Options, keys: int, screen: int, terminal: AlternateScreen) -> None:
    """Draw, and draw again whenever the terminal has another size, until a key comes."""
    wake = _woken_by(terminal)
    parent = os.getppid()
    pixels.confine()  # after the import of term-image, which makes a folder
    first = _frame(options, _window(screen))
    termios.tcflush(keys, termios.TCIFLUSH)  # what was typed before there was something to see
    terminal.put(first)
    while _is_to_be_drawn_anew(keys, wake, parent):
        terminal.put(_frame(options, _window(screen)))


def _woken_by(terminal: AlternateScreen) -> int:
    """A descriptor that can be read from when the size has changed, and when the program goes on after a stop."""
    wake, woken = os.pipe()
    os.set_blocking(woken, False)

    def stop(*_: object) -> None:
        terminal.leave()
        os.kill(os.getpid(), signal.SIGSTOP)
        terminal.enter()

    signal.signal(signal.SIGWINCH, lambda *_: None)
    signal.signal(signal.SIGTSTP, stop)
    signal.set_wakeup_fd(woken)
    return wake


def _is_to_be_drawn_anew(keys: int, wake: int, parent: int) -> bool:
    """Wait. False: a key was pressed, or nobody is there any more."""
    while os.getppid() == parent:
        ready, _, _ = select.select([keys, wake], [], [], ALONE)
        if keys in ready:
            typed = os.read(keys, 4096)
            if not typed or _REPORT.sub(b"", typed):
                return False
        elif wake in ready:
            while select.select([wake], [], [], STILL)[0]:
                os.read(wake, 512)
            return True
    return False


def _window(screen: int) -> Window:
    try:
        columns, rows = os.get_terminal_size(screen)
    except OSError:
        columns = rows = 0
    return Window(*((columns, rows) if columns and rows else USUAL_WINDOW), cell_size(screen))


def _frame(options: Options, window: Window) -> bytes:
    """The whole screen: the picture, or why there is none, and how to leave."""
    pixels.allow_cpu_time()
    try:
        shown = _picture(options, window)
    except OSError as error:
        shown = _words(f"The picture's file cannot be read: {error.strerror or error}.", window)
    except (pixels.UnreadablePictureError, MemoryError) as error:
        shown = _words(str(error) or "The picture needs too much memory to be shown.", window)
    cleared = "\x1b[0m\x1b[2J"
    left = max(1, (window.columns - len(HINT)) // 2 + 1)
    hint = f"\x1b[{window.rows};{left}H\x1b[2m{HINT[: window.columns]}\x1b[0m" if window.rows > 1 else ""
    first = KITTY_CLEAR if options.style == "kitty" else b""
    return first + (cleared + shown + hint).encode()


def _words(sentence: str, window: Window) -> str:
    lines = wrap(sentence, max(1, window.columns - 4))[: window.rows]
    top = max(1, (window.rows - len(lines)) // 2 + 1)
    return "".join(
        f"\x1b[{row};{max(1, (window.columns - len(line)) // 2 + 1)}H{line}"
        for row, line in enumerate(lines, top)
    )


def _picture(options: Options, window: Window) -> str:
    """The picture in the middle, over the last row. Raises OSError and UnreadablePictureError."""
    cell = window.cell or options.cell
    columns, rows = fit(
        *options.size,
        max_columns=window.columns,
        max_rows=max(1, window.rows - 1),
        cell_ratio=cell[0] / cell[1] if cell else options.ratio,
    )
    drawn = _drawn(options, columns, rows, cell or USUAL_CELL)
    left = (window.columns - columns) // 2 + 1
    top = (max(1, window.rows - 1) - rows) // 2 + 1
    return "".join(f"\x1b[{top + row};{left}H{line}" for row, line in enumerate(drawn))


def _drawn(options: Options, columns: int, rows: int, cell: tuple[int, int]) -> list[str]:
    """What shows the picture in so many cells, a string for each row."""
    scale = min(1.0, (MOST_SENT_PIXELS / (columns * cell[0] * rows * cell[1])) ** 0.5)
    room = max(1, int(columns * cell[0] * scale)), max(1, int(rows * cell[1] * scale))
    picture = pixels.decode(_data(options.file), room, options.ground, enlarged=False)
    return options.draw(picture, columns, rows)


def _data(file: Path) -> bytes:
    if not stat.S_ISREG(file.stat().st_mode):  # a pipe, say, would be waited for
        raise pixels.UnreadablePictureError("What should be the picture's file is something else")
    with file.open("rb") as opened:
        return opened.read(pixels.MOST_BYTES + 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
