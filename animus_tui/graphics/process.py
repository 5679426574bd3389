"""The decoding process as the application sees it: started when it is needed, asked, ended."""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import suppress
from pathlib import Path

import msgspec

from animus_tui.child_environment import child_environment
from animus_tui.graphics.protocol import PREFIX_BYTES, Reply, Request, frame, frame_length, most_reply_bytes

_PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PYTHONHOME", "TMPDIR", "LANG", "LC_ALL")
"""Variables that loading Python may need. No others: the environment may hold secrets."""

_ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
"""numpy's linear algebra would start a thread a core, with some 30 MB of address space each, for tiny matrices."""


class ProcessDiedError(Exception):
    """The process ended, or answered with something that is no answer."""


class DecodingProcess:
    """A warm process for one request at a time. It has no terminal, and ends when the application does."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        """Its number, None while it is not running."""
        process = self._process
        return process.pid if process is not None and process.returncode is None else None

    async def ask(self, request: Request) -> Reply:
        """The answer. After ProcessDiedError or a cancellation `end` must follow."""
        try:
            stdin, stdout = await self._pipes()
            stdin.write(frame(request))
            await stdin.drain()
            length = frame_length(await stdout.readexactly(PREFIX_BYTES), most_reply_bytes(request))
            reply: Reply = msgspec.msgpack.decode(await stdout.readexactly(length), type=Reply)
        except (OSError, EOFError, ValueError, msgspec.MsgspecError) as error:
            raise ProcessDiedError(str(error)) from error
        return reply

    async def _pipes(self) -> tuple[asyncio.StreamWriter, asyncio.StreamReader]:
        """To the process and from it, started anew when there is none or it has ended."""
        process = self._process
        if process is None or process.returncode is not None:
            await self.end()
            process = self._process = await _start()
        if process.stdin is None or process.stdout is None:
            raise EOFError
        return process.stdin, process.stdout

    async def end(self) -> None:
        """Kill the process and wait until it and its pipes are gone."""
        process, self._process = self._process, None
        if process is None:
            return
        with suppress(ProcessLookupError):
            process.kill()
        if process.stdin is not None:
            process.stdin.close()
        # Unlike wait(), this reads what is left in the pipe, without which its transport would not close.
        await process.communicate()


async def _start() -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",  # nothing is imported from the current folder
        "-m",
        "animus_tui.graphics.worker",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,  # no terminal to ask, no Ctrl+C
        env=environment(),
    )


def environment(*more: str) -> dict[str, str]:
    """What a process needs, `more` variables, and the import path, so that it imports what the application would."""
    return (
        child_environment(only=(*_PASSED_ON, *more))
        | _ONE_THREAD
        | {"PYTHONPATH": os.pathsep.join(str(Path(entry).absolute()) for entry in sys.path)}
    )
