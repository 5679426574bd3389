"""A picture is handed to the viewer of the system, an address to its browser; both then live on their own."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from msgspec import Struct

from animus_tui.child_processes import child_environment
from animus_tui.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PATIENCE = 3.0
"""Seconds in which an opener says that it failed; whoever still runs then shows the picture itself."""
_LOOK = 0.05


class Opener(Struct, frozen=True):
    """A program that opens a file with whatever is meant for it."""

    name: str
    arguments: tuple[str, ...] = ()


def openers(env: Mapping[str, str], platform: str = sys.platform) -> tuple[Opener, ...]:
    """The programs that may be there, the best one first."""
    if platform == "darwin":
        return (Opener("open"),)
    if platform == "win32":
        return (Opener("cmd", ("/c", "start", "")),)
    windows = (Opener("wslview"),) if env.get("WSL_DISTRO_NAME") or env.get("WSL_INTEROP") else ()
    return (*windows, Opener("xdg-open"), Opener("gio", ("open",)))


def browse(url: str, env: Mapping[str, str] | None = None) -> None:
    """Open an address in the user's browser. It is not waited for, and has no terminal to write on."""
    # Python's own `webbrowser` knows the browsers of each system, but would give them our environment.
    command = [sys.executable, "-P", "-m", "webbrowser", "--", url]

    def run() -> None:
        with suppress(OSError):
            _start(command, env).wait()

    threading.Thread(target=run, daemon=True).start()


async def open_outside(path: Path, env: Mapping[str, str] | None = None) -> str:
    """Open the file; what to say then. Raises UserError."""
    env = os.environ if env is None else env
    if not await asyncio.to_thread(path.is_file):
        raise UserError("The picture's file is gone; make the picture again.")
    known = openers(env)
    for opener in known:
        program = await asyncio.to_thread(shutil.which, opener.name, path=env.get("PATH"))
        if program is not None:
            return await _opened([program, *opener.arguments, str(path)], opener.name, env)
    names = " or ".join(opener.name for opener in known)
    raise UserError(f"No program to open pictures was found: install {names}.")


async def _opened(command: list[str], name: str, env: Mapping[str, str]) -> str:
    try:
        process = await asyncio.to_thread(_start, command, env)
    except OSError as error:
        raise UserError(f"{name} could not be started: {error.strerror or error}.") from None
    # Not asyncio's own process, which would be killed together with the application.
    threading.Thread(target=process.wait, daemon=True).start()
    for _ in range(round(PATIENCE / _LOOK)):
        if process.returncode is not None:
            break
        await asyncio.sleep(_LOOK)
    if process.returncode:
        raise UserError(f"{name} could not open the picture; it ended with {process.returncode}.")
    return f"Opened with {name}"


def _start(command: list[str], env: Mapping[str, str] | None) -> subprocess.Popen[bytes]:
    """Start it without a terminal, in a session of its own, so that it outlives the application. OSError."""
    return subprocess.Popen(  # noqa: S603 (the command is ours, the path or address one argument)
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env=child_environment(env),
    )
