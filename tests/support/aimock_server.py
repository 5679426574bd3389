"""aimock, a server with OpenAI's API that nobody here wrote: it runs where its command `llmock` is installed."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any


def why_missing() -> str:
    """Why it cannot be run here; empty where it can."""
    if shutil.which("llmock") is None:
        return "not installed: llmock (npm install -g @copilotkit/aimock)"
    return ""


@contextmanager
def aimock_server(folder: Path, fixtures: Sequence[dict[str, Any]]) -> Iterator[str]:
    """The address of a server that answers by these fixtures, which are written to a file in the folder."""
    command = shutil.which("llmock")
    assert command is not None
    file = folder / "fixtures.json"
    file.write_text(json.dumps({"fixtures": list(fixtures)}), encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    arguments = [command, "-p", str(port), "-f", str(file), "--strict", "--log-level", "silent"]
    with subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as process:
        try:
            while not _listens(port):
                assert process.poll() is None, "the server ended before it listened"
                time.sleep(0.05)
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            process.terminate()


def _listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False
