"""A start in a terminal: the frame that stands at once, who takes over from it, and what becomes of the terminal."""

from __future__ import annotations

import fcntl
import json
import os
import re
import signal
import struct
import sys
import termios
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import pyte
import pytest
from msgspec.structs import replace
from PIL import Image

from animus_tui import first_frame
from animus_tui.chat.messages import ChatMessage, Conversation, ImageRecord, image_message
from animus_tui.chat.storage.draft import write_draft
from animus_tui.chat.storage.store import ConversationStore
from animus_tui.graphics.rendering.kitty import PLACEHOLDER
from tests.support.planted_secrets import tells_a_secret
from tests.support.program import PLANTED
from tests.support.terminal import MOSAIC, TerminalProgram, chat_program, program_environment, until

OTHER, NORMAL = b"\x1b[?1049h", b"\x1b[?1049l"
PASTE = b"\x1b[?2004h"
"""Is written by the application alone."""
REPLY = "Look:\n\n```python\ndef f(x):\n    return x + 1  # more\n```\n\n- one\n- **two**"
LOADED = f"""
import sys
before = set(sys.modules)
sys.path.insert(0, {os.fspath(Path(first_frame.__file__).parents[1])!r})
from animus_tui import first_frame, start
first_frame.begin()
print("loaded:", *sorted(set(sys.modules) - before), ":end")
"""
NEXT_DAY = """
import os, signal, time
from animus_tui.start import main

def leap(*_):
    os.environ["TZ"] = "<+14>-14"
    time.tzset()
    print(end="\\a", flush=True)

signal.signal(signal.SIGUSR1, leap)
raise SystemExit(main())
"""
"""The application, which a signal brings to the next day."""
FEW = {"_signal", "termios", "fcntl", "select", "time"}
"""Parts of the interpreter in C; beside what it loads for itself."""
OWN = {
    "os",
    "os.path",
    "posixpath",
    "genericpath",
    "stat",
    "_stat",
    "_collections_abc",
    "abc",
    "_abc",
    "errno",
}
LAST_ROW = re.compile(rb"\x1b\[(\d+);1H")


def fill(home: Path, *, has_picture: bool = False, draft: str = "") -> Path:
    """A conversation with code, and what else is wanted; returns the file of the frame."""
    store = ConversationStore(home / "data")
    stored = store.create(Conversation(id="talk", title="A talk"))
    for number in range(3):
        stored.put(ChatMessage(role="user", content=f"Question {number}"))
        stored.put(ChatMessage(role="assistant", content=REPLY))
    if has_picture:
        (stored.folder / "images").mkdir()
        picture = Image.linear_gradient("L").convert("RGB")
        picture.save(stored.folder / "images" / "a.png")
        stored.put(image_message(ImageRecord(prompt="a thing", file="images/a.png", width=256, height=256)))
    stored.close()
    write_draft(stored.folder, draft)
    store.note_last("talk")
    return home / "data" / first_frame.NAME


def cells(screen: pyte.Screen) -> list[list[Any]]:
    """Characters with their colours."""
    return [[screen.buffer[y][x] for x in range(screen.columns)] for y in range(screen.lines)]


def shown_by(raw: bytes, columns: int, rows: int) -> list[list[Any]]:
    """What a terminal shows after these bytes."""
    screen = pyte.Screen(columns, rows)
    pyte.ByteStream(screen).feed(raw)
    return cells(screen)


def quit_rested(program: TerminalProgram) -> list[list[Any]]:
    """Leave the application once it stands and nothing is written any more; the screen as it was then."""
    until(program, lambda: b"\x1b[1;1H" in program.raw.partition(PASTE)[2])
    while True:
        before = len(program.raw)
        program.read(1.0)
        if len(program.raw) == before and "❯" in program.text():
            break
    last = cells(program.screen)
    program.type("\x11")
    assert program.wait_for_exit() == 0
    assert termios.tcgetattr(program.terminal) == usual_attributes()
    return last


def painted(program: TerminalProgram) -> bytes:
    """The frame that stands before the terminal is asked anything; AssertionError when there is none."""
    until(program, lambda: b"\x1b[c" in program.raw)
    before = program.raw[: program.raw.index(b"\x1b[>q")]
    assert before.startswith(OTHER)
    assert first_frame.is_harmless(before.removeprefix(OTHER + b"\x1b[m\x1b[?25l\x1b[?7l"))
    return before


@pytest.mark.parametrize(
    ("columns", "rows", "environment", "draft", "has_picture"),
    [
        (120, 40, {}, "", True),
        (
            80,
            24,
            {"COLORFGBG": "0;15", "ANIMUS_API_KEY": PLANTED, "ANIMUS_BASE_URL": "http://127.0.0.1:9"},
            "",
            False,
        ),
        (40, 30, {"COLORTERM": ""}, "What I wanted\nto say", False),
    ],
    ids=["picture", "light", "narrow"],
)
def test_the_screen_is_the_same_with_a_frame_and_without_one(
    tmp_path: Path, columns: int, rows: int, environment: dict[str, str], draft: str, has_picture: bool
) -> None:
    kept = fill(tmp_path, has_picture=has_picture, draft=draft)
    with chat_program(tmp_path, columns=columns, rows=rows, environment=environment) as program:
        without = quit_rested(program)
        assert program.raw.index(b"\x1b[>q") < program.raw.index(OTHER)
    assert kept.stat().st_mode & 0o777 == 0o600
    assert not tells_a_secret(kept.read_bytes().decode(errors="replace"))
    assert PLANTED.encode() not in kept.read_bytes()
    with chat_program(tmp_path, columns=columns, rows=rows, environment=environment) as program:
        frame = painted(program)
        assert shown_by(frame, columns, rows) == without
        assert quit_rested(program) == without
        raw = program.raw[len(frame) :]
    # Nothing is cleared, and the first rows that are written are those of a whole screen.
    assert OTHER not in raw
    assert b"\x1b[2J" not in raw.partition(NORMAL)[0]
    assert [int(row) for row in LAST_ROW.findall(raw)[:rows]] == list(range(1, rows + 1))
    if has_picture:
        first = raw[: [match.end() for match in LAST_ROW.finditer(raw)][rows - 1]].decode()
        assert len(MOSAIC.findall(first)) > 200


def test_a_frame_is_there_after_a_kill_and_changes_with_the_conversation(tmp_path: Path) -> None:
    kept = fill(tmp_path)
    with chat_program(tmp_path) as program:
        until(program, kept.exists)
        program.kill()
    with TerminalProgram([sys.executable, "-S", "-c", LOADED], program_environment(tmp_path)) as program:
        until(program, lambda: b":end" in program.raw)
        assert program.raw.startswith(OTHER)
        loaded = program.raw.partition(b"loaded: ")[2].partition(b" :end")[0].decode().split()
        assert {name for name in loaded if not name.startswith("animus_tui")} <= FEW | OWN
    with chat_program(tmp_path) as program:
        painted(program)
        program.wait_for("❯")
        program.type("\x1b[Z")  # the pane, whose last message is chosen
        program.wait_for("Delete", timeout=20)
        before = kept.read_bytes()
        program.type("d")
        program.wait_for("again to delete")
        program.type("d")
        until(program, lambda: not kept.exists() or kept.read_bytes() != before)
        program.read(1.0)
        program.type("\x1b")  # back to the prompt, and the message has been read
        until(program, kept.exists)
        assert b"comment" not in kept.read_bytes()


def test_keys_arrive_in_order_with_a_frame_and_without_one_and_a_temporary_conversation_leaves_none(
    tmp_path: Path,
) -> None:
    kept = fill(tmp_path)
    history = tmp_path / "data" / "conversations" / "talk" / "history.json"
    for number, text in enumerate(("Said without", "Said with")):
        with chat_program(tmp_path) as program:
            program.type(f"{text} a frame\rand then")
            program.wait_for("❯ and then")
            until(program, partial(has_said, history, f"{text} a frame"))
            assert len(said_in(history)) == 4 + number
            assert (OTHER in program.raw[: program.raw.index(b"\x1b[>q")]) == bool(number)
            program.wait_for("is typing", gone=True)
            program.type("\x15")
            quit_rested(program)
        assert kept.exists()
    before = kept.read_bytes()
    with chat_program(tmp_path) as program:
        program.wait_for("❯")
        program.type("/temporary\r")
        program.wait_for("temporary, nothing is kept")
        quit_rested(program)
    assert not kept.exists() or kept.read_bytes() == before


def said_in(history: Path) -> list[str]:
    """What the user said."""
    return [entry["content"] for entry in json.loads(history.read_bytes()) if entry["role"] == "user"]


def has_said(history: Path, text: str) -> bool:
    return said_in(history)[-1] == text


def test_what_only_this_session_was_told_is_not_in_the_frame(tmp_path: Path) -> None:
    kept = fill(tmp_path)
    small = {"ANIMUS_IMAGE_WIDTH": "64", "ANIMUS_IMAGE_HEIGHT": "64"}
    with chat_program(tmp_path, environment=small) as program:
        program.wait_for("Write a message")
        program.type("/image a red boat --negative text\r")
        until(program, lambda: kept.exists() and b"red boat" in kept.read_bytes())
        assert "999 credits left" in program.text()
        assert b"credits" not in kept.read_bytes()
        quit_rested(program)
    assert b"credits" not in kept.read_bytes()


def test_what_was_painted_the_day_before_is_no_frame_of_today(tmp_path: Path) -> None:
    kept = fill(tmp_path)
    environment = {
        **program_environment(tmp_path),
        "TZ": "<-12>12",
    }  # where it is another day than in the other zone
    with TerminalProgram([sys.executable, "-c", NEXT_DAY], environment) as program:
        until(program, kept.exists)
        before = kept.read_bytes()
        os.kill(program.pid, signal.SIGUSR1)
        until(program, lambda: b"\a" in program.raw)
        quit_rested(program)
    assert kept.read_bytes() == before


def configure(home: Path) -> None:
    (home / "config.toml").write_text('[chat]\nname = "Ada"\n')


def rename(home: Path) -> None:
    ConversationStore(home / "data").change("talk", lambda found: replace(found, title="Another"))


@pytest.mark.parametrize("change", [configure, rename])
def test_what_others_changed_while_it_ran_is_not_behind_an_old_frame(
    tmp_path: Path, change: Callable[[Path], None]
) -> None:
    kept = fill(tmp_path)
    with chat_program(tmp_path) as program:
        until(program, kept.exists)
        before = kept.read_bytes()
        change(tmp_path)
        quit_rested(program)
    assert kept.read_bytes() == before


def usual_attributes() -> list[Any]:
    """What tcgetattr gives for a new terminal."""
    ends = os.openpty()
    try:
        return termios.tcgetattr(ends[0])
    finally:
        for end in ends:
            os.close(end)


def feed(path: Path, text: str) -> None:
    """Write what somebody reads from a named pipe; waits for the reader."""
    threading.Thread(target=path.write_text, args=[text], daemon=True).start()


@contextmanager
def read_by(program: TerminalProgram, path: Path) -> Iterator[int]:
    """Within this block the program reads a named pipe, and waits for what is written to the descriptor."""
    found: list[int] = []

    def is_read() -> bool:
        with suppress(OSError):  # nobody reads it yet
            found.append(os.open(path, os.O_WRONLY | os.O_NONBLOCK))
        return bool(found)

    until(program, is_read)
    try:
        yield found[0]
    finally:
        os.close(found[0])


def test_what_ends_a_start_leaves_the_terminal_as_it_was(tmp_path: Path) -> None:
    kept = fill(tmp_path)
    config = tmp_path / "config.toml"
    os.mkfifo(config)  # so that a start waits in its middle
    with chat_program(tmp_path) as program:
        feed(config, "")
        until(program, kept.exists)
        program.kill()
    for end in ("at once", "ctrl+c", signal.SIGTERM, signal.SIGHUP, "config"):
        with chat_program(tmp_path) as program:
            until(program, lambda: b"\x1b[24;1H" in program.raw)
            during = termios.tcgetattr(program.terminal)
            assert not during[3] & (termios.ECHO | termios.ICANON)
            assert not during[0] & termios.ICRNL
            assert during[3] & termios.ISIG
            assert during[6][termios.VSUSP] == during[6][termios.VQUIT] == b"\0"
            if end == "at once":
                os.write(program.terminal, b"\x03")
                # By how far it has come; a shell tells both as 130.
                assert program.wait_for_exit() in (-signal.SIGINT, 130)
            elif end == "config":
                with read_by(program, config) as pipe:
                    os.write(pipe, b"[ui]\ntheme = 1\n")
                assert program.wait_for_exit() == 2
            else:
                with read_by(program, config):
                    if isinstance(end, signal.Signals):
                        os.kill(program.pid, end)
                    else:
                        os.write(program.terminal, b"\x03")
                    expected = -end if isinstance(end, signal.Signals) else 130
                    assert program.wait_for_exit() == expected
            assert termios.tcgetattr(program.terminal) == usual_attributes()
            assert program.raw.count(OTHER) == program.raw.count(NORMAL) == 1
            behind = program.raw[program.raw.index(NORMAL) :]
            assert b"\x1b[?25h" in behind
            assert (b"animus-chat: " in behind) == (end == "config")


def test_a_planted_frame_harms_nobody_and_none_is_kept_for_a_screen_reader(tmp_path: Path) -> None:
    kept = fill(tmp_path)
    with chat_program(tmp_path) as program:
        until(program, kept.exists)
        program.kill()
    key, frame, pictures = first_frame.parted(kept.read_bytes()) or (b"", b"", b"")
    kept.write_bytes(first_frame.joined(key, frame + b"\x1b[2J\x1b]0;title\x07", pictures))
    with chat_program(tmp_path, environment={"ANIMUS_UI_PLAIN": "true"}) as program:
        program.wait_for(">")
        assert b"title" not in program.raw
    kept.write_bytes(first_frame.joined(key, frame + b"\x1b[2J\x1b]0;title\x07", pictures))
    with chat_program(tmp_path) as program:
        quit_rested(program)
        assert b"title" not in program.raw
    kept.write_bytes(first_frame.joined(key, frame, os.urandom(500)))
    with chat_program(tmp_path) as program:
        quit_rested(program)
    log = tmp_path / "data" / "animus-chat.log"
    assert not log.exists() or "Error" not in log.read_text()
    kept.unlink()
    with chat_program(tmp_path, environment={"ANIMUS_UI_PLAIN": "true"}) as program:
        program.wait_for(">")
        program.read(3)
        program.type("\x11")
        program.wait_for_exit()
    assert not kept.exists()


def tell_pixels(program: TerminalProgram) -> None:
    """Have the kernel tell how large a cell is."""
    rows, columns = program.screen.lines, program.screen.columns
    size = struct.pack("HHHH", rows, columns, 10 * columns, 20 * rows)
    fcntl.ioctl(program.terminal, termios.TIOCSWINSZ, size)


@pytest.mark.parametrize(("graphics", "drawn"), [("kitty", PLACEHOLDER.encode()), ("sixel", b"\x1bP")])
def test_pictures_stand_as_mosaics_until_the_terminal_has_their_pixels(
    tmp_path: Path, graphics: str, drawn: bytes
) -> None:
    kept = fill(tmp_path, has_picture=True)
    environment = {"ANIMUS_GRAPHICS": graphics}
    with chat_program(tmp_path, environment=environment) as program:
        tell_pixels(program)
        until(program, kept.exists)
        program.kill()
    with chat_program(tmp_path, environment=environment) as program:
        tell_pixels(program)
        frame = painted(program)
        until(program, lambda: drawn in program.raw)
        before = program.raw[len(frame) : program.raw.index(drawn)]
        program.kill()
    text = frame.decode()
    assert PLACEHOLDER not in text
    assert len(MOSAIC.findall(text)) > 200
    # Where the application paints all of it, the mosaic is there, too.
    assert len(MOSAIC.findall(before.decode(errors="replace"))) > 200
