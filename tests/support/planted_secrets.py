"""The planted secrets, and who looks for them in a whole test run."""

from __future__ import annotations

import logging
from pathlib import Path

from tests.support import backend_client, chat_service, program

SECRETS = (chat_service.KEY, chat_service.TOKEN, backend_client.SECRET, backend_client.TOKEN, program.PLANTED)
"""API keys, and tokens of token providers, that the tests sign in with."""
WRITTEN_BY_TESTS = (".toml", ".py")
"""Files in which a test itself writes a secret: configurations, and scripts for other processes."""


def tells_a_secret(text: str) -> bool:
    """Whether one of them stands in the text."""
    return any(secret in text for secret in SECRETS)


class Watch(logging.Handler):
    """Keeps the log records that hold a secret, in their words or in their traceback."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.leaks: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if tells_a_secret(self.format(record)):
            self.leaks.append(f"{record.name}: {record.getMessage()}")


def files_with_a_secret(folder: Path) -> list[str]:
    """The files below a folder that hold one, other than those in which a test wrote it."""
    return [
        str(path)
        for path in folder.rglob("*")
        if path.is_file() and path.suffix not in WRITTEN_BY_TESTS and _holds_a_secret(path.read_bytes())
    ]


def _holds_a_secret(data: bytes) -> bool:
    return any(secret.encode() in data for secret in SECRETS)
