"""No process that the application starts gets a secret with its environment, each kind seen from within the child."""

from __future__ import annotations

import ast
import asyncio
import os
import sys
import time
from pathlib import Path

import pytest
from textual.app import App

from animus_tui.child_processes import child_environment
from animus_tui.demo.process import DemoProcess
from animus_tui.graphics.decoding.decoder import PictureDecoder, environment
from animus_tui.graphics.probe.tmux import TmuxProbe
from animus_tui.ui.terminal.clipboard import copy
from animus_tui.ui.terminal.system_opener import browse, open_outside
from tests.support.picture_samples import BLACK, RED, file_of, plain
from tests.support.terminal import TerminalProgram

PACKAGE = Path(__file__).parents[2] / "animus_tui"
SECRETS = {
    "ANIMUS_API_KEY": "planted-key",
    "ANIMUS_TOKEN_PROVIDER_URL": "https://me:planted-word@tokens.example/?key=planted-query",
    "ANIMUS_DEMO_KEY": "planted-demo-key",
    "animus_api_key": "planted-lower-key",
    "ANIMUS_OF_A_LATER_VERSION": "planted-later",
}
SHOWS_LINK = """
from textual.app import App
from animus_tui.ui.terminal.driver import TerminalDriver
class Shown(App):
    def on_mount(self):
        self.open_url("https://page.example/?a=1")
    def key_q(self):
        self.exit()
Shown(driver_class=TerminalDriver).run()
"""


class Spy:
    """A folder of programs that write down what they were given."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.env = {**SECRETS, "PATH": f"{folder}:{os.environ['PATH']}", "HOME": str(folder), "PASSED": "on"}

    def add(self, name: str) -> Path:
        """A program of this name, first in the path."""
        out, program = self._folder / f"{name}.seen", self._folder / name
        program.write_text(
            f'#!/bin/sh\nenv > "{out}.part"\necho "ARGUMENTS=$*" >> "{out}.part"\nmv "{out}.part" "{out}"\n'
        )
        program.chmod(0o755)
        return program

    def seen(self, name: str) -> str:
        """What it was given, waited for."""
        out, end = self._folder / f"{name}.seen", time.monotonic() + 60
        while not out.exists():
            assert time.monotonic() < end, f"{name} was not run"
            time.sleep(0.02)
        return out.read_text()


@pytest.fixture
def spy(tmp_path: Path) -> Spy:
    return Spy(tmp_path)


@pytest.fixture
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are in the environment of this very process."""
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)


def assert_without_secrets(seen: str) -> None:
    """Of variables, one a line or each followed by a NUL: none is ours, and none has a planted value.

    Only names are looked at for whose they are: a path may have our name in it, as that of an editable install has.
    """
    assert "planted" not in seen
    names = [line.partition("=")[0] for line in seen.replace("\0", "\n").splitlines()]
    assert [name for name in names if name.upper().startswith("ANIMUS_")] == []


def test_what_a_child_gets_is_everything_but_what_is_ours(spy: Spy) -> None:
    given = child_environment(spy.env)
    assert given == {name: spy.env[name] for name in ("PATH", "HOME", "PASSED")}
    assert child_environment(spy.env, only=("PASSED", "ANIMUS_API_KEY", "NONE")) == {"PASSED": "on"}


async def test_an_opener_of_pictures_gets_no_secret(spy: Spy, tmp_path: Path) -> None:
    opener = "open" if sys.platform == "darwin" else "xdg-open"
    spy.add(opener)
    (tmp_path / "x.png").write_bytes(b"picture")
    await open_outside(tmp_path / "x.png", spy.env)
    seen = await asyncio.to_thread(spy.seen, opener)
    assert "PASSED=on" in seen
    assert_without_secrets(seen)


def test_a_browser_gets_the_address_and_no_secret(spy: Spy) -> None:
    program = spy.add("browser")
    browse("https://page.example/?a=1", {**spy.env, "BROWSER": str(program)})
    seen = spy.seen("browser")
    assert "ARGUMENTS=https://page.example/?a=1" in seen
    assert "PASSED=on" in seen
    assert_without_secrets(seen)


def test_a_link_is_opened_by_a_browser_that_gets_no_secret(spy: Spy) -> None:
    program = spy.add("browser")
    env = {**spy.env, "BROWSER": str(program), "TERM": "xterm-256color"}
    with TerminalProgram([sys.executable, "-c", SHOWS_LINK], env) as running:
        seen = spy.seen("browser")
        running.type("q")
        assert running.wait_for_exit() == 0
    assert "ARGUMENTS=https://page.example/?a=1" in seen
    assert_without_secrets(seen)


async def test_a_clipboard_program_gets_no_secret(spy: Spy) -> None:
    name, env = ("pbcopy", {}) if sys.platform == "darwin" else ("xclip", {"DISPLAY": ":0"})
    spy.add(name)
    app = App[None]()
    async with app.run_test():
        assert (await copy(app, "text", spy.env | env)).programs == (name,)
    assert_without_secrets(spy.seen(name))


@pytest.mark.usefixtures("secrets")
def test_tmux_gets_no_secret(spy: Spy, monkeypatch: pytest.MonkeyPatch) -> None:
    spy.add("tmux")
    monkeypatch.setenv("PATH", spy.env["PATH"])
    with TmuxProbe({"TMUX": "x,1,0", "TMUX_PANE": "%0"}) as question:
        question.outer()
        assert_without_secrets(spy.seen("tmux"))


@pytest.mark.usefixtures("secrets")
@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
async def test_the_decoder_gets_no_secret(tmp_path: Path) -> None:
    (tmp_path / "x.png").write_bytes(file_of(plain(RED), "PNG"))
    decoder = PictureDecoder()
    await decoder.render(tmp_path / "x.png", columns=2, rows=1, background=BLACK)
    assert_without_secrets(environment_of(decoder.process_id))
    await decoder.aclose()


@pytest.mark.usefixtures("secrets")
def test_the_viewer_gets_no_secret() -> None:
    assert_without_secrets("".join(f"{name}={value}\n" for name, value in environment("TERM").items()))


@pytest.mark.usefixtures("secrets")
@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_the_demo_gets_its_own_key_and_no_other_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANIMUS_DEMO_CREDITS", "7")
    with DemoProcess() as demo:
        seen = environment_of(demo.pid)
        assert f"ANIMUS_DEMO_KEY={demo.api_key}\0" in seen
        assert "ANIMUS_DEMO_CREDITS=7\0" in seen
        assert "planted" not in seen


def environment_of(pid: int | None) -> str:
    """The variables that a process was started with, each followed by a NUL."""
    end = time.monotonic() + 60
    while not (found := Path(f"/proc/{pid}/environ").read_text("utf-8", "replace")):
        assert time.monotonic() < end, "the process has no environment"
        time.sleep(0.01)  # the kernel has begun the program, and not yet told it its environment
    return found


def test_every_process_is_started_with_an_environment_of_its_own() -> None:
    starting = {
        "Popen",
        "run",
        "call",
        "check_call",
        "check_output",
        "create_subprocess_exec",
        "create_subprocess_shell",
    }
    replacing = {
        "system",
        "popen",
        "execv",
        "execve",
        "execvp",
        "execvpe",
        "spawnv",
        "spawnve",
        "posix_spawn",
    }
    started = 0
    for path in PACKAGE.rglob("*.py"):
        for call in (
            node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)
        ):
            if not isinstance(call.func, ast.Attribute) or not isinstance(call.func.value, ast.Name):
                continue
            module, name = call.func.value.id, call.func.attr
            assert (module, name) != ("webbrowser", "open"), path
            assert module != "os" or name not in replacing, path
            if (
                module in ("subprocess", "asyncio")
                and name in starting
                and (module, name) != ("asyncio", "run")
            ):
                started += 1
                assert "env" in {keyword.arg for keyword in call.keywords}, f"{path}:{call.lineno}"
    assert started == 7
