"""The card of a promised picture in a real terminal: keys, a kill and a restart, and what the disk has after each."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.support.terminal import chat_program, until

if TYPE_CHECKING:
    from pathlib import Path

SUNSET = "Can you show me a beautiful sunset over the ocean?"
READY, TITLE = "Write a message", "Picture promised"
ENTER, ESCAPE, TAB, QUIT = "\r", "\x1b", "\t", "\x11"
ALT_G, ALT_P, ALT_X = "\x1bg", "\x1bp", "\x1bx"


def entries(home: Path) -> list[dict[str, Any]]:
    """What the one conversation has on the disk."""
    files = list((home / "data" / "conversations").glob("*/history.json"))
    return json.loads(files[0].read_bytes()) if files else []


def promise(home: Path) -> dict[str, Any]:
    """The last reply that promised a picture."""
    return next((each for each in reversed(entries(home)) if "image_prompt" in each), {})


def test_what_is_asked_stays_asked_until_it_is_answered(tmp_path: Path) -> None:
    with chat_program(tmp_path, "--demo", columns=90) as program:
        program.wait_for(READY)
        program.type("/pictures ask" + ENTER)
        program.wait_for("You are asked")
        program.type(SUNSET + ENTER)
        program.wait_for(TITLE)
        until(program, lambda: promise(tmp_path).get("promise") == "asked")
        program.kill()
    begun = promise(tmp_path)["image_prompt"]

    with chat_program(tmp_path, "--demo", columns=90) as program:
        program.wait_for(TITLE)
        program.type(ALT_P + ", with gulls")
        program.wait_for("Enter Keep")
        program.type(ENTER)
        until(program, lambda: promise(tmp_path)["image_prompt"] == f"{begun}, with gulls")
        program.wait_for("Enter Keep", gone=True)
        program.type(TAB + "p")
        program.wait_for("Enter Keep")
        program.type("!!!")
        program.wait_for("gulls!!!")
        program.type(ESCAPE)
        program.wait_for("gulls!!!", gone=True)
        program.type(ESCAPE + QUIT)
        program.wait_for_exit()
    assert promise(tmp_path)["image_prompt"] == f"{begun}, with gulls"
    assert promise(tmp_path)["promise"] == "asked"

    with chat_program(tmp_path, "--demo", columns=90) as program:
        program.wait_for(TITLE)
        program.type("Show me a photo of you" + ENTER)  # the conversation still asks
        until(program, lambda: len(entries(tmp_path)) == 4 and promise(tmp_path).get("promise") == "asked")
        program.wait_for("Esc Cancel", gone=True)
        program.type(ALT_X)
        program.wait_for("Picture declined")
        assert [each.get("promise") for each in entries(tmp_path)] == [None, "asked", None, "declined"]
        program.type(ALT_G)
        until(program, lambda: len(entries(tmp_path)) == 5)
        program.wait_for("1024×1024")
    promising, made = entries(tmp_path)[1], entries(tmp_path)[-1]
    assert made["reply_to"] == promising["id"]
    assert made["image"]["prompt"] == promising["image_prompt"] == f"{begun}, with gulls"
    assert "promise" not in promising
