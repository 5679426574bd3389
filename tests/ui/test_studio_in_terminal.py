"""The studio in a real terminal: keys as terminals send them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.pty_terminal import chat_program
from tests.ui.terminal_waits import until_silent

READY = "Write a message"
SMALL = "/image a boat at sea --size 96x64 --seed 5"
LEAVE = "\x1b[27u"
"""Esc as the Kitty protocol sends it: nothing has to be waited for to tell it from the begin of a sequence."""
pytestmark = pytest.mark.timeout(300)


@pytest.mark.parametrize("key", ["\x1b[114;6u", "\x1bOR"], ids=["ctrl+shift+r", "f3"])
def test_the_form_of_changes_opens_with_the_keys_of_a_terminal(tmp_path: Path, key: str) -> None:
    with chat_program(tmp_path, "--demo", "--graphics", "mosaic", columns=100) as program:
        program.wait_for(READY)
        program.type(SMALL + "\r")
        program.wait_for("96×64 · seed 5")
        program.type(key)
        program.wait_for("The picture again, with changes")
        assert "96x64" in program.text()
        program.type(LEAVE)
        program.wait_for("The picture again, with changes", gone=True)


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
