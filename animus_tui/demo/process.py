"""The demo server as a child process of the application. Imports hardly more than the standard library."""

import os
import socket
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

CLOSE_TIMEOUT = 0.5
"""Seconds that the child has to end by itself."""
BACKLOG = 128


def _environment() -> dict[str, str]:
    """What the child may know: nothing that is set for the application, but what is set for the demo itself."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.upper().startswith("ANIMUS_") or name.startswith("ANIMUS_DEMO_")
    }


class DemoProcess:
    """Starts the server and ends it. The address is known at once: connections wait while the child imports.

    The child reads a pipe that only this process holds open, so it ends with it, even when that is killed.
    """

    def __init__(self) -> None:
        """Bind a loopback port; OSError when there is none."""
        self.api_key = f"demo-{os.urandom(16).hex()}"
        self._sock = socket.create_server(("127.0.0.1", 0), backlog=BACKLOG)
        self.url = f"http://127.0.0.1:{self._sock.getsockname()[1]}"
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def base_url(self) -> str:
        """Chat and pictures."""
        return f"{self.url}/v3"

    @property
    def generation_url(self) -> str:
        """Pictures as jobs."""
        return f"{self.url}/v2"

    @property
    def pid(self) -> int | None:
        """The child's process id, while it runs."""
        return self._child.pid if self._child is not None else None

    def start(self) -> Self:
        """Start the child; OSError when it cannot be started."""
        fd = self._sock.fileno()
        self._child = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-m", "animus_tui.demo", "--fd", str(fd), "--parent-pipe"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(fd,),
            env=_environment() | {"ANIMUS_DEMO_KEY": self.api_key},
            # The package is found in its own place and nothing is imported from the user's current folder.
            cwd=Path(__file__).parents[2],
            # Ctrl+C in the terminal is for the application; it ends the child in its own time.
            start_new_session=True,
        )
        # Only the child listens from now on, so that its end is noticed as a refused connection.
        self._sock.close()
        return self

    def close(self) -> None:
        """End the child: by closing its pipe, after half a second by force. Safe to call twice."""
        self._sock.close()
        child, self._child = self._child, None
        if child is None:
            return
        if child.stdin is not None:
            child.stdin.close()
        try:
            child.wait(CLOSE_TIMEOUT)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
