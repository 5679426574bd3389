"""Waiting for what a program in a terminal does, for tests in which it has all the time it needs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.pty_terminal import TerminalProgram

MOSAIC = re.compile("[\u2580-\u2593\u2596-\u259f]")
MANY = 20
"""Cells of a row; a scrollbar or a mark has fewer."""


def until(program: TerminalProgram, holds: Callable[[], bool]) -> None:
    """Take in what is written until something holds; pytest-timeout ends a wait in vain."""
    while not holds():
        program.read(0.05)


def until_written(program: TerminalProgram, text: str) -> None:
    """Until a text was on the screen, however short: who looks at a busy moment may come too late for it."""
    until(program, lambda: text.encode() in program.raw)


def until_painted(program: TerminalProgram) -> None:
    """Until a picture is on the screen as a mosaic: rows of block elements (U+2580 to U+259F) that are no frame."""
    until(program, lambda: sum(len(MOSAIC.findall(line)) > MANY for line in program.text().splitlines()) > 3)


def until_silent(program: TerminalProgram, seconds: float) -> None:
    """Until nothing is written for that long; whoever never stops writing runs into pytest-timeout."""
    while True:
        before = len(program.raw)
        program.read(seconds)
        if len(program.raw) == before:
            return
