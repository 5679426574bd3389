"""Writing to a real pseudo-terminal that reads late, or is gone: nobody waits, and what must arrive arrives."""

from __future__ import annotations

import os
import pty
import select
import threading
import tty
from contextlib import suppress
from typing import TYPE_CHECKING, Self

from animus_tui.ui.terminal.output import MOST_WAITING, TerminalWriter

if TYPE_CHECKING:
    from types import TracebackType

FRAME = b"x" * 50_000
FRAMES = 2 * MOST_WAITING // len(FRAME)
"""More than may wait."""


class Screen:
    """A pseudo-terminal, a writer to it, and what the writer told."""

    def __enter__(self) -> Self:
        self.master, self.slave = pty.openpty()
        tty.setraw(self.slave)
        self.gone, self.caught_up = threading.Event(), threading.Event()
        self.writer = TerminalWriter(self.slave, on_gone=self.gone.set, on_caught_up=self.caught_up.set)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for descriptor in (self.master, self.slave):
            with suppress(OSError):
                os.close(descriptor)

    def read(self) -> bytes:
        """All that is written until it is all taken."""
        read = b""
        while select.select([self.master], [], [], 0.2)[0] or not self.writer.is_idle:
            read += os.read(self.master, 1 << 16)
        return read


def test_what_is_written_arrives_in_order() -> None:
    with Screen() as screen:
        for number in range(1000):
            assert screen.writer.write(b"%d," % number)
        assert screen.read() == b"".join(b"%d," % number for number in range(1000))
        assert screen.writer.drain(10)
        assert not screen.caught_up.is_set()


def test_frames_are_left_out_while_nobody_reads_and_what_must_arrive_is_not() -> None:
    with Screen() as screen:
        taken = [screen.writer.write(FRAME) for _ in range(FRAMES)]
        assert taken[0]
        assert not taken[-1]
        screen.writer.write_surely(b"restored")
        assert not screen.writer.drain(10)
        assert not screen.caught_up.is_set()
        assert screen.read() == FRAME * sum(taken) + b"restored"
        assert screen.caught_up.wait(10)
        assert screen.writer.write(FRAME)
        assert screen.read() == FRAME


def test_a_terminal_that_is_gone_is_told_and_holds_nobody_up() -> None:
    with Screen() as screen:
        for _ in range(FRAMES):
            screen.writer.write(FRAME)
        os.close(screen.master)
        assert screen.gone.wait(10)
        assert screen.writer.drain(10)
        screen.writer.write_surely(b"nobody takes it")
        assert screen.writer.is_idle
