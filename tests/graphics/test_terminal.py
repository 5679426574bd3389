"""What the probe finds out, on real pseudo-terminals, without asking them anything."""

from __future__ import annotations

import fcntl
import io
import os
import pty
import select
import struct
import termios
from typing import TYPE_CHECKING, TextIO

import pytest
from msgspec.structs import replace
from rich.console import Console

from animus_tui.graphics.probe.capabilities import Setting, Terminal, detect_terminal

if TYPE_CHECKING:
    from collections.abc import Iterator

XTERM = {"TERM": "xterm-256color"}


class Tty:
    """A pseudo-terminal: `stream` is the program's end."""

    def __init__(self) -> None:
        self.keyboard, slave = pty.openpty()
        self.stream: TextIO = open(slave, "w")  # noqa: PTH123, SIM115 - a descriptor, closed by the fixture

    def resize(self, columns: int, rows: int, width_px: int = 0, height_px: int = 0) -> None:
        size = struct.pack("HHHH", rows, columns, width_px, height_px)
        fcntl.ioctl(self.keyboard, termios.TIOCSWINSZ, size)


@pytest.fixture
def tty() -> Iterator[Tty]:
    tty = Tty()
    tty.resize(100, 40)
    yield tty
    tty.stream.close()
    os.close(tty.keyboard)


@pytest.mark.parametrize(
    "env",
    [
        {},
        {"TERM": "xterm"},
        {"TERM": "xterm-256color"},
        {"TERM": "tmux-256color"},
        {"TERM": "xterm-kitty"},
        {"TERM": "linux"},
        {"TERM": "rxvt-16color"},
        {"TERM": "XTERM-256COLOR"},
        {"TERM": "dumb"},
        {"TERM": "unknown"},
        {"TERM": "dumb", "COLORTERM": "truecolor"},
        {"TERM": "alacritty", "COLORTERM": "truecolor"},
        {"TERM": "xterm", "COLORTERM": "24bit"},
        {"TERM": "xterm-256color", "COLORTERM": "yes"},
    ],
    ids=str,
)
def test_the_colours_are_those_that_rich_lets_through(tty: Tty, env: dict[str, str]) -> None:
    rich = Console(file=tty.stream, force_terminal=True, _environ=env).color_system
    names = {"truecolor": "truecolor", "256": "256", "standard": "16", None: "none"}
    assert detect_terminal(env, tty.stream).colours == names[rich]


@pytest.mark.parametrize(
    ("env", "name"),
    [
        ({"TERM": "screen"}, "screen"),
        ({"TERM": "xterm-256color", "STY": "1.tty"}, "screen"),
        ({"TERM": "tmux-256color"}, "tmux"),
    ],
)
def test_what_stands_between_is_named_as_the_reason_for_a_mosaic(
    tty: Tty, env: dict[str, str], name: str
) -> None:
    terminal = detect_terminal(env | {"COLORTERM": "truecolor"}, tty.stream)
    told = f"24-bit colours; {name} does not keep pictures that are drawn row by row"
    assert (terminal.style, terminal.reason) == ("mosaic", told)


@pytest.mark.parametrize("value", ["", "1"])
def test_no_color_means_no_picture(tty: Tty, value: str) -> None:
    terminal = detect_terminal({"COLORTERM": "truecolor", "NO_COLOR": value}, tty.stream)
    assert (terminal.colours, terminal.style, terminal.reason) == ("none", "none", "NO_COLOR is set")


def test_a_usual_terminal_shows_half_blocks(tty: Tty) -> None:
    assert detect_terminal(XTERM, tty.stream) == Terminal(
        is_tty=True,
        dumb=False,
        columns=100,
        rows=40,
        colours="256",
        cell_ratio=0.5,
        style="block",
        reason="256 colours",
    )


def test_a_dumb_terminal_shows_text_cards(tty: Tty) -> None:
    terminal = detect_terminal({"TERM": "dumb", "COLORTERM": "truecolor"}, tty.stream)
    assert (terminal.dumb, terminal.colours, terminal.style) == (True, "none", "none")


@pytest.mark.parametrize(
    ("pixels", "ratio"),
    [
        ((0, 0), 0.5),
        ((1000, 800), 0.5),
        ((900, 800), 0.45),
        ((1000, 0), 0.5),
        ((1, 60_000), 0.5),
        ((60_000, 1), 0.5),
    ],
)
def test_the_shape_of_a_cell_comes_from_the_window_in_pixels(
    tty: Tty, pixels: tuple[int, int], ratio: float
) -> None:
    tty.resize(100, 40, *pixels)
    assert detect_terminal(XTERM, tty.stream).cell_ratio == pytest.approx(ratio)


def test_a_terminal_that_does_not_know_its_size_is_taken_for_a_usual_one(tty: Tty) -> None:
    tty.resize(0, 0)
    terminal = detect_terminal(XTERM, tty.stream)
    assert (terminal.columns, terminal.rows, terminal.cell_ratio) == (80, 24, 0.5)


def test_what_is_no_terminal_shows_text_cards() -> None:
    closed = io.StringIO()
    closed.close()
    with open(os.devnull, "w") as null:  # noqa: PTH123
        for stream in (None, io.StringIO(), closed, null):
            terminal = detect_terminal({"COLORTERM": "truecolor"}, stream, setting="block")
            assert (terminal.is_tty, terminal.style, terminal.reason) == (False, "none", "not a terminal")
            assert (terminal.columns, terminal.rows, terminal.colours) == (80, 24, "none")


@pytest.mark.parametrize(
    ("setting", "style"),
    [
        ("auto", "none"),
        ("block", "block"),
        ("mosaic", "block"),
        ("kitty", "kitty"),
        ("iterm2", "iterm2"),
        ("sixel", "block"),
        ("none", "none"),
    ],
)
def test_the_setting_overrides_what_was_found(tty: Tty, setting: Setting, style: str) -> None:
    terminal = detect_terminal({"TERM": "dumb"}, tty.stream, setting=setting)
    assert terminal.style == style


def test_a_mosaic_that_the_colours_do_not_allow_is_half_blocks_and_says_so(tty: Tty) -> None:
    terminal = detect_terminal(XTERM, tty.stream, setting="mosaic")
    assert (terminal.style, terminal.reason) == ("block", 'set to "mosaic", but there are only 256 colours')
    terminal = detect_terminal({"TERM": "xterm", "COLORTERM": "truecolor"}, tty.stream, setting="mosaic")
    assert (terminal.style, terminal.reason) == ("mosaic", 'set to "mosaic"')


def test_pixels_in_cells_need_their_colours(tty: Tty) -> None:
    assert detect_terminal(XTERM, tty.stream, setting="kitty").colours == "truecolor"
    assert detect_terminal({**XTERM, "NO_COLOR": "1"}, tty.stream, setting="kitty").style == "none"


def test_sixels_need_the_size_of_a_cell(tty: Tty) -> None:
    terminal = detect_terminal(XTERM, tty.stream, setting="sixel")
    assert (terminal.style, terminal.pixels_of_cell) == ("block", None)
    assert terminal.reason == 'set to "sixel", but the terminal does not tell the size of its cells'
    tty.resize(100, 40, 900, 800)
    terminal = detect_terminal(XTERM, tty.stream, setting="sixel")
    assert (terminal.style, terminal.reason) == ("sixel", 'set to "sixel"')
    assert (terminal.pixels_of_cell, terminal.sixel_colours, terminal.colours) == ((9, 20), 256, "256")


def test_sixels_may_be_bounded_in_width(tty: Tty) -> None:
    tty.resize(100, 40, 900, 800)
    terminal = detect_terminal(XTERM, tty.stream, setting="sixel")
    assert terminal.most_columns is None
    limited = replace(terminal, sixel_width=1000)
    assert limited.most_columns == 111
    assert replace(limited, style="iterm2").most_columns is None


def test_the_terminal_is_asked_nothing_and_typed_keys_stay(tty: Tty) -> None:
    os.write(tty.keyboard, b"typed\n")
    detect_terminal(XTERM, tty.stream)
    tty.stream.flush()
    echoed = b""
    while select.select([tty.keyboard], [], [], 0.1)[0]:
        echoed += os.read(tty.keyboard, 4096)
    assert echoed == b"typed\r\n"  # the echo of the keys and nothing else
    assert os.read(tty.stream.fileno(), 100) == b"typed\n"
