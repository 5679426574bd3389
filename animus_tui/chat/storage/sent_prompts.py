"""The input history of the prompt, across conversations: `prompts.jsonl` in the data directory.

Whatever is wrong with the file, nothing else depends on it. Each line is `{"text": …}`; a line that is none
is left out. Several running applications append to the same file.
"""

from __future__ import annotations

import fcntl
import logging
import os
from contextlib import contextmanager, suppress
from stat import S_ISREG
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from animus_tui.atomic import ensure_folder
from animus_tui.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


log = logging.getLogger(__name__)

NAME = "prompts.jsonl"
MOST_BYTES = 256 << 10
"""Bytes from the end of the file that are read; where it has twice as many, only these are kept."""
LONGEST = 8_000
"""Characters of a text that is kept; a longer one was pasted."""


class _Line(Struct):
    text: str


class SentPrompts:
    """Adds to the file and reads it; both methods wait for the disk, so they are to be called in a thread."""

    def __init__(self, data: Path) -> None:
        """`data`: the data directory."""
        self._path = data / NAME

    def add(self, text: str) -> None:
        """Append a text that was sent; a failure is only logged."""
        if not text.strip() or len(text) > LONGEST:
            return
        try:
            ensure_folder(self._path.parent)
            with self._open(os.O_RDWR | os.O_CREAT) as file:
                size = os.fstat(file).st_size
                line = msgspec.json.encode(_Line(text)) + b"\n"
                if size and os.pread(file, 1, size - 1) != b"\n":  # a line that a crash tore
                    line = b"\n" + line
                os.pwrite(file, line, size)
                if size > 2 * MOST_BYTES:
                    _shorten(file)
        except (OSError, UnicodeError) as error:
            log.warning("%s could not be written: %s", self._path, error)

    def read(self) -> list[str]:
        """The newest texts, oldest first, each one once and printable; none where nothing can be read."""
        try:
            with self._open(os.O_RDONLY) as file:
                data = _end_of(file)
        except FileNotFoundError:
            return []
        except OSError as error:
            log.warning("%s could not be read: %s", self._path, error)
            return []
        newest_first: dict[str, None] = {}
        for line in reversed(data.splitlines()):
            with suppress(msgspec.DecodeError, UnicodeError, RecursionError):
                text = printable(msgspec.json.decode(line, type=_Line).text)
                if text.strip() and len(text) <= LONGEST:
                    newest_first.setdefault(text)
        return list(newest_first)[::-1]

    @contextmanager
    def _open(self, flags: int) -> Iterator[int]:
        """The file, for one application at a time where the file system knows locks. OSError."""
        file = os.open(self._path, flags | os.O_NONBLOCK | os.O_CLOEXEC, 0o600)
        try:
            if not S_ISREG(os.fstat(file).st_mode):
                raise OSError("it is no file")
            with suppress(OSError):
                fcntl.flock(file, fcntl.LOCK_SH if flags == os.O_RDONLY else fcntl.LOCK_EX)
            yield file
        finally:
            os.close(file)


def _end_of(file: int) -> bytes:
    """The whole lines among the last bytes."""
    size = os.fstat(file).st_size
    data = os.pread(file, MOST_BYTES, max(0, size - MOST_BYTES))
    return data if size <= MOST_BYTES else data.partition(b"\n")[2]


def _shorten(file: int) -> None:
    """Keep the end: written over the beginning, so that a crash leaves lines twice and loses none."""
    kept = _end_of(file)
    os.pwrite(file, kept, 0)
    os.ftruncate(file, len(kept))
