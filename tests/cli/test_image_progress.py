"""How far a picture is: a bar on a terminal, lines elsewhere."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from animus_tui.chat.events import ImageGenerationProgress
from animus_tui.cli.progress import ProgressLines, time_left
from tests.support.comfyui_server import WORKFLOW, ComfyUIServer
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


def _with_comfyui(program: Program, server: ComfyUIServer) -> None:
    workflow = program.home / "workflow.json"
    workflow.write_bytes(msgspec.json.encode(WORKFLOW))
    image = f'backend = "comfyui"\nbase_url = "{server.url}"\nworkflow = "{workflow}"'
    program.configure(f'[api]\nbackend = "openai"\nbase_url = "http://127.0.0.1:9/v1"\n[image]\n{image}\n')


def test_a_workflow_of_comfyui_is_told_in_percent(program: Program) -> None:
    with ComfyUIServer(awaits_listener=True) as server:
        server.hold.clear()
        _with_comfyui(program, server)
        with program.start("image", "A fox", "--steps", "4", "-o", "fox.png") as process:
            assert process.stderr is not None
            lines = [process.stderr.readline() for _ in range(3)]
            server.hold.set()
            _, _ = process.communicate()
    assert [line.partition(" %")[0] for line in lines] == [
        f"animus-chat: generating: {percent}" for percent in (20, 40, 60)
    ]
    assert process.returncode == 0


def test_what_a_picture_looks_like_meanwhile_is_not_asked_for_where_nobody_sees_it(program: Program) -> None:
    with ComfyUIServer(awaits_listener=True) as server:
        server.hold.clear()
        _with_comfyui(program, server)
        with program.start("image", "A fox", "--steps", "4", "--json", "-o", "fox.png") as process:
            assert process.stdout is not None
            events = list[dict[str, Any]]()
            while not events or (events[-1].get("percent") or 0) < 70:
                events.append(msgspec.json.decode(process.stdout.readline()))
            server.hold.set()
            output, _ = process.communicate()
    events += [msgspec.json.decode(line) for line in output.splitlines()]
    told = [event for event in events if event["event"] == "imageGenerationProgress"]
    assert told
    assert [event["preview"] for event in told if event.get("preview")] == []
    assert process.returncode == 0
    assert [listener.takes_metadata for listener in server.events.seen] == [False]


@pytest.mark.parametrize(
    ("elapsed", "estimated", "words"),
    [(3, None, "3 s"), (3, 10, "about 7 s left"), (9.5, 10, "any moment now"), (30, 10, "any moment now")],
)
def test_the_estimate_in_words(elapsed: float, estimated: float | None, words: str) -> None:
    assert time_left(progress(None, elapsed, estimated)) == words
