"""What a character says first, its versions and the note, in a real terminal and at the next start."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from animus_tui.characters.character import Character
from animus_tui.characters.lorebook import Lorebook, LorebookEntry
from tests.support.greeted import begin_with
from tests.support.terminal import chat_program, until

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.terminal import TerminalProgram

ENTER, TAB, ESCAPE, CTRL_N, CTRL_L, QUIT = "\r", "\t", "\x1b", "\x0e", "\x0c", "\x11"
READY = "Write a message"
QUICK = "[auto_turn]\nenabled = false\n"
HENRIK = Character(
    name="Henrik",
    system_message="You are {{char}}.",
    greeting="*nods* Sit down, {{user}}.\n\n- bread\n- tea",
    greetings=("You are late, {{user}}.", "Skarvholm here."),
    lorebook=Lorebook(
        entries=(LorebookEntry(keys=("gull",), content="Gulls."),), unused=("probability", "decorators")
    ),
)


def begun(home: Path) -> Path:
    """The only folder of a conversation."""
    (folder,) = (home / "data" / "conversations").iterdir()
    return folder


def note_of(home: Path) -> str:
    described: dict[str, Any] = json.loads((begun(home) / "conversation.json").read_bytes())
    return str(described["character"].get("note", ""))


def end(program: TerminalProgram) -> None:
    program.type(QUIT)
    assert program.wait_for_exit() == 0


def test_the_versions_of_a_greeting_are_switched_and_the_chosen_one_is_sent(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(f'[user]\nname = "Sam"\n{QUICK}')
    begin_with(HENRIK, tmp_path / "data")
    with chat_program(tmp_path, "--demo") as program:
        program.wait_for("1 of 3")
        shown = program.wait_for("Of the lorebook of Henrik is not used: probability, decorators.")
        assert "nods Sit down" in shown  # Markdown is drawn
        assert "*nods*" not in shown
        assert "• bread" in shown
        assert "Say hello to" not in shown
        program.type(TAB)
        program.wait_for("] Next")
        assert "Regenerate" not in program.text()
        program.type("]")
        program.wait_for("2 of 3")
        program.wait_for("You are late")
        program.type("]")
        program.wait_for("Skarvholm here.")
        program.type("[")
        program.wait_for("2 of 3")
        program.type(ESCAPE)
        program.wait_for(READY)
        end(program)
    history = json.loads((begun(tmp_path) / "history.json").read_bytes())
    assert len(history) == 1
    assert history[0]["content"].startswith("You are late")
    with chat_program(tmp_path, "--demo", columns=40) as program:
        program.wait_for("2 of 3")
        program.type("Tell me a joke" + ENTER)
        program.wait_for("Esc Cancel", gone=True)
        until(program, lambda: len(json.loads((begun(tmp_path) / "history.json").read_bytes())) == 3)
        end(program)
    with chat_program(tmp_path, "--demo") as program:
        shown = program.wait_for("Tell me a joke")
        assert "You are late" in shown
        assert "Of the lorebook" not in shown
        program.type("/new Vivian" + ENTER)
        program.wait_for("Say hello to Vivian")
        end(program)


def test_a_conversation_with_nothing_but_a_greeting_is_not_listed_and_is_used_again(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(QUICK)
    begin_with(HENRIK, tmp_path / "data")
    first = begun(tmp_path)
    with chat_program(tmp_path, "--demo") as program:
        program.wait_for("1 of 3")
        program.type(CTRL_N)
        program.wait_for("1 of 3")  # Henrik again, and the same conversation
        program.type("/new Vivian" + ENTER)
        program.wait_for("Say hello to Vivian")
        assert "Sit down" not in program.text()
        assert begun(tmp_path) == first
        end(program)


def test_a_note_is_kept_shown_changed_and_removed(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(QUICK)
    with chat_program(tmp_path, "--demo") as program:
        program.wait_for("Say hello to Vivian")
        program.type("/note" + ENTER)
        program.wait_for("Write a note behind /note")
        program.type("{{char}} is tired." + ENTER)
        program.wait_for("note: Vivian is tired.")
        until(program, lambda: note_of(tmp_path) == "{{char}} is tired.")
        program.type("Tell me a joke" + ENTER)
        program.wait_for("Esc Cancel")
        program.wait_for("Esc Cancel", gone=True)
        assert "tired" not in (begun(tmp_path) / "history.json").read_text()
        end(program)
    with chat_program(tmp_path, "--demo") as program:
        program.wait_for("note: Vivian is tired.")
        program.type("/note" + ENTER)
        program.wait_for("/note {{char}} is tired.")
        program.type(" Very." + ENTER)
        until(program, lambda: note_of(tmp_path) == "{{char}} is tired. Very.")
        program.type("/note -" + ENTER)
        program.wait_for("The note is removed.")
        program.wait_for("note: Vivian", gone=True)
        assert note_of(tmp_path) == ""
        end(program)


def test_at_40_columns_the_status_line_says_that_there_is_a_note(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(QUICK)
    with chat_program(tmp_path, "--demo", columns=40) as program:
        program.wait_for("Say hello to Vivian")
        program.type("/note Answer in two sentences at most, please." + ENTER)
        until(program, lambda: " · note" in program.text().splitlines()[0])
        end(program)
