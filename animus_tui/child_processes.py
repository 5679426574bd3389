"""The processes that the application starts: their environment and their end. Imports the standard library only."""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

PATIENCE = 2.0
"""Seconds that a process gets to end by itself once it was asked to."""
OWN = "ANIMUS_"
"""How the names of our own variables begin; the key and the address of a token provider are among them."""


def child_environment(
    env: Mapping[str, str] | None = None, *, only: Collection[str] | None = None
) -> dict[str, str]:
    """What a child may know of `env`, this process's own by default: nothing that is set for the application.

    `only`: names of the variables that are passed on, for a child that needs few.
    """
    known = os.environ if env is None else env
    return {
        name: value
        for name, value in known.items()
        if not name.upper().startswith(OWN) and (only is None or name in only)
    }


async def end_process(process: asyncio.subprocess.Process) -> None:
    """Ask a process to end and wait for its end, at the latest by force; nothing when it has ended already."""
    for end in (process.terminate, process.kill):
        if process.returncode is None:
            with suppress(ProcessLookupError):
                end()
            with suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE):
                    await process.wait()
