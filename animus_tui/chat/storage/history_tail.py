"""The end of a long history, which can be shown before the rest is read.

To read ten thousand messages takes longer than to paint the last screen of them, and nobody looks at the others first.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from animus_tui.chat.messages import ChatMessage
from animus_tui.chat.storage.history_file import RUN
from animus_tui.chat.storage.history_format import (
    BETWEEN,
    CLOSING,
    GROUP,
    OPENING,
    OWN_PICTURE,
    OWN_START,
    OWN_TIME,
    decode,
    without_thoughts,
)
from animus_tui.chat.storage.message_index import Outline, OutlinedMessages
from animus_tui.values import Value

if TYPE_CHECKING:
    from pathlib import Path

    from animus_tui.chat.storage.conversation import StoredConversation
    from animus_tui.chat.storage.history import Entries, StoredMessages

SHORT = 256 * 1024
"""Bytes up to which a history is read at once: that takes a millisecond."""
UNREADABLE = ChatMessage(id="", role="system", timestamp="")
"""In the place of a message that turned out not to be there."""


class Glance(Value, frozen=True):
    """What a look at the end tells."""

    size: int
    """Messages in the file, if every line is one."""
    newest: list[ChatMessage]
    """The last of them, oldest first."""
    has_picture: bool
    """Whether any of all shows a picture."""

    def is_of(self, entries: Entries) -> bool:
        """Whether these are the messages in the history, now that it has been read."""
        places = range(self.size - len(self.newest), self.size)
        return len(entries.outline) == self.size and all(
            entries.place(message.id) == place for place, message in zip(places, self.newest, strict=True)
        )


def glance(path: Path) -> Glance | None:
    """Look at the end of a file that is laid out as here. None when it is short or has to be read to be sure. OSError.

    Only what is told here has been looked at: anything else may be damaged, or no message.
    """
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
        breaks, has_picture = 0, False
        for offset in range(0, size, RUN):
            run = os.pread(descriptor, RUN + len(OWN_PICTURE) - 1, offset)
            breaks += run.count(b"\n", 0, RUN)
            has_picture = has_picture or OWN_PICTURE in run
        now = os.fstat(descriptor)
        if (now.st_size, now.st_mtime_ns) != (size, found.st_mtime_ns):  # another process writes it
            return None
    finally:
        os.close(descriptor)
    # One break after the opening bracket, one between two entries, and two around the closing bracket.
    return Glance(breaks - 2, newest, has_picture)


def _messages(end: bytes) -> list[ChatMessage]:
    """The messages at the end of a file, of which the first may be cut; none when there is anything else."""
    lines = end.removesuffix(CLOSING).split(BETWEEN)[1:] if end.endswith(CLOSING) else []
    if not all(line.startswith(OWN_START) and OWN_TIME in line and GROUP not in line for line in lines):
        return []
    try:
        return [without_thoughts(decode(line)) for line in lines]
    except (ValueError, RecursionError):
        return []


class GlancedMessages(OutlinedMessages):
    """All messages, as far as a glance tells: whoever asks for older ones has all of them read."""

    def __init__(self, stored: StoredConversation, seen: Glance) -> None:
        self._stored = stored
        self._newest = seen.newest
        self._first = seen.size - len(seen.newest)
        self._outline = Outline.guessed(self._first, seen.newest)

    @property
    def outline(self) -> Outline:
        """What is known of all of them: of older ones that they are about as long as the newest."""
        return self._outline

    @property
    def read(self) -> StoredMessages | None:
        """All of them, once they have been read and are what the glance told of."""
        stored = self._stored
        return stored.messages if stored.glance is None and stored.is_as_glanced else None

    def place(self, message_id: str) -> int | None:
        """The index of the message with this id."""
        for place, message in enumerate(self._newest, self._first):
            if message.id == message_id:
                return place
        return self._stored.messages.place(message_id)

    def __len__(self) -> int:
        return self._first + len(self._newest)

    def _at(self, place: int) -> ChatMessage:
        if place >= self._first:
            return self._newest[place - self._first]
        messages = self._stored.messages
        return messages[place] if place < len(messages) else UNREADABLE
