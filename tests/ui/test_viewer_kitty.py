"""The viewer on a terminal that holds pictures as pixels: what it is given, and that nothing of it stays behind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.album_home import album_home
from tests.support.kitty_reader import HeldImage, KittyReader, corners, shown
from tests.support.terminal import TerminalProgram, chat_program, until, until_silent

READY, HINT, QUIT = "Write a message", "Any key returns", "\x11"
ROWS = 38
"""Of a square picture on a terminal of 40 rows, two of which are words."""
pytestmark = pytest.mark.timeout(300)


class Held:
    """What the terminal of a program holds."""

    def __init__(self, program: TerminalProgram) -> None:
        self._program = program
        self._reader = KittyReader()
        self._taken = 0

    @property
    def reader(self) -> KittyReader:
        self._reader.feed(self._program.raw[self._taken :])
        self._taken = len(self._program.raw)
        return self._reader

    def whole(self, rows: int = ROWS) -> int | None:
        """The image that the screen shows whole in so many rows, and nothing else; None while it does not."""
        images = self.reader.images
        on_screen = corners(self._program.screen)
        if len(on_screen) != 1 or not on_screen.keys() <= images.keys():
            return None
        (image,) = on_screen
        held = images[image]
        is_whole = len(shown(self._program.screen)) == held.columns * held.rows
        return image if is_whole and held.rows == rows else None

    def wait(self) -> int:
        until(self._program, lambda: self.whole() is not None)
        until_silent(self._program, 0.3)
        image = self.whole()
        assert image is not None
        return image

    def image(self, number: int) -> HeldImage:
        return self.reader.images[number]


@contextmanager
def viewing(home: Path) -> Iterator[tuple[TerminalProgram, Held]]:
    # Full quality is then another protocol's: all that is said in this one is said by the application.
    environment = {"TERM_PROGRAM": "iTerm.app"}
    options = ("--demo", "--graphics", "kitty")
    with chat_program(album_home(home, 2), *options, environment=environment) as program:
        held = Held(program)
        program.wait_for(READY)
        program.type("/view\r")
        program.wait_for("2 of 2")
        yield program, held


def test_the_terminal_is_given_what_fills_the_screen_gives_way_to_a_dialog_and_keeps_nothing(
    tmp_path: Path,
) -> None:
    with viewing(tmp_path) as (program, held):
        first = held.wait()
        assert held.image(first).columns == 2 * ROWS
        sent = list(held.reader.sent)
        program.type("\x1bOP")
        program.wait_for("Esc Close")
        until(program, lambda: shown(program.screen) == {})  # also beside the box
        program.type("\x1b")
        program.wait_for("Esc Close", gone=True)
        assert held.wait() == first
        assert held.reader.sent == sent
        program.type("f")
        program.wait_for(HINT)
        assert held.reader.images == {}
        program.type("x")
        program.wait_for("Full quality")
        again = held.wait()
        assert again != first
        program.type("\x1b[D")
        program.wait_for("1 of 2")
        until(program, lambda: held.whole() not in (None, again))
        assert again in held.reader.deleted
        program.type("\x1b")
        program.wait_for(READY)
        until(
            program,
            lambda: (
                bool(corners(program.screen)) and corners(program.screen).keys() <= held.reader.images.keys()
            ),
        )
        program.type(QUIT)
        assert program.wait_for_exit() == 0
        held.reader.close()
        assert held.reader.images == {}
