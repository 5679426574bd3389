"""Every text that the application gets from outside is hostile, on every screen, in a real terminal."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.support.hostile_texts import (
    HOSTILE,
    OBEYED,
    SHOWN,
    configuration,
    hostile_service,
    write_conversation,
)
from tests.support.terminal import TerminalProgram, program_environment

pytestmark = pytest.mark.timeout(300)
BLUR_AND_FOCUS = "\x1b[O\x1b[I"
FIND, FORM, PALETTE, QUIT, NEW = "\x06", "\x07", "\x10", "\x11", "\x0e"
PATIENCE = 60
"""Seconds in which the application must look at its widgets."""
UP, DOWN, HELP, GALLERY, ESC = "\x1b[A", "\x1b[B", "\x1bOP", "\x1bOS", "\x1b"


class Walk:
    """The application in a terminal, looked at widget by widget after each step."""

    def __init__(self, program: TerminalProgram, report: Path) -> None:
        self._program = program
        self._report = report
        self.widgets: set[str] = set()
        self.screens: set[str] = set()

    def look(self) -> dict[str, Any]:
        """Every widget now; none of them may have done anything with a text but show it."""
        before, end = self._lines(), time.monotonic() + PATIENCE
        self._program.type(BLUR_AND_FOCUS)
        while self._lines() <= before:
            self._program.read(0.05)
            assert time.monotonic() < end, f"the application does not live\n{self._program.text()}"
        told: dict[str, Any] = json.loads(self._report.read_text().splitlines()[-1])
        assert told["faults"] == []
        assert OBEYED.search(self._program.raw) is None
        self.widgets |= set(told["widgets"])
        self.screens.add(told["screen"])
        return told

    def type(self, keys: str, *, to: str, shown: str = SHOWN) -> None:
        """Type, wait for a screen (by the name of its class) and for a text on it, and look."""
        self._program.type(keys)
        while self.look()["screen"] != to:
            self._program.read(0.1)
        self._program.wait_for(shown)
        self.look()

    def _lines(self) -> int:
        return self._report.read_text().count("\n") if self._report.exists() else 0


def program_in(home: Path, *arguments: str, report: Path) -> TerminalProgram:
    env = program_environment(home) | {"XDG_CACHE_HOME": str(home / "cache"), "WALK_REPORT": str(report)}
    command = [sys.executable, "-m", "tests.support.walking_program", *arguments]
    return TerminalProgram(command, env, columns=110, rows=36)


def test_hostile_texts_are_nothing_but_text_on_every_screen(tmp_path: Path) -> None:
    text = words = HOSTILE
    saved = tmp_path / "[b]Qz[b] \x1b[7777m"
    (saved / "[b]Qz[b] inner").mkdir(parents=True)
    for name in ("c" * 32, "d" * 32):
        write_conversation(tmp_path / "data", name, text, words)
    report = tmp_path / "report"
    with hostile_service(text, words) as url:
        (tmp_path / "config.toml").write_text(configuration(url, text, saved))
        with program_in(tmp_path, "--conversation", "c" * 32, report=report) as program:
            walk = Walk(program, report)
            program.wait_for(SHOWN)
            walk.type("", to="ChatScreen")
            walk.type(UP, to="ChatScreen")
            walk.type(DOWN + "/", to="ChatScreen", shown="/image")
            walk.type(f"save {tmp_path}/[b", to="ChatScreen", shown="[b")
            walk.type("\x15" + FIND + "override", to="ChatScreen", shown="Find")
            walk.type(ESC, to="ChatScreen")
            walk.type(FORM, to="PictureForm")
            walk.type(ESC, to="ChatScreen")
            walk.type("/face\r", to="FaceList")
            walk.type("\x1b[B\r", to="ChatScreen")
            walk.type(FORM, to="PictureForm")
            walk.type(ESC, to="ChatScreen")
            walk.type(GALLERY, to="GalleryScreen", shown="6 pictures")
            walk.type("v", to="ViewerScreen")
            walk.type("i", to="ViewerScreen")
            walk.type(ESC, to="GalleryScreen")
            walk.type("\t", to="GalleryScreen")
            walk.type("\r", to="GalleryScreen")
            walk.type("\r", to="GalleryScreen")
            walk.type(ESC, to="GalleryScreen")
            walk.type(ESC, to="ChatScreen")
            walk.type(HELP, to="HelpScreen", shown="Help")
            walk.type(ESC, to="ChatScreen")
            walk.type(PALETTE + "pic", to="Palette", shown="pic")
            walk.type(ESC, to="ChatScreen")
            walk.type("hello\r", to="ChatScreen")
            program.wait_for("is typing", gone=True)
            walk.look()
            walk.type("fail\r", to="ChatScreen", shown="Out of credits")
            walk.type(NEW, to="ChatScreen")
            program.type(QUIT)
            assert program.wait_for_exit() == 0
            assert OBEYED.search(program.raw) is None
    assert walk.screens == {
        "ChatScreen",
        "PictureForm",
        "FaceList",
        "GalleryScreen",
        "ViewerScreen",
        "HelpScreen",
        "Palette",
    }
    assert walk.widgets >= {"Button", "OptionList", "AccountList", "PictureGrid", "FindBar", "DetailsTable"}
