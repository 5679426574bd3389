"""What a command says: results on standard output, everything else as one sentence on standard error."""

from __future__ import annotations

import io
import os
import sys
from typing import TYPE_CHECKING

from animus_tui.errors import UserError
from animus_tui.printable import printable, safe_json
from animus_tui.taken_terminal import TERMINAL

if TYPE_CHECKING:
    from typing import TextIO

DONE, FAILED, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 130
"""Exit codes; 130 is what a shell expects after Ctrl+C (128 + SIGINT)."""


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a standard stream is a terminal; None is one that was closed."""
    return stream is not None and stream.isatty()


def say(text: str, end: str = "\n") -> None:
    """Write text to standard output at once, without what a terminal obeys: a pipe often ends at one, too."""
    _write(printable(text) + end)


def say_json(line: str) -> None:
    """Write a line of JSON to standard output; what a terminal obeys, or the encoding lacks, is escaped in it."""
    only_ascii = sys.stdout is not None and not sys.stdout.encoding.lower().startswith("utf")
    _write(safe_json(line, only_ascii=only_ascii) + "\n")


def _write(text: str) -> None:
    if sys.stdout is None:  # closed by the shell: >&-
        return
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        drop_output()
        raise UserError(_unwritable(error)) from None


def _unwritable(error: OSError) -> str:
    return f"Standard output cannot be written: {error.strerror or error}."


def complain(sentence: str) -> None:
    """Write one line to standard error, where the terminal shows what stays."""
    TERMINAL.give_back()
    if sys.stderr is None:
        return
    try:
        sys.stderr.write(f"animus-chat: {printable(sentence, newlines=False)}\n")
        sys.stderr.flush()
    except OSError:  # there is nowhere left to tell it
        drop_output(2)


def prepare_streams() -> None:
    """Characters that the encoding does not have, or bytes that are none, become `?` in place of an error.

    A standard stream that the shell closed is taken by the null device: the next file or pipe that is opened would
    get its number, and a child process would lose it.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def drop_output(number: int = 1) -> None:
    """After a standard stream failed: the interpreter's own last flush must not fail too and change the exit code."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), number)


def conclude(exit_code: int, text: str = "") -> int:
    """Say the last words; the exit code, or 1 when what was said does not arrive."""
    try:
        if sys.stdout is not None:
            sys.stdout.write(text)
            sys.stdout.flush()
    except OSError as error:
        drop_output()
        if not isinstance(error, BrokenPipeError):
            complain(_unwritable(error))
        return FAILED
    return exit_code


def well_formed(text: str) -> str:
    """Text from the command line without the stand-ins for bytes that were not UTF-8."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
