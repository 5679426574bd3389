"""Inside a real tmux, in a terminal that answers as kitty does, or another one."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from animus_tui.graphics.probe.tmux import TmuxEnvironment, TmuxProbe, is_pane
from tests.support.scripted_terminal import TERMINALS, VERSION, ScriptedTerminal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TMUX = shutil.which("tmux") or ""


def version() -> tuple[int, int]:
    told = subprocess.run([TMUX, "-V"], capture_output=True, text=True, check=True).stdout if TMUX else ""
    match = re.search(r"(\d+)\.(\d+)", told)
    return (int(match[1]), int(match[2])) if match else (0, 0)


pytestmark = [pytest.mark.slow, pytest.mark.skipif(version() < (3, 3), reason="needs tmux 3.3 or newer")]


@pytest.fixture
def socket(tmp_path: Path) -> Iterator[Path]:
    """Where a server of the test listens, which is ended with it."""
    socket = tmp_path / "tmux"
    yield socket
    subprocess.run([TMUX, "-S", str(socket), "kill-server"], capture_output=True, check=False)


def probed(socket: Path, name: str, *options: str, inner: str = "", env: str = "") -> dict[str, Any]:
    """What the probe finds in a pane of a tmux with these options, in the terminal of that name."""
    found, configuration = socket.with_name("found"), socket.with_name("tmux.conf")
    configuration.write_text("".join(f"{option}\n" for option in options))
    # As a person would: the terminal has told tmux its name by the time that something is typed.
    wait = f"until [ -n \"$({TMUX} display-message -p '#{{client_termtype}}')\" ]; do sleep 0.05; done"
    # From 3.6 on tmux promises 24-bit colours in every pane, whatever the terminal around it takes.
    run = f"env -u COLORTERM {env} {inner} {sys.executable} -m tests.support.probing {found}"
    arguments = [TMUX, "-S", str(socket), "-f", str(configuration), "new-session", f"{wait}; {run}; cat"]
    environment = {"PATH": os.environ["PATH"], "HOME": str(socket.parent), "TERM": "xterm-256color"}
    with ScriptedTerminal(arguments, {**environment, "LANG": "C.UTF-8"}, TERMINALS[name]) as program:
        while not found.exists():
            program.read(0.05)
    told: dict[str, Any] = json.loads(found.read_text())
    assert told["restored"] is True
    assert told["typed"] == ""
    terminal: dict[str, Any] = told["terminal"]
    return terminal


RGB = 'set -as terminal-features ",*:RGB"'
ON = "set -g allow-passthrough on"


def test_pixels_go_through_tmux_to_a_kitty_around_it(socket: Path) -> None:
    terminal = probed(socket, "kitty", RGB, ON)
    assert (terminal["style"], terminal["inside_tmux"]) == ("kitty", True)
    assert terminal["reason"] == "kitty around tmux draws pixels in cells"
    assert (terminal["glyphs"], terminal["viewer"], terminal["colours"]) == ("wedges", None, "truecolor")


def test_what_has_to_be_switched_on_is_told(socket: Path) -> None:
    terminal = probed(socket, "kitty", RGB)
    assert (terminal["style"], terminal["inside_tmux"]) == ("mosaic", True)
    assert "set -g allow-passthrough on" in terminal["reason"]


@pytest.mark.parametrize("name", ["xterm", "wezterm", "old kitty"])
def test_another_terminal_around_it_gets_a_mosaic(socket: Path, name: str) -> None:
    terminal = probed(socket, name, RGB, ON)
    # A tmux with sixels of its own has more to say.
    assert (terminal["style"], terminal["reason"].partition(";")[0]) == ("mosaic", "24-bit colours")
    assert terminal["glyphs"] == ("quadrants" if name == "xterm" else "wedges")


def test_a_tmux_that_changes_colours_cannot_pass_numbers_of_pictures(socket: Path) -> None:
    terminal = probed(socket, "kitty", ON)
    assert (terminal["style"], terminal["colours"]) == ("block", "256")


def test_a_terminal_within_the_pane_is_another_terminal(socket: Path) -> None:
    """Its program has inherited what tmux set, and tmux knows nothing of it."""
    inner = f"{sys.executable} -c 'import pty, sys; pty.spawn(sys.argv[1:])'"
    terminal = probed(socket, "kitty", RGB, ON, inner=inner)
    assert (terminal["style"], terminal["inside_tmux"]) == ("block", False)


def test_the_title_of_the_pane_stays(socket: Path) -> None:
    probed(socket, "kitty", RGB, ON)
    arguments = [TMUX, "-S", str(socket), "display-message", "-p", "#{pane_title}"]
    assert "Gi=" not in subprocess.run(arguments, capture_output=True, text=True, check=True).stdout


def test_without_tmux_or_its_program_there_is_nothing_to_know(tmp_path: Path) -> None:
    for env in ({}, {"TMUX": f"{tmp_path}/none,1,0", "TMUX_PANE": "%0"}, {"TMUX": "x"}):
        with TmuxProbe(env) as question:
            assert question.outer() is None
    assert not is_pane(TmuxEnvironment("/dev/pts/none", lets_through=True, clients=()), 0)


def test_the_name_of_the_terminal_is_asked_of_tmux_and_not_of_the_environment(socket: Path) -> None:
    script = {**TERMINALS["kitty"], VERSION: b"\x1bP>|tmux 3.4\x1b\\"}
    TERMINALS["nested"] = script
    try:
        terminal = probed(socket, "nested", RGB, ON, env="KITTY_WINDOW_ID=1")
    finally:
        del TERMINALS["nested"]
    assert terminal["style"] == "mosaic"
