"""With NO_COLOR set nothing is painted in a colour, and what colours say is said otherwise."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from rich.segment import Segment
from rich.style import Style
from textual.color import Color

from animus_tui.ui.contrast import without_colour
from animus_tui.ui.themes import THEMES
from tests.support.terminal import chat_program, until, until_silent

if TYPE_CHECKING:
    from pathlib import Path

    from textual.theme import Theme

    from tests.support.terminal import TerminalProgram

READY = "Write a message"


def painted(program: TerminalProgram) -> set[tuple[str, str]]:
    """Colours of text and ground on the screen."""
    return {(cell.fg, cell.bg) for line in program.screen.buffer.values() for cell in line.values()}


def reversed_cells(program: TerminalProgram) -> str:
    cells = (cell for line in program.screen.buffer.values() for _, cell in sorted(line.items()))
    return "".join(cell.data for cell in cells if cell.reverse)


def test_no_colour_is_written_and_the_selection_and_the_button_stand_out(tmp_path: Path) -> None:
    with chat_program(tmp_path, "--demo", columns=100, environment={"NO_COLOR": "1"}) as program:
        program.wait_for(READY)
        program.type("some words\x1b[1;2D\x1b[1;2D\x1b[1;2D")  # three letters back, with Shift
        until(program, lambda: "rds" in reversed_cells(program))
        program.type("\x07")
        program.wait_for("New image")
        until(program, lambda: "Generate" in reversed_cells(program))
        until_silent(program, 0.3)
        assert painted(program) == {("default", "default")}
        written = {
            part for style in re.findall(rb"\x1b\[([0-9;]*)m", program.raw) for part in style.split(b";")
        }
        assert written <= {b"", b"0", b"1", b"2", b"3", b"4", b"7", b"9", b"39", b"49"}, (
            "bold, dim, reversed, …"
        )
        assert b"2" in written, "what is less important is dim"


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_in_every_theme_what_is_selected_is_reversed_and_what_is_quiet_is_dim(theme: Theme) -> None:
    colours = {**theme.to_color_system().generate(), **theme.variables}

    def style(text: str, ground: str) -> Style:
        one, other = Color.parse(colours[text]).rich_color, Color.parse(colours[ground]).rich_color
        given = [Segment("x", Style.from_color(one, other))]
        (segment,) = without_colour(theme).apply(given, Color.parse(colours["background"]))
        assert segment.style is not None
        assert segment.style.color is not None
        assert segment.style.bgcolor is not None
        assert segment.style.color.is_default
        assert segment.style.bgcolor.is_default
        return segment.style

    assert not style("foreground", "background").reverse
    assert not style("foreground", "background").dim
    assert not style("foreground", "bubble-user").reverse
    assert style("foreground", "input-selection-background").reverse
    assert style("block-cursor-foreground", "primary").reverse
    if theme.name != "animus-contrast":  # where nothing is quiet
        assert style("text-muted", "background").dim
    assert not style("error", "background").dim


def test_what_is_clicked_and_how_it_is_written_stay() -> None:
    given = Style(color="#ff0000", bold=True, underline=True, meta={"@click": "quit"})
    (segment,) = without_colour(THEMES[0]).apply([Segment("x", given)], Color(0, 0, 0))
    assert segment.style is not None
    assert (segment.style.bold, segment.style.underline, segment.style.meta) == (
        True,
        True,
        {"@click": "quit"},
    )
