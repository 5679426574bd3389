"""The application as a job of a real shell: stopped, brought back, and whole again."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.terminal import TerminalProgram, chat_program, until, until_silent

if TYPE_CHECKING:
    from collections.abc import Iterator

READY = "Write a message"
SUSPEND, QUIT, UNDO = "\x1a", "\x11", "\x1f"
BASH = shutil.which("bash")
MODES = (
    b"\x1b[?1049h",
    b"\x1b[?1000h",
    b"\x1b[?1006h",
    b"\x1b[?2004h",
    b"\x1b[?1004h",
    b"\x1b[>25u",
    b"\x1b[?25l",
)
"""The alternate screen, the mouse, bracketed paste, the focus, Kitty's keyboard protocol, no cursor."""
pytestmark = [pytest.mark.timeout(120), pytest.mark.skipif(BASH is None, reason="bash controls the jobs")]


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[TerminalProgram]:
    """A shell in which the application runs."""
    env = {**chat_program(tmp_path).env, "PS1": "shell: "}
    assert BASH is not None
    with TerminalProgram([BASH, "--norc", "--noprofile", "-i"], env) as program:
        program.wait_for("shell:", timeout=20)
        program.type(f"{sys.executable} -m animus_tui --demo\n")
        program.wait_for(READY)
        yield program


def whole_screen(program: TerminalProgram) -> str:
    """The screen as it was at first; header, prompt and footer are there."""
    until(program, lambda: "^Q Quit" in program.text().splitlines()[-1])
    until_silent(program, 0.3)
    text = program.text()
    assert "demo server" in text.splitlines()[0]
    return text


def bring_back(program: TerminalProgram) -> bytes:
    """`fg`, and what was written after it."""
    program.type("clear\n")
    until_silent(program, 0.3)
    before = len(program.raw)
    program.type("fg\n")
    program.wait_for("❯")
    until_silent(program, 0.5)
    return program.raw[before:]


def test_ctrl_z_gives_the_terminal_to_the_shell_and_fg_brings_all_of_it_back(shell: TerminalProgram) -> None:
    shell.type("a draft")
    shell.wait_for("❯ a draft")
    before = whole_screen(shell)
    assert "^Z Suspend" in before
    for _ in range(2):
        shell.type(SUSPEND)
        shell.wait_for("Stopped")
        shell.type("echo still $((40 + 2))\n")
        shell.wait_for("still 42")
        written = bring_back(shell)
        assert whole_screen(shell) == before
        assert all(mode in written for mode in MODES)
    shell.type("!")
    shell.wait_for("❯ a draft!")
    shell.type(QUIT)
    shell.wait_for("shell:", timeout=20)
    shell.type("exit\n")
    assert shell.wait_for_exit() == 0


def is_stopped(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


@pytest.mark.parametrize("number", [signal.SIGTSTP, signal.SIGSTOP])
def test_after_a_stop_from_outside_all_is_painted_anew(shell: TerminalProgram, number: int) -> None:
    before = whole_screen(shell)
    (application,) = shell.children()
    os.kill(application, number)
    shell.wait_for("Stopped")
    written = bring_back(shell)
    assert whole_screen(shell) == before
    assert all(mode in written for mode in MODES)
    shell.type("hello")
    shell.wait_for("❯ hello")


def test_in_the_background_it_waits_for_the_foreground(shell: TerminalProgram) -> None:
    before = whole_screen(shell)
    shell.type(SUSPEND)
    shell.wait_for("Stopped")
    (application,) = shell.children()
    written = len(shell.raw)
    shell.type("bg; echo in the $((2 - 1))st background\n")
    shell.wait_for("in the 1st background")
    until(shell, lambda: is_stopped(application))
    shell.read(0.2)
    assert MODES[0] not in shell.raw[written:]
    bring_back(shell)
    assert whole_screen(shell) == before


def test_what_is_stopped_ends_at_the_shells_kill_and_leaves_the_terminal_alone(
    shell: TerminalProgram,
) -> None:
    shell.type(SUSPEND)
    shell.wait_for("Stopped")
    written = len(shell.raw)
    shell.type("kill %1\n")
    until(shell, lambda: not shell.children())
    shell.type("jobs; echo gone $((40 + 2))\n")
    shell.wait_for("gone 42")
    said = shell.raw[written:]
    assert b"\x1b[?1049" not in said


def test_what_is_started_in_the_background_stops_until_it_has_the_foreground(tmp_path: Path) -> None:
    env = {**chat_program(tmp_path).env, "PS1": "shell: "}
    assert BASH is not None
    with TerminalProgram([BASH, "--norc", "--noprofile", "-i"], env) as program:
        program.wait_for("shell:", timeout=20)
        for _ in range(2):  # the second time with a frame of the first
            program.type(f"clear; {sys.executable} -m animus_tui &\n")
            until(program, lambda: any(map(is_stopped, program.children())))
            program.type("fg\n")
            program.wait_for(READY)
            whole_screen(program)
            program.type(QUIT)
            until(program, lambda: not program.children())
        program.type(f"clear; {sys.executable} -m animus_tui &\n")
        until(program, lambda: any(map(is_stopped, program.children())))
        program.type("kill %1\n")
        until(program, lambda: not program.children())
        program.type("exit\n")
        assert program.wait_for_exit() == 0


def test_where_there_is_no_shell_ctrl_z_undoes_and_nothing_promises_more(tmp_path: Path) -> None:
    with chat_program(tmp_path) as program:
        program.wait_for(READY)
        for undo in (SUSPEND, UNDO):
            program.type("a draft")
            program.wait_for("❯ a draft")
            program.type(undo)
            program.wait_for(READY)
        assert "Suspend" not in program.text()
