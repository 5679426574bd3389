"""The text of a file of settings, whatever has its name: a file, what a shell hands on, or something without an end."""

from __future__ import annotations

import os
import select
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

MOST_BYTES = 1024 * 1024
"""Bytes that are read at most."""
PATIENCE = 10.0
"""Seconds of silence after which a named pipe, which nobody may ever write into, is given up."""


class UnfitFileError(Exception):
    """What has the name cannot be a file of settings. The text ends a sentence that names it."""


def settings_text(path: Path) -> str:
    """The text, without a byte order mark and with plain line ends. UnfitFileError, UnicodeDecodeError, OSError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        data = b""
        while len(data) <= MOST_BYTES:
            if not select.select([descriptor], [], [], PATIENCE)[0]:
                raise UnfitFileError(f"nothing came out of it for {PATIENCE:g} s")
            part = os.read(descriptor, MOST_BYTES + 1)
            if not part:
                # Some editors begin a file with a byte order mark, which TOML does not know.
                return data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
            data += part
    finally:
        os.close(descriptor)
    raise UnfitFileError("it is longer than 1 MiB, so it cannot be a configuration")
