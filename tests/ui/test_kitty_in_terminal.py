"""What the program writes to a terminal that holds its pictures: a real pseudo-terminal, and a strict reader."""

from __future__ import annotations

import fcntl
import os
import random
import re
import shlex
import shutil
import signal
import string
import struct
import subprocess
import sys
import termios
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.album_home import LAST, album_home
from tests.support.kitty_reader import KittyReader, corners, shown, whole
from tests.support.terminal import TerminalProgram, chat_program, until, until_silent

if TYPE_CHECKING:
    from collections.abc import Callable

READY = "Write a message"
QUIT, HELP, ESCAPE, PAGE_UP, LOST_FOCUS = (
    "\x11", "\x1bOP", "\x1b", "\x1b[5~", "\x1b[O"
)  # fmt: skip
LEAVES = b"\x1b[?1049l"
"""The alternate screen is left."""
pytestmark = pytest.mark.timeout(300)


class Watched:
    """A program, and what its terminal makes of it."""

    def __init__(self, program: TerminalProgram) -> None:
        self.program = program
        self._reader = KittyReader()
        self._taken = 0

    @property
    def reader(self) -> KittyReader:
        self._reader.feed(self.program.raw[self._taken :])
        self._taken = len(self.program.raw)
        return self._reader

    def are_shown(self, count: int) -> bool:
        """Whether that many pictures are on the screen, each with all of its cells or cut by the edge of the page."""
        return (
            whole(self.program.screen) is not None
            and len(corners(self.program.screen)) == count
            and corners(self.program.screen).keys() <= self.reader.images.keys()
        )

    def wait(self, count: int = 1) -> None:
        until(self.program, lambda: self.are_shown(count))
        until_silent(self.program, 0.3)


def album_program(home: Path, count: int = 1, *, rows: int = 40, grain: int = 4) -> TerminalProgram:
    album_home(home, count, grain=grain)
    return chat_program(home, "--demo", "--graphics", "kitty", rows=rows)


def test_the_picture_of_an_answer_is_sent_once(tmp_path: Path) -> None:
    small = {"ANIMUS_IMAGE_WIDTH": "256", "ANIMUS_IMAGE_HEIGHT": "256"}
    with chat_program(tmp_path, "--demo", "--graphics", "kitty", environment=small) as program:
        watched = Watched(program)
        program.wait_for(READY)
        program.type("Can you show me a beautiful sunset over the ocean?\r")
        program.wait_for("256×256", timeout=200)
        watched.wait()
        assert len(watched.reader.sent) == 1
        image, (row, column) = next(iter(corners(program.screen).items()))
        held = watched.reader.images[image]
        wanted = {(row + y, column + x): (image, y, x) for y in range(held.rows) for x in range(held.columns)}
        assert shown(program.screen) == wanted


def end_politely(program: TerminalProgram) -> int:
    os.kill(program.pid, signal.SIGTERM)
    return 0


def end_by_an_error(program: TerminalProgram) -> int:
    program.type(LOST_FOCUS)
    return 1


@pytest.mark.parametrize("end", [end_politely, end_by_an_error])
def test_pictures_leave_the_terminal_however_the_program_ends(
    tmp_path: Path, end: Callable[[TerminalProgram], int]
) -> None:
    album_home(tmp_path, 1)
    arguments = ["-m", "tests.support.failing_program", "--demo", "--graphics", "kitty"]
    env = chat_program(tmp_path).env | {"PYTHONPATH": str(Path(__file__).parents[2])}
    with TerminalProgram([sys.executable, *arguments], env) as program:
        watched = Watched(program)
        watched.wait()
        code = end(program)
        assert program.wait_for_exit() == code
        watched.reader.close()
        assert watched.reader.deleted == watched.reader.sent != []
        assert program.raw.index(b"a=d,d=I") < program.raw.index(LEAVES)


def test_who_quits_in_the_middle_of_a_transmission_leaves_neither_half_a_command_nor_half_a_picture(
    tmp_path: Path,
) -> None:
    with album_program(tmp_path, grain=1) as program:
        watched = Watched(program)
        until(program, lambda: b"a=T,U=1" in program.raw)
        program.type(QUIT)
        assert program.wait_for_exit() == 0
        watched.reader.close()
        assert watched.reader.images == {}


def test_every_key_typed_while_pictures_arrive_is_there_in_order(tmp_path: Path) -> None:
    chance = random.Random(5)
    typed = "".join(chance.choice(string.ascii_letters + string.digits) for _ in range(48))
    with album_program(tmp_path, 12, grain=1) as program:
        watched = Watched(program)
        program.wait_for(LAST)
        for number, letter in enumerate(typed):
            program.type(letter)
            program.read(chance.uniform(0.001, 0.03))
            if number % 6 == 5:
                program.type(PAGE_UP)
        until(program, lambda: f"❯ {typed}" in program.text())
        until_silent(program, 0.5)
        assert len(watched.reader.sent) >= 2
        program.type(QUIT)
        assert program.wait_for_exit() == 0
        watched.reader.close()
        assert watched.reader.images == {}


def test_larger_letters_bring_a_sharper_picture_for_them_and_free_the_other(tmp_path: Path) -> None:
    album_home(tmp_path, 1, side=512)
    with chat_program(tmp_path, "--demo", "--graphics", "kitty", columns=80, rows=24) as program:
        watched = Watched(program)
        watched.wait()
        (before,) = watched.reader.images.values()
        assert (before.width, before.height) == (before.columns * 10, before.rows * 20)
        program.screen.resize(23, 79)
        size = struct.pack("HHHH", 23, 79, 79 * 16, 23 * 32)
        fcntl.ioctl(program.terminal, termios.TIOCSWINSZ, size)
        until(program, lambda: len(watched.reader.sent) == 2)
        watched.wait()
        (after,) = watched.reader.images.values()
        assert (after.width, after.height) == (after.columns * 16, after.rows * 32)
        assert len(watched.reader.deleted) == 1


QUESTIONS = {
    "device attributes": rb"\x1b\[[>=?]?[0-9;]*c",
    "window and cell size": rb"\x1b\[1[0-9]t",
    "colours": rb"\x1b\](?:4|10|11|12);[^\x07\x1b]*\?",
    "version": rb"\x1b\[>[0-9]*q",
    "graphics": rb"\x1b_G[^;\x1b]*a=q",
    "cursor, status": rb"\x1b\[\??[56]n",
    "capabilities and settings": rb"\x1bP[+$]q",
    "modes": rb"\x1b\[\??[0-9]+\$p",
    "keyboard": rb"\x1b\[\?u",
}
TEXTUALS = {b"\x1b[?2026$p", b"\x1b[?2048$p"}
"""What Textual asks when it takes the terminal: for synchronised output, and for resizes that are told in band."""


def test_pictures_are_sent_once_given_back_in_the_background_and_freed_and_the_terminal_is_asked_nothing(
    tmp_path: Path,
) -> None:
    with album_program(tmp_path, 4) as program:
        watched = Watched(program)
        watched.wait(2)
        for key in (PAGE_UP, HELP, ESCAPE, "x"):
            program.type(key)
            until_silent(program, 0.3)
        program.resize(100, 30)
        until_silent(program, 0.3)
        written = program.raw[program.raw.index(b"\x1b[?1049h") :]
        for what, pattern in QUESTIONS.items():
            assert set(re.findall(pattern, written)) <= TEXTUALS, what
        assert len(watched.reader.sent) == len(set(watched.reader.sent)) >= 2
        os.kill(program.pid, signal.SIGTSTP)
        until(program, lambda: LEAVES in program.raw)
        assert watched.reader.images == {}
        os.kill(program.pid, signal.SIGCONT)
        until(program, lambda: bool(corners(program.screen)) and bool(watched.reader.images))
        until_silent(program, 0.3)
        assert corners(program.screen).keys() <= watched.reader.images.keys()
        program.type(QUIT)
        assert program.wait_for_exit() == 0
        watched.reader.close()
        assert sorted(watched.reader.deleted) == sorted(watched.reader.sent)
        assert program.raw.rindex(b"a=d,d=I") < program.raw.rindex(LEAVES)


@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
def test_through_tmux_pictures_arrive_whole_and_stand_where_the_text_is(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    # Less than tmux lets wait for a terminal that takes its time, as this one does on a busy machine.
    album_home(tmp_path, 1, side=80)
    env = dict(chat_program(tmp_path).env)
    config = tmp_path / "tmux.conf"
    config.write_text(
        "set -g allow-passthrough on\nset -g status off\nset -s escape-time 0\n"
        "set -g default-terminal tmux-256color\nset -as terminal-features ',xterm-256color:RGB'\n"
    )
    tmux, socket = shutil.which("tmux"), str(tmp_path / "socket")
    assert tmux is not None
    request.addfinalizer(lambda: subprocess.run([tmux, "-S", socket, "kill-server"], capture_output=True))
    # The pane outlives the application: a tmux that ends with it may end before it has passed on the last words.
    shell = f"{shlex.join([sys.executable, '-m', 'animus_tui', '--demo', '--graphics', 'kitty'])}; cat"
    command = [tmux, "-S", socket, "-f", str(config), "new-session", shell]
    env |= {"TMUX_TMPDIR": str(tmp_path), "SHELL": "/bin/sh"}
    with TerminalProgram(command, env) as program:
        watched = Watched(program)
        watched.wait()
        assert len(watched.reader.sent) == 1
        before = shown(program.screen)
        (image,) = watched.reader.images.values()
        assert len(before) == image.columns * image.rows
        program.type(HELP)
        until(program, lambda: whole(program.screen) == {})
        program.type(ESCAPE)
        until(program, lambda: whole(program.screen) == before)
        program.type(QUIT)
        # tmux may drop what it is to pass on, so that is said twice.
        until(program, lambda: set(watched.reader.deleted) == set(watched.reader.sent))
        watched.reader.close()
