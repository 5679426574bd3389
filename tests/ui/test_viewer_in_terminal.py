"""Full quality as a person sees it: the application steps aside for a picture, and comes back whole."""

from __future__ import annotations

import json
import os
import signal
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from animus_tui.ui.widgets.message_line import LEAST_SHOWN
from tests.bench.pane.homes import CONFIG
from tests.bench.pane.server import SUFFIX, ScriptedServer
from tests.support.album_home import album_home
from tests.support.terminal import TerminalProgram, chat_program, until, until_silent

READY, HINT, OF_TWO = "Write a message", "Any key returns", "2 of 2"
QUIT = "\x11"
ENTER, LEAVE = b"\x1b[?1049h", b"\x1b[?1049l"
ECHOES = termios.ECHO | termios.ICANON | termios.ISIG
SHOWS = {
    "kitty": ({"TERM": "xterm-kitty"}, b"\x1b_Ga=T,f=24,t=d,"),
    "iterm2": ({"TERM_PROGRAM": "iTerm.app"}, b"\x1b]1337;File="),
}
"""By style: what the environment says of the terminal, and with what a picture begins there."""
pytestmark = pytest.mark.timeout(300)


def modes(program: TerminalProgram) -> int:
    flags: int = termios.tcgetattr(program.terminal)[3]
    return flags & ECHOES


def cells(program: TerminalProgram) -> list[list[Any]]:
    """Every cell with its colours."""
    program.read(0)
    screen = program.screen
    return [[screen.buffer[row][column] for column in range(screen.columns)] for row in range(screen.lines)]


@contextmanager
def viewing(home: Path, *arguments: str, env: dict[str, str] | None = None) -> Iterator[TerminalProgram]:
    """The application with the second of two pictures on the whole screen; in kitty where `env` names nothing else."""
    environment = SHOWS["kitty"][0] if env is None else env
    options = ("--graphics", "mosaic", *(arguments or ("--demo",)))
    with chat_program(album_home(home, 2), *options, environment=environment) as program:
        program.wait_for(READY)
        program.type("/view\r")
        program.wait_for(OF_TWO)
        until(program, lambda: is_picture_there(program))
        until_silent(program, 0.3)
        yield program


def is_picture_there(program: TerminalProgram) -> bool:
    """Whether the row in the middle is full of glyphs; it is blank before."""
    lines = program.text().split("\n")
    return len(lines[len(lines) // 2].replace(" ", "")) > 20


def show_full_quality(program: TerminalProgram) -> int:
    """Where in what was written the picture outside begins; it is there and waits for a key."""
    until_silent(program, 0.3)
    began = len(program.raw)
    program.type("f")
    program.wait_for(HINT)
    return began


def child_of(program: TerminalProgram) -> int:
    """The process that shows the picture."""
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(entry.read_text().rpartition(")")[2].split()[1])
            if (
                parent == program.pid
                and b"animus_tui.graphics.full_quality.viewer_process"
                in (entry.parent / "cmdline").read_bytes()
            ):
                return int(entry.parent.name)
        except OSError:  # it has ended meanwhile
            continue
    raise AssertionError("no picture is shown")


@pytest.mark.parametrize(("style", "key"), [("iterm2", QUIT), ("kitty", "\x1b[B")])
def test_a_picture_is_shown_in_full_quality_and_any_key_brings_the_application_back(
    tmp_path: Path, style: str, key: str
) -> None:
    env, begins = SHOWS[style]
    with viewing(tmp_path, env=env) as program:
        before, modes_before = cells(program), modes(program)
        for _ in range(2):
            began = show_full_quality(program)
            outside = program.raw[began:]
            assert outside.index(LEAVE) < outside.index(ENTER) < outside.index(begins)
            assert "Full quality" not in program.text()
            program.type(key)
            program.wait_for("Full quality")
            until(program, lambda: cells(program) == before)
            assert modes(program) == modes_before
        until_silent(program, 0.5)
        assert cells(program) == before  # the key was for the picture alone
        program.type("\x1b")
        program.wait_for(READY)
        program.type(QUIT)
        assert program.wait_for_exit() == 0
        assert modes(program) == ECHOES


def test_what_streams_in_meanwhile_is_stored_meanwhile_and_shown_afterwards(tmp_path: Path) -> None:
    with ScriptedServer() as server:
        (tmp_path / "config.toml").write_text(CONFIG.format(address=server.address))
        with viewing(tmp_path, "--conversation", "album") as program:
            program.type("\x1b")
            program.wait_for(READY)
            program.type("tokens=600 rate=300 last=End\r")
            program.wait_for(READY)  # the prompt is empty again, the answer is on its way
            program.type("/view\r")
            program.wait_for(OF_TWO)
            program.type("f")
            program.wait_for(HINT)
            (history,) = tmp_path.glob("data/conversations/*/history.json")
            until(program, lambda: f"End{SUFFIX}" in history.read_text())
            entries = json.loads(history.read_bytes())
            assert HINT in program.text()
            program.type("x")
            program.wait_for("Full quality")
            program.type("\x1b")
            program.wait_for(READY)
            program.type("\x1b[F")
            program.wait_for(f"End{SUFFIX}")
            assert entries[-1]["content"].endswith(f"End{SUFFIX}")
            assert "outcome" not in entries[-1]


def test_a_killed_viewer_another_size_and_a_broken_picture_leave_a_terminal_that_works(
    tmp_path: Path,
) -> None:
    with viewing(tmp_path) as program:
        before = cells(program)
        show_full_quality(program)
        os.kill(child_of(program), signal.SIGKILL)
        program.wait_for("could not be shown in full quality")
        time.sleep(LEAST_SHOWN)  # a key that comes sooner was typed without having read it
        program.type("x")
        program.wait_for("could not be shown in full quality", gone=True)
        until(program, lambda: cells(program) == before)
        show_full_quality(program)
        program.resize(70, 20)
        until(program, lambda: HINT in program.text().split("\n")[-1])
        program.type("x")
        until(program, lambda: "Full quality" in program.text().split("\n")[-1])
        assert all(len(line) <= 70 for line in program.text().split("\n"))
        (picture,) = tmp_path.glob("data/conversations/*/images/1.png")
        picture.write_bytes(b"\x89PNG\r\n\x1a\n and nothing")
        until_silent(program, 0.3)
        program.type("f")
        program.wait_for("The PNG picture has a broken header")
        program.wait_for(HINT)
        program.type("x")
        program.wait_for("Full quality")


def test_a_stop_meanwhile_is_a_stop_of_both_and_so_is_a_polite_end(tmp_path: Path) -> None:
    with viewing(tmp_path) as program:
        before = cells(program)
        show_full_quality(program)
        child = child_of(program)
        os.killpg(program.pid, signal.SIGTSTP)
        until(program, lambda: all(is_stopped(pid) for pid in (program.pid, child)))
        until(program, lambda: program.raw.endswith(LEAVE))
        written = len(program.raw)
        os.killpg(program.pid, signal.SIGCONT)
        until(program, lambda: HINT.encode() in program.raw[written:])
        program.type("x")
        program.wait_for("Full quality")
        until(program, lambda: cells(program) == before)
        show_full_quality(program)
        child = child_of(program)
        os.kill(program.pid, signal.SIGTERM)
        assert program.wait_for_exit() == 0
        assert modes(program) == ECHOES
        assert program.raw.rindex(LEAVE) > program.raw.rindex(ENTER)
        assert not Path(f"/proc/{child}").exists()


def is_stopped(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"
