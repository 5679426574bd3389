"""A draft in a real terminal: it outlives a kill, and a real editor changes it."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from tests.support.terminal import chat_program, until, until_written

READY = "Write a message"
ALT_E, QUIT, CTRL_C = "\x1be", "\x11", "\x03"
EDITOR = """#!/bin/sh
# Tells what it was given, waits for a key, and changes the file as its argument says.
{ stat -c %a "$2" "$(dirname "$2")"; env; } > "$HOME/seen"
echo "swap" > "$(dirname "$2")/.message.md.swp"
trap 'echo INTERRUPTED' INT
echo "IN THE EDITOR: $(cat "$2")"
until read -r line; do :; done
case "$line" in
    fail) echo lost > "$2"; exit 3;;
    *) printf 'and a second line\\n' >> "$2";;
esac
"""


def test_a_draft_outlives_a_kill_and_is_edited_in_the_users_editor(tmp_path: Path) -> None:
    script = tmp_path / "my editor.sh"
    script.write_text(EDITOR)
    script.chmod(0o700)
    runtime = tmp_path / "run"
    runtime.mkdir(mode=0o700)
    env = {"EDITOR": f"'{script}' --flag", "XDG_RUNTIME_DIR": str(runtime), "ANIMUS_API_KEY": ""}
    with chat_program(tmp_path, "--demo", "--graphics", "block", columns=80, environment=env) as program:
        program.wait_for(READY)
        program.type("written before the kill")
        drafts = tmp_path / "data" / "conversations"
        until(program, lambda: [f.read_text() for f in drafts.glob("*/draft")] == ["written before the kill"])
        program.type(ALT_E)
        program.wait_for("IN THE EDITOR: written before the kill")
        started = {pid: Path(f"/proc/{pid}/cmdline").read_bytes() for pid in program.children()}
        (editor,) = [pid for pid, command in started.items() if b"my editor.sh" in command]
        os.kill(program.pid, signal.SIGKILL)
        program.wait_for_exit()
        os.kill(editor, signal.SIGKILL)
        assert len(list(runtime.glob("*/message.md"))) == 1
    with chat_program(tmp_path, "--demo", "--graphics", "block", columns=80, environment=env) as program:
        program.wait_for("❯ written before the kill")
        until(program, lambda: list(runtime.iterdir()) == [])  # what the kill left of the text
        program.type(ALT_E)
        program.wait_for("IN THE EDITOR: written before the kill")
        program.type(CTRL_C)  # the editor's, and not ours
        until_written(program, "INTERRUPTED")
        program.type("\n")
        program.wait_for("and a second line")
        program.wait_for("❯ written before the kill")
        modes, *variables = (tmp_path / "seen").read_text().splitlines()[1:]
        assert (tmp_path / "seen").read_text().splitlines()[:2] == ["600", "700"], modes
        assert not [line for line in variables if line.startswith("ANIMUS_")]
        assert list(runtime.iterdir()) == []
        program.type(ALT_E)
        program.wait_for("IN THE EDITOR")
        program.type("fail\n")
        program.wait_for("The editor ended with code 3, so the message stays as it was.")
        assert "❯ written before the kill" in program.text()
        assert list(runtime.iterdir()) == []
        program.type(QUIT)
        assert program.wait_for_exit() == 0
    (draft,) = drafts.glob("*/draft")
    assert draft.read_text() == "written before the kill\nand a second line"
