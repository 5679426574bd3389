"""Job control: the process is stopped, as by Ctrl+Z, and continued by the shell."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

PAUSE = 0.05
"""Seconds after a stop signal to oneself: it may reach another thread first."""
MOST_TRIES = 20
"""How often to stop again in the background. Where nothing can stop this process that would never end."""


def is_ignored() -> bool:
    """Whether the parent process had SIGTSTP ignored; to be asked before that signal gets a handler."""
    return signal.getsignal(signal.SIGTSTP) == signal.SIG_IGN


def has_shell() -> bool:
    """Whether there may be a shell that would bring a stopped process back.

    Not in the process group that the session began with, as in a terminal that runs nothing else: a shell that
    controls jobs gives each a group of its own.
    """
    return os.getsid(0) != os.getpgrp()


def stop_group() -> None:
    """Stop with all processes of the group, as Ctrl+Z does; returns when the shell continues them.

    Returns at once where the kernel lets nobody stop, for there is nobody to continue.
    """
    _signal_by_default(signal.SIGTSTP, 0)


def stop_alone() -> None:
    """Stop whatever the kernel thinks of it: whoever asked for it knows how it goes on."""
    os.kill(os.getpid(), signal.SIGSTOP)
    time.sleep(PAUSE)


def wait_for_foreground(descriptor: int, *, unless: Callable[[], bool]) -> None:
    """Stop again and again as long as the terminal belongs to another job, as after the shell's `bg`.

    Returns also when `unless` holds after a continuation, as after the shell's `kill`.
    """
    for _ in range(MOST_TRIES):
        if unless():
            return
        try:
            if os.tcgetpgrp(descriptor) == os.getpgrp():
                return
        except OSError:  # no terminal, or it is gone
            return
        _signal_by_default(signal.SIGTTOU, os.getpid())


def _signal_by_default(number: signal.Signals, receiver: int) -> None:
    before = signal.signal(number, signal.SIG_DFL)
    try:
        os.kill(receiver, number)
        time.sleep(PAUSE)
    finally:
        signal.signal(number, before)
