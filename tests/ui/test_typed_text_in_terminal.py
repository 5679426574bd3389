"""Characters that are typed arrive as pasted ones do, in each place where one writes, in a real terminal."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.support.terminal import chat_program, until

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.timeout(60)
CTRL_ENTER = "\x1b[13;5u"
FORM, LIST, RENAME = "\x07", "\x0c", "\x12"
TYPED = (
    "می\u200cخواهم क्\u200dष 👩\u200d👧 12\u00a0km 5\u202f% co\u00adop a\u200eb\u200fc "
    "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f \ue000 \U000f0001 end"
)
"""Joiners, spaces that do not break, a soft hyphen, marks of direction, the tags of a flag, letters for private use."""
CONTROLS = "\u0084\u202e\u2066"
"""A control character, an override and an isolate of direction."""


def kept(home: Path, name: str) -> list[object]:
    """All values of that name in what is kept of the conversations."""
    found: list[object] = []

    def note(value: dict[str, object]) -> dict[str, object]:
        found.extend(each for key, each in value.items() if key == name)
        return value

    for path in home.rglob("*.json"):
        json.loads(path.read_text(encoding="utf-8"), object_hook=note)
    return found


@pytest.mark.parametrize(
    "written", [TYPED, TYPED.replace(" end", f"{CONTROLS} end")], ids=["text", "controls"]
)
def test_what_is_typed_arrives_exactly_as_pasted_in_the_prompt_and_in_a_form(
    tmp_path: Path, written: str
) -> None:
    with chat_program(tmp_path, "--demo", "--graphics", "block", columns=100) as program:
        program.wait_for("Write a message")
        program.type(FORM)
        program.wait_for("Esc Cancel")
        program.type(written)
        program.wait_for(TYPED[:2])
        program.type(CTRL_ENTER)
        until(program, lambda: TYPED in kept(tmp_path, "prompt"))
        program.wait_for("Esc Cancel", gone=True)
        program.type(f"{written}\r")
        until(program, lambda: TYPED in kept(tmp_path, "content"))


def test_what_is_typed_as_a_title_is_the_title_with_plain_spaces(tmp_path: Path) -> None:
    with chat_program(tmp_path, "--demo", "--graphics", "none", columns=100) as program:
        program.wait_for("Write a message")
        program.type("hello\r")
        until(program, lambda: "hello" in kept(tmp_path, "content"))
        program.type(LIST)
        program.wait_for("^R Rename")
        program.type(RENAME)
        program.wait_for("Title ❯ hello")
        program.type(TYPED)
        program.wait_for(TYPED[:2])
        program.type("\r")
        until(program, lambda: "hello" + " ".join(TYPED.split()) in kept(tmp_path, "title"))
