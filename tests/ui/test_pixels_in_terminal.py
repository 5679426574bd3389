"""The program in a terminal that draws pixels at the cursor: a real pseudo-terminal, and a strict reader."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyte
import pytest

from animus_tui.ui.terminal.driver import MOST_PIXEL_BYTES
from tests.support.album_home import LAST, album_home
from tests.support.pixel_screen import KnownPicture, PixelScreen, compare, without_questions
from tests.support.scripted_terminal import COLOUR, ENVIRONMENTS, QUIT, TERMINALS, ScriptedTerminal
from tests.support.terminal import program_environment, until, until_silent
from tests.support.told_program import PIXELS_AFTER

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PAGE_UP, PAGE_DOWN, ESCAPE, PALETTE, FORM, GALLERY = (
    "\x1b[5~", "\x1b[6~", "\x1b", "\x10", "\x07", "\x1bOS",
)  # fmt: skip
WHEEL_UP = "\x1b[<64;20;10M"
REGENERATE = "\x12"
LEAVES, ENTERS = b"\x1b[?1049l", b"\x1b[?1049h"
SYNCHRONIZED = b"\x1b[?2026h"
KNOWS_SYNCHRONIZED = b"\x1b[?2026;2$y"
XTERM: dict[str, Any] = {
    "script": TERMINALS["xterm as vt340"],
    "env": ENVIRONMENTS["xterm as vt340"],
    "cell_width": 6,
}
ITERM2: dict[str, Any] = {"script": TERMINALS["iterm2"], "env": ENVIRONMENTS["iterm2"], "cell_width": 10}
GLYPHS = re.compile("[\u2580-\u2588\u258a-\u259f\U0001fb00-\U0001fbae]")
"""What mosaics are made of, but for the bar at the left of a message."""
FEW = 300
"""Such characters; a picture has more."""
PIECE = b"\x1bP0;1;0q"
pytestmark = pytest.mark.timeout(300)


class Watched:
    """A program, what its terminal makes of it, and what it says itself."""

    def __init__(self, program: ScriptedTerminal, told: Path, *, cell_width: int) -> None:
        self.program = program
        columns, rows = program.screen.columns, program.screen.lines
        self.seen = PixelScreen(columns, rows, cell_width)
        self._told = pyte.Screen(columns, rows)
        self._stream = pyte.Stream(self._told)
        self.told = told
        """The file in which it says that."""
        self._lines = self._bytes = 0
        self._pictures: list[KnownPicture] = []

    def look(self) -> PixelScreen:
        """What is to be seen now."""
        if not self.seen.is_synchronized and (first := self.program.raw.find(SYNCHRONIZED)) >= 0:
            before, self._bytes = self._bytes, max(first, self._bytes)
            self.seen.feed(self.program.raw[before : self._bytes])
            self.seen.is_synchronized = True
        self.seen.feed(self.program.raw[self._bytes :])
        self._bytes = len(self.program.raw)
        return self.seen

    def settle(self) -> int:
        """Wait until nothing happens; the screen then is what the program says. How many rows have pixels."""
        while True:
            until_silent(self.program, 0.3)
            seen = len(self.program.raw)
            lines = self.told.read_text("utf-8").splitlines()
            self.program.read(0.05)
            if len(self.program.raw) == seen:
                break
        for line in lines[self._lines :]:
            told = json.loads(line)
            if isinstance(told, str):
                self._stream.feed(without_questions(told.encode()).decode())
            else:
                first, columns, sequences, glyphs = told
                pieces = [sequence.encode("latin-1") for sequence in sequences]
                # The last one goes first: a picture that has its glyphs now, or has taken the characters of another.
                self._pictures.insert(0, KnownPicture(first, columns, pieces, glyphs))
        self._lines = len(lines)
        compare(self.look(), self._told, self._pictures)
        return len({y for y, _ in self.seen.pixels})

    def wait(self) -> int:
        """Wait until there are pixels, and then until nothing happens."""
        until(self.program, lambda: bool(self.look().pixels))
        return self.settle()

    def wait_for_glyphs(self) -> None:
        """Wait until each picture has its glyphs, too."""
        while self.settle() == 0 or any(glyph == " " for one in self._known() for glyph in one.glyphs[0]):
            pass

    def _known(self) -> list[KnownPicture]:
        """The pictures as they were told last."""
        return [*{picture.first: picture for picture in reversed(self._pictures)}.values()]

    def press(self, keys: str, least: int = 0, most: int = 1000, *, shown: str = "", gone: str = "") -> int:
        """Wait until so many rows have pixels, and a text stands on the screen, or does not; the number of rows."""
        self.program.type(keys)
        return self._until(least, most, shown=shown, gone=gone)

    def _until(self, least: int, most: int = 1000, *, shown: str = "", gone: str = "") -> int:
        while True:
            rows, text = self.settle(), "\n".join(self._told.display)
            if least <= rows <= most and shown in text and (not gone or gone not in text):
                return rows

    def resize(self, columns: int, rows: int, least: int) -> int:
        self.settle()
        self.seen.resize(columns, rows)
        self._told.resize(rows, columns)
        self.program.resize(columns, rows)
        return self._until(least)


@contextmanager
def watched(
    home: Path,
    *arguments: str,
    script: Mapping[bytes, bytes],
    cell_width: int,
    count: int = 4,
    side: int = 128,
    grain: int = 4,
    env: dict[str, str],
) -> Iterator[Watched]:
    album_home(home, count, side=side, grain=grain)
    told = home / "told"
    command = [sys.executable, "-m", "tests.support.told_program", str(told), "--demo", *arguments]
    found = {"PYTHONPATH": str(Path(__file__).parents[2])}
    with ScriptedTerminal(command, program_environment(home) | found | env, script) as program:
        program.wait_for(LAST)
        program.send(KNOWS_SYNCHRONIZED)
        yield Watched(program, told, cell_width=cell_width)


def test_pixels_are_where_the_text_says_whatever_is_done(tmp_path: Path) -> None:
    with watched(tmp_path, **XTERM) as on:
        assert on.wait() > 20
        for _ in range(2):
            on.press(WHEEL_UP, 10)
        on.press(PAGE_UP, 10)
        for opened in (PALETTE, FORM):
            on.press(opened, 0, 0)  # below a dialog are glyphs
            whole = on.press(ESCAPE, 10)
        on.press("/", 1, whole - 1)  # the list of commands covers a part of them
        on.press("\x7f", whole)
        on.resize(90, 28, 5)
        on.resize(120, 40, whole)
        on.press(GALLERY, 5, shown="4 pictures")
        on.press(ESCAPE, whole)
        before = on.seen.drawn
        on.press(PALETTE, 0, 0)
        on.press("theme", shown="Choose a theme", gone="/attach")
        on.press("\r", shown="Search for themes")
        on.press("contrast", shown="animus-contrast")
        shown = on.press("\r", 10)
        assert on.seen.drawn >= before + shown, "they stand on another ground"
        on.press("/view", shown="/view")
        on.press("\r", 38, 38)  # as large as the screen
        on.press(ESCAPE, 10, 37)
        on.program.type(QUIT)
        assert on.program.wait_for_exit() == 0
        on.look().close()
        assert on.seen.pixels == {}
        assert PIECE not in on.program.raw[on.program.raw.rindex(LEAVES) :]


def test_pixels_come_back_after_a_stop_in_the_background(tmp_path: Path) -> None:
    with watched(tmp_path, **ITERM2, count=2) as on:
        before = on.wait()
        os.kill(on.program.pid, signal.SIGTSTP)
        until(on.program, lambda: LEAVES in on.program.raw)
        assert on.look().pixels == {}
        os.kill(on.program.pid, signal.SIGCONT)
        until(on.program, lambda: on.program.raw.count(ENTERS) == 2)
        assert on.wait() == before
        os.kill(on.program.pid, signal.SIGTERM)
        assert on.program.wait_for_exit() == 0
        on.look().close()
        assert on.seen.pixels == {}


def test_a_terminal_that_does_not_read_misses_frames_and_has_all_pixels_when_it_reads_again(
    tmp_path: Path,
) -> None:
    with watched(tmp_path, **XTERM) as on:
        on.wait()
        before = len(on.program.raw)
        for number in range(70):
            size = on.told.stat().st_size
            on.program.type((PAGE_UP, PAGE_DOWN)[number % 2])
            while on.told.stat().st_size < size + 10_000:  # until the frame is painted
                time.sleep(0.005)
        assert on.settle() > 10
        assert len(on.program.raw) - before < 2_500_000, "of seventy frames of 50 kB some were left out"


@pytest.mark.parametrize(("terminal", "are_glyphs_first"), [(XTERM, True), (ITERM2, False)])
def test_pixels_that_appear_wait_for_nothing_and_those_of_what_scrolls_wait(
    tmp_path: Path, terminal: dict[str, Any], *, are_glyphs_first: bool
) -> None:
    never = terminal | {"env": terminal["env"] | {PIXELS_AFTER: "100000"}}
    with watched(tmp_path, **never, count=2, side=512, grain=1) as on:
        rows = on.wait()
        assert rows > 20
        assert on.seen.bytes_drawn > MOST_PIXEL_BYTES, "more than one frame may have"
        on.wait_for_glyphs()
        drawn = on.seen.drawn
        piece = PIECE if are_glyphs_first else b"\x1b]1337;"
        before = on.program.raw[: on.program.raw.index(piece)].decode("utf-8", "ignore")
        assert (len(GLYPHS.findall(before)) > FEW) is are_glyphs_first
        on.press(PALETTE, 0, 0)
        on.press(ESCAPE, rows)
        assert on.seen.drawn == drawn + rows, "what comes back has not moved"
        on.program.type(WHEEL_UP)
        until(on.program, lambda: not on.look().pixels)
        until_silent(on.program, 0.5)
        assert (on.look().pixels, on.seen.drawn) == ({}, drawn + rows)
        shown = "\n".join(on.seen.screen.display)
        assert len(GLYPHS.findall(shown)) > FEW


def test_another_picture_in_the_place_of_one_and_in_256_colours(tmp_path: Path) -> None:
    few = XTERM | {
        "script": {question: answer for question, answer in XTERM["script"].items() if question != COLOUR},
        "env": {
            "COLORTERM": "",
            "TERM": "xterm-256color",
            "ANIMUS_IMAGE_WIDTH": "64",
            "ANIMUS_IMAGE_HEIGHT": "64",
        },
    }
    with watched(tmp_path, **few, count=1) as on:
        before = on.wait()
        drawn = on.seen.drawn
        on.press(REGENERATE)
        until(on.program, lambda: on.look().drawn > drawn)
        assert on.settle() == before
