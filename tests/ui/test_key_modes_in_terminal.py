"""A terminal without Kitty's keyboard protocol is asked to tell keys apart, and asked to forget it at the end."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

from animus_tui.ui.terminal.input import Keys, TerminalInput
from tests.support.scripted_terminal import ENVIRONMENTS, QUIT, READY, TERMINALS, VERSION, chat

if TYPE_CHECKING:
    from pathlib import Path

ENTERS, LEAVES = b"\x1b[?1049h", b"\x1b[?1049l"
MODIFY, USUAL = b"\x1b[>4;1m", b"\x1b[>4m"
SAVE, ESCAPE, RESTORE = b"\x1b[?1036;1039s", b"\x1b[?1036;1039h", b"\x1b[?1036;1039r"
XTERM, TMUX = TERMINALS["xterm"], {**TERMINALS["xterm"], VERSION: b"\x1bP>|tmux 3.3a\x1b\\"}
pytestmark = pytest.mark.timeout(60)


@pytest.mark.parametrize("ending", ["quit", "signal"])
@pytest.mark.parametrize(
    ("script", "taken", "given_back"),
    [
        pytest.param(XTERM, [SAVE, ESCAPE, MODIFY], [USUAL, RESTORE], id="xterm"),
        pytest.param(TMUX, [MODIFY], [USUAL], id="tmux"),
    ],
)
def test_xterm_and_tmux_are_asked_at_the_start_and_no_more_at_the_end(
    tmp_path: Path, script: dict[bytes, bytes], taken: list[bytes], given_back: list[bytes], ending: str
) -> None:
    with chat(tmp_path, script, ENVIRONMENTS["xterm"], "--demo") as program:
        program.wait_for(READY)
        program.type("first\x1b[27;2;13~second")
        program.wait_for("second")
        assert "❯ first\n" in "\n".join(line.strip() for line in program.text().splitlines())
        written = program.raw[program.raw.rindex(ENTERS) :]
        places = [written.index(command) for command in taken]
        assert places == sorted(places)
        if ending == "quit":
            program.type(QUIT)
        else:
            os.kill(program.pid, signal.SIGTERM)
        program.wait_for_exit()
        end = program.raw[program.raw.index(given_back[0]) : program.raw.rindex(LEAVES)]
        assert all(command in end for command in given_back)
        assert (SAVE in program.raw) == (script is XTERM)


def test_a_terminal_that_is_not_known_to_understand_it_is_not_asked(tmp_path: Path) -> None:
    with chat(tmp_path, TERMINALS["kitty"], ENVIRONMENTS["kitty"], "--demo") as program:
        program.wait_for(READY)
        program.type(QUIT)
        program.wait_for_exit()
        assert b"\x1b[>4" not in program.raw
        assert b"1036" not in program.raw


@pytest.mark.parametrize("modifiers", [2, 5, 7])
def test_enter_with_modifiers_is_read_in_both_forms(modifiers: int) -> None:
    wanted = [Keys(b"\x1b[13;%du" % modifiers)]
    for sent in (b"\x1b[27;%d;13~" % modifiers, b"\x1b[13;%du" % modifiers):
        assert TerminalInput().feed(sent, 0.0) == wanted
