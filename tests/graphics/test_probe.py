"""The terminal is asked once, on a real pseudo-terminal; it answers as named ones do, or not."""

from __future__ import annotations

import fcntl
import json
import os
import re
import struct
import sys
import termios
import time
from functools import cache
from typing import Any, NamedTuple

import pytest

from tests.support.scripted_terminal import (
    ATTRIBUTES,
    CELL,
    ENVIRONMENTS,
    GRAPHICS,
    REGISTERS,
    SIXEL_SIZE,
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
    script: dict[bytes, bytes],
    env: dict[str, str],
    *,
    piece: int = 0,
    typed: bytes = b"",
    flood: bytes = b"",
    pixels: tuple[int, int] = (0, 0),
) -> Found:
    """Run the probe in a terminal; whatever happens its settings are what they were.

    `pixels`: width and height of its window of 1000×40 cells as the kernel knows them.
    """
    environment = {"PATH": os.environ["PATH"], "HOME": "/", "LANG": "C.UTF-8", **env}
    arguments = [sys.executable, "-m", "tests.support.probing"]
    with ScriptedTerminal(arguments, environment, script, columns=1000, piece=piece, typed=typed) as program:
        if pixels != (0, 0):
            fcntl.ioctl(program.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 1000, *pixels))
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


@cache
def found_in(name: str) -> Found:
    """What is found in the terminal of that name."""
    return probing(TERMINALS[name], ENVIRONMENTS[name])


def test_each_terminal_is_taken_for_what_it_is() -> None:
    rows: list[tuple[str, str, str, str | None, list[int] | None, str]] = [
        ("kitty", "kitty", "wedges", "kitty", [10, 20], "kitty 0.41.1"),
        ("old kitty", "mosaic", "wedges", "kitty", None, "kitty 0.26.5"),
        ("ghostty", "kitty", "wedges", "kitty", [16, 36], "ghostty 1.2.3"),
        ("wezterm", "iterm2", "wedges", "iterm2", None, "wezterm 20240203-110809-5046fc22"),
        ("foot", "sixel", "wedges", None, [8, 17], "foot 1.16.2"),
        ("xterm", "mosaic", "quadrants", None, [6, 13], "xterm 379"),
        ("xterm as vt340", "sixel", "quadrants", None, [6, 13], "xterm 379"),
        ("mlterm", "sixel", "quadrants", None, [10, 22], ""),
        ("iterm2", "iterm2", "quadrants", "iterm2", None, "iterm2 3.5.10"),
        ("vscode", "iterm2", "quadrants", None, [8, 17], ""),
        ("vscode without pictures", "block", "quadrants", None, None, ""),
        ("xterm.js", "iterm2", "quadrants", None, None, "xterm.js 6.1.0"),
        ("rio", "iterm2", "quadrants", None, None, "rio 0.5.9"),
        ("old rio", "mosaic", "quadrants", None, [8, 17], "rio 0.2.12"),
        ("mintty", "iterm2", "quadrants", None, [8, 17], "mintty 3.7.4"),
        ("old mintty", "sixel", "quadrants", None, [8, 17], "mintty 3.5.0"),
        ("contour", "sixel", "quadrants", None, [9, 21], "contour 0.6.3"),
        ("tmux", "block", "quadrants", None, None, "tmux 3.4"),
        ("konsole", "iterm2", "quadrants", "kitty", [9, 18], "konsole 23.08.1"),
        ("old konsole", "mosaic", "quadrants", "kitty", [9, 18], "konsole 22.04.3"),
        ("vte", "mosaic", "wedges", None, [9, 19], "vte 7600"),
        ("windows terminal", "sixel", "quadrants", None, [10, 20], ""),
        ("vt100", "block", "quadrants", None, None, ""),
        ("silent", "block", "quadrants", None, None, ""),
    ]
    for name, style, glyphs, viewer, cell, says in rows:
        found = found_in(name)
        terminal = found.terminal
        assert (terminal["style"], terminal["glyphs"], terminal["viewer"]) == (style, glyphs, viewer)
        assert (terminal["cell_size"], terminal["name"]) == (cell, says)
        assert found.typed == b""
        assert found.outstanding is (name == "silent")
        assert found.asked.count(ATTRIBUTES) == 1
        assert found.asked[-1] == ATTRIBUTES
        for answer in TERMINALS[name].values():
            assert answer[2:].removesuffix(b"\x1b\\") not in found.shown, "an answer was echoed"
        assert b"^[" not in found.shown


def test_why_pictures_are_drawn_so_is_told_in_words() -> None:
    rows = {
        "xterm as vt340": "xterm says that it draws them (DA1)",
        "mlterm": "mlterm says that it draws them (DA1)",
        "windows terminal": "the terminal says that it draws them (DA1)",
        "wezterm": "wezterm draws pictures by iTerm2's protocol",
        "xterm of 16 colours": "24-bit colours; xterm draws sixels, but of only 16 colours",
        "sixels of no known size": (
            "256 colours; the terminal draws sixels, but does not tell the size of its cells"
        ),
        "old konsole": "24-bit colours; konsole does not keep sixels and text apart",
        "old rio": "24-bit colours; rio does not keep sixels and text apart",
        "zellij": "24-bit colours; zellij does not keep pictures that are drawn row by row",
        "tmux": "256 colours; tmux does not keep pictures that are drawn row by row",
    }
    found = {name: found_in(name).terminal["reason"] for name in rows}
    assert found == rows


def test_the_size_of_a_cell_is_what_the_terminal_says_and_not_the_kernel() -> None:
    """xterm counts its border into the window, and Windows Terminal draws sixels in cells that are not its own."""
    script = TERMINALS["windows terminal"]
    found = probing(script, ENVIRONMENTS["windows terminal"], pixels=(9000, 720))
    assert (found.terminal["style"], found.terminal["cell_size"]) == ("sixel", [10, 20])
    found = probing({**script, CELL: b""}, ENVIRONMENTS["windows terminal"], pixels=(9004, 724))
    assert (found.terminal["style"], found.terminal["cell_size"]) == ("sixel", [9, 18])


def test_what_sixels_may_be_is_asked_where_nobody_takes_the_question_for_something_else() -> None:
    limits = {
        name: tuple(found_in(name).terminal[field] for field in ("sixel_colours", "sixel_width"))
        for name in ("foot", "xterm as vt340", "xterm of 16 colours", "mlterm")
    }
    # No window of 1000 columns is less wide than xterm's limit, which it tells for its window of now.
    assert limits == {
        "foot": (256, None),
        "xterm as vt340": (256, 1000),
        "xterm of 16 colours": (16, 1000),
        "mlterm": (256, None),
    }
    for env in ({"TERMINAL_EMULATOR": "JetBrains-JediTerm"}, {"TMUX": "x"}):
        found = probing(TERMINALS["foot"], {"TERM": "xterm-256color", **env})
        assert not {REGISTERS, SIXEL_SIZE} & set(found.asked)


def test_the_background_comes_in_whatever_number_of_digits() -> None:
    backgrounds = [found_in(name).terminal["background"] for name in ("kitty", "ghostty", "vte", "vt100")]
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
    assert (found.typed, found.outstanding) == (b"no answer\r", True)


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
