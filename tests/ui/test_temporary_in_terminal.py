"""A temporary conversation in a real terminal: nothing of it is on the disk, not even after a kill."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

from tests.support.terminal import TerminalProgram, chat_program, until

READY, NEW, QUIT, TEMPORARY = "Write a message", "\x0e", "\x11", "temporary, nothing is kept"
WORDS = "zebra crossing"
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


def kept_in(program: TerminalProgram) -> Path:
    """The folder of the temporary conversations, which the program has locked."""
    links = [fd.readlink() for fd in Path(f"/proc/{program.pid}/fd").iterdir()]
    (root,) = {link.parent for link in links if link.parent.name.startswith("animus-chat-temporary-")}
    return root


def with_words(folder: Path) -> list[Path]:
    """The files below a folder that have the words, in text or in name, or are pictures."""
    return [
        path
        for path in folder.rglob("*")
        if path.is_file() and (WORDS.encode() in path.read_bytes() or path.suffix == ".png")
    ]


def say(program: TerminalProgram, text: str) -> None:
    program.type(f"{text}\r")
    program.wait_for(f"{text}  ")
    program.wait_for("Esc Cancel", gone=True)


def test_nothing_is_left_on_the_disk_after_leaving_quitting_and_a_kill(tmp_path: Path) -> None:
    home, runtime = tmp_path / "home", tmp_path / "tmp"
    home.mkdir()
    runtime.mkdir()
    env = {"TMPDIR": str(runtime), "XDG_CACHE_HOME": str(home / "cache"), "ANIMUS_IMAGE_WIDTH": "256"}
    env |= {"ANIMUS_IMAGE_HEIGHT": "256"}
    with chat_program(home, "--demo", "--graphics", "block", "--temporary", environment=env) as program:
        program.wait_for(TEMPORARY)
        say(program, f"What of a {WORDS}?")
        program.type(f"/image a {WORDS} in the rain --seed 7\r")
        program.wait_for("256×256")
        root = kept_in(program)
        assert root.stat().st_mode & 0o777 == 0o700
        assert len(with_words(root)) == 3, "the title, the history and the picture"
        program.type(f"a draft of a {WORDS}")
        program.type(NEW)
        program.wait_for(TEMPORARY, gone=True)
        program.wait_for(READY)
        until(program, lambda: not with_words(root))
        assert [*(root / "conversations").iterdir()] == []
        program.type("/temporary\r")
        program.wait_for(TEMPORARY)
        say(program, f"Once more a {WORDS}")
        program.type(QUIT)
        assert program.wait_for_exit() == 0
    assert not root.exists()
    with chat_program(home, "--demo", "--graphics", "block", "--temporary", environment=env) as program:
        program.wait_for(TEMPORARY)
        say(program, f"A third {WORDS}")
        root = kept_in(program)
        os.kill(program.pid, signal.SIGKILL)
        program.wait_for_exit()
    assert with_words(root), "a kill leaves it in memory, until the next start"
    with chat_program(home, "--demo", "--graphics", "block", environment=env) as program:
        program.wait_for(READY)
        until(program, lambda: not root.exists())
        program.type("\x1b[A")  # what Up brings back
        program.read(0.5)
        assert WORDS not in program.text()
        program.type(QUIT)
        program.wait_for_exit()
    assert with_words(tmp_path) == []
