"""What is told while another window has the focus: the bytes, which terminal gets which, and when."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest

from animus_tui.graphics.probe.capabilities import detect_terminal
from animus_tui.graphics.probe.known_terminals import Notification, notification_of
from animus_tui.graphics.probe.tmux import Client, TmuxEnvironment
from animus_tui.ui.terminal.notification import desktop_notification, first_words, marked_title
from tests.support.scripted_terminal import ENVIRONMENTS, QUIT, READY, TERMINALS, chat
from tests.support.terminal import until, until_silent

if TYPE_CHECKING:
    from pathlib import Path

BLUR, FOCUS = "\x1b[O", "\x1b[I"
BELL, PUSHED, POPPED = b"\a", b"\x1b[22;2t", b"\x1b[23;2t"


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        ("osc9", "\x1b]9;Ann: Hi, you\x1b\\"),
        ("osc777", "\x1b]777;notify;Ann;Hi, you\x1b\\"),
        (
            "osc99",
            "\x1b]99;i=animus-chat:o=unfocused:d=0;Ann\x1b\\\x1b]99;i=animus-chat:o=unfocused:d=1:p=body;Hi; you\x1b\\",
        ),
    ],
)
def test_a_notification_is_one_line_that_no_text_can_break_out_of(kind: Notification, wanted: str) -> None:
    hostile = "Hi;\x1b[31m\x1b]0;owned\x07\n\n you\x9c\x00"
    assert desktop_notification(kind, "An\x1b\\n", hostile, inside_tmux=False) == wanted
    wrapped = desktop_notification(kind, "Ann", "Hi; you", inside_tmux=True)
    assert wrapped.startswith("\x1bPtmux;\x1b\x1b]")
    assert wrapped.endswith("\x1b\x1b\\\x1b\\")
    assert len(first_words("word " * 1000)) <= 100
    assert "\x1b]9;“4: 3" in desktop_notification("osc9", "4", "3", inside_tmux=False)
    assert marked_title("A\x07nn").endswith("\x1b]2;● Ann\x1b\\")


def test_only_terminals_that_are_known_to_take_a_sequence_get_it() -> None:
    known = {name: notification_of(name) for name in ("kitty", "ghostty", "iterm2", "wezterm", "foot")}
    assert list(known.values()) == ["osc99", "osc9", "osc9", "osc777", "osc777"]
    assert {notification_of(name) for name in ("", "xterm", "alacritty", "xterm.js", "mintty")} == {None}


def test_through_tmux_only_where_it_lets_through_and_all_terminals_agree() -> None:
    kitty, foot = (
        Client("xterm-kitty", "kitty", "0.41", True, None),
        Client("foot", "foot", "1.16", True, None),
    )

    def told(*clients: Client, lets_through: bool = True) -> Notification | None:
        outer = TmuxEnvironment("/dev/pts/0", lets_through, clients)
        return detect_terminal({"TERM": "tmux-256color"}, None, outer=outer).notification

    assert told(kitty) == "osc99"
    assert told(kitty, lets_through=False) is None
    assert told(kitty, foot) is None
    assert told() is None


@pytest.mark.slow
def test_an_answer_is_told_without_the_focus_and_not_with_it(tmp_path: Path) -> None:
    with chat(tmp_path, TERMINALS["kitty"], ENVIRONMENTS["kitty"], "--demo", "--graphics", "none") as program:
        program.wait_for(READY)
        program.type("Hello\r")
        program.wait_for("Hello  ")
        program.wait_for("Esc Cancel", gone=True)
        until_silent(program, 0.5)
        before = len(program.raw)
        assert b"\x1b]99" not in program.raw
        assert PUSHED not in program.raw
        assert BELL not in titles_gone(program.raw)
        program.type("What can you do?\r")
        program.wait_for("What can you do?  ")
        program.type(BLUR)
        until(program, lambda: b"p=body;" in program.raw)
        program.wait_for("Esc Cancel", gone=True)
        told = program.raw[before:]
        assert b"\x1b]2;\xe2\x97\x8f Vivian\x1b\\" in told
        assert BELL in told
        assert (told.count(PUSHED), told.count(POPPED)) == (1, 0)
        assert b"d=0;Vivian\x1b\\" in told
        words = told.split(b"p=body;")[1].split(b"\x1b\\")[0].decode()
        shown = " ".join(program.text().split())
        assert words.rstrip("…")[:30] in shown, "the first words of the answer"
        program.type(FOCUS)
        until(program, lambda: POPPED in program.raw)
        program.type(BLUR)
        until_silent(program, 0.3)
        program.type(QUIT)
        assert program.wait_for_exit() == 0
        assert program.raw.count(POPPED) == 1


def titles_gone(raw: bytes) -> bytes:
    """What was written, without control strings that end with a bell."""
    out = io.BytesIO()
    for piece in raw.split(b"\x1b]"):
        out.write(piece.partition(b"\a")[2] if b"\a" in piece and b"\x1b\\" not in piece else piece)
    return out.getvalue()
