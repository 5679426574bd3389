"""`--character NAME` of the application, `send` and `image`: who is meant, and what is told when nobody is."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import pytest

from animus_tui.chat.images.metadata import read_metadata
from tests.support.terminal import TerminalProgram

if TYPE_CHECKING:
    from tests.support.program import Program

BOTH = "--character begins a new conversation, so it goes neither with --conversation nor with -c."
WITHOUT_ACCOUNT = """
[image]
backend = "automatic1111"
base_url = "http://127.0.0.1:9"
"""


def conversations(program: Program) -> list[dict[str, Any]]:
    """All that are kept, as their files have them, the oldest first."""
    found = (program.home / "data" / "conversations").glob("*/conversation.json")
    kept: list[dict[str, Any]] = [json.loads(path.read_text("utf-8")) for path in found]
    return sorted(kept, key=lambda each: str(each["created"]))


def messages(program: Program, conversation: dict[str, Any]) -> list[dict[str, Any]]:
    path = program.home / "data" / "conversations" / conversation["id"] / "history.json"
    entries: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))
    return entries


def test_send_begins_a_conversation_with_the_named_one_which_goes_on_with_it(signed_in: Program) -> None:
    assert signed_in("send", "Hello").returncode == 0
    done = signed_in("send", "--character", "HEN", "Any ships?")
    assert (done.returncode, done.stderr) == (0, "")
    assert signed_in("send", "-c", "And now?").returncode == 0
    plain, henrik = conversations(signed_in)
    assert (plain["name"], henrik["name"]) == ("Vivian", "Henrik Vold")
    assert "Skarvholm" in henrik["system_message"]
    said = messages(signed_in, henrik)
    assert [each["role"] for each in said] == ["assistant", "user", "assistant", "user", "assistant"]
    assert said[0]["content"].startswith("Wind from the southwest")

    assert signed_in("send", "--character", "vivian", "Hello").returncode == 0
    assert conversations(signed_in)[-1]["name"] == "Vivian"


def test_image_begins_one_with_its_looks(signed_in: Program) -> None:
    for name in ("henrik", "Hen"):
        file = signed_in.home / f"{name}.png"
        done = signed_in("image", "A boat", "--character", name, "-o", str(file))
        assert (done.returncode, done.stdout) == (0, f"{file}\n")
        prompt = read_metadata(file).prompt
        assert prompt.startswith("painterly illustration of A boat, a man of 71")
        assert conversations(signed_in)[-1]["name"] == "Henrik Vold"
    done = signed_in("image", "A boat", "--character", "vivian", "-o", str(signed_in.home / "v.png"))
    assert done.returncode == 0
    assert conversations(signed_in)[-1]["name"] == "Vivian"


@pytest.mark.parametrize("command", ["send", "image"])
def test_a_name_that_does_not_fit_is_wrong_usage_and_begins_nothing(program: Program, command: str) -> None:
    program.configure(WITHOUT_ACCOUNT)
    told = {
        "henrick": 'There is no character "henrick"; did you mean "Henrik Vold"?',
        "x\x1b[31m": 'There is no character "x',
        " ": "is blank",
    }
    for name, words in told.items():
        done = program(command, "Hello", "--character", name)
        assert (done.returncode, done.stdout) == (2, ""), name
        assert words in done.stderr
        assert "\x1b" not in done.stderr
    assert conversations(program) == []


@pytest.mark.parametrize("command", ["send", "image"])
@pytest.mark.parametrize("which", [("-c",), ("--conversation", "3f2a")])
def test_it_is_not_said_of_an_old_conversation(
    program: Program, command: str, which: tuple[str, ...]
) -> None:
    done = program(command, "Hello", "--character", "henrik", *which)
    assert (done.returncode, done.stdout) == (2, "")
    assert "goes neither with --conversation nor with -c." in done.stderr
    assert done.stderr.count("\n") == 1
    assert program(*which, "--character", "henrik").stderr.startswith(f"animus-chat: {BOTH}")


def test_the_application_begins_with_the_named_one_or_says_that_there_is_none(program: Program) -> None:
    command = [sys.executable, "-m", "animus_tui", "--demo"]
    with TerminalProgram([*command, "--character", "nobody"], program.environment) as running:
        running.wait_for('There is no character "nobody"; there are Vivian, Henrik Vold, Safiya Amar.')
        assert running.wait_for_exit() == 2
    assert conversations(program) == []
    with TerminalProgram([*command, "--character", "safiya"], program.environment) as running:
        running.wait_for("Mind the step, it bites.")
        assert "Safiya Amar" in running.text().splitlines()[0]
        running.type("\x11")
        assert running.wait_for_exit() == 0
