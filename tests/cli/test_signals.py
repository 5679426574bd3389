"""Signals that ask a program to end: the first politely, the second at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

STUBBORN = """
import os, time
from animus_tui.cli.signals import ended_by_signals
def tell(word):
    os.write(1, word.encode() + b"\\n")  # a handler may interrupt a buffered write, which then cannot go on
with ended_by_signals(lambda: tell("asked"), at_once=lambda: tell("at once")):
    tell("ready")
    while True:
        time.sleep(0.05)
"""


@contextmanager
def stubborn(*, is_hangup_ignored: bool = False) -> Iterator[subprocess.Popen[str]]:
    """A program that takes no notice of being asked."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN if is_hangup_ignored else signal.SIG_DFL)
    try:
        program = subprocess.Popen([sys.executable, "-c", STUBBORN], stdout=subprocess.PIPE, text=True)
    finally:
        signal.signal(signal.SIGHUP, before)
    try:
        assert line(program) == "ready"
        yield program
    finally:
        program.kill()
        program.wait()
        assert program.stdout is not None
        program.stdout.close()


def line(program: subprocess.Popen[str]) -> str:
    assert program.stdout is not None
    return program.stdout.readline().strip()


@pytest.mark.parametrize("first", [signal.SIGTERM, signal.SIGHUP])
def test_the_second_signal_ends_what_takes_no_notice_of_the_first(first: signal.Signals) -> None:
    with stubborn() as program:
        os.kill(program.pid, first)
        assert line(program) == "asked"
        os.kill(program.pid, signal.SIGTERM)
        assert line(program) == "at once"
        assert program.wait(60) == -signal.SIGTERM


def test_the_hangups_of_kernel_and_shell_are_one() -> None:
    with stubborn() as program:
        os.kill(program.pid, signal.SIGHUP)
        assert line(program) == "asked"
        os.kill(program.pid, signal.SIGHUP)
        time.sleep(0.2)
        assert program.poll() is None


def test_a_hangup_that_the_parent_had_ignored_stays_so() -> None:
    with stubborn(is_hangup_ignored=True) as program:
        os.kill(program.pid, signal.SIGHUP)
        os.kill(program.pid, signal.SIGTERM)
        assert line(program) == "asked"
        assert program.poll() is None


INTERRUPTED = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
class Interrupting:
    def find_spec(self, name, path, target=None):
        if name == sys.argv[1]:
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Interrupting())
from animus_tui.cli.main import main
sys.exit(main(["--config", os.devnull, "send", ""]))
"""


@pytest.mark.parametrize("module", ["arguments", "guard", "send"])
def test_ctrl_c_while_the_program_is_loaded_ends_it_without_a_word(module: str) -> None:
    command = [sys.executable, "-c", INTERRUPTED, f"animus_tui.cli.{module}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, "", "")
