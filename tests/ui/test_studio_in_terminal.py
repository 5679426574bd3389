"""The studio in a real terminal: keys as terminals send them, and a job that the program was killed over."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.terminal import TerminalProgram, chat_program, until, until_silent

READY = "Write a message"
SMALL = "/image a boat at sea --size 96x64 --seed 5"
LEAVE = "\x1b[27u"
"""Esc as the Kitty protocol sends it: nothing has to be waited for to tell it from the begin of a sequence."""
API_KEY = "demo-key-of-the-tests"
SERVE = f"""
from animus_tui.demo.server import run
from animus_tui.demo.state import DemoOptions
say = lambda line: print(line, flush=True)
options = DemoOptions(token_delay_ms=0, think_ms=0, paint_ms=4000, past_groups=0, side=64)
run(announce=say, api_key={API_KEY!r}, options=options, parent_pipe=True)
"""
pytestmark = pytest.mark.timeout(300)


def test_the_form_of_changes_opens_with_the_keys_of_a_terminal(tmp_path: Path) -> None:
    with chat_program(tmp_path, "--demo", "--graphics", "mosaic", columns=100) as program:
        program.wait_for(READY)
        program.type(SMALL + "\r")
        program.wait_for("96×64 · seed 5")
        for key in ("\x1b[114;6u", "\x1bOR"):  # Ctrl+Shift+R of the Kitty protocol, and F3
            program.type(key)
            program.wait_for("Regenerate with changes")
            program.wait_for("96x64")
            program.type(LEAVE)
            program.wait_for("Regenerate with changes", gone=True)


def test_four_pictures_fit_forty_columns_and_one_is_chosen_by_its_number(tmp_path: Path) -> None:
    with chat_program(tmp_path, "--demo", "--graphics", "mosaic", columns=40, rows=24) as program:
        program.wait_for(READY)
        program.type("/image a fox --size 96x96 --count 4 --seed 5\r")
        program.wait_for("4 · seed 8")
        until_silent(program, 0.3)
        program.type("\t")
        until_silent(program, 0.3)
        program.type("3")
        program.wait_for("3 of 4")
        assert "seed 7" in program.text()


@pytest.fixture
def service() -> Iterator[str]:
    """The address of a demo that paints for some seconds and outlives the program."""
    command = [sys.executable, "-c", SERVE]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.terminate()


def signed_in(home: Path, url: str) -> TerminalProgram:
    """The program with the account of that service."""
    program = chat_program(home, "--graphics", "mosaic", columns=100)
    program.env |= {
        "ANIMUS_API_KEY": API_KEY,
        "ANIMUS_BASE_URL": f"{url}/v3",
        "ANIMUS_GENERATION_URL": f"{url}/v2",
    }
    return program


def test_a_job_is_found_again_after_a_kill_and_not_paid_twice(tmp_path: Path, service: str) -> None:
    with signed_in(tmp_path, service) as program:
        program.wait_for(READY)
        program.type("/image a boat --count 4 --seed 5\r")
        until(program, lambda: any(tmp_path.glob("data/conversations/*/jobs/*.json")))
        program.kill()
    with signed_in(tmp_path, service) as program:
        program.wait_for("4 · seed 8")
        program.type("/image a tree --negative fog\r")
        program.wait_for("995 credits left")
        program.wait_for("Esc Cancel", gone=True)
    assert not any(tmp_path.glob("data/conversations/*/jobs/*.json"))


def test_what_the_demo_did_not_make_stands_there_at_the_next_start_until_it_is_removed(
    tmp_path: Path,
) -> None:
    with chat_program(tmp_path, "--demo") as program:
        program.wait_for(READY)
        program.type("/image !fault slow 90 a boat\r")
        until(program, lambda: any(tmp_path.glob("data/conversations/*/begun/*.json")))
        program.kill()
    with chat_program(tmp_path, "--demo") as program:
        program.wait_for("Picture interrupted")
        program.type("/image !fault 500 a lake\r")
        program.wait_for("Service error")
        program.type("\x11")
        assert program.wait_for_exit() == 0
    with chat_program(tmp_path, "--demo", columns=80, rows=24) as program:
        program.wait_for("Service error")
        assert "Picture interrupted" in program.text()
        program.type("\td")
        program.wait_for("Press d again")
        program.type("d")
        program.wait_for("Removed the picture")
        program.wait_for("Service error", gone=True)
        program.type("\x11")
        assert program.wait_for_exit() == 0
    with chat_program(tmp_path, "--demo") as program:
        program.wait_for("Picture interrupted")
        program.read(0.5)
        assert "Service error" not in program.text()
