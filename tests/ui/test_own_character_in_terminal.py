"""Conversations that keep their own character, in a real terminal: the file changes, and they do not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.support.terminal import chat_program, until

if TYPE_CHECKING:
    from pathlib import Path

READY, ENTER, CTRL_N, CTRL_L, QUIT, F6 = "Write a message", "\r", "\x0e", "\x0c", "\x11", "\x1b[17~"
QUICK = "[auto_turn]\nenabled = false\n"
ADA = f'[chat]\nname = "Ada"\ntemperature = 0.5\n{QUICK}'
MAX = f'[chat]\nname = "Max"\ntemperature = 1.5\n{QUICK}'


def descriptions(home: Path) -> dict[str, dict[str, Any]]:
    """Title → description."""
    files = (home / "data" / "conversations").glob("*/conversation.json")
    found = [json.loads(path.read_bytes()) for path in files]
    return {each.get("title", ""): each for each in found}


def test_an_old_conversation_shows_its_name_and_a_new_one_that_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(ADA)
    with chat_program(tmp_path, "--demo", columns=100) as program:
        program.wait_for("Say hello to Ada")
        program.type("Tell me a joke" + ENTER)
        program.wait_for("Esc Cancel")
        program.wait_for("Esc Cancel", gone=True)
        program.type(QUIT)
        assert program.wait_for_exit() == 0
    file.write_text(MAX)
    with chat_program(tmp_path, "--demo", columns=100) as program:
        shown = program.wait_for("Tell me a joke")
        assert shown.splitlines()[0].lstrip().startswith("Ada")
        program.type(CTRL_N)
        shown = program.wait_for("Say hello to Max")
        assert shown.splitlines()[0].lstrip().startswith("Max")
        program.type("What can you do?" + ENTER)
        program.wait_for("Esc Cancel")
        program.wait_for("Esc Cancel", gone=True)
        until(program, lambda: descriptions(tmp_path).keys() >= {"What can you do?"})
        program.type(CTRL_L)
        program.wait_for("Enter Open")
        program.type("joke")
        program.wait_for("1 of 2")
        program.type(ENTER)
        program.wait_for("Enter Open", gone=True)
        program.wait_for("Tell me a joke")
        until(program, lambda: program.text().splitlines()[0].lstrip().startswith("Ada"))

        program.type(F6)
        program.wait_for("Filter" if "Filter" in program.text() else "filter")
        program.type("temperature")
        program.wait_for("Each conversation keeps its own")
        shown = program.text()
        assert "0.5" in shown
        assert "New ones have: 1.5." in " ".join(shown.split())
        program.type(ENTER + "\x7f" * 4 + "0.7" + ENTER)
        until(program, lambda: "temperature = 0.7" in file.read_text())
        program.type("\x1b")
        program.wait_for("Each conversation keeps its own", gone=True)
        program.type(QUIT)
        assert program.wait_for_exit() == 0
    sampling = {title: each["character"]["sampling"] for title, each in descriptions(tmp_path).items()}
    assert sampling["Tell me a joke"]["temperature"] == 0.7
    assert sampling["What can you do?"]["temperature"] == 1.5
