"""Everything that can be done with a message, in a real terminal, and the conversation as files: what the disk has."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import partial
from typing import TYPE_CHECKING, Any

from tests.support.terminal import TerminalProgram, chat_program, until

if TYPE_CHECKING:
    from pathlib import Path

READY, WORDS, FAULT = "Write a message", "Tell me a joke", "!fault cut"
TAB, ENTER, UP, DOWN, ESCAPE, QUIT = "\t", "\r", "\x1b[A", "\x1b[B", "\x1b", "\x11"
STREAMED = {"ANIMUS_AUTO_TURN_ENABLED": "false"}


class Conversation:
    """The program, and the one conversation that it writes."""

    def __init__(self, program: TerminalProgram, home: Path) -> None:
        self.program = program
        self.home = home

    def histories(self) -> list[list[dict[str, Any]]]:
        """Of all conversations in which something was said, the longest one first."""
        files = (self.home / "data" / "conversations").glob("*/history.json")
        return sorted((json.loads(path.read_bytes()) for path in files), key=len, reverse=True)

    def entries(self) -> list[dict[str, Any]]:
        return next(iter(self.histories()), [])

    def texts(self) -> list[str]:
        return [entry["content"] for entry in self.entries()]

    def last_after(self, words: str) -> dict[str, Any]:
        """The last entry of the conversation in which something was said; empty while there is none."""
        found = (entries for entries in self.histories() if words in [each["content"] for each in entries])
        return next(found, [{}])[-1]

    def is_reply(self, text: str) -> bool:
        """Whether the second entry on the disk has this text."""
        return self.texts()[1] == text

    def answered(self, count: int, *, version: int = 1) -> None:
        """Until there are so many entries, and the last one is a whole reply and the version of that number."""

        def is_answered() -> bool:
            entries = self.entries()
            last = entries[-1] if entries else {}
            is_whole = last.get("role") == "assistant" and "outcome" not in last
            return len(entries) == count and is_whole and len(last.get("branches", [0])) == version

        until(self.program, is_answered)
        self.program.wait_for("Esc Cancel", gone=True)

    def press(self, keys: str, *, shows: str) -> None:
        self.program.type(keys)
        self.program.wait_for(shows)


def test_each_key_of_a_message_does_on_the_disk_what_it_says(tmp_path: Path) -> None:
    with chat_program(tmp_path, "--demo", columns=90, environment=STREAMED) as program:
        talk = Conversation(program, tmp_path)
        program.wait_for(READY)
        program.type(WORDS + ENTER)
        talk.answered(2)
        first = talk.texts()[1]

        talk.press(TAB + "r", shows="2 of 2")  # regenerate
        talk.answered(2, version=2)
        second = talk.texts()[1]
        assert second != first
        talk.press(ESCAPE + "/reply shorter" + ENTER, shows="3 of 3 · asked to be: shorter")  # with a wish
        talk.answered(2, version=3)
        program.type(TAB)
        for key, shown, text in (("[", "2 of 3", second), ("[", "1 of 3", first), ("]", "2 of 3", second)):
            talk.press(key, shows=shown)
            until(program, partial(talk.is_reply, text))

        talk.press("e", shows="Correct the reply")
        talk.press(" INDEED" + ENTER, shows="4 of 4 · edited")
        until(program, lambda: talk.texts() == [WORDS, f"{second} INDEED"])

        talk.press(TAB + "q", shows="❯ > ")
        program.type("I do not get it" + ENTER)
        talk.answered(4)
        assert talk.texts()[2] == "\n".join(f"> {line}" for line in f"{second} INDEED".splitlines()) + (
            "\n\nI do not get it"
        )

        talk.press(TAB + "h", shows="hidden from the model")
        until(program, lambda: talk.entries()[3].get("hidden") is True)
        program.type("h")
        program.wait_for("hidden from the model", gone=True)
        until(program, lambda: "hidden" not in talk.entries()[3])

        talk.press(UP + "e", shows="Edit and send again")
        program.type(" AT ALL" + ENTER)
        until(program, lambda: talk.texts()[2:3] != [] and talk.texts()[2].endswith("I do not get it AT ALL"))
        talk.answered(4)
        assert len(talk.entries()[2]["branches"]) == 2

        before = talk.entries()
        talk.press(TAB + DOWN + "d", shows="Press d again")
        assert talk.entries() == before
        talk.press("d", shows="Press u in the conversation to undo")
        assert talk.entries() == before[:3]
        talk.press("u", shows="The deleted message is back")
        assert talk.entries() == before

        talk.press(UP + UP + "f", shows=f"{WORDS} (fork)")
        until(program, lambda: len(talk.histories()) == 2)
        assert (talk.histories()[0], talk.histories()[1]) == (before, before[:2])

        program.type(ESCAPE + FAULT + ENTER)
        program.wait_for("broke off")
        until(program, lambda: talk.last_after(FAULT).get("outcome") == "failed")
        cut = talk.last_after(FAULT)
        talk.press(TAB + UP + "g", shows=READY)
        program.wait_for("broke off", gone=True)
        until(program, lambda: "outcome" not in talk.last_after(FAULT))
        whole = talk.last_after(FAULT)
        assert (whole["id"], whole["content"].startswith(cut["content"])) == (cut["id"], True)
        assert len(whole["content"]) > len(cut["content"])
        program.type(ESCAPE + QUIT)
        assert program.wait_for_exit() == 0


def test_a_conversation_is_exported_in_each_format_and_comes_back_from_the_json(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    with chat_program(tmp_path, "--demo", "--graphics", "block", columns=90, environment=STREAMED) as program:
        talk = Conversation(program, tmp_path)
        program.wait_for(READY)
        program.type(WORDS + ENTER)
        talk.answered(2)
        program.type("/image a lake --size 256x256 --seed 7" + ENTER)
        program.wait_for("256×256")
        until(program, lambda: len(talk.entries()) == 3)
        for suffix in ("md", "html", "json"):
            target = out / f"talk.{suffix}"
            program.type(f"/export {target}{ENTER}")
            until(program, target.exists)
        exported = json.loads((out / "talk.json").read_bytes())
        assert exported == talk.entries()
        (picture,) = (out / "talk-images").glob("*.png")
        assert f"talk-images/{picture.name}" in (out / "talk.md").read_text()
        assert exported[1]["content"].splitlines()[0] in (out / "talk.md").read_text()
        page = (out / "talk.html").read_text()
        assert ("data:image/png;base64," in page, "<script" in page) == (True, False)
        talk.press(f"/export {out}/talk.html{ENTER}", shows="exists already")
        talk.press(f"/import {out}/talk.json{ENTER}", shows="here already")
        program.type(QUIT)
        assert program.wait_for_exit() == 0
    assert sorted(path.name for path in out.iterdir()) == [
        "talk-files",
        "talk-images",
        "talk.html",
        "talk.json",
        "talk.md",
    ]
    command = [sys.executable, "-m", "animus_tui", "import", str(out / "talk.json")]
    other = tmp_path / "other"
    env = program.env | {"ANIMUS_DATA_DIR": str(other)}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    folder = other / "conversations" / done.stdout.strip()
    assert json.loads((folder / "history.json").read_bytes()) == exported
    assert (folder / exported[2]["image"]["file"]).read_bytes() == picture.read_bytes()
