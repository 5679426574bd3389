"""Runs a command so that whatever goes wrong is one sentence and an exit code, never a traceback."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from animus_tui.cli.logs import start_logging
from animus_tui.cli.output import FAILED, INTERRUPTED, WRONG_USAGE, complain, drop_output
from animus_tui.errors import UsageError, UserError
from animus_tui.paths import log_file

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def guarded(command: Callable[[], int], env: Mapping[str, str]) -> int:
    """Run the command; its exit code, or the one that fits its error."""
    try:
        start_logging(env)
        return command()
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 (the last resort: a sentence, and the traceback for the log)
        return _report(_single_error(error), env)


def _report(error: Exception, env: Mapping[str, str]) -> int:
    """Say what went wrong; the exit code."""
    match error:
        case UserError():
            complain(str(error))
            return WRONG_USAGE if isinstance(error, UsageError) else FAILED
        case BrokenPipeError():
            drop_output()
        case _:
            logging.getLogger("animus_tui").error("Unexpected error", exc_info=error)
            path = log_file(env)
            where = f"{path} has the details" if path.exists() else "the details could not be written"
            complain(f"Something went wrong that should not have; {where}.")
    return FAILED


def _single_error(error: Exception) -> Exception:
    """The one error in a task group's exception group; a group of several stays a group."""
    while isinstance(error, ExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return error
