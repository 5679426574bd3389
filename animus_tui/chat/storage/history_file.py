"""`history.json` as bytes: a JSON array, one entry a line, valid at every moment.

A change at the end costs the same whatever the length of the file: one write in place where it fits into one memory
page, which nothing can cut; otherwise through a second copy that takes the file's name (`second_copy`). What changes
further up goes through a temporary file. Entries are lines here (`history_lines`);
what they mean is told in `history`.
"""

from __future__ import annotations

import os
from array import array
from contextlib import suppress
from datetime import UTC, datetime
from errno import EACCES, EINVAL, EPERM, EROFS
from functools import partial
from itertools import count
from stat import S_ISREG
from typing import TYPE_CHECKING, TypeVar

from animus_tui.atomic import set_mode, sync_folder, write_all, write_atomically
from animus_tui.chat.storage.history_format import BETWEEN, CLOSING, GROUP, OPENING, layout, parse
from animus_tui.chat.storage.history_lines import RUN, Lines
from animus_tui.chat.storage.second_copy import (
    BackgroundCopy,
    Descriptor,
    SecondCopy,
    copy_range,
    is_in_one_page,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

T = TypeVar("T")

READ_ATTEMPTS = 5
"""How often a file is read, at most, that another process changes meanwhile or that is damaged."""
DAMAGED_ATTEMPTS = 20
"""The same for a file that is both: whoever writes it never leaves it damaged."""
WORTH_COPYING_AHEAD = 1024 * 1024
"""Bytes of a file from which on nobody should wait for its second copy."""


def may_write(path: Path) -> bool:
    """Whether an existing file may be changed; also when there is none. OSError when it is no file."""
    try:
        fd = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return True
    except OSError as error:
        if error.errno in (EACCES, EPERM, EROFS):
            return False
        raise
    try:
        if not S_ISREG(os.fstat(fd).st_mode):
            raise OSError(EINVAL, f"{path.name} is no regular file")
    finally:
        os.close(fd)
    return True


def state_of(path: Path) -> tuple[int, ...]:
    """The state of a file, another one after each change; empty when it cannot be read."""
    try:
        found = path.stat()
    except OSError:
        return ()
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


class HistoryFile:
    """The file of one conversation: of its only writer, or of one that only reads. What reads or writes may OSError."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._size = 0
        self._identity: tuple[int, int] | None = None
        self._changed = 0
        """When what is open was changed last before it was opened, in nanoseconds since 1970."""
        self._is_doubtful = False
        self._is_name_durable = True
        self._is_replaced = False
        """Whether other entries are held than the file has, which is kept when it is rewritten."""
        self._second = SecondCopy(path)
        self._replaced: BackgroundCopy | None = None
        """The file with other lines, while it is made in another thread."""
        self.contents = Lines([], path)
        """The entries that are on disk."""
        self.is_damaged = False
        """What is on disk cannot be read in full; the next write keeps a copy of it."""
        self.has_turns = False
        """Whether entries may be turns of one reply, as the JavaScript SDK stores them."""
        self.copy: Path | None = None
        """Path of the copy of a damaged or replaced file, once there is one."""

    def load(self, read: Callable[[Iterable[Sequence[bytes]]], T], *, writable: bool = True) -> T:
        """Open the file, and let `read` take all entries, some at a time; none when there is no file yet.

        `read` raises ValueError for an entry that is not JSON, and is called again with what can be read of the file.
        Without `writable` another process may be writing: what it changes while it is read is read again.
        """
        for attempt in count(1):
            result = self._loaded(read, writable=writable)
            is_changed = not writable and self._was_changed()
            if not is_changed and (writable or not self.is_damaged):
                break
            if attempt >= (DAMAGED_ATTEMPTS if is_changed and self.is_damaged else READ_ATTEMPTS):
                break
        return result

    def _loaded(self, read: Callable[[Iterable[Sequence[bytes]]], T], *, writable: bool) -> T:
        """Read the file once."""
        self.is_damaged = self.has_turns = False
        try:
            self._open(writable=writable)
        except FileNotFoundError:
            return read(())
        contents = self.contents
        contents.held = None
        try:
            return read(self._own_runs())
        except (ValueError, RecursionError):
            parsed = parse(contents.pread(0))
        self.is_damaged = parsed.is_damaged
        self.has_turns = any(GROUP in line for line in parsed.lines)
        contents.clear(None if parsed.is_ours else parsed.lines)
        if parsed.is_ours:
            contents.count(parsed.lines)
        return read((parsed.lines,))

    def hold(self, lines: list[bytes]) -> None:
        """Hold other entries than the file has; the next write rewrites the file, and keeps the former one."""
        self.contents.clear(lines)
        self._is_replaced = True

    def __len__(self) -> int:
        return len(self.contents)

    @property
    def size(self) -> int:
        """Bytes of the file when it was last read or written here."""
        return self._size

    @property
    def needs_rewrite(self) -> bool:
        """Whether the file cannot be changed in place: missing, damaged, laid out by somebody else, or in doubt."""
        return self.contents.held is not None or self._is_doubtful

    def lines(self) -> list[bytes]:
        """The entries that are on disk, in order, as they were written."""
        return self.contents.read(0, len(self.contents))

    def changed_elsewhere(self) -> bool:
        """Whether another program has replaced, cut, extended or removed the file since it was last touched here."""
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return self._identity is not None
        return (found.st_dev, found.st_ino) != self._identity or found.st_size != self._size

    def write_tail(self, first: int, lines: Sequence[bytes]) -> None:
        """Put `lines` in place of all entries from the `first` on (`len(self)` appends), and wait for the disk.

        The time does not depend on the length of the file, but for the first change that spans memory pages.
        """
        contents = self.contents
        self.make_name_durable()
        is_new = first == len(contents.starts)
        offset = contents.end if is_new else contents.starts[first]
        before = BETWEEN if is_new and first else b""
        tail = before + BETWEEN.join(lines) + CLOSING
        in_place = is_in_one_page(offset, max(offset + len(tail), self._size))
        if in_place:
            self._overwrite(offset, tail)
        else:
            self._take(self._second.write(self._descriptor, offset, tail))
        contents.cut(first)
        contents.count(lines)
        if not in_place:
            self._sync_folder()
            return
        try:
            os.fsync(self._descriptor.number)
        except OSError:  # the kernel forgets what it could not write: only a new file is sure to hold it
            self._is_doubtful = True
            raise

    def _sync_folder(self) -> None:
        try:
            sync_folder(self._path.parent)
        except OSError:
            self._is_doubtful = True
            raise

    def copy_ahead(self) -> BackgroundCopy | None:
        """The second copy of a long file, to be made in another thread; None when there is nothing to do.

        The file may be changed and closed meanwhile.
        """
        return self._second.ahead(self._descriptor, self.contents.starts[-1]) if self.is_long else None

    @property
    def is_long(self) -> bool:
        """Whether the file is so long that it is to be copied in another thread, and can be."""
        contents = self.contents
        return not (contents.descriptor is None or self.needs_rewrite or contents.end < WORTH_COPYING_AHEAD)

    def replace_ahead(self, lines: Mapping[int, bytes]) -> BackgroundCopy | None:
        """A copy of the file with other lines at these positions, to be made in another thread; None: use `rewrite`.

        The last entry is none of them. The file may be changed and closed meanwhile.
        """
        contents = self.contents
        if not self.is_long or self.changed_elsewhere() or max(lines) >= len(contents) - 1:
            return None
        path = self._path.with_name(f".{self._path.name}.replaced.tmp")
        starts = array("q")
        pieces = _with_other_lines(contents.copy(), lines, starts)
        self._replaced = BackgroundCopy(path, self._descriptor, pieces, partial(self._use_replaced, starts))
        return self._replaced

    def _use_replaced(self, starts: array[int], copy: BackgroundCopy) -> bool:
        """Rename the copy with other lines to the file, after appending what has been written since.

        `starts`: where the entries begin in the copy, and the one behind them.
        """
        contents, made = self.contents, copy.descriptor
        if copy is not self._replaced or made is None or self.needs_rewrite or self.changed_elsewhere():
            copy.discard()
            return False
        longer = copy.size - contents.starts[len(starts) - 1]
        try:
            copy_range(self._descriptor, made, copy.size - longer, self._size, copy.size)
            os.fsync(made.number)
            copy.path.replace(self._path)
        except OSError:
            copy.discard()
            raise
        self._replaced = None
        copy.former += self._second.discard()
        starts.extend([start + longer for start in contents.starts[len(starts) :]])
        contents.starts, contents.end = starts, contents.end + longer
        self._take(made)
        self._sync_folder()
        return True

    def rewrite(self, lines: Sequence[bytes]) -> None:
        """Rewrite the file; one that could not be read in full or was changed elsewhere is kept beside it."""
        if self.is_damaged:
            self._keep_copy("damaged")
        elif self.changed_elsewhere():
            self._keep_copy("changed")
        elif self._is_replaced:
            self._keep_copy("imported")
        self._discard_copies()  # which also makes room
        write_atomically(self._path, layout(lines))
        self._open()
        self.contents.clear()
        self.contents.count(lines)
        self.is_damaged = self._is_doubtful = self._is_replaced = False
        self._is_name_durable = True

    def copy_with_tail(
        self, first: int, tail: Callable[[], Sequence[bytes]]
    ) -> tuple[BackgroundCopy, Lines] | None:
        """What puts other entries in place of all from the `first` on, in a new file made in another thread.

        With it come the entries of the new file, which are counted once it is made. `tail` is called in that thread.
        None: use `rewrite`. The file may be changed and closed meanwhile; then the copy cannot be used. Whoever still
        reads entries of the former file finds them there.
        """
        if self.contents.descriptor is None or self.needs_rewrite or self.changed_elsewhere():
            return None
        contents, size = self.contents.copy(), self._size
        is_end = first == len(contents)
        offset = contents.end if is_end else contents.starts[first] - (len(BETWEEN) if first else 0)

        def pieces() -> Iterator[bytes | tuple[int, int]]:
            lines = tail()
            yield 0, offset
            yield (BETWEEN if first and lines else b"") + BETWEEN.join(lines) + CLOSING
            contents.cut(first)
            contents.count(lines)

        path = self._path.with_name(f".{self._path.name}.branch.tmp")
        self._replaced = BackgroundCopy(
            path, self._descriptor, pieces(), partial(self._use_tail, contents, size)
        )
        return self._replaced, contents

    def _use_tail(self, contents: Lines, size: int, copy: BackgroundCopy) -> bool:
        """Rename the copy with other entries at its end to the file; `size` was that of the copied file."""
        made, is_same = copy.descriptor, self.contents.descriptor is copy.former[0] and self._size == size
        if copy is not self._replaced or made is None or not is_same or self.needs_rewrite:
            copy.discard()
            return False
        if self.changed_elsewhere():
            copy.discard()
            return False
        try:
            copy.path.replace(self._path)
        except OSError:
            copy.discard()
            raise
        self._replaced = None
        copy.former += self._second.discard()
        self.contents.starts, self.contents.end = contents.starts, contents.end
        self._take(made)
        self._is_name_durable = False
        return True

    def make_name_durable(self) -> None:
        """Flush the folder after a copy took the file's name; in any thread."""
        if not self._is_name_durable:
            self._sync_folder()
            self._is_name_durable = True

    def close(self) -> None:
        """Close the file. Entries that are read later are read from whatever has its name then."""
        self.contents.descriptor = None
        self._discard_copies()

    def _discard_copies(self) -> None:
        self._second.discard()
        if self._replaced is not None:
            self._replaced.discard()
            self._replaced = None

    @property
    def _descriptor(self) -> Descriptor:
        descriptor = self.contents.descriptor
        assert descriptor is not None  # noqa: S101 (nothing is written in place before there is a file)
        return descriptor

    def _open(self, *, writable: bool = True) -> None:
        # A reader does not wait for a named pipe, which never ends.
        flags = os.O_RDWR | os.O_NOFOLLOW if writable else os.O_RDONLY | os.O_NONBLOCK
        descriptor = Descriptor(os.open(self._path, flags | os.O_CLOEXEC))
        if writable:
            set_mode(descriptor.number, 0o600)
        self._take(descriptor)

    def _take(self, descriptor: Descriptor) -> None:
        """Use this open file from now on."""
        found = os.fstat(descriptor.number)
        self._identity = (found.st_dev, found.st_ino)
        self._changed = found.st_mtime_ns
        self._size = found.st_size
        self.contents.descriptor = descriptor

    def _was_changed(self) -> bool:
        """Whether somebody has written into the file that was opened. One that only lost its name is whole."""
        descriptor = self.contents.descriptor
        if descriptor is None:
            return False
        found = os.fstat(descriptor.number)
        return (found.st_size, found.st_mtime_ns) != (self._size, self._changed)

    def _own_runs(self) -> Iterator[list[bytes]]:
        """The entries of a file that is laid out as here. ValueError once it turns out not to be."""
        self.contents.clear()
        at, rest = 0, b""
        while data := self.contents.pread(at, max(RUN, len(rest))):
            if at == 0 and not data.startswith(OPENING):
                raise ValueError("laid out by somebody else")
            rest += data if at else data.removeprefix(OPENING)
            at += len(data)
            cut = rest.rfind(BETWEEN) + len(BETWEEN)
            if cut >= len(BETWEEN):
                yield self._counted(rest[:cut])
                rest = rest[cut:]
        last = rest.rstrip(b" \t\r\n")
        if not last.endswith(b"\n]"):
            raise ValueError("cut short")
        if len(self.contents) or last != b"\n]":  # of no entries nothing is left but the brackets
            yield self._counted(last.removesuffix(b"\n]") + BETWEEN)

    def _counted(self, run: bytes) -> list[bytes]:
        """Entries as they stand there, each with a comma behind it on a line of its own."""
        run.decode()  # what is not UTF-8 is a ValueError; no decoder looks into what it passes over
        ended = run.split(b"\n")  # several times faster than to split between the entries
        ended.pop()
        lines = [line.removesuffix(b",") for line in ended]
        size = sum([len(line) + len(BETWEEN) for line in lines])
        if size != len(run) or lines != [line.strip() for line in lines]:
            raise ValueError("laid out by somebody else")
        self.contents.count(lines)
        self.has_turns = self.has_turns or GROUP in run
        return lines

    def _overwrite(self, offset: int, tail: bytes) -> None:
        """Change the end of the file so that each step leaves a valid array: make room, write, cut.

        White space makes the room, so that a full disk is found out while the closing bracket still stands,
        and white space covers what a shorter tail leaves over. All of it lies within one memory page, so that also a
        kill leaves a step undone or done.
        """
        fd, size, end = self._descriptor.number, self._size, offset + len(tail)
        self._second.note_change(offset)
        replaced = os.pread(fd, size - offset, offset)
        try:
            if end > size:
                write_all(fd, b" " * (end - size), size)
            write_all(fd, tail.ljust(size - offset), offset)
            if end < size:
                os.ftruncate(fd, end)
        except OSError:
            with suppress(OSError):  # should this fail too, the next write covers it: it begins no later
                write_all(fd, replaced, offset)
                os.ftruncate(fd, size)
            self._size = os.fstat(fd).st_size
            raise
        self._size = end

    def _keep_copy(self, what: str) -> None:
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        for number in count(1):
            repeated = f"-{number}" if number > 1 else ""
            copy = self._path.with_name(f"{self._path.name}.{what}-{stamp}{repeated}")
            if copy.exists():
                continue
            try:
                copy.hardlink_to(self._path)  # takes no room
            except FileNotFoundError:
                return
            except FileExistsError:
                continue
            except OSError:  # a file system without second names
                write_atomically(copy, self._path.read_bytes())
            sync_folder(copy.parent)
            self.copy = copy
            return


def _with_other_lines(
    entries: Lines, lines: Mapping[int, bytes], starts: array[int]
) -> Iterator[bytes | tuple[int, int]]:
    """The file up to its last entry, with other lines at some positions, in pieces; `starts` is filled meanwhile."""
    same = past = longer = 0
    for position, line in sorted(lines.items()):
        begin, end = entries.starts[position], entries.starts[position + 1] - len(BETWEEN)
        yield same, begin
        yield line
        starts.extend([start + longer for start in entries.starts[past : position + 1]])
        longer += len(line) - (end - begin)
        same, past = end, position + 1
    yield same, entries.starts[-1]
    starts.extend([start + longer for start in entries.starts[past:]])
