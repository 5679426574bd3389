"""The application as a person uses it: in a real terminal, on its own demo server, by typing."""

import json
import os
import random
import re
import signal
import time
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from animus_tui.demo.commands import ESCAPES
from tests.support.terminal import chat_program, until, until_painted, until_silent, until_written

SUNSET = "Can you show me a beautiful sunset over the ocean?\r"
REGENERATE, SAVE, QUIT, NEW = "\x12", "\x13", "\x11", "\x0e"
READY = "Write a message"
QUICK = """
[auto_turn]
min_delay = 0
max_delay = 0
follow_up_delay = 0
[image]
width = 256
height = 256
"""
"""For what is neither about the pauses of an answer nor about a large picture."""
pytestmark = pytest.mark.timeout(300)


def stored(home: Path) -> list[dict[str, Any]]:
    """The history of the only conversation."""
    (file,) = home.glob("data/conversations/*/history.json")
    entries: list[dict[str, Any]] = json.loads(file.read_bytes())
    return entries


def is_answered(home: Path) -> bool:
    """Whether the last message of the only conversation is an answer."""
    if not list(home.glob("data/conversations/*/history.json")):
        return False
    try:
        return any(entry["role"] == "assistant" for entry in stored(home)[-1:])
    except ValueError:  # it is being written
        return False


def configure(home: Path, text: str) -> None:
    (home / "config.toml").write_text(text)


def test_the_main_job_from_the_first_word_to_the_restart(tmp_path: Path) -> None:
    with chat_program(tmp_path) as program:
        program.wait_for("demo server, nothing leaves this machine")
        program.wait_for(READY)
        program.type(SUNSET)
        until_written(program, "is typing")
        program.wait_for("Oh, I know just the place.")
        until_written(program, "Generating")
        program.wait_for("1024×1024")
        until_painted(program)
        program.type(REGENERATE)
        program.wait_for("2 of 2", timeout=200)
        program.type(SAVE)
        program.wait_for("Saved to")
        program.type(QUIT)
        assert program.wait_for_exit() == 0
    (saved,) = (tmp_path / "Pictures").iterdir()
    with Image.open(saved) as picture:
        picture.load()
        assert (picture.format, picture.size) == ("PNG", (1024, 1024))
    with chat_program(tmp_path) as program:
        program.wait_for("Oh, I know just the place.")
        program.wait_for("2 of 2")
        until_painted(program)


def test_quitting_in_the_middle_of_an_answer_keeps_what_was_delivered_and_does_not_wait_for_the_rest(
    tmp_path: Path,
) -> None:
    minutes = "[auto_turn]\nmin_delay = 600000\nmax_delay = 600000\n"  # longer than the test may take
    configure(tmp_path, minutes)
    with chat_program(tmp_path) as program:
        program.wait_for(READY)
        program.type("!turns First words | Second words\r")
        program.wait_for("First words\n")
        program.type(QUIT)
        assert program.wait_for_exit() == 0
    entries = stored(tmp_path)
    assert [entry["content"] for entry in entries] == ["!turns First words | Second words", "First words"]
    assert entries[-1]["outcome"] == "cancelled"
    with chat_program(tmp_path) as program:
        program.wait_for("interrupted")


def test_a_killed_application_comes_back_with_everything_that_was_shown(tmp_path: Path) -> None:
    rng = random.Random(1)
    sent: list[str] = []
    for number in range(2):
        with chat_program(tmp_path) as program:
            program.wait_for(READY)
            sent.append(f"!echo number {number}")
            program.type(sent[-1] + "\r")
            program.wait_for(f"!echo number {number}  ")
            program.read(rng.random())
            program.kill(signal.SIGKILL)
        assert [entry["content"] for entry in stored(tmp_path) if entry["role"] == "user"] == sent


def test_a_conversation_fits_whatever_size_the_terminal_takes(tmp_path: Path) -> None:
    configure(tmp_path, QUICK)
    with chat_program(tmp_path, columns=110, rows=36) as program:
        program.wait_for(READY)
        program.type("Paint a cat at night\r")
        program.wait_for("256×256", timeout=200)
        for columns, rows in ((40, 12), (200, 60)):
            program.resize(columns, rows)
            until(
                program, lambda: re.search(r"F1 Help.*\^Q Quit$", program.text().split("\n")[-1]) is not None
            )
            program.wait_for("❯")
            until_silent(program, 0.5)
            screen = program.text().split("\n")
            assert len(screen) == rows
            assert all(len(line) <= columns for line in screen)
            assert "F1 Help" in screen[-1]
            program.type(f"still here at {columns}x{rows}\r")
            program.wait_for(f"still here at {columns}x{rows}")
            program.resize(110, 36)
            program.wait_for("is typing", gone=True)
            program.wait_for(f"still here at {columns}x{rows}")


@pytest.mark.parametrize("is_streamed", [False, True])
def test_an_answer_full_of_escape_sequences_changes_nothing_but_the_text(
    tmp_path: Path, is_streamed: bool
) -> None:
    configure(tmp_path, "[auto_turn]\nenabled = false\n" if is_streamed else "")
    with chat_program(tmp_path) as program:
        program.wait_for(READY)
        until_silent(program, 0.5)
        before = len(program.raw)
        program.type("!escapes\r")
        until(program, lambda: is_answered(tmp_path))
        program.wait_for("Esc", gone=True)
        program.wait_for("^N New")
        until_silent(program, 1)
        written = program.raw[before:]
        screen = program.text()
    assert "\x1b]52" in ESCAPES
    for forbidden in (rb"\x1b\]", rb"\x1bP", rb"\x1b_", rb"\x1b\^", rb"\x1bX", rb"\x1b\[[0-9;]*J", rb"\x1bc"):
        assert re.search(forbidden, written) is None, forbidden
    text = written.decode()
    assert not re.search("[\x80-\x9f\u202a-\u202e\u2066-\u2069]", text)
    assert "!escapes" in screen
    assert "❯" in screen


def test_a_planted_key_appears_neither_on_the_screen_nor_in_a_file(tmp_path: Path) -> None:
    key = "planted-key-0815-tell-nobody"
    # Nothing listens on port 9 of the loopback address.
    configure(
        tmp_path, f'[api]\napi_key = "{key}"\nbase_url = "http://127.0.0.1:9/v3"\n[chat]\nstream = true\n'
    )
    with chat_program(tmp_path) as program:
        program.wait_for(READY)
        program.type(f"hello\r/image {'x' * 20}\r")
        program.wait_for("Retry", timeout=200)
        program.read(1)
        program.type(QUIT)
        program.wait_for_exit()
        assert key.encode() not in program.raw
    for path in (tmp_path / "data").rglob("*"):
        assert not path.is_file() or key.encode() not in path.read_bytes()


def test_no_process_is_left_behind_when_the_application_is_killed(tmp_path: Path) -> None:
    configure(tmp_path, QUICK)
    with chat_program(tmp_path) as program:
        program.wait_for(READY)
        program.type("Paint a boat\r")
        program.wait_for("256×256", timeout=200)
        children = [
            int(pid) for pid in Path(f"/proc/{program.pid}/task/{program.pid}/children").read_text().split()
        ]
        assert children
        program.kill(signal.SIGKILL)
    end = time.monotonic() + 60
    while any(is_running(pid) for pid in children):
        assert time.monotonic() < end, children
        time.sleep(0.05)


def is_running(pid: int) -> bool:
    """Whether a process exists and is no zombie."""
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


def test_letters_typed_right_behind_the_key_that_finds_are_what_is_found(tmp_path: Path) -> None:
    configure(tmp_path, QUICK)
    with chat_program(tmp_path) as program:
        program.wait_for(READY)
        program.type("hello there\r")
        until(program, lambda: is_answered(tmp_path))
        program.wait_for("is typing", gone=True, timeout=200)
        for _ in range(2):  # the first time the bar is made, the second time it is there
            program.type("\x06hello there")
            program.wait_for("Find ❯ hello there")
            program.wait_for("1 of ")
            program.type("\x1b")
            program.wait_for("Find ❯", gone=True)
        assert READY in program.text()


def test_a_suggestion_is_said_by_alt_and_its_digit_however_the_terminal_sends_them(tmp_path: Path) -> None:
    configure(tmp_path, QUICK)
    with chat_program(tmp_path) as program:
        for sequence in ("\x1b2", "\x1b[50;3u"):  # ESC and the digit, and the Kitty protocol
            program.wait_for("Alt+3")
            program.wait_for(READY)
            program.type(sequence)
            program.wait_for("Alt+3", gone=True)
            program.wait_for("is typing", gone=True, timeout=30)
            program.type(NEW)
        program.wait_for("Alt+3")
        program.type(QUIT)
        assert program.wait_for_exit() == 0
    histories = [json.loads(path.read_bytes()) for path in tmp_path.glob("data/conversations/*/history.json")]
    said = [history[0]["content"] for history in histories if history]
    assert said == ["Tell me something about yourself"] * 2


def test_the_size_is_the_terminals_own_whatever_the_environment_says(tmp_path: Path) -> None:
    environment = {"COLUMNS": "40", "LINES": "12"}
    with chat_program(tmp_path, columns=100, rows=30, environment=environment) as program:
        program.wait_for(READY)
        until(program, lambda: program.text().split("\n")[-1].endswith("^Q Quit"))
        assert len(program.text().split("\n")[-1]) > 90
        program.resize(120, 40)
        until(program, lambda: program.text().split("\n")[-1].endswith("^Q Quit"))
        assert len(program.text().split("\n")[-1]) > 110


def test_a_terminal_whose_kind_is_not_told_is_used_as_any_other(tmp_path: Path) -> None:
    with chat_program(tmp_path, environment={"TERM": ""}) as program:
        program.wait_for(READY)
        program.type("hello there\r")
        until(program, lambda: is_answered(tmp_path))
