"""The log: warnings and unexpected errors go to one file, never to the terminal."""

from __future__ import annotations

import logging
import os
import sys
from typing import TYPE_CHECKING

from animus_tui.addresses import Redactor, credentials_in
from animus_tui.atomic import ensure_folder
from animus_tui.paths import log_file
from animus_tui.printable import printable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from animus_tui.config.schema import ApiConfig, ImageConfig

LOG_SIZE = 1_000_000
"""Bytes; then the file becomes `….log.1` and a new one begins."""
redact = Redactor()
"""Knows the secrets of this process: those of the configuration, and the tokens that a client was given."""


class LogFile(logging.Handler):
    """Writes to a file that only its owner can read; the file is made with the first line.

    `logging.handlers` has the like, but takes 4 ms of a start, and makes files that others can read.
    """

    def __init__(self, path: Path, *, most: int = LOG_SIZE) -> None:
        """`most`: bytes of the file."""
        super().__init__()
        self._path = path
        self._most = most

    def emit(self, record: logging.LogRecord) -> None:
        """Append the record as a line."""
        try:
            line = f"{self.format(record)}\n".encode(errors="backslashreplace")
            ensure_folder(self._path.parent)
            if self._path.is_file() and self._path.stat().st_size + len(line) > self._most:
                self._path.replace(self._path.with_name(f"{self._path.name}.1"))
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
            with open(descriptor, "ab") as file:  # noqa: PTH123 (a descriptor)
                file.write(line)
        except Exception:  # noqa: BLE001 (as every handler does: what logs must not fail)
            self.handleError(record)


class CleanLines(logging.Formatter):
    """Lines without secrets and without anything that a terminal would obey."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as text."""
        # Before and after: what is taken out may have stood in the middle of a secret, or be a part of it.
        return redact(printable(redact(super().format(record))))


def start_logging(env: Mapping[str, str]) -> None:
    """Send warnings and worse to the log file. Nothing is written, and no file made, before there is one."""
    # A log that cannot be written must not end up on the screen.
    logging.raiseExceptions = False
    handler = LogFile(log_file(env))
    handler.setFormatter(CleanLines("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.setLevel(logging.WARNING)
    root.handlers[:] = [handler]
    logging.captureWarnings(capture=True)
    # Python would tell on the terminal of an error where nobody can catch it, such as Ctrl+C in a finalizer.
    sys.unraisablehook = _log_unraisable


def _log_unraisable(what: sys.UnraisableHookArgs) -> None:
    if what.exc_value is not None:
        told = what.exc_type, what.exc_value, what.exc_traceback
        logging.getLogger("animus_tui").error("Ignored in %r", what.object, exc_info=told)


def keep_secret(api: ApiConfig, images: ImageConfig | None = None) -> None:
    """Never write these secrets to the log."""
    provider = api.token_provider_url or ""
    in_addresses = credentials_in(provider, api.base_url, api.generation_url)
    for secret in (api.api_key or "", (images and images.api_key) or "", provider, *in_addresses):
        redact.learn(secret)
