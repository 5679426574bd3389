"""The decoding process: what it may do, what it knows, and that it ends."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from animus_tui.graphics.decoding.decoder import PATIENCE, PictureDecoder, PictureUnreadable
from tests.support.drawn_cells import assert_all_near, is_gone
from tests.support.picture_samples import BLACK, RED, file_of, plain
from tests.support.terminal import TerminalProgram

if TYPE_CHECKING:
    from animus_tui.graphics.decoding.protocol import Drawing, Glyphs

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")

SCRIPT = """
import asyncio, sys, time
from pathlib import Path
from animus_tui.graphics.decoding.decoder import PictureDecoder
from animus_tui.graphics.probe.capabilities import detect_terminal

async def main():
    terminal = detect_terminal({"TERM": "xterm-256color"}, sys.stdout)
    decoder = PictureDecoder()
    await decoder.render(Path(sys.argv[1]), columns=8, rows=4, background=(0, 0, 0), colours=terminal.colours)
    print("process", decoder.process_id, terminal.style, flush=True)
    if sys.argv[2] == "stay":
        time.sleep(60)
    await decoder.aclose()

asyncio.run(main())
"""


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "picture.png"
    path.write_bytes(file_of(plain(RED), "PNG"))
    return path


async def draw(decoder: PictureDecoder, picture: Path) -> int:
    """The number of the process that drew the picture."""
    cells = await decoder.render(picture, columns=4, rows=2, background=BLACK)
    assert_all_near(cells, RED, 0)
    assert decoder.process_id is not None
    return decoder.process_id


def test_no_process_runs_before_the_first_picture() -> None:
    assert PictureDecoder().process_id is None


@pytest.mark.parametrize("glyphs", ["halves", "quadrants", "wedges"])
async def test_a_process_that_was_prepared_draws_the_first_picture(picture: Path, glyphs: Glyphs) -> None:
    async with aclosing(PictureDecoder()) as decoder:
        decoder.prepare(glyphs)
        decoder.prepare(glyphs)
        while decoder.process_id is None:
            await asyncio.sleep(0.01)
        pid = decoder.process_id
        cells = await decoder.render(picture, columns=4, rows=2, background=BLACK, glyphs=glyphs)
        assert (cells.columns, len(cells.lines)) == (4, 2)
        decoder.prepare(glyphs)
        await asyncio.sleep(0)
        assert decoder.process_id == pid


@pytest.mark.parametrize("drawings", [("pixels",), ("halves", "iterm2"), ("wedges", "sixel")])
async def test_a_process_that_was_prepared_for_pixels_answers(
    picture: Path, drawings: tuple[Drawing, ...]
) -> None:
    async with aclosing(PictureDecoder()) as decoder:
        decoder.prepare(*drawings)
        while decoder.process_id is None:
            await asyncio.sleep(0.01)
        pid = decoder.process_id
        pixels = await decoder.pixels(picture, width=8, height=8, background=BLACK)
        assert (pixels.width, pixels.height) == (8, 8)
        assert decoder.process_id == pid


@linux_only
@pytest.mark.parametrize("drawing", ["wedges", "sixel"])
async def test_a_process_that_is_prepared_for_what_takes_numpy_loads_it_and_no_other_does(
    picture: Path, drawing: Drawing
) -> None:
    async with aclosing(PictureDecoder()) as decoder:
        decoder.prepare(drawing)
        async with asyncio.timeout(PATIENCE):
            while decoder.process_id is None or "numpy" not in maps_of(decoder.process_id):
                await asyncio.sleep(0.02)
    async with aclosing(PictureDecoder()) as decoder:
        decoder.prepare("halves", "pixels", "iterm2")
        assert "numpy" not in maps_of(await draw(decoder, picture))


def maps_of(pid: int) -> str:
    """The files that a process has in its memory."""
    return Path(f"/proc/{pid}/maps").read_text()


async def test_a_process_that_is_being_prepared_is_not_left_behind() -> None:
    decoder = PictureDecoder()
    decoder.prepare()
    await asyncio.sleep(0)
    await decoder.aclose()
    assert decoder.process_id is None
    decoder.prepare()
    await asyncio.sleep(0.05)
    assert decoder.process_id is None


async def test_a_prepared_process_that_died_is_replaced(picture: Path) -> None:
    async with aclosing(PictureDecoder()) as decoder:
        decoder.prepare()
        while (prepared := decoder.process_id) is None:
            await asyncio.sleep(0.01)
        os.kill(prepared, signal.SIGKILL)
        assert await draw(decoder, picture) != prepared


async def test_the_process_ends_with_the_decoder(picture: Path) -> None:
    decoder = PictureDecoder()
    pid = await draw(decoder, picture)
    await decoder.aclose()
    assert is_gone(pid)
    await decoder.aclose()
    with pytest.raises(PictureUnreadable, match="closing"):
        await decoder.render(picture, columns=5, rows=2, background=BLACK)


async def test_closing_waits_for_no_picture(picture: Path) -> None:
    decoder = PictureDecoder()
    pid = await draw(decoder, picture)
    os.kill(pid, signal.SIGSTOP)
    drawings = [
        asyncio.create_task(decoder.render(picture, columns=columns, rows=3, background=BLACK))
        for columns in range(1, 6)
    ]
    await asyncio.sleep(0.1)
    async with asyncio.timeout(PATIENCE / 2):
        await decoder.aclose()
    outcomes = await asyncio.gather(*drawings, return_exceptions=True)
    assert all(isinstance(outcome, PictureUnreadable) for outcome in outcomes)
    assert is_gone(pid)


async def test_closing_while_the_process_starts_leaves_none_behind(picture: Path) -> None:
    decoder = PictureDecoder()
    drawing = asyncio.create_task(decoder.render(picture, columns=4, rows=3, background=BLACK))
    await asyncio.sleep(0.01)
    await decoder.aclose()
    await asyncio.gather(drawing, return_exceptions=True)
    assert decoder.process_id is None


def test_the_process_ends_when_the_application_is_killed(picture: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(picture), "stay"], stdout=subprocess.PIPE, text=True
    ) as application:
        assert application.stdout is not None
        pid = int(application.stdout.readline().split()[1])
        assert not is_gone(pid)
        application.kill()
    deadline = time.monotonic() + 60
    while not is_gone(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert is_gone(pid)


async def test_a_process_that_is_killed_leaves_no_file_behind(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, picture: Path
) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    decoder = PictureDecoder()
    os.kill(await draw(decoder, picture), signal.SIGKILL)
    await decoder.aclose()
    assert list(folder.iterdir()) == []


async def test_the_process_has_no_terminal_of_its_own(picture: Path) -> None:
    decoder = PictureDecoder()
    pid = await draw(decoder, picture)
    assert os.getsid(pid) == pid
    await decoder.aclose()


def test_nothing_is_written_to_the_terminal_and_nothing_asked_of_it(picture: Path) -> None:
    arguments = [sys.executable, "-c", SCRIPT, str(picture), "go"]
    with TerminalProgram(arguments, {"TERM": "xterm-256color", "PATH": os.environ["PATH"]}) as program:
        program.wait_for("process")
        assert program.wait_for_exit() == 0
    words = program.raw.split()
    assert words[0] == b"process"
    assert words[2:] == [b"block"]


@linux_only
async def test_the_process_is_limited_in_memory_time_and_files(picture: Path) -> None:
    decoder = PictureDecoder()
    pid = await draw(decoder, picture)
    limits = {
        line[:26].strip(): line[26:].split()[0]
        for line in Path(f"/proc/{pid}/limits").read_text().splitlines()
    }
    assert int(limits["Max address space"]) == 1 << 30
    assert limits["Max file size"] == limits["Max core file size"] == "0"
    assert 20 <= int(limits["Max cpu time"]) <= 25
    await decoder.aclose()


@linux_only
async def test_the_process_knows_no_secret(monkeypatch: pytest.MonkeyPatch, picture: Path) -> None:
    monkeypatch.setenv("ANIMUS_API_KEY", "sk-planted")
    decoder = PictureDecoder()
    pid = await draw(decoder, picture)
    assert b"sk-planted" not in Path(f"/proc/{pid}/environ").read_bytes()
    await decoder.aclose()


async def test_nothing_is_imported_from_the_current_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, picture: Path
) -> None:
    (tmp_path / "PIL.py").write_text("raise SystemExit")
    monkeypatch.chdir(tmp_path)
    decoder = PictureDecoder()
    await draw(decoder, picture)
    await decoder.aclose()


@pytest.mark.parametrize(
    "module", ["decoding.decoder", "probe.capabilities", "rendering.cells", "decoding.protocol"]
)
def test_the_application_loads_no_picture_library(module: str) -> None:
    script = f"import sys, animus_tui.graphics.{module}; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in run.stdout.split()}
    assert not loaded & {"PIL", "term_image", "textual", "httpx", "numpy", "requests"}
