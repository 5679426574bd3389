"""A text in the user's editor, on the terminal that the application has given back."""

from __future__ import annotations

import asyncio
import os
import shlex
import shutil
import signal
from contextlib import contextmanager
from pathlib import Path
from tempfile import gettempdir
from typing import TYPE_CHECKING, TypeVar

from textual.app import SuspendNotSupported

from animus_tui.atomic import new_file, write_all
from animus_tui.chat.storage.temporary import EDITED
from animus_tui.child_processes import child_environment, end_process
from animus_tui.errors import UserError
from animus_tui.locked_folders import LockedFolder

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
    from typing import Any

    from textual.app import App

T = TypeVar("T")

NAMED_BY = ("VISUAL", "EDITOR")
USUAL = ("nano", "vi")
"""Editors that are looked for where no variable names one."""
FILE = "message.md"


def editor_command(env: Mapping[str, str] | None = None) -> list[str]:
    """The editor that `$VISUAL` or else `$EDITOR` names, with its arguments. UserError where there is none."""
    env = os.environ if env is None else env
    for variable in NAMED_BY:
        if value := env.get(variable, "").strip():
            return _checked(variable, value, env)
    for name in USUAL:
        if shutil.which(name, path=env.get("PATH")):
            return [name]
    raise UserError("There is no editor to open: set VISUAL or EDITOR to the command of one.")


def _checked(variable: str, value: str, env: Mapping[str, str]) -> list[str]:
    try:
        command = shlex.split(value)
    except ValueError as error:
        raise UserError(f"{variable} is not a command: {error}. Set it to one such as “nano”.") from error
    if not command or shutil.which(command[0], path=env.get("PATH")) is None:
        name = command[0] if command else value
        raise UserError(f"The editor “{name}” cannot be found: set {variable} to one that is installed.")
    return command


async def edit(text: str, command: Sequence[str], *, folder: Path | None = None) -> str:
    """The text as the editor left it. UserError when that cannot be started, or says that it failed.

    The terminal must be nobody else's meanwhile. The file is private and gone afterwards, with all that the editor
    put beside it; `folder`: where its own folder is made. When this is cancelled, the editor ends.
    """
    try:
        with LockedFolder(folder or _runtime_folder(), EDITED) as own:
            path = own.path / FILE
            file = new_file(path, 0o600)
            try:
                # With the line break at its end that a text file has; it goes again.
                write_all(file, f"{text}\n".encode("utf-8", "replace") if text else b"", 0)
            finally:
                os.close(file)
            await _run([*command, str(path)], own.lock, so=", so the message stays as it was")
            edited = path.read_bytes().decode("utf-8", "replace")
    except OSError as error:
        raise UserError(
            f"The message could not be edited: {error.strerror or error}. It stays as it was."
        ) from error
    return edited.removesuffix("\n")


async def edit_file(path: Path, command: Sequence[str]) -> None:
    """Let the editor have a file. UserError when that cannot be started, or says that it failed."""
    try:
        await _run([*command, str(path)])
    except OSError as error:
        raise UserError(f"{path} could not be edited: {error.strerror or error}.") from error


async def while_suspended(app: App[Any], doing: Callable[[], Awaitable[T]]) -> T:
    """Do something on the terminal, which the application gives back for as long; UserError also when it cannot."""
    try:
        with app.batch_update(), app.suspend():
            # What is raised must not end the suspension by an exception: the terminal would not come back.
            (outcome,) = await asyncio.gather(doing(), return_exceptions=True)
    except SuspendNotSupported as error:
        raise UserError("There is no editor here: this terminal belongs to another program.") from error
    if isinstance(outcome, BaseException):
        raise outcome
    return outcome


def _runtime_folder() -> Path:
    """The user's own folder in memory, where there is one, else the system's folder for temporary files."""
    folder = os.environ.get("XDG_RUNTIME_DIR", "")
    return Path(folder if folder and os.access(folder, os.W_OK | os.X_OK) else gettempdir())


async def _run(command: Sequence[str], lock: int | None = None, *, so: str = "") -> None:
    """`so` ends the sentence of an editor that failed.

    `lock` is a descriptor that the editor has as long as it lives, also when this process is killed.
    """
    kept = () if lock is None else (lock,)
    with _keyboard_signals_ignored():
        process = await asyncio.create_subprocess_exec(*command, env=child_environment(), pass_fds=kept)
        try:
            code = await process.wait()
        finally:
            await end_process(process)
    if code:
        how = f"with code {code}" if code > 0 else f"by signal {-code}"
        raise UserError(f"The editor ended {how}{so}.")


@contextmanager
def _keyboard_signals_ignored() -> Iterator[None]:
    """Ctrl+C and Ctrl+\\ are for the editor, which the terminal sends them to together with this process."""
    # A function and not SIG_IGN, which the editor would inherit.
    before = {number: signal.signal(number, lambda *_: None) for number in (signal.SIGINT, signal.SIGQUIT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
