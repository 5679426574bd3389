"""Served to a browser: Textual's web driver speaks in packets on the standard streams, and there is no terminal."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections import deque
from threading import Thread
from typing import TYPE_CHECKING, Self

import pytest

from animus_tui.graphics.probe.capabilities import detect_terminal

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

WEB = {"TEXTUAL_DRIVER": "textual.drivers.web_driver:WebDriver", "TEXTUAL_COLOR_SYSTEM": "truecolor"}
"""What textual-serve sets."""
HEADER_BYTES = 5
QUADRANTS = "▖▗▘▙▚▛▜▝▞▟"
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


class ServedProgram:
    """`with ServedProgram(home) as program:` animus-chat as textual-serve starts it; the browser gets `drawn`."""

    def __init__(self, home: Path, **env: str) -> None:
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "LANG": "C.UTF-8",
            "ANIMUS_DATA_DIR": str(home / "data"),
            "ANIMUS_IMAGE_WIDTH": "256",
            "ANIMUS_IMAGE_HEIGHT": "256",
            "TERM": "xterm-kitty",  # of the terminal in which the server was started
            "KITTY_WINDOW_ID": "1",
            "COLUMNS": "100",
            "ROWS": "40",
            **WEB,
            **env,
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", "animus_tui"],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.drawn = b""
        self.metas: deque[bytes] = deque()
        self.began = False
        self._reader = Thread(target=self._read)

    def __enter__(self) -> Self:
        self._reader.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._reader.join()
        self._process.communicate()

    def send(self, data: bytes, kind: bytes = b"D") -> None:
        """A packet to the program: keys, or with `M` JSON."""
        assert self._process.stdin is not None
        self._process.stdin.write(kind + len(data).to_bytes(4, "big") + data)
        self._process.stdin.flush()

    def wait_for(self, pattern: bytes) -> None:
        """Wait until the browser was sent what matches."""
        end = time.monotonic() + 100
        while not re.search(pattern, self.drawn):
            assert time.monotonic() < end, self.drawn[-3000:]
            assert self._process.poll() is None, self._process.stderr and self._process.stderr.read()
            time.sleep(0.02)

    def wait_for_exit(self) -> int:
        return self._process.wait(100)

    def _read(self) -> None:
        stream = self._process.stdout
        assert stream is not None
        self.began = stream.readline() == b"__GANGLION__\n"
        while len(header := stream.read(HEADER_BYTES)) == HEADER_BYTES:
            payload = stream.read(int.from_bytes(header[1:], "big"))
            if header[:1] == b"D":
                self.drawn += payload
            else:
                self.metas.append(payload)


def test_a_picture_is_a_mosaic_of_quadrants_in_24_bit_colours(tmp_path: Path) -> None:
    with ServedProgram(tmp_path) as program:
        program.wait_for(b"Write a message")
        program.send(b'{"type": "focus"}', b"M")
        program.wait_for(b"Send")
        program.send(b"/image a sunset over the sea\r")
        program.wait_for(b"|".join(glyph.encode() for glyph in QUADRANTS))
        drawn = program.drawn.decode()
        assert re.search(rf"38;2;\d+;\d+;\d+;48;2;\d+;\d+;\d+m[^\x1b]*[{QUADRANTS}]", drawn)
        assert not re.search("[\U0001fb00-\U0001fbff\U0010eeee]", drawn)
        program.send(b"\x11")
        assert program.wait_for_exit() == 0
        assert program.began
        assert b'{"type": "exit"}' in program.metas


def test_no_question_reaches_the_browser(tmp_path: Path) -> None:
    with ServedProgram(tmp_path) as program:
        program.wait_for(b"Write a message")
        program.send(b'{"type": "quit"}', b"M")
        assert program.wait_for_exit() == 0
        assert program.began  # nothing was written before the driver's own first line
    asked = re.findall(rb"\x1b\[[?>=]?[\d;]*\$?[cnpqt]|\x1b\]1[0-9];\?|\x1bP[+$]q|\x1b_G", program.drawn)
    assert set(asked) <= {b"\x1b[?2026$p"}  # Textual's own


def test_a_resize_of_the_browser_is_one_of_the_screen(tmp_path: Path) -> None:
    with ServedProgram(tmp_path) as program:
        program.wait_for(b"Write a message")
        program.send(b'{"type": "resize", "width": 61, "height": 20}', b"M")
        program.wait_for("(?<!─)(?:─){61}(?!─)".encode())


def test_a_browser_shows_what_every_font_has() -> None:
    rows: list[tuple[dict[str, str], str, str]] = [
        ({}, "auto", "mosaic"),
        ({}, "kitty", "mosaic"),
        ({}, "mosaic", "mosaic"),
        ({}, "block", "block"),
        ({}, "none", "none"),
        ({"NO_COLOR": "1"}, "auto", "none"),
    ]
    for env, setting, style in rows:
        terminal = detect_terminal({**WEB, **env, "TERM": "xterm-kitty"}, None, setting=setting)  # type: ignore[arg-type]  # a parameter
        assert (terminal.style, terminal.glyphs, terminal.viewer) == (style, "quadrants", None)
        assert (terminal.columns, terminal.rows) == (80, 24)


@pytest.mark.parametrize(
    ("columns", "rows", "size"),
    [("100", "40", (100, 40)), ("", "x", (80, 24)), ("-5", "9" * 50, (80, 24))],
)
def test_the_size_of_the_browser_comes_from_the_server(
    columns: str, rows: str, size: tuple[int, int]
) -> None:
    terminal = detect_terminal({**WEB, "COLUMNS": columns, "ROWS": rows}, None)
    assert (terminal.columns, terminal.rows) == size
