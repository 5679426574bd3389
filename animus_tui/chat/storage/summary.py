"""The summary of a history for the list of conversations, made from the messages or the end of the file."""

from __future__ import annotations

import os
import re
from itertools import islice
from typing import TYPE_CHECKING

from animus_tui.chat.messages import Summary, is_unused
from animus_tui.chat.storage.history_format import (
    BETWEEN,
    CLOSING,
    GROUP,
    OPENING,
    OWN_START,
    Named,
    decode,
    decode_foreign,
    merged_turns,
    parse,
    with_separate_reasoning,
)
from animus_tui.chat.storage.history_lines import count_entries
from animus_tui.late_pattern import late_pattern
from animus_tui.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from animus_tui.chat.messages import ChatMessage
    from animus_tui.chat.storage.history import Messages

LONGEST_WORDS = 120
"""Characters of the last words that are kept."""
MOST_LOOKED_AT = 1_500
"""Characters of a message that are looked at for them."""
MOST_TRIED = 20
"""Messages from the end that are looked at for words."""
END = 256 << 10
"""Bytes at the end of a history that are looked at; a shorter one is read whole."""
MOST_FOREIGN = 8 << 20
"""Bytes of a history with another layout, which has to be read whole, up to which that is done for the list."""
_MARKS = late_pattern(r"^[ \t]*(?:#{1,6}[ \t]+|>[ \t]?|[-*+][ \t]+|```\S*)|\*\*|__|`", re.MULTILINE)
"""Marks of Markdown that say nothing in one line of plain text."""


def summary_of(messages: Messages, history_size: int) -> Summary:
    """The summary of a conversation that is open; `history_size`: bytes of its history."""
    return _summary(len(messages), reversed(messages), messages.last_picture(), history_size)


def read_summary(path: Path | str) -> Summary | None:
    """The summary of a history that may be open elsewhere; None when a long one would have to be read whole.

    Where the file has our own layout, its lines are counted and its end is read. OSError.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        size = os.fstat(descriptor).st_size
        end = os.pread(descriptor, END, max(0, size - END))
        is_ours = os.pread(descriptor, len(OPENING), 0) == OPENING and end.endswith(CLOSING)
        if size <= END:
            return summary_of_file(end, size)
        if not is_ours or GROUP in end:
            return summary_of_file(os.pread(descriptor, size, 0), size) if size <= MOST_FOREIGN else None
        count, picture_at = count_entries(descriptor, size)
        lines = end.removesuffix(CLOSING).split(BETWEEN)[1:]
        picture = _line_around(descriptor, picture_at) if picture_at >= 0 else b""
        return _summary(count, _decoded(reversed(lines)), next(_decoded([picture]), None), size)
    finally:
        os.close(descriptor)


def summary_of_file(data: bytes, size: int) -> Summary:
    """The summary of a whole file, whatever its layout is."""
    if data.startswith(OPENING) and data.endswith(CLOSING) and GROUP not in data:
        inside = data[len(OPENING) : -len(CLOSING)]
        lines = inside.split(BETWEEN) if inside else []
    else:
        lines = merged_turns(parse(data).lines)
    pictures = _decoded(line for line in reversed(lines) if b'"image"' in line)
    picture = next((message for message in pictures if message.image is not None), None)
    return _summary(len(lines), _decoded(reversed(lines)), picture, size)


def _line_around(descriptor: int, place: int) -> bytes:
    """The entry in which a byte of a file in our own layout stands, as far as it is not too long."""
    begin = max(0, place - END)
    data = os.pread(descriptor, 2 * END, begin)
    before, behind = data[: place - begin], data[place - begin :]
    return before[before.rfind(b"\n") + 1 :] + behind[: behind.find(b"\n")].removesuffix(b",")


def _decoded(lines: Iterable[bytes]) -> Iterator[ChatMessage]:
    """The messages among these entries."""
    for line in lines:
        try:
            message = decode(line) if line.startswith(OWN_START) else decode_foreign(line, Named("-", ""))
        except (ValueError, RecursionError):
            continue
        yield with_separate_reasoning(message)


def _summary(
    count: int, newest_first: Iterable[ChatMessage], picture: ChatMessage | None, history_size: int
) -> Summary:
    words = role = time = ""
    newest: ChatMessage | None = None
    for message in islice(newest_first, MOST_TRIED):
        newest = newest or message
        time = time or message.timestamp
        if words := last_words(message):
            role = "image" if message.image is not None else message.role
            break
    record = None if picture is None else picture.image
    return Summary(
        history_size=history_size,
        messages=count,
        only_greeting=count == 1 and newest is not None and is_unused((newest,)),
        last_words=words,
        last_role=role,
        last_time=time,
        picture="" if record is None else record.file,
        picture_size=(0, 0) if record is None else (record.width, record.height),
    )


def last_words(message: ChatMessage) -> str:
    """The beginning of a message in one line without marks of Markdown; of a picture its prompt."""
    if message.image is not None and not message.hidden:
        return short_words(message.image.prompt)
    if message.hidden or message.role not in ("user", "assistant"):
        return ""
    words = short_words(_MARKS.sub("", (message.content or "")[:MOST_LOOKED_AT]))
    return words or short_words(message.attached[0].prompt) if message.attached else words


def short_words(text: str, most: int = LONGEST_WORDS) -> str:
    """A text in one line that changes nothing on a terminal, cut where it is longer."""
    words = " ".join(printable(text[:MOST_LOOKED_AT], newlines=False).split())
    return words if len(words) <= most else f"{words[: most - 1].rstrip()}…"
