"""The application asks its terminal at the start: what is typed meanwhile counts, and no answer is taken for keys."""

from __future__ import annotations

import os
import re
import signal
import sys
from typing import TYPE_CHECKING

import pytest

from tests.support.scripted_terminal import (
    ATTRIBUTES,
    ENVIRONMENTS,
    QUIT,
    READY,
    TERMINALS,
    ScriptedTerminal,
    chat,
)
from tests.support.terminal import until_silent

if TYPE_CHECKING:
    from pathlib import Path

LATE = b"".join(TERMINALS["kitty"][question] for question in TERMINALS["kitty"])
assert LATE.endswith(TERMINALS["kitty"][ATTRIBUTES])
pytestmark = pytest.mark.timeout(300)


def is_over(program: ScriptedTerminal) -> bool:
    """Whether the program has ended; it can still be waited for."""
    state = os.waitid(os.P_PID, program.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    return state is not None


@pytest.mark.parametrize("name", ["kitty", "silent"])
def test_the_terminal_is_given_back_as_it_was(tmp_path: Path, name: str) -> None:
    with chat(tmp_path, TERMINALS[name], ENVIRONMENTS[name]) as program:
        before = program.attributes()
        program.wait_for("❯")
        program.wait_for(READY)
        program.type(QUIT)
        assert program.wait_for_exit() == 0
        assert program.attributes() == before
        assert b"\x1b[?1049l" in program.raw[-600:]
        assert b"\x1b[?25h" in program.raw[-600:]


def test_keys_typed_between_the_answers_are_in_the_prompt(tmp_path: Path) -> None:
    script = TERMINALS["kitty"]
    with chat(tmp_path, script, ENVIRONMENTS["kitty"], piece=4, typed=b"early") as program:
        program.wait_until_asked()
        program.type(" and on")
        program.wait_for("❯ early and on")


def test_a_line_typed_while_the_program_loads_is_sent_once(tmp_path: Path) -> None:
    with chat(tmp_path, {ATTRIBUTES: b"ls -l\r\x1b[?62;c"}, {"TERM": "xterm-256color"}) as program:
        program.wait_for("know what to say to that")
        until_silent(program, 0.5)
        assert len(re.findall(r"ls -l +\d\d:\d\d", program.text())) == 1
        assert "❯ Write a message" in program.text()


@pytest.mark.parametrize("cuts", [(), (20, 21, 40)], ids=str)
def test_answers_that_come_late_are_not_typed(tmp_path: Path, cuts: tuple[int, ...]) -> None:
    with chat(tmp_path, {}, ENVIRONMENTS["xterm"]) as program:
        program.wait_for(READY)
        until_silent(program, 0.3)
        for start, end in zip((0, *cuts), (*cuts, len(LATE)), strict=True):
            program.send(LATE[start:end])
            program.read(0.02)
        program.type("hello")
        program.wait_for("❯ hello")
        until_silent(program, 0.3)
        assert re.search(r"❯ hello *\n", program.text())


def test_the_rest_of_an_answer_is_not_typed_and_a_key_behind_it_is(tmp_path: Path) -> None:
    half = b"\x1bP>|XTerm(379)\x1b\\\x1b]11;rgb:ffff/ff"
    with chat(tmp_path, {ATTRIBUTES: half}, ENVIRONMENTS["xterm"]) as program:
        program.wait_until_asked()
        program.wait_for("❯")
        program.send(b"ff/ffff\x1b\\\x1b[?64;1;2cx")
        program.wait_for("❯ x")
        until_silent(program, 0.3)
        assert re.search(r"❯ x *\n", program.text())


def test_escape_and_other_keys_work_while_answers_may_still_come(tmp_path: Path) -> None:
    with chat(tmp_path, {}, ENVIRONMENTS["xterm"]) as program:
        program.wait_for(READY)
        program.type("\x1bOP")  # F1
        program.wait_for("Esc Close")
        program.type("\x1b")
        program.wait_for("Esc Close", gone=True)
        program.type("ab\x1b[Dc")
        program.wait_for("❯ acb")


def test_nothing_is_asked_after_the_start(tmp_path: Path) -> None:
    with chat(tmp_path, TERMINALS["kitty"], ENVIRONMENTS["kitty"]) as program:
        program.wait_for(READY)
        program.type("hello\r")
        program.wait_for("is typing")
        program.wait_for("is typing", gone=True)
        program.type(QUIT)
        assert program.wait_for_exit() == 0
        assert len(program.asked) == len(set(program.asked))
        _before, _, after = program.raw.partition(b"\x1b[?1049h")
    asked = re.findall(rb"\x1b\[[?>]?[\d;]*\$?[cnpqt]|\x1b\]1[0-9];\?|\x1bP[+$]q|\x1b_G[^\x1b]*a=q", after)
    # Textual's own: does the terminal draw a frame at once, and does it tell its size among the keys?
    assert set(asked) <= {b"\x1b[?2026$p", b"\x1b[?2048$p"}


@pytest.mark.parametrize(("name", "is_direct"), [("xterm", True), ("vt100", False)])
def test_24_bit_colours_that_the_terminal_takes_arrive_there(
    tmp_path: Path, name: str, is_direct: bool
) -> None:
    with chat(tmp_path, TERMINALS[name], ENVIRONMENTS[name]) as program:
        program.wait_for("❯")
        until_silent(program, 0.3)
        painted = program.raw.partition(b"\x1b[?1049h")[2]
    assert (re.search(rb"[;\[][34]8;2;\d+;\d+;\d+", painted) is not None) is is_direct


@pytest.mark.skipif(sys.platform != "linux", reason="looks into what the kernel keeps for the shell")
def test_an_error_at_the_start_leaves_no_answer_to_the_shell(tmp_path: Path) -> None:
    arguments = ("--conversation", "none-such")
    with chat(tmp_path, TERMINALS["kitty"], ENVIRONMENTS["kitty"], *arguments) as program:
        before = program.attributes()
        program.wait_until_asked()
        end = program.slave()
        assert program.wait_for_exit() == 2
        with pytest.raises(BlockingIOError):
            os.read(end, 100)
        os.close(end)
        assert program.attributes() == before
        assert b"kitty(" not in program.raw
        assert b"none-such" in program.raw


def test_ended_while_it_waits_it_gives_the_terminal_back(tmp_path: Path) -> None:
    with chat(tmp_path, {}, ENVIRONMENTS["xterm"]) as program:
        before = program.attributes()
        program.wait_until_asked()
        assert program.attributes() != before
        os.kill(program.pid, signal.SIGHUP)
        assert program.wait_for_exit() in (-signal.SIGHUP, 0)
        assert program.attributes() == before


def test_ctrl_c_while_it_waits_ends_it(tmp_path: Path) -> None:
    while True:
        with chat(tmp_path, {}, ENVIRONMENTS["xterm"]) as program:
            before = program.attributes()
            program.wait_until_asked()
            program.type("\x03")
            while not is_over(program) and b"\x1b[?1049h" not in program.raw:
                program.read(0.05)
            if b"\x1b[?1049h" in program.raw:  # the machine was busy, and the key came to the application
                continue
            assert program.wait_for_exit() == 130
            assert program.attributes() == before
            assert b"Traceback" not in program.raw
            return


def test_an_answer_that_is_cut_behind_its_escape_is_neither_typed_nor_the_escape_key(tmp_path: Path) -> None:
    with chat(tmp_path, {}, ENVIRONMENTS["kitty"]) as program:
        program.wait_for(READY)
        program.type("\x1bOP")
        program.wait_for("Esc Close")
        for answer in ("\x1b]11;rgb:1e1e/2020/2828\x1b\\", "\x1b_Gi=31;OK\x1b\\", "\x1b[?62;52;c"):
            program.type(answer[:1])
            program.read(0.3)  # Textual takes an ESC that stands alone for 0.1 seconds for the key
            program.type(answer[1:])
            program.read(0.3)
            assert "Esc Close" in program.text(), answer
        program.type("\x1b")
        program.wait_for("Esc Close", gone=True)
        program.type("hello")
        program.wait_for("❯ hello")
        assert re.search(r"❯ hello *\n", program.text())
