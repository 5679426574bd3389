"""Typing while an answer comes in at a thousand tokens a second, in a real terminal: no key is lost, none is late."""

from __future__ import annotations

import random
import string
from pathlib import Path

import pytest

from tests.bench.pane.homes import CONFIG
from tests.bench.pane.server import SUFFIX, ScriptedServer
from tests.support.terminal import TerminalProgram, chat_program

KEYS = 108
pytestmark = pytest.mark.timeout(300)


def prompt_text(program: TerminalProgram) -> str:
    """What stands in the prompt, its rows joined."""
    lines = program.text().split("\n")
    first = next(row for row, line in enumerate(lines) if line.lstrip().startswith("❯"))
    rows = [line[3:] for line in lines[first : len(lines) - 2]]
    return "".join(rows).strip()


def test_every_key_typed_while_a_thousand_tokens_a_second_stream_in_is_there_in_order(
    tmp_path: Path,
) -> None:
    chance = random.Random(7)
    typed = "".join(chance.choice(string.ascii_letters + string.digits) for _ in range(KEYS))
    with ScriptedServer() as server:
        (tmp_path / "config.toml").write_text(CONFIG.format(address=server.address))
        with chat_program(tmp_path, columns=40, rows=24) as program:
            program.wait_for("Write a message")
            program.type("tokens=3000 rate=1000 last=End\r")
            program.wait_for("Write a message")  # the prompt is empty again, the answer is on its way
            for letter in typed:
                program.type(letter)
                program.read(chance.uniform(0.001, 0.03))
            program.wait_for(f"End{SUFFIX}", timeout=200)
            while len(prompt_text(program)) < KEYS:
                program.read(0.05)
            assert prompt_text(program) == typed
