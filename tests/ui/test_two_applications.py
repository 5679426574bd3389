"""Two whole applications on the same data, each in its terminal: the list, the search, and versions of a reply."""

from __future__ import annotations

import json
import os
import signal
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.terminal import TerminalProgram, chat_program, until

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

LIST, RENAME, DELETE, UNDO, NEW, QUIT = "\x0c", "\x12", "\x04", "\x15", "\x0e", "\x11"
REGENERATE, BEFORE, ESCAPE = "\x1br", "[", "\x1b"
READY = "Write a message"


def histories(home: Path) -> dict[str, list[dict[str, Any]]]:
    """By the first words of each conversation, its entries on the disk."""
    files = (home / "data" / "conversations").glob("*/history.json")
    found = [json.loads(path.read_bytes()) for path in files]
    return {entries[0]["content"]: entries for entries in found if entries}


def talk(program: TerminalProgram, home: Path, words: str) -> None:
    """Say something and wait until the answer is on the disk, whole."""
    program.type(f"{words}\r")
    until(program, lambda: has_answer(histories(home).get(words, [])))


def has_answer(entries: list[dict[str, Any]]) -> bool:
    return entries[-1:] != [] and entries[-1]["role"] == "assistant" and "outcome" not in entries[-1]


def test_what_one_application_says_renames_and_deletes_the_other_one_finds(tmp_path: Path) -> None:
    with chat_program(tmp_path, "--demo") as one:
        one.wait_for(READY)
        talk(one, tmp_path, "Tell me a joke")
        with chat_program(tmp_path, "--demo", "--new") as other:
            other.wait_for(READY)
            talk(other, tmp_path, "What can you do?")

            one.type(LIST)
            one.wait_for("What can you do?")
            other.type(LIST)
            other.wait_for("Tell me a joke")
            one.type(RENAME)
            one.wait_for("Title ❯ Tell me a joke")
            one.type(" that is good\r")  # in one piece
            other.wait_for("Tell me a joke that is good")  # without a key
            one.type("what can" + DELETE)  # the one that has these words, which is open in the other program
            one.wait_for("open in another window")
            assert len(histories(tmp_path)) == 2
            other.type(ESCAPE)
            other.wait_for(READY)
            other.type(NEW)
            other.wait_for("Alt+3")
            one.type(DELETE)
            one.wait_for("Deleted “What can you do?”")
            assert histories(tmp_path).keys() == {"Tell me a joke"}
            one.type(UNDO)
            until(one, lambda: "What can you do?" in histories(tmp_path))

            other.type("/search developer cache\r")
            other.wait_for("1 message in 1")
            other.type("\r")
            other.wait_for("He used up all his cache")
            other.wait_for("Find ❯")
            for program in (other, one):
                program.type(ESCAPE + ESCAPE + QUIT)
                assert program.wait_for_exit() == 0


def test_versions_of_a_reply_outlive_a_kill(tmp_path: Path) -> None:
    words = "Tell me something about yourself"
    with chat_program(tmp_path, "--demo") as program:
        program.wait_for(READY)
        talk(program, tmp_path, words)
        (first,) = [entry["content"] for entry in histories(tmp_path)[words][1:2]]
        program.type(REGENERATE)
        program.wait_for("2 of 2")
        until(program, lambda: has_answer(histories(tmp_path)[words]))
        second = histories(tmp_path)[words][1]["content"]
        assert second != first
        program.type("\t" + BEFORE)
        program.wait_for("1 of 2")
        os.kill(program.pid, signal.SIGKILL)
        program.wait_for_exit()
    assert histories(tmp_path)[words][1]["content"] == first
    with chat_program(tmp_path, "--demo") as program:
        program.wait_for("1 of 2")
        program.type("\t]")
        program.wait_for("2 of 2")
        until(program, lambda: histories(tmp_path)[words][1]["content"] == second)
        program.type(QUIT)
        assert program.wait_for_exit() == 0
