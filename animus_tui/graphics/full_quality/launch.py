"""A picture in full quality on the whole terminal, while the application steps aside."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from animus_tui.child_processes import end_process
from animus_tui.graphics.decoding.decoder import environment
from animus_tui.graphics.full_quality.alternate_screen import AlternateScreen

if TYPE_CHECKING:
    from pathlib import Path

    from animus_tui.graphics.probe.capabilities import Terminal
    from animus_tui.graphics.probe.known_terminals import Viewer

_OF_TERMINAL = ("TERM", "COLORTERM", "TERM_PROGRAM", "TERM_PROGRAM_VERSION")
_STOPPED = "The picture could not be shown in full quality: the viewer stopped before it was done."


async def show_full_quality(path: Path, *, size: tuple[int, int], terminal: Terminal) -> str | None:
    """Show the picture in the file, of `size` in pixels, until any key is pressed. What went wrong, in one sentence.

    The terminal must be nobody else's meanwhile; it is afterwards as it was, however the viewer ended. The event
    loop goes on. When this is cancelled, the viewer ends. ValueError where `terminal.viewer` is None.
    """
    style = terminal.viewer
    if style is None:
        raise ValueError("this terminal takes no pixels")
    with AlternateScreen(sys.stdin.fileno(), sys.stdout.fileno(), style):
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-P",  # nothing is imported from the current folder
                "-m",
                "animus_tui.graphics.full_quality.viewer_process",
                *_arguments(terminal, style, size),
                "--",
                str(path),
                stderr=asyncio.subprocess.DEVNULL,
                env=environment(*_OF_TERMINAL),
            )
        except OSError as error:
            return f"The viewer could not be started: {error.strerror or error}."
        try:
            code = await process.wait()
        finally:
            await end_process(process)
    return _STOPPED if code else None


def _arguments(terminal: Terminal, style: Viewer, size: tuple[int, int]) -> list[str]:
    ground = bytes(terminal.background or (0, 0, 0)).hex()
    told = [
        f"--style={style}",
        f"--size={size[0]}x{size[1]}",
        f"--ratio={terminal.cell_ratio}",
        f"--ground={ground}",
    ]
    return [*told, f"--cell={terminal.cell_size[0]}x{terminal.cell_size[1]}"] if terminal.cell_size else told
