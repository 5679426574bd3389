"""How far a picture is: a bar on a terminal, lines elsewhere."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from animus_tui.chat.events import ImageGenerationProgress
from animus_tui.cli.progress import ProgressLines, time_left
from tests.support.terminal import TerminalProgram

if TYPE_CHECKING:
    from tests.support.program import Program

PROMPT = "A fox \x1b[31m[bold]in the snow by a lake at dusk"


def progress(
    percent: float | None, elapsed: float = 0, estimated: float | None = None, image_id: str = "i"
) -> ImageGenerationProgress:
    return ImageGenerationProgress(
        conversation_id="c", image_id=image_id, percent=percent, elapsed=elapsed, estimated=estimated
    )


def terminal(program: Program, *arguments: str, columns: int = 100) -> TerminalProgram:
    """The program on the embedded demo, whose pictures take a moment, in a terminal."""
    environment = {**program.environment, "TERM": "xterm-256color"}
    command = [sys.executable, "-m", "animus_tui", "image", "--demo", *arguments]
    return TerminalProgram(command, environment, columns=columns)


def test_on_a_terminal_there_is_a_bar_with_percent_and_estimate_which_goes(program: Program) -> None:
    with terminal(
        program, PROMPT, "--size", "64x64", "--count", "2", "-o", str(program.home / "fox.png")
    ) as screen:
        screen.wait_for("%")
        shown = screen.text()
        assert "A fox [bold]in the snow by a…" in shown
        assert "━━━━" in shown
        assert "left" in shown or "any moment now" in shown
        assert screen.wait_for_exit() == 0
        told = screen.text().split()
        assert told == [str(program.home / "fox.png"), str(program.home / "fox-2.png")]
        assert b"\x1b[31m" not in screen.raw.replace(b"\x1b[31;", b"")
        assert screen.screen.cursor.hidden is False


def test_what_goes_wrong_stands_on_a_line_of_its_own_and_the_bar_is_gone(program: Program) -> None:
    out = str(program.home / "x.png")
    with terminal(program, "fail this", "--size", "64x64", "--count", "2", "-o", out) as screen:
        screen.wait_for("━━━━")
        assert screen.wait_for_exit() == 1
        lines = screen.text().strip().splitlines()
        assert lines[0].startswith("animus-chat: ")
        assert "━" not in screen.text()
        assert screen.screen.cursor.hidden is False


def test_ctrl_c_takes_the_bar_away_and_gives_the_terminal_back(program: Program) -> None:
    out = str(program.home / "x.png")
    with terminal(program, "A fox", "--size", "64x64", "--count", "8", "-o", out) as screen:
        screen.wait_for("%")
        screen.type("\x03")
        assert screen.wait_for_exit() == 130
        assert "animus-chat: Cancelled: The demo server ends with the program" in screen.text()
        assert "━" not in screen.text()
        assert screen.screen.cursor.hidden is False


def test_elsewhere_it_is_a_line_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    lines = ProgressLines()
    for percent in (0, 5, 19, 20, 21, 39.5, 55, 59, 60, 100):
        lines(progress(percent, elapsed=percent / 10, estimated=10))
    assert capsys.readouterr().err.splitlines() == [
        "animus-chat: generating: 20 %, about 8 s left",
        "animus-chat: generating: 55 %, about 4 s left",
        "animus-chat: generating: 60 %, about 4 s left",
    ]


def test_without_a_percent_it_is_a_line_every_ten_seconds(capsys: pytest.CaptureFixture[str]) -> None:
    lines = ProgressLines()
    for second in range(25):
        lines(progress(None, elapsed=second))
    assert capsys.readouterr().err.splitlines() == [
        "animus-chat: generating: 10 s",
        "animus-chat: generating: 20 s",
    ]


@pytest.mark.parametrize(
    ("elapsed", "estimated", "words"),
    [(3, None, "3 s"), (3, 10, "about 7 s left"), (9.5, 10, "any moment now"), (30, 10, "any moment now")],
)
def test_the_estimate_in_words(elapsed: float, estimated: float | None, words: str) -> None:
    assert time_left(progress(None, elapsed, estimated)) == words
