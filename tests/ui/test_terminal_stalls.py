"""A terminal that does not read, or is taken away: the exchange goes on or is kept, and the application ends."""

from __future__ import annotations

import json
import os
import signal
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.terminal import chat_program, until, until_silent

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.terminal import TerminalProgram

READY = "Write a message"
QUIT = "\x11"
STREAMED = "[auto_turn]\nenabled = false\n"
pytestmark = pytest.mark.timeout(300)


def stored(home: Path) -> list[dict[str, Any]]:
    """The history of the only conversation, as far as it can be read while it is written."""
    for file in home.glob("data/conversations/*/history.json"):
        try:
            entries: list[dict[str, Any]] = json.loads(file.read_bytes())
        except ValueError:
            continue
        return entries
    return []


def answer(home: Path) -> str:
    """What of the answer is on disk."""
    return "".join(entry["content"] for entry in stored(home) if entry["role"] == "assistant")


def wait_unread(holds: Any) -> None:
    """Wait until something holds, without reading what the program writes; pytest-timeout ends a wait in vain."""
    while not holds():
        time.sleep(0.05)


def ask_for_a_long_answer(program: TerminalProgram, home: Path) -> None:
    (home / "config.toml").write_text(STREAMED)
    program.wait_for(READY)
    program.type("!words 3000\r")
    until(program, lambda: bool(answer(home)))


def test_while_nobody_reads_the_answer_goes_on_and_afterwards_the_screen_is_whole(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(STREAMED)
    with chat_program(tmp_path) as program:
        program.wait_for(READY)
        program.type("!words 250\r")
        wait_unread(lambda: any(e["role"] == "assistant" and not e.get("outcome") for e in stored(tmp_path)))
        program.resize(100, 30)  # another thing that was not drawn
        last = answer(tmp_path).split()[-3:]
        assert last
        until(program, lambda: " ".join(last) in " ".join(program.text().split()))
        until(program, lambda: program.text().splitlines()[-1].endswith("^Q Quit"))
        until_silent(program, 0.3)
        assert "demo server" in program.text().splitlines()[0]


@pytest.mark.parametrize("how", ["key", signal.SIGHUP])
def test_quitting_does_not_wait_for_a_terminal_that_does_not_read(tmp_path: Path, how: str | int) -> None:
    with chat_program(tmp_path) as program:
        ask_for_a_long_answer(program, tmp_path)
        before = len(answer(tmp_path))
        wait_unread(lambda: len(answer(tmp_path)) > before + 1500)
        if how == "key":
            program.type(QUIT)
        else:
            os.kill(program.pid, int(how))
        assert program.wait_for_exit_unread() == 0
    assert stored(tmp_path)[-1]["outcome"] == "cancelled"


@pytest.mark.parametrize("is_hangup_ignored", [True, False])
def test_when_the_terminal_is_gone_the_application_ends_and_keeps_the_answer(
    tmp_path: Path, is_hangup_ignored: bool
) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN if is_hangup_ignored else signal.SIG_DFL)
    try:
        with chat_program(tmp_path) as program:
            ask_for_a_long_answer(program, tmp_path)
            children = program.children()
            assert children
            program.take_away()
            program.wait_for_exit_unread()
            assert stored(tmp_path)[-1]["outcome"] == "cancelled"
    finally:
        signal.signal(signal.SIGHUP, before)
    wait_unread(lambda: not any(map(is_running, children)))
    with chat_program(tmp_path) as program:  # nobody holds the conversation
        program.wait_for("interrupted")
        assert "read-only" not in program.text()


def test_a_polite_end_keeps_the_answer_and_gives_the_terminal_back(tmp_path: Path) -> None:
    with chat_program(tmp_path) as program:
        ask_for_a_long_answer(program, tmp_path)
        os.kill(program.pid, signal.SIGTERM)
        assert program.wait_for_exit() == 0
        assert b"\x1b[?1049l" in program.raw[-600:]
    assert stored(tmp_path)[-1]["outcome"] == "cancelled"


def is_running(pid: int) -> bool:
    """Whether a process exists and is no zombie."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:  # noqa: PTH123
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False
