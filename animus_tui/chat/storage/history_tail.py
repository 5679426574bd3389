"""The messages at the end of a long history, which are shown before the rest is read.

To read ten thousand messages takes some 40 ms, a tenth of a start; to look at their end takes 8 ms.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from animus_tui.chat.messages import ChatMessage
from animus_tui.chat.storage.history import Messages
from animus_tui.chat.storage.history_format import (
    BETWEEN,
    CLOSING,
    GROUP,
    OPENING,
    OWN_START,
    OWN_TIME,
    decode,
    with_separate_reasoning,
)
from animus_tui.chat.storage.history_lines import RUN, count_entries
from animus_tui.chat.storage.message_index import MessageIndex

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from animus_tui.chat.storage.history import History

SHORT = 256 * 1024
"""Bytes up to which a history is read at once: that takes a millisecond."""
ABSENT = ChatMessage(id="", role="system", timestamp="")
"""In the place of a message that turned out not to be there."""


class HistoryTail(Messages):
    """All messages, of which the newest are known; whoever asks for an older one has all of them read.

    That the file has one message a line was not looked at but for its end: `is_exact` tells once all has been read.
    """

    def __init__(
        self, size: int, newest: list[ChatMessage], *, has_picture: bool, read: Callable[[], Messages]
    ) -> None:
        """`read` reads all messages, and calls `complete` the first time; it may raise StoreError."""
        self.newest = newest
        """The last messages, oldest first."""
        self.has_picture = has_picture
        """Whether any of all messages shows a picture."""
        self.all: Messages | None = None
        """All messages, once they have been read and are those that are shown."""
        self.is_exact = True
        """Whether all messages are those that are shown, as far as they have been read."""
        self._first = size - len(newest)
        self._index = MessageIndex.guessed(self._first, newest)
        self._read = read

    def complete(self, history: History) -> None:
        """Take all messages, which have been read by now, and compare the newest with those that are shown."""
        places = range(self._first, len(self))
        self.is_exact = len(history) == len(self) and all(
            history.place(message.id) == place for place, message in zip(places, self.newest, strict=True)
        )
        self.all = history if self.is_exact else None

    @property
    def message_index(self) -> MessageIndex:
        """The index of all messages, in which older ones are guessed to be as long as the newest."""
        return self._index

    def place(self, message_id: str) -> int | None:
        """The index of the message with this id; None when there is none."""
        for place, message in enumerate(self.newest, self._first):
            if message.id == message_id:
                return place
        return self._read().place(message_id)

    def message(self, place: int) -> ChatMessage:
        """The message at a place; an empty one when there turned out to be none."""
        if place >= self._first:
            return self.newest[place - self._first]
        messages = self._read()
        return messages[place] if place < len(messages) else ABSENT

    def snapshot(self) -> History:
        """All messages of this moment, for another thread."""
        return self._read().snapshot()

    def __len__(self) -> int:
        return self._first + len(self.newest)


def read_tail(path: Path, read: Callable[[], Messages]) -> HistoryTail | None:
    """The end of a file that this program laid out; None when it is short or has to be read whole. OSError."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        found = os.fstat(descriptor)
        size = found.st_size
        if size <= SHORT or os.pread(descriptor, len(OPENING), 0) != OPENING:
            return None
        newest = _messages(os.pread(descriptor, RUN, size - RUN))
        if not newest:
            return None
        count, picture_at = count_entries(descriptor, size)
        now = os.fstat(descriptor)
        if (now.st_size, now.st_mtime_ns) != (size, found.st_mtime_ns):  # another process writes it
            return None
    finally:
        os.close(descriptor)
    return HistoryTail(count, newest, has_picture=picture_at >= 0, read=read)


def _messages(end: bytes) -> list[ChatMessage]:
    """The messages at the end of a file, of which the first may be cut; none when there is anything else."""
    lines = end.removesuffix(CLOSING).split(BETWEEN)[1:] if end.endswith(CLOSING) else []
    if not all(line.startswith(OWN_START) and OWN_TIME in line and GROUP not in line for line in lines):
        return []
    try:
        return [with_separate_reasoning(decode(line)) for line in lines]
    except (ValueError, RecursionError):
        return []
