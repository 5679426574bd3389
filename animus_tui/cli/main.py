"""The command line, which `animus_tui.start` runs. What is not needed is not imported: `--help` answers at once."""

from __future__ import annotations

import gc
import os
import signal
import sys
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING

from animus_tui import __version__
from animus_tui.cli.output import conclude, prepare_streams
from animus_tui.taken_terminal import TERMINAL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from animus_tui.cli.arguments import Arguments

    Command = Callable[[Arguments, Mapping[str, str]], int]

COMMANDS = {
    "chat": ("chat", "run"),
    "send": ("send", "run"),
    "image": ("image", "run"),
    "conversations": ("conversations", "list_conversations"),
    "search": ("conversations", "search"),
    "show": ("conversations", "show"),
    "delete": ("conversations", "delete"),
    "export": ("transfer", "run_export"),
    "import": ("transfer", "run_import"),
    "characters": ("characters", "list_characters"),
    "character": ("characters", "run"),
    "init": ("init", "run"),
    "doctor": ("doctor", "run"),
    "completion": ("documents", "completion"),
    "man": ("documents", "man"),
    "demo-server": ("demo", "run"),
}
"""Command → its module in `animus_tui.cli`, and the function there that takes the arguments and the environment."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; the exit code: 0 done, 1 failed, 2 wrong usage or configuration, 130 Ctrl+C."""
    given = list(sys.argv[1:] if argv is None else argv)
    if given in (["--version"], ["-V"]):
        return conclude(0, f"animus-chat {__version__}\n")
    prepare_streams()
    with _ended_by_ctrl_c():
        return conclude(_run(given))


@contextmanager
def _ended_by_ctrl_c() -> Iterator[None]:
    """Let Ctrl+C end the process while it is loaded, which tells nothing; Python would print where it was."""
    before = signal.getsignal(signal.SIGINT)
    if before is not signal.default_int_handler:  # ignored by who started this, or it gives the terminal back
        yield
        return
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _commanded(arguments: Arguments) -> int:
    """Load the command and run it; from here on Ctrl+C is an exception."""
    command = command_named(arguments.command)
    if signal.getsignal(signal.SIGINT) in (signal.SIG_DFL, TERMINAL.end):
        signal.signal(signal.SIGINT, signal.default_int_handler)
    return command(arguments, os.environ)


def _run(given: list[str]) -> int:
    try:
        arguments = _parse(given)
    except SystemExit as leaving:  # --help, or an error that has been told
        return leaving.code if isinstance(leaving.code, int) else 0
    if arguments.command == "chat":
        # Nothing of what is made for the first frame is garbage, and looking for it takes a sixth of the time; once it
        # is painted the application turns this on again.
        gc.disable()
    from animus_tui.cli.guard import guarded  # 20 ms, which `--help` does without

    return guarded(lambda: _commanded(arguments), os.environ)


def _parse(given: list[str]) -> Arguments:
    """The arguments. SystemExit after `--help` (0) and after an error (2)."""
    # Here and below, not at the top: from here on Ctrl+C ends the process without a traceback.
    from animus_tui.cli.arguments import Arguments

    if not given:
        return Arguments()  # the application itself
    from animus_tui.cli.grammar import read  # 5 ms and argparse, which a start without arguments needs not

    return read(given)


def command_named(name: str) -> Command:
    """The function of a command; of all commands it alone is imported."""
    module, function = COMMANDS[name]
    command: Command = getattr(import_module(f"animus_tui.cli.{module}"), function)
    return command
