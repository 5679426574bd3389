"""What is kept, for the shell: `conversations`, `search`, `show`, `delete`; and what shells and man are told."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from animus_tui.chat.messages import ChatMessage, Conversation, ImageRecord, image_message
from animus_tui.chat.storage.store import ConversationStore
from animus_tui.cli.grammar import TAKES

if TYPE_CHECKING:
    from tests.support.program import Program

SEA, FOX = "5ea" + "0" * 29, "f0c" + "0" * 29


@pytest.fixture
def kept(program: Program) -> Program:
    """Two conversations."""
    store = ConversationStore(Path(program.environment["ANIMUS_DATA_DIR"]))
    said = [
        ChatMessage(
            id="a", role="user", content="The sea\x1b[31m at night", timestamp="2026-01-31T14:02:11.000Z"
        ),
        ChatMessage(
            id="b", role="assistant", content="**Night** and _water_", timestamp="2026-01-31T14:03:00.000Z"
        ),
        ChatMessage(id="h", role="user", content="aside", timestamp="2026-01-31T14:04:00.000Z", hidden=True),
    ]
    for name, title, messages in (
        (SEA, "The sea\x1b[2J", said),
        (
            FOX,
            "",
            [image_message(ImageRecord(prompt="a red fox at night", file="images/f.png"), message_id="p")],
        ),
    ):
        stored = store.create(Conversation(id=name, title=title, name="Vivian"))
        for message in messages:
            stored.put(message)
        stored.close()
        times = (1_800_000_000 if name == FOX else 1_790_000_000,) * 2
        for path in (stored.folder / "history.json", stored.folder / "conversation.json"):
            os.utime(path, times)
    return program


def test_what_is_kept_is_listed_searched_shown_and_deleted(kept: Program) -> None:
    listed, as_json, found, lines, nothing, blank, shown, other = kept.in_one_process(
        ["conversations"],
        ["conversations", "--json"],
        ["search", "NIGHT"],
        ["search", "--json", "water", "night"],
        ["search", "nothing", "has", "this"],
        ["search", " "],
        ["show", "5e"],
        ["show", "c"],
    )
    assert [line.split()[0] for line in listed.stdout.splitlines()] == [FOX, SEA]
    assert listed.stdout.splitlines()[1].endswith("    3  The sea")
    objects = [json.loads(line) for line in as_json.stdout.splitlines()]
    assert objects[1] == {
        "id": SEA,
        "title": "The sea\x1b[2J",
        "character": "Vivian",
        "messages": 3,
        "updated": "2026-01-31T14:04:00.000Z",
    }
    assert "picture    …a red fox at night" in found.stdout or "picture    a red fox at night" in found.stdout
    assert "  2026-01-31 14:03  assistant  Night and water\n" in found.stdout
    assert "  2026-01-31 14:02  user       The sea at night\n" in found.stdout
    assert [json.loads(line) for line in lines.stdout.splitlines()] == [
        {
            "conversation": SEA,
            "message": "b",
            "role": "assistant",
            "text": "**Night** and _water_",
            "timestamp": "2026-01-31T14:03:00.000Z",
            "shown": True,
        }
    ]
    assert (nothing.returncode, nothing.stderr) == (1, "animus-chat: No message has these words.\n")
    assert blank.returncode == 2
    assert shown.stdout == (
        "You, 2026-01-31 14:02\nThe sea at night\n\n"
        "Vivian, 2026-01-31 14:03\n**Night** and _water_\n\n"
        "You, 2026-01-31 14:04 (hidden)\naside\n"
    )
    assert other.returncode == 2
    assert "\x1b" not in "".join(done.stdout for done in (listed, as_json, found, lines, shown))


def test_deleting_moves_to_the_trash_all_or_none(kept: Program) -> None:
    data = Path(kept.environment["ANIMUS_DATA_DIR"])
    wrong, right, again = kept.in_one_process(
        ["delete", "5ea", "unknown"], ["delete", "5ea", SEA], ["delete", "5ea"]
    )
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert (right.returncode, right.stdout) == (0, f"{SEA}  The sea\n")
    assert again.returncode == 2
    assert [path.name for path in (data / "conversations").iterdir()] == [FOX]
    assert (data / "trash" / SEA / "history.json").is_file()


def test_one_that_is_open_is_not_deleted(kept: Program) -> None:
    stored = ConversationStore(Path(kept.environment["ANIMUS_DATA_DIR"])).open(SEA)
    done = kept("delete", SEA)
    assert done.returncode == 1
    assert "open" in done.stderr
    stored.close()


def test_the_manual_page_has_every_command_and_is_well_formed(program: Program) -> None:
    (done,) = program.in_one_process(["man"])
    assert done.returncode == 0
    for command in TAKES:
        assert f".SS {command}".replace("-", "\\-") in done.stdout
    if shutil.which("groff"):
        checked = subprocess.run(
            ["groff", "-man", "-Tutf8", "-ww", "-Kutf8"],
            input=done.stdout,
            capture_output=True,
            text=True,
            check=True,
        )
        assert checked.stderr == ""
        assert "--negative TEXT" in re.sub(".\x08", "", checked.stdout)


def test_the_completion_of_a_shell_knows_commands_options_and_ids(kept: Program) -> None:
    bash, zsh, fish = kept.in_one_process(*(["completion", shell] for shell in ("bash", "zsh", "fish")))
    for done in (bash, zsh, fish):
        assert done.returncode == 0
        assert "guidance" in done.stdout
        assert all(command in done.stdout for command in TAKES)
    script = kept.home / "completion.bash"
    script.write_text(bash.stdout)
    program = kept.home / "animus-chat"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m animus_tui "$@"\n')
    program.chmod(0o755)
    asked = (
        f'PATH="{kept.home}:$PATH"; source {script}\n'
        'ask() { COMP_WORDS=(animus-chat "$@"); COMP_CWORD=$#; _shtab_animus_chat; echo "${COMPREPLY[@]}"; }\n'
        "ask con; ask image --gui; ask show 5\n"
    )
    told = subprocess.run(
        ["bash", "--norc", "-c", asked],
        env=kept.environment,
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.split() == ["conversations", "--guidance", SEA]
