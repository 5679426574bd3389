"""The gallery on a terminal that holds pictures as pixels: tiles are brought, covered, and freed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.album_home import album_home
from tests.support.kitty_reader import KittyReader, corners
from tests.support.terminal import TerminalProgram, chat_program, until, until_silent, until_written

QUIT, GALLERY, END = "\x11", "\x1bOS", "\x1b[F"
COUNT = 6
pytestmark = pytest.mark.timeout(300)


class Terminal:
    """What the terminal of a program holds and shows."""

    def __init__(self, program: TerminalProgram) -> None:
        self.program = program
        self.reader = KittyReader()
        self._taken = 0

    def read(self) -> None:
        """Take in what was written."""
        self.program.read(0)
        self.reader.feed(self.program.raw[self._taken :])
        self._taken = len(self.program.raw)

    def shown(self) -> set[int]:
        """The images on the screen, which the terminal must hold."""
        self.read()
        on_screen = set(corners(self.program.screen))
        assert on_screen <= self.reader.images.keys()
        return on_screen


def test_each_tile_is_brought_once_covered_by_a_dialog_and_freed_at_the_end(tmp_path: Path) -> None:
    home = album_home(tmp_path, COUNT, side=64)
    with chat_program(home, "--demo", "--graphics", "kitty") as program:
        program.env["XDG_CACHE_HOME"] = str(tmp_path / "cache")
        terminal = Terminal(program)
        program.wait_for("Write a message")
        until(program, lambda: len(terminal.shown()) > 0)
        until_silent(program, 0.5)
        before = terminal.shown()
        program.type(GALLERY)
        # The emulator prints a part of a command that a read cuts: who is there is told by what was written.
        until_written(program, f"{COUNT} pictures")
        until(program, lambda: len(terminal.shown() - before) == COUNT)
        until_silent(program, 0.5)
        tiles = terminal.shown()
        assert len(tiles) == COUNT
        began = len(program.raw)
        program.type("\x1bOP")  # F1
        until(program, lambda: terminal.shown() == set())
        program.type("\x1b")
        until(program, lambda: terminal.shown() == tiles)
        program.type(END)
        until_silent(program, 0.5)
        assert b"a=T" not in program.raw[began:]  # nothing was sent a second time
        program.type("\x1b")
        until(program, lambda: terminal.shown() == before)
        until_silent(program, 0.5)
        terminal.read()
        assert not tiles & terminal.reader.images.keys()
        program.type(QUIT)
        assert program.wait_for_exit() == 0
        terminal.read()
        assert terminal.reader.images == {}
