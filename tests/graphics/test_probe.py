"""The terminal is asked once, on a real pseudo-terminal; it answers as named ones do, or not."""

from __future__ import annotations

import json
import os
import re
import sys
import time
from typing import Any, NamedTuple

import pytest

from tests.support.scripted_terminal import (
    ATTRIBUTES,
    ENVIRONMENTS,
    GRAPHICS,
    TERMINALS,
    VERSION,
    ScriptedTerminal,
)


class Found(NamedTuple):
    """What the program told, and the terminal that it ran in."""

    terminal: dict[str, Any]
    typed: bytes
    outstanding: bool
    asked: list[bytes]
    shown: bytes


def probing(
    script: dict[bytes, bytes], env: dict[str, str], *, piece: int = 0, typed: bytes = b"", flood: bytes = b""
) -> Found:
    """Run the probe in a terminal; whatever happens its settings are what they were."""
    environment = {"PATH": os.environ["PATH"], "HOME": "/", "LANG": "C.UTF-8", **env}
    arguments = [sys.executable, "-m", "tests.support.probing"]
    with ScriptedTerminal(arguments, environment, script, columns=1000, piece=piece, typed=typed) as program:
        before = program.attributes()
        end = time.monotonic() + 60
        while b" END" not in program.raw:
            assert time.monotonic() < end, program.raw
            program.read(0.02)
            if flood and ATTRIBUTES in program.asked:
                program.send(flood)
                flood = b""
        assert program.wait_for_exit() == 0
        assert program.attributes() == before
        match = re.search(rb"FOUND (\{.*\}) END", program.raw)
        assert match
        told = json.loads(match[1])
        assert told["restored"] is True
        assert told["modules"] == []
        shown = program.raw[: match.start()]
        return Found(
            told["terminal"], bytes.fromhex(told["typed"]), told["outstanding"], program.asked, shown
        )


def test_each_terminal_is_taken_for_what_it_is() -> None:
    rows: list[tuple[str, str, str, str | None, list[int] | None, str]] = [
        ("kitty", "kitty", "wedges", "kitty", [10, 20], "kitty 0.41.1"),
        ("old kitty", "mosaic", "wedges", "kitty", None, "kitty 0.26.5"),
        ("ghostty", "kitty", "wedges", "kitty", [16, 36], "ghostty 1.2.3"),
        ("wezterm", "mosaic", "wedges", "iterm2", None, "wezterm 20240203-110809-5046fc22"),
        ("foot", "mosaic", "wedges", None, [8, 17], "foot 1.16.2"),
        ("xterm", "mosaic", "quadrants", None, [6, 13], "xterm 379"),
        ("tmux", "block", "quadrants", None, None, "tmux 3.4"),
        ("konsole", "mosaic", "quadrants", "kitty", [9, 18], "konsole 23.08.1"),
        ("vte", "mosaic", "wedges", None, [9, 19], "vte 7600"),
        ("windows terminal", "mosaic", "quadrants", None, [10, 20], ""),
        ("vt100", "block", "quadrants", None, None, ""),
        ("silent", "block", "quadrants", None, None, ""),
    ]
    for name, style, glyphs, viewer, cell, says in rows:
        found = probing(TERMINALS[name], ENVIRONMENTS[name])
        terminal = found.terminal
        assert (terminal["style"], terminal["glyphs"], terminal["viewer"]) == (style, glyphs, viewer)
        assert (terminal["cell_size"], terminal["name"]) == (cell, says)
        assert found.typed == b""
        assert found.outstanding is (name == "silent")
        assert found.asked.count(ATTRIBUTES) == 1
        assert found.asked[-1] == ATTRIBUTES
        for answer in TERMINALS[name].values():
            assert answer[2:-2] not in found.shown, "an answer was echoed"
        assert b"^[" not in found.shown


def test_the_background_comes_in_whatever_number_of_digits() -> None:
    backgrounds = [
        probing(TERMINALS[name], ENVIRONMENTS[name]).terminal["background"]
        for name in ("kitty", "ghostty", "vte", "vt100")
    ]
    assert backgrounds == [[0x1E, 0x20, 0x28], [0x28, 0x2C, 0x34], [0x2E, 0x34, 0x36], None]


@pytest.mark.parametrize("piece", [1, 3])
def test_answers_in_pieces_with_keys_between_them_are_told_apart(piece: int) -> None:
    found = probing(TERMINALS["kitty"], ENVIRONMENTS["kitty"], piece=piece, typed=b"hi\x1b[AZ")
    assert (found.terminal["style"], found.terminal["cell_size"]) == ("kitty", [10, 20])
    assert found.typed == b"hi\x1b[AZ"[: len(found.typed)]
    # What is typed behind the last answer stays in the queue of the terminal.
    assert found.typed.startswith(b"hi\x1b[")


def test_what_is_typed_before_and_instead_of_answers_is_handed_on() -> None:
    found = probing({ATTRIBUTES: b"first \xc3\xa4\x1b[?62;c"}, {"TERM": "xterm"})
    assert found.typed == "first ä".encode()
    found = probing({ATTRIBUTES: b"no answer\r"}, {"TERM": "xterm"})
    assert (found.typed, found.outstanding) == (b"no answer\n", True)


GARBAGE = (
    b"\x1bP>|\x1b\\\x1b[6;99999;0t\x1b]11;rgb:zz/00/00\x1b\\\x1b_Gi=31;\x1b\\\x1b[?c",
    b"\x1bP>|" + b"k" * 200 + b"\x1b\\\x1b[6;0;0t\x1b[?999999999999;c",
    b"\x1bP>|kitty(999999999999999999999999999.)\x1b\\\x1b[?62c",
    b"\x1bP>|\xff\xfe\x00kitty(\x08)\x1b\\\x1b]11;rgb:/\x07\x1b[?62;c",
)


def test_garbage_decides_nothing() -> None:
    for garbage in GARBAGE:
        terminal = probing({ATTRIBUTES: garbage}, {"TERM": "xterm-256color"}).terminal
        assert (terminal["cell_size"], terminal["background"]) == (None, None)
        assert terminal["style"] in ("block", "kitty", "mosaic")
        assert terminal["name"].isprintable()


def test_an_answer_that_is_no_answer_is_left_to_whoever_reads_keys() -> None:
    found = probing({ATTRIBUTES: b"\x1bP>|" + b"k" * 5000 + b"\x1b\\\x1b[?62;c"}, {"TERM": "xterm"})
    assert found.terminal["name"] == ""
    assert found.typed == b"\x1bP>|" + b"k" * 5000 + b"\x1b\\"


def test_a_flood_ends_at_the_bound_and_nothing_of_it_is_lost() -> None:
    flood = b"y" * 3000
    found = probing({}, {"TERM": "xterm"}, flood=flood)
    assert set(found.typed) <= {ord("y")}
    assert found.outstanding is True


def test_who_would_print_a_question_is_asked_nothing() -> None:
    rows: list[dict[str, str]] = [
        {},
        {"TERM": "dumb"},
        {"TERM": "linux"},
        {"TERM": "vt220"},
        {"TERM": "screen-256color"},
        {"TERM": "xterm-256color", "STY": "1.pts-0"},
        {"TERM": "xterm-256color", "TERM_PROGRAM": "Apple_Terminal"},
        {"TERM": "xterm-256color", "INSIDE_EMACS": "29.1"},
        {"TERM": "xterm-256color", "ANIMUS_GRAPHICS": "none"},
        {"TEXTUAL_DRIVER": "textual.drivers.web_driver:WebDriver", "TERM": "xterm-256color"},
    ]
    for env in rows:
        assert probing(TERMINALS["kitty"], env).shown == b""


def test_the_graphics_query_is_for_those_that_are_known_to_answer_it() -> None:
    assert GRAPHICS in probing(TERMINALS["kitty"], {"TERM": "xterm-kitty"}).asked
    # tmux, and iTerm2 as some say, take it for a title.
    for env in ({"TERM": "xterm-256color"}, {"TERM": "xterm-kitty", "TMUX": "x"}):
        found = probing(TERMINALS["kitty"], env)
        assert GRAPHICS not in found.asked
        assert VERSION in found.asked
    assert found.terminal["style"] == "kitty"


def test_a_terminal_that_refuses_graphics_is_not_trusted_with_them() -> None:
    for refusal in (b"", b"\x1b_Gi=31;ENOTSUPPORTED\x1b\\"):
        script = {**TERMINALS["kitty"], GRAPHICS: refusal}
        terminal = probing(script, {"TERM": "xterm-kitty"}).terminal
        assert (terminal["style"], terminal["viewer"]) == ("mosaic", None)


def test_what_the_environment_tells_is_not_asked() -> None:
    env = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
    found = probing(TERMINALS["silent"], env)
    assert b"\x1b[48;2" not in found.shown
    assert found.terminal["style"] == "mosaic"
    assert b"\x1b[48;2" in probing(TERMINALS["silent"], {"TERM": "xterm-256color"}).shown


def test_settings_go_before_what_was_found() -> None:
    rows: list[tuple[str, dict[str, str], str, str]] = [
        ("kitty", {"TERM": "xterm"}, "kitty", "quadrants"),
        ("mosaic", {"TERM": "xterm-kitty"}, "mosaic", "wedges"),
        ("block", {"TERM": "xterm-kitty"}, "block", "wedges"),
        ("none", {"TERM": "xterm-kitty"}, "none", "wedges"),
        ("auto", {"TERM": "xterm-kitty", "ANIMUS_UI_GLYPHS": "quadrants"}, "kitty", "quadrants"),
        ("auto", {"TERM": "xterm", "ANIMUS_UI_GLYPHS": "wedges"}, "block", "wedges"),
    ]
    for setting, env, style, glyphs in rows:
        script = TERMINALS["kitty" if env["TERM"] == "xterm-kitty" else "vt100"]
        terminal = probing(script, {**env, "ANIMUS_GRAPHICS": setting}).terminal
        assert (terminal["style"], terminal["glyphs"]) == (style, glyphs)
