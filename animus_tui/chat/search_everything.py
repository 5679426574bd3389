"""Searching all conversations: every message, and every prompt of a picture, that has all the words.

Nothing is indexed. Each search looks at each history file as it is now; what was read of it is kept in memory, folded
as it is compared, and read again when the file is another one, was written to or has another size. From the folded
bytes it can only be told where the words may stand: those lines are read from the disk, decoded and compared as
exactly as in the search of one conversation.
"""

from __future__ import annotations

import logging
import os
import re
import time
from collections import Counter
from stat import S_ISREG
from typing import TYPE_CHECKING, NamedTuple

from animus_tui.atomic import read_regular
from animus_tui.chat.folded_lines import LineFilter, folded_history, is_own
from animus_tui.chat.messages import ChatMessage, Conversation
from animus_tui.chat.search_text import (
    SearchText,
    VersionStep,
    folded_needle,
    ready_of,
    shown_in,
    spans,
    texts_of,
    versions_of,
)
from animus_tui.chat.storage.conversation_folder import HISTORY
from animus_tui.chat.storage.description import read_description
from animus_tui.chat.storage.history import read_messages
from animus_tui.chat.storage.history_format import decode_written, with_separate_reasoning
from animus_tui.chat.storage.store import conversation_ids
from animus_tui.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from animus_tui.chat.messages import ImageRecord

log = logging.getLogger(__name__)

MOST_FOUND = 500
"""Messages that are found at most; one more says that there are others."""
MOST_KEPT = 100_000_000
"""Bytes of folded histories that are kept in memory; what is more is read again by each search."""
STILL_CHANGING = 100_000_000
"""Nanoseconds after a change in which a file may change again without another time; until then it is not kept."""
FEW = 4
"""Messages whose ids are looked for in a file one by one; for more of them all ids are collected."""
_ID = re.compile(rb'"id":"([^"]*)"')
AT_ONCE = 0.03
"""Seconds in which what is found is handed over together."""


class FoundMessage(NamedTuple):
    """A message that has all the words."""

    conversation: Conversation
    message_id: str
    role: str
    timestamp: str
    """ISO 8601 UTC."""
    text: SearchText
    """What has the words: what was said, or the prompt of a picture."""
    record: ImageRecord | None
    """The picture whose prompt it is."""
    steps: tuple[VersionStep, ...] = ()
    """What shows it, in this order, if it stands in another version of the conversation than the one that is shown."""


class _Folded(NamedTuple):
    """A history file, folded for comparison."""

    state: tuple[int, int, int]
    """Inode, size and time of the last change."""
    data: bytes
    """A line for each line of the file, folded, without marks."""


class EverythingSearch:
    """Searches the conversations of a data directory. Its methods may run in a thread, one at a time."""

    def __init__(self, root: Path) -> None:
        """`root` is the data directory."""
        self._folder = str(root / "conversations")
        self._root = root / "conversations"
        self._kept: dict[str, _Folded] = {}
        """By the path of the history."""
        self._room = MOST_KEPT

    def prepare(self, goes_on: Callable[[], bool] = lambda: True) -> None:
        """Read all histories, so that the first search finds them in memory."""
        for path, state in self._files():
            if not goes_on():
                return
            self._folded(path, state)

    def found(
        self, needle: str, *, most: int | None = MOST_FOUND, goes_on: Callable[[], bool] = lambda: True
    ) -> Iterator[list[FoundMessage]]:
        """The messages that have all the words, newest conversation and newest message first, in batches.

        At most `most` and one more. Ends early when `goes_on` returns False.
        """
        sought = [word for word in folded_needle(needle).split(" ") if word]
        if not sought:
            return
        query = _Query(sought)
        batch: list[FoundMessage] = []
        count, handed = 0, time.monotonic()
        for path, state in self._files():
            if not goes_on():
                return
            folded = self._folded(path, state)
            if folded is None or not query.lines.has_all(folded):
                continue
            for message in self._in_file(path, folded, query):
                batch.append(message)
                count += 1
                if most is not None and count > most:
                    yield batch
                    return
            if batch and time.monotonic() - handed > AT_ONCE:
                yield batch
                batch, handed = [], time.monotonic()
        if batch:
            yield batch

    # The files

    def _files(self) -> list[tuple[str, tuple[int, int, int]]]:
        """Path and state of every history, the one that was written last first."""
        found: list[tuple[int, str, tuple[int, int, int]]] = []
        try:
            names = conversation_ids(self._folder)
        except StoreError as error:
            log.warning("nothing is searched: %s", error)
            return []
        for name in names:
            path = f"{self._folder}/{name}/{HISTORY}"
            try:
                about = os.stat(path)  # noqa: PTH116 (thousands of them)
            except OSError:
                continue
            if S_ISREG(about.st_mode):
                found.append((about.st_mtime_ns, path, (about.st_ino, about.st_size, about.st_mtime_ns)))
        found.sort(reverse=True)
        return [(path, state) for _, path, state in found]

    def _folded(self, path: str, state: tuple[int, int, int]) -> bytes | None:
        """The folded history; None when it cannot be read."""
        kept = self._kept.get(path)
        if kept is not None and kept.state == state:
            return kept.data
        data = _read(path)
        if data is None:
            return None
        folded = folded_history(data)
        room = self._room + (len(kept.data) if kept is not None else 0) - len(folded)
        if room >= 0 and time.time_ns() - state[2] > STILL_CHANGING:
            self._kept[path], self._room = _Folded(state, folded), room
        return folded

    # What is in them

    def _in_file(self, path: str, folded: bytes, query: _Query) -> Iterator[FoundMessage]:
        """The messages of a history that have the words, the newest one first."""
        at = query.lines.in_folded(folded)
        if not at:
            return
        data = _read(path)
        if data is None:
            return
        messages = _messages_at(data, at) if is_own(data) else None
        conversation: Conversation | None = None
        for shown in read_messages(data)[::-1] if messages is None else messages:
            for message, steps in versions_of(shown):
                if (match := query.match(message)) is None:
                    continue
                if conversation is None:
                    conversation = self._description(path)
                yield FoundMessage(conversation, message.id, message.role, message.timestamp, *match, steps)

    def _description(self, path: str) -> Conversation:
        folder = self._root / path.split("/")[-2]
        try:
            return read_description(folder)
        except (OSError, ValueError):  # as when it is opened, where a new one is written
            return Conversation(id=folder.name, created="")


class _Query:
    """The words that are sought, in each form that is needed."""

    def __init__(self, sought: Sequence[str]) -> None:
        self._sought = sought
        self.lines = LineFilter(" ".join(sought))

    def match(self, message: ChatMessage) -> tuple[SearchText, ImageRecord | None] | None:
        """The text of a message that has all the words: its own, or the prompt of one of its images."""
        return next((found for found in texts_of(message) if self._is_in(found[0])), None)

    def _is_in(self, text: SearchText) -> bool:
        ready = ready_of(text)
        return all(word in ready for word in self._sought)


def _read(path: str) -> bytes | None:
    """The bytes of a history; None when it cannot be read."""
    try:
        return read_regular(path)
    except OSError:
        return None


def _messages_at(data: bytes, at: Sequence[int]) -> list[ChatMessage] | None:
    """The messages in these lines of our own file, newest first; None when one of them lacks an id of its own."""
    lines = data.split(b"\n")
    # The file may be shorter than it was a moment ago.
    candidates = [lines[i].rstrip(b",") for i in reversed(at) if i < len(lines)]
    ids = Counter(_ID.findall(data)) if len(candidates) > FEW else None
    found: list[ChatMessage] = []
    for line in candidates:
        try:
            message = decode_written(line)
        except (ValueError, RecursionError):
            return None
        if not message.id or not message.timestamp:
            return None
        name = message.id.encode()
        # An id that is missing, or there twice, is made from all that stands before it.
        if (data.count(b'"id":"%s"' % name) if ids is None else ids[name]) > 1:
            return None
        found.append(with_separate_reasoning(message))
    return found


# Context


class Context(NamedTuple):
    """A part of a text on one line, and where the words stand in it."""

    text: str
    spans: list[tuple[int, int]]


_GAP = re.compile(r"\s+")


def context(text: SearchText, needle: str, *, before: int, length: int) -> Context:
    """The part of a text that begins about `before` characters before the first place of the longest word."""
    shown = shown_in(text)
    words = [word for word in folded_needle(needle).split(" ") if word]
    places = [place[0] for word in sorted(words, key=len, reverse=True) if (place := spans(shown, word))]
    first = places[0][0] if places else 0
    start = max(0, min(first - before, len(shown) - length))  # all the room is used at the end, too
    if start and (gap := shown.rfind(" ", 0, min(first, start + before // 2))) >= start:
        start = gap + 1
    rest = _GAP.sub(" ", shown[start : start + 2 * length]).strip()
    goes_on = len(rest) > length or start + 2 * length < len(shown)
    line = f"{'…' if start else ''}{rest[:length]}{'…' if goes_on else ''}"
    marked = sorted(span for word in set(words) for span in spans(line, word))
    merged: list[tuple[int, int]] = []
    for begin, end in marked:
        if merged and begin < merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((begin, end))
    return Context(line, merged)


def marked_words(text: SearchText, needle: str) -> str:
    """What to mark in a text: all the words where they stand as they were typed, else the longest one."""
    typed = " ".join(needle.split())
    return typed if spans(shown_in(text), typed) else max(typed.split(), key=len, default="")
