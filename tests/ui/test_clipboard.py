"""Copying: what each clipboard program gets, and what the terminal gets, with tmux in between and without."""

from __future__ import annotations

import asyncio
import base64
import logging
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.app import App

from animus_tui.ui.terminal import clipboard
from animus_tui.ui.terminal.clipboard import clipboards, copy, told
from tests.support.terminal import TerminalProgram

ROOT = Path(__file__).parents[2]
TEXT = "First line, with a\ttab\nzweite Zeile: grün, 世界 🎉\n"


class FakePrograms:
    """Programs of our own on a path of their own; each notes its arguments and what it reads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        tools = f"{self._folder}:{os.environ['PATH']}"
        self.env = {"PATH": tools}

    def add(self, name: str, then: str = "", first: str = "") -> None:
        """`then` runs after the text was read, `first` before."""
        script = self._folder / name
        out = self._folder / f"{name}.text"
        script.write_text(
            f'#!/bin/sh\n{first}\necho "$@" > {self._folder}/{name}.arguments\ncat > {out}.part\n'
            f"mv {out}.part {out}\n{then}\n"
        )
        script.chmod(0o755)

    def read(self, name: str) -> bytes | None:
        path = self._folder / f"{name}.text"
        return path.read_bytes() if path.exists() else None

    def arguments(self, name: str) -> str:
        return (self._folder / f"{name}.arguments").read_text().strip()


@pytest.fixture
def fake(tmp_path: Path) -> FakePrograms:
    return FakePrograms(tmp_path)


async def copied(text: str, fake: FakePrograms, **env: str) -> clipboard.Copied:
    app = App[None]()
    async with app.run_test():
        result = await copy(app, text, fake.env | env)
        assert app.clipboard == result.text, "Ctrl+V in a field of ours pastes it too"
        return result


def test_what_was_copied_is_told_in_one_sentence() -> None:
    rows: list[tuple[str, str]] = [
        ("one", "Copied 3 characters"),
        ("x", "Copied 1 character"),
        ("one line\n", "Copied 8 characters"),
        ("a\nb\nc", "Copied 3 lines"),
        ("a\nb\nc\n\n", "Copied 3 lines"),
        ("x" * 4120, "Copied 4,120 characters"),
        ("", "There is nothing to copy"),
    ]
    for text, sentence in rows:
        assert told(text) == sentence


def test_each_environment_has_its_programs() -> None:
    rows: list[tuple[dict[str, str], str, list[list[str]]]] = [
        ({}, "linux", []),
        ({"WAYLAND_DISPLAY": "wayland-0", "DISPLAY": ":0"}, "linux", [["wl-copy", "xclip", "xsel"]]),
        ({"DISPLAY": ":0"}, "linux", [["xclip", "xsel"]]),
        ({"DISPLAY": ""}, "linux", []),
        ({}, "darwin", [["pbcopy"]]),
        ({"WSL_DISTRO_NAME": "Ubuntu", "WAYLAND_DISPLAY": "wayland-0"}, "linux", [["clip.exe"]]),
        ({"TMUX": "/tmp/tmux,1,0", "DISPLAY": ":0"}, "linux", [["tmux", "tmux"], ["xclip", "xsel"]]),
    ]
    for env, platform, names in rows:
        assert [[program.name for program in programs] for programs in clipboards(env, platform)] == names


@pytest.mark.parametrize(
    ("name", "env", "arguments"),
    [
        ("wl-copy", {"WAYLAND_DISPLAY": "wayland-0"}, "--type text/plain"),
        ("xclip", {"DISPLAY": ":0"}, "-selection clipboard -in"),
        ("xsel", {"DISPLAY": ":0"}, "--clipboard --input"),
    ],
)
async def test_a_program_of_the_system_gets_the_text(
    fake: FakePrograms, name: str, env: dict[str, str], arguments: str
) -> None:
    fake.add(name)
    result = await copied(TEXT, fake, **env)
    assert result.programs == (name,)
    assert result.sentence == "Copied 2 lines"
    assert fake.read(name) == TEXT.encode()
    assert fake.arguments(name) == arguments


async def test_windows_gets_its_own_encoding(fake: FakePrograms) -> None:
    fake.add("clip.exe")
    result = await copied(TEXT, fake, WSL_INTEROP="/run/WSL/1_interop")
    assert result.programs == ("clip.exe",)
    assert fake.read("clip.exe") == TEXT.encode("utf-16-le")


async def test_the_next_program_is_asked_when_one_fails(fake: FakePrograms) -> None:
    fake.add("wl-copy", first="exit 1")
    fake.add("xclip", then="exit 3")
    fake.add("xsel")
    result = await copied(TEXT, fake, WAYLAND_DISPLAY="wayland-0", DISPLAY=":0")
    assert result.programs == ("xsel",)
    assert fake.read("xsel") == TEXT.encode()


async def test_without_any_program_only_the_terminal_is_asked(fake: FakePrograms, tmp_path: Path) -> None:
    fake.add("xclip")  # but there is no display
    broken = tmp_path / "wl-copy"
    broken.write_bytes(b"\x7fELF, but nothing else")
    broken.chmod(0o755)
    result = await copied(TEXT, fake, WAYLAND_DISPLAY="wayland-0")
    assert result.programs == ()
    assert fake.read("xclip") is None


async def test_only_text_reaches_a_clipboard(fake: FakePrograms) -> None:
    fake.add("xclip")
    result = await copied("a\x1b[31mb\tc\r\nd\x07\u202e", fake, DISPLAY=":0")
    assert fake.read("xclip") == b"ab\tc\nd"
    assert result.text == "ab\tc\nd"


async def test_nothing_is_done_for_no_text(fake: FakePrograms) -> None:
    fake.add("xclip")
    result = await copied("\x1b[2J", fake, DISPLAY=":0")
    assert result == ("", ())
    assert fake.read("xclip") is None


async def test_a_program_that_hangs_is_ended_with_all_that_it_started(
    fake: FakePrograms, tmp_path: Path
) -> None:
    fake.add("wl-copy", first=f"sleep 600 & echo $! > {tmp_path}/pid\nwait")
    fake.add("xclip")
    text = TEXT * 10_000  # more than a pipe holds
    result = await copied(text, fake, WAYLAND_DISPLAY="wayland-0", DISPLAY=":0")
    assert result.programs == ("xclip",)
    assert fake.read("xclip") == text.encode()
    await until_gone(int((tmp_path / "pid").read_text()))


async def test_a_cancelled_copy_leaves_no_program_behind(fake: FakePrograms, tmp_path: Path) -> None:
    # It has begun to read, so that it is there for whoever cancels.
    begun = f"head -c 1 > {tmp_path}/byte; sleep 600 & echo $! > {tmp_path}/part"
    fake.add("xclip", first=f"{begun}; mv {tmp_path}/part {tmp_path}/pid\nwait")
    task = asyncio.create_task(copied(TEXT, fake, DISPLAY=":0"))
    while not (tmp_path / "pid").exists():
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await until_gone(int((tmp_path / "pid").read_text()))


async def until_gone(pid: int) -> None:
    """Until a process exists no more, or is a zombie that init has yet to reap."""
    stat = Path(f"/proc/{pid}/stat")
    while stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z":
        await asyncio.sleep(0.01)


async def test_what_a_program_leaves_behind_to_hand_out_the_text_lives_on_and_is_not_waited_for(
    fake: FakePrograms, tmp_path: Path
) -> None:
    fake.add("xclip", then=f"sleep 60 & echo $! > {tmp_path}/pid")
    began = time.monotonic()
    result = await copied(TEXT, fake, DISPLAY=":0")
    pid = int((tmp_path / "pid").read_text())
    assert os.getsid(pid) != os.getsid(0), "closing the terminal does not end it"
    os.kill(pid, signal.SIGKILL)
    assert result.programs == ("xclip",)
    assert time.monotonic() - began < 50


async def test_a_long_text_goes_whole_while_the_loop_runs_on(fake: FakePrograms, tmp_path: Path) -> None:
    fake.add("xclip", first=f"while [ ! -e {tmp_path}/go ]; do sleep 0.01; done")
    text = (TEXT * 10_000)[:400_000]
    turns = 0

    async def turn() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0.01)
            turns += 1
            if turns == 20:
                (tmp_path / "go").touch()

    turning = asyncio.create_task(turn())
    result = await copied(text, fake, DISPLAY=":0")
    turning.cancel()
    assert turns >= 20
    assert result.programs == ("xclip",)
    assert fake.read("xclip") == text.encode()


async def test_nothing_of_the_text_is_logged(fake: FakePrograms, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    fake.add("xclip", then="exit 1")
    await copied("a very private thing", fake, DISPLAY=":0")
    assert "private" not in caplog.text


# In a terminal

COPIER = f"""
import asyncio
from textual.app import App
from textual.widgets import Static
from animus_tui.ui.terminal.clipboard import copy

class Copier(App[None]):
    def on_mount(self) -> None:
        self.run_worker(self.work())

    async def work(self) -> None:
        copied = await copy(self, {TEXT!r})
        await self.mount(Static(f"{{copied.sentence}} with {{', '.join(copied.programs) or 'nothing'}}."))

Copier().run()
"""


def environment(**more: str) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color",
        **more,
    }


def put_on_the_clipboard(raw: bytes) -> list[str]:
    """The texts of all OSC 52 that a terminal got."""
    found = re.findall(rb"\x1b\]52;c?;([^\x07\x1b]*)(?:\x07|\x1b\\)", raw)
    return [base64.b64decode(text).decode() for text in found]


def test_the_terminal_is_asked_to_take_the_text() -> None:
    with TerminalProgram([sys.executable, "-c", COPIER], environment()) as program:
        program.wait_for("Copied 2 lines with nothing.")
        assert put_on_the_clipboard(program.raw) == [TEXT]


@pytest.fixture
def tmux_socket() -> Iterator[str]:
    """Where a tmux of the test's own listens."""
    if shutil.which("tmux") is None:
        pytest.skip("there is no tmux")
    with tempfile.TemporaryDirectory(prefix="tmux") as folder:  # the path of a socket must be short
        socket = f"{folder}/s"
        yield socket
        subprocess.run(["tmux", "-S", socket, "kill-server"], capture_output=True, check=False)


@pytest.mark.parametrize("setting", ["external", "on"])
def test_through_tmux_it_reaches_one_buffer_and_the_terminal_around(
    tmux_socket: str, tmp_path: Path, setting: str
) -> None:
    (tmp_path / "tmux.conf").write_text(f"set -s set-clipboard {setting}\n")
    (tmp_path / "copier.py").write_text(COPIER)
    tmux = [shutil.which("tmux") or "", "-S", tmux_socket, "-f", str(tmp_path / "tmux.conf")]
    command = [*tmux, "new-session", sys.executable, str(tmp_path / "copier.py")]
    with TerminalProgram(command, environment(HOME=str(tmp_path))) as program:
        program.wait_for("Copied 2 lines with tmux.")
        end = time.monotonic() + 60
        while not put_on_the_clipboard(program.raw) and time.monotonic() < end:
            program.read(0.05)
        assert put_on_the_clipboard(program.raw) == [TEXT]
        names = subprocess.run([*tmux, "list-buffers"], capture_output=True, check=True).stdout
        assert names.count(b"\n") == 1
        kept = subprocess.run([*tmux, "show-buffer"], capture_output=True, check=True).stdout
        assert kept.decode() == TEXT
