"""The entries of `history.json` as lines of bytes: where each begins in the file, and how they are read from there."""

from __future__ import annotations

import os
from array import array
from bisect import bisect_left
from itertools import accumulate
from typing import TYPE_CHECKING

from animus_tui.chat.storage.history_format import BETWEEN, OPENING, OWN_PICTURE
from animus_tui.chat.storage.second_copy import Descriptor

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

RUN = 128 * 1024
"""Bytes that are read at once where many entries are."""
STEP = 4 << 20
"""Bytes that are held at once while entries are only counted."""


class Lines:
    """One line per entry. Only the last one is ever changed in place: all others stay readable in every copy."""

    def __init__(self, held: list[bytes] | None = None, path: Path | None = None) -> None:
        self._path = path
        self.held = held
        """The entries themselves, while they do not stand in a file that is laid out one entry a line."""
        self.descriptor: Descriptor | None = None
        """Of the file that has the entries. Without it their path is opened for each look into the file."""
        self.starts = array("q")
        self.end = len(OPENING)
        """Where the last entry ends."""

    def __len__(self) -> int:
        return len(self.starts) if self.held is None else len(self.held)

    def copy(self) -> Lines:
        """The entries of this moment, for another thread; it costs eight bytes an entry."""
        lines = Lines(self.held, self._path)
        lines.descriptor, lines.starts, lines.end = self.descriptor, self.starts[:], self.end
        return lines

    def read(self, first: int, past: int) -> list[bytes]:
        """The entries from `first` to before `past`. OSError; cut short where another program cut the file."""
        if self.held is not None:
            return self.held[first:past]
        begin = self.starts[first] if first < len(self.starts) else self.end
        stops = [start - len(BETWEEN) for start in self.starts[first + 1 : past + 1]]
        if past >= len(self.starts):
            stops.append(self.end)
        data = self.pread(begin, stops[-1] - begin) if stops else b""
        return [
            data[start - begin : stop - begin]
            for start, stop in zip(self.starts[first:past], stops, strict=False)
        ]

    def run_from(self, first: int) -> list[bytes]:
        """The entry at `first` and as many after it as are worth reading at once. OSError."""
        if self.held is not None:
            return self.held[first:]
        return self.read(first, bisect_left(self.starts, self.starts[first] + RUN, first + 1))

    def pread(self, offset: int, size: int | None = None) -> bytes:
        """Bytes of the file, by default all that follow. OSError."""
        descriptor = self.descriptor
        if descriptor is None:
            if self._path is None:
                return b""
            descriptor = Descriptor(os.open(self._path, os.O_RDONLY | os.O_CLOEXEC))
        if size is None:
            size = max(0, os.fstat(descriptor.number).st_size - offset)
        return os.pread(descriptor.number, size, offset)

    def clear(self, held: list[bytes] | None = None) -> None:
        """Forget all entries; `held` are the new ones, unless they are to be counted with `count`."""
        self.held, self.starts, self.end = held, array("q"), len(OPENING)

    def count(self, lines: Sequence[bytes]) -> None:
        """Append entries that the file has behind the known ones."""
        start = self.end + len(BETWEEN) if self.starts else self.end
        starts = list(accumulate([len(line) + len(BETWEEN) for line in lines], initial=start))
        if lines:
            self.end = starts.pop() - len(BETWEEN)
            self.starts.extend(starts)

    def cut(self, first: int) -> None:
        """Forget the entries from `first` on."""
        if first < len(self.starts):
            self.end = self.starts[first] - (len(BETWEEN) if first else 0)
            del self.starts[first:]


def count_entries(descriptor: int, size: int) -> tuple[int, int]:
    """How many entries a file of this size in our own layout has, and where its last picture is mentioned, or -1.

    Nothing is decoded: ten thousand messages take some 3 ms. OSError.
    """
    breaks, picture = 0, -1
    for offset in range(0, size, STEP):
        part = os.pread(descriptor, STEP + len(OWN_PICTURE) - 1, offset)
        breaks += part.count(b"\n", 0, STEP)
        found = part.rfind(OWN_PICTURE)
        picture = offset + found if found >= 0 else picture
    # One break after the opening bracket, one between two entries, and two around the closing bracket.
    return breaks - 2, picture
