"""aimock, a server with OpenAI's API that nobody here wrote: it runs where its command `llmock` is installed.

Its fixtures say what it answers to which words of the last message, the first that fits. It refuses all others.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import httpx


def why_missing() -> str:
    """Why it cannot be run here; empty where it can."""
    if shutil.which("llmock") is None:
        return "not installed: llmock (npm install -g @copilotkit/aimock)"
    return ""


class AimockServer(NamedTuple):
    """Where it listens, and the key that it wants."""

    url: str
    key: str

    @property
    def base_url(self) -> str:
        """The address of OpenAI's API."""
        return f"{self.url}/v1"

    def asked(self, words: str, path: str = "/v1/") -> list[dict[str, Any]]:
        """The requests whose last message has these words, as its journal has them: `path`, `headers`, `body`."""
        entries = self._control("GET", "journal").json()
        return [entry for entry in entries if entry["path"].startswith(path) and words in _last_words(entry)]

    def add(self, *fixtures: dict[str, Any]) -> None:
        """Have it answer by these fixtures, too."""
        self._control("POST", "fixtures", {"fixtures": fixtures})

    def fail_once(self, status: int, message: str) -> None:
        """Have it refuse the next request, whatever that is."""
        self._control("POST", "error", {"status": status, "body": {"message": message}})

    def _control(self, method: str, what: str, body: object = None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.key}"}
        with httpx.Client(trust_env=False, timeout=60) as client:
            answer = client.request(method, f"{self.url}/__aimock/{what}", json=body, headers=headers)
        return answer.raise_for_status()


@contextmanager
def aimock_server(folder: Path, key: str, fixtures: Sequence[dict[str, Any]]) -> Iterator[AimockServer]:
    """A server that answers by these fixtures, which are written to a file in the folder."""
    command = shutil.which("llmock")
    assert command is not None
    file = folder / "fixtures.json"
    file.write_text(json.dumps({"fixtures": list(fixtures)}), encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    arguments = ["-p", str(port), "-f", str(file), "--strict", "--validate-on-load", "--log-level", "warn"]
    environment = {**os.environ, "AIMOCK_API_KEYS": key}
    with subprocess.Popen(
        [command, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, env=environment
    ) as process:
        try:
            while not _listens(port):
                assert process.poll() is None, "the server ended before it listened"
                time.sleep(0.05)
            yield AimockServer(f"http://127.0.0.1:{port}", key)
        finally:
            process.terminate()


def _listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def _last_words(entry: dict[str, Any]) -> str:
    """The text of the last message of the user, or the prompt of a picture, which it keeps as one."""
    messages = (entry["body"] or {}).get("messages", [])
    texts = [message["content"] for message in messages if message["role"] == "user"]
    last = texts[-1] if texts else ""
    return last if isinstance(last, str) else "".join(part.get("text", "") for part in last)
