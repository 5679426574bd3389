"""Text goes to the clipboard: through the terminal and, where there is one, through a program of the system.

The terminal is asked with OSC 52, which also works from another machine; whether it obeys cannot be known. tmux
passes that on only where its `set-clipboard` is `on`, which is not the default; `tmux load-buffer -w` it always
obeys: the text is then in a buffer of tmux and goes to the terminal around it.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec import Struct

from animus_tui.child_processes import child_environment
from animus_tui.printable import printable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from textual.app import App

PATIENCE = 3.0
"""Seconds that a program may take."""


class Program(Struct, frozen=True):
    """One that reads a text and puts it on a clipboard."""

    name: str
    arguments: tuple[str, ...] = ()
    encoding: str = "utf-8"


TMUX = (
    # With `on` the terminal was asked already: a second time would be a second buffer.
    Program("tmux", ("if-shell", "-F", "#{==:#{set-clipboard},on}", "", "load-buffer -w -")),
    Program("tmux", ("load-buffer", "-")),  # before 3.2
)
WINDOWS = Program("clip.exe", encoding="utf-16-le")
MACOS = Program("pbcopy")
WAYLAND = Program("wl-copy", ("--type", "text/plain"))
X11 = (
    Program("xclip", ("-selection", "clipboard", "-in")),
    Program("xsel", ("--clipboard", "--input")),
)


class Copied(NamedTuple):
    """What was put on the clipboard."""

    text: str
    """As it stands there."""
    programs: tuple[str, ...]
    """The programs that took it; the terminal does not say whether it did."""

    @property
    def sentence(self) -> str:
        """What to tell the user."""
        return told(self.text)


def told(text: str) -> str:
    """One sentence on a copied text: `Copied 3 lines`, `Copied 412 characters`."""
    lines = text.strip("\n").count("\n") + 1
    number, noun = (lines, "line") if lines > 1 else (len(text.strip("\n")), "character")
    if not text:
        return "There is nothing to copy"
    return f"Copied {number:,} {noun}" + ("" if number == 1 else "s")


def clipboards(env: Mapping[str, str], platform: str = sys.platform) -> list[Sequence[Program]]:
    """For each clipboard that there seems to be the programs that could reach it, the best one first."""
    found: list[Sequence[Program]] = []
    if env.get("TMUX"):
        found.append(TMUX)
    if env.get("WSL_DISTRO_NAME") or env.get("WSL_INTEROP"):
        found.append((WINDOWS,))
    elif platform == "darwin":
        found.append((MACOS,))
    else:
        wayland = (WAYLAND,) if env.get("WAYLAND_DISPLAY") else ()
        x11 = X11 if env.get("DISPLAY") else ()
        found.append((*wayland, *x11))
    return [programs for programs in found if programs]


async def copy(app: App[Any], text: str, env: Mapping[str, str] | None = None) -> Copied:
    """Put a text, made printable, on every clipboard that is there; nothing happens for none.

    It never fails, and takes PATIENCE at most for each program that hangs. `env` is where the programs run.
    """
    text = await asyncio.to_thread(printable, text)
    if not text:
        return Copied(text, ())
    app.copy_to_clipboard(text)
    env = os.environ if env is None else env
    taken = await asyncio.gather(*(_first_that_takes(text, programs, env) for programs in clipboards(env)))
    return Copied(text, tuple(name for name in taken if name is not None))


async def _first_that_takes(text: str, programs: Sequence[Program], env: Mapping[str, str]) -> str | None:
    for program in programs:
        # Not here: under WSL the path leads through folders of Windows, which are slow.
        path = await asyncio.to_thread(shutil.which, program.name, path=env.get("PATH"))
        if path is not None and await _takes(path, program, text, env):
            return program.name
    return None


async def _takes(path: str, program: Program, text: str, env: Mapping[str, str]) -> bool:
    """Give the text to one program, in a session of its own: some stay behind to hand it out."""
    try:
        process = await asyncio.create_subprocess_exec(
            path,
            *program.arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,  # not a pipe, which would stay open in what stays behind
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
            env=child_environment(env),
        )
    except OSError:
        return False
    try:
        async with asyncio.timeout(PATIENCE):
            await process.communicate(text.encode(program.encoding))
    except TimeoutError:
        return False
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
    return process.returncode == 0
