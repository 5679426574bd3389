"""A second copy of a file, which takes a change that spans memory pages and then takes the file's name.

A write that spans pages can be cut between two of them when the process is killed. So it goes into a copy that nobody
reads; the copy is flushed and renamed over the file, and what was the file until then becomes the second copy. Both
differ only at the end, where they were changed, so that a change costs the same whatever the length of the file.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from animus_tui.atomic import new_file, write_all

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

PAGE = 4096
"""Bytes; no system has smaller memory pages, and its larger ones begin at multiples of this."""
CHUNK = 1024 * 1024
"""Bytes that are copied at once."""


def is_in_one_page(begin: int, end: int) -> bool:
    """Whether one write from `begin` to before `end` cannot be cut: it lies within one memory page."""
    return begin // PAGE == (end - 1) // PAGE


class Descriptor:
    """An open file, closed when nobody can ask for anything in it any more."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __del__(self) -> None:
        os.close(self.number)


class BackgroundCopy:
    """A changed copy of a file, made in another thread before it is needed: first `make`, then `use`."""

    def __init__(
        self,
        path: Path,
        source: Descriptor,
        pieces: Iterable[bytes | tuple[int, int]],
        use: Callable[[BackgroundCopy], bool],
    ) -> None:
        """`pieces`: in order, bytes to write, and ranges of bytes to copy from the source, which stay as they are."""
        self.path = path
        self.descriptor: Descriptor | None = None
        """Of the copy, once it is on the disk."""
        self.size = 0
        """Bytes that were written."""
        self.former = [source]
        """Files that `close` closes."""
        self._pieces = pieces
        self._use = use
        self._is_unwanted = False

    def make(self) -> None:
        """Copy, in any thread. A disk that refuses is left for the next change to find out."""
        try:
            descriptor = Descriptor(new_file(self.path, 0o600))
            for piece in self._pieces:
                if isinstance(piece, bytes):
                    write_all(descriptor.number, piece, self.size)
                    self.size += len(piece)
                else:
                    self._copy(descriptor, *piece)
            os.fsync(descriptor.number)
        except OSError:
            self._is_unwanted = True
        else:
            self.descriptor = descriptor
        if self._is_unwanted:
            self.discard()

    def use(self) -> bool:
        """Use the copy, unless the file was rewritten or closed meanwhile; whether it is used. OSError."""
        return self._use(self)

    def close(self) -> None:
        """Close the file that was copied, in any thread: where it was deleted that takes 45 ms for 50 MB."""
        self.former.clear()

    def discard(self) -> None:
        """Delete the copy, now or as soon as it is made."""
        self._is_unwanted = True
        with suppress(OSError):
            self.path.unlink()

    def _copy(self, target: Descriptor, begin: int, end: int) -> None:
        for start in range(begin, end, CHUNK):
            if self._is_unwanted:
                return
            stop = min(start + CHUNK, end)
            copy_range(self.former[0], target, start, stop, self.size)
            self.size += stop - start


class SecondCopy:
    """The second copy of one file; made when it is needed first, which takes the time to copy the whole file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        # A crash may leave these; the names are those that `remove_leftovers` deletes.
        self._copy, self._former, self._early = (
            path.with_name(f".{path.name}.{name}.tmp") for name in ("next", "former", "ahead")
        )
        self._descriptor: Descriptor | None = None
        self._ahead: BackgroundCopy | None = None
        self._same = 0
        """Bytes from the beginning in which both are known to be the same."""

    def note_change(self, offset: int) -> None:
        """The file itself was changed from `offset` on."""
        self._same = min(self._same, offset)

    def write(self, file: Descriptor, offset: int, tail: bytes) -> Descriptor:
        """Replace the file by a copy that ends with `tail` from `offset` on; returns the new file.

        The copy is on the disk by then; its new name is once the folder is flushed. OSError: the file is as it was.
        """
        self._discard_ahead()
        try:
            copy = self._opened()
            self._same = min(self._same, offset)
            copy_range(file, copy, self._same, offset, self._same)
            write_all(copy.number, tail, offset)
            os.ftruncate(copy.number, offset + len(tail))
            os.fsync(copy.number)
            has_two_names = self._name_former()
            self._copy.replace(self._path)
        except OSError:
            self.discard()
            raise
        self._descriptor = None
        if has_two_names:
            with suppress(OSError):  # then the next change makes a new copy
                self._former.replace(self._copy)
                self._descriptor, self._same = file, offset
        return copy

    def ahead(self, file: Descriptor, end: int) -> BackgroundCopy | None:
        """A copy of the file up to `end`, to be made in a thread; None when there is one, or one is being made."""
        if self._descriptor is not None or self._ahead is not None:
            return None
        self._same = end
        self._ahead = BackgroundCopy(self._early, file, [(0, end)], self._take)
        return self._ahead

    def _take(self, ahead: BackgroundCopy) -> bool:
        """Use a copy that has been made, unless it has been discarded meanwhile."""
        if self._ahead is not ahead:
            return False
        self._ahead = None
        if ahead.descriptor is not None:
            with suppress(OSError):  # then the next change makes a copy
                ahead.path.replace(self._copy)
                self._descriptor = ahead.descriptor
                return True
        ahead.discard()
        return False

    def discard(self) -> list[Descriptor]:
        """Delete the copy, if there is one; returns its descriptors, which free its room once they are closed."""
        self._discard_ahead()
        if (descriptor := self._descriptor) is None:
            return []
        with suppress(OSError):
            self._copy.unlink()
        self._descriptor = None
        return [descriptor]

    def _discard_ahead(self) -> None:
        if self._ahead is not None:
            self._ahead.discard()
            self._ahead = None

    def _opened(self) -> Descriptor:
        if self._descriptor is None or not self._has_its_name(self._descriptor):
            self._descriptor, self._same = Descriptor(new_file(self._copy, 0o600)), 0
        return self._descriptor

    def _has_its_name(self, descriptor: Descriptor) -> bool:
        """Whether nobody has deleted or replaced the copy."""
        try:
            return os.path.samestat(os.fstat(descriptor.number), self._copy.lstat())
        except FileNotFoundError:
            return False

    def _name_former(self) -> bool:
        """Hard-link the present file under a second name; False where the file system has no hard links."""
        self._former.unlink(missing_ok=True)
        try:
            self._former.hardlink_to(self._path)
        except OSError:
            return False
        return True


def copy_range(source: Descriptor, target: Descriptor, begin: int, end: int, at: int) -> None:
    """Copy the bytes from `begin` to before `end` to the place `at` of another file; OSError."""
    while begin < end:
        data = os.pread(source.number, min(CHUNK, end - begin), begin)
        if not data:
            raise OSError("the file is shorter than it was")
        write_all(target.number, data, at)
        begin, at = begin + len(data), at + len(data)
