"""The lines of a history as they are compared: folded, without marks and without what only the format says.

From the folded bytes it can only be told where words may stand, never that they do: a line that has them is decoded.
No line that has them is left out. Lines in which text is written in another way than it is shown (escapes, references,
links, decomposed letters, sequences that are taken out) cannot be folded as bytes.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING
from unicodedata import is_normalized

from animus_tui.chat.search_text import combines, fold, ready_of, texts_of, versions_of
from animus_tui.chat.storage.history import read_messages
from animus_tui.chat.storage.history_format import BETWEEN, CLOSING, OPENING, OWN_START, parse

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MARKS = b'\\`*_~!<>[]"'
"""What may stand in the bytes of a word and not on the screen: marks of Markdown and of JSON."""
_REFERENCE = re.compile(rb"&[#\w\x80-\xff]+;")
# A link with something directly behind it: what is shown of both may be one word.
_LINK_IN_A_WORD = re.compile(rb"\)(?:[^\s\"\\]|\\[^nrt])")
_WITHOUT_MARKS = str.maketrans("", "", MARKS.decode())
# What `printable` takes out or replaces, as far as it stands in JSON as itself.
VANISHING = re.compile("[\x7f-\x9f\u2028-\u202e\u2066-\u206f\ufff9-\ufffb\ufffd\U0010eeee]")
PART = 200_000
"""Bytes of a history that are folded in one step: no other thread runs meanwhile."""

TIME = b'","timestamp":"'
"""Behind the text of a message that this program wrote; in a text the quotation marks would be escaped."""
_START = rb'\{"id":"[^"]*","role":"[^"]*","content":"'
_BEGINNING = re.compile(rb"(?:\[\n)?" + _START)
"""What stands before the first text."""
_SEAM = re.compile(TIME + rb'[^"]*"\},\n' + _START)
"""From the text of a message to that of the next one, if nothing else is said of the first."""
NEVER_SHOWN = (
    "id role timestamp finish_reason outcome reply_to edited tool_call_id file url created source_url video model"
    " generation_id"
)
"""Keys whose values are not searched."""
_FORMAT = re.compile(
    rb'"(?:(?:%s)"[ \t]*:[ \t]*"[^"\\\n]*"|[A-Za-z_]+"[ \t]*:)' % NEVER_SHOWN.replace(" ", "|").encode()
)
"""Keys, with the value where that is never shown. What stands in a text is no match: quotation marks in it have a
backslash before them, and no text is followed by a colon."""


class LineFilter:
    """Picks the lines of a history that may contain a needle; the other ones do not contain it."""

    def __init__(self, sought: str) -> None:
        """`sought` as `folded_needle` gives it."""
        self.words = [word.encode("utf-8", "replace") for word in bare_words(sought)]
        """The words that are sought, as they stand in folded lines."""

    def picked(self, lines: Sequence[bytes]) -> Sequence[int]:
        """Indexes of the lines that are to be decoded."""
        if not self.words:
            return range(len(lines))
        folded = _folded_as_written(BETWEEN.join(lines))
        if folded is None:
            each = map(_folded_as_written, lines)
            return [index for index, line in enumerate(each) if line is None or self.has_all(line)]
        return self.in_folded(folded)

    def in_folded(self, folded: bytes) -> list[int]:
        """Indexes of the folded lines that have all the words."""
        if not self.has_all(folded):
            return []
        return [index for index, line in enumerate(folded.split(b"\n")) if self.has_all(line)]

    def has_all(self, data: bytes) -> bool:
        """Whether all the words stand in folded bytes."""
        for word in self.words:  # noqa: SIM110 (a generator takes as long as the look into a short history)
            if word not in data:
                return False
        return True


def bare_words(sought: str) -> list[str]:
    """The words of a folded needle as they stand in bytes without marks; the longest one first."""
    bare = (word.translate(_WITHOUT_MARKS) for word in re.split("[ \ufffd]", sought))
    return sorted(filter(None, map(_without_leading_marks, bare)), key=len, reverse=True)


def is_written_otherwise(data: bytes) -> bool:
    """Whether there may be text in it that is not shown as it is written, other than by marks that go."""
    if b"\\" in data and (b"\\u" in data or b"\\b" in data or b"\\f" in data):
        return True
    if b"&" in data and _REFERENCE.search(data) is not None:
        return True
    # One byte is found much faster than two, and nearly every file ends with this one.
    link = data.find(b"](") if data.find(b"]", 0, -2) >= 0 or data.endswith(b"](") else -1
    return link >= 0 and _LINK_IN_A_WORD.search(data, link) is not None


def _without_leading_marks(word: str) -> str:
    """A word without combining characters at its start, which combine with whatever stands before it."""
    start = 0
    while start < len(word) and combines(word[start]):
        start += 1
    return word[start:]


def is_own(data: bytes) -> bool:
    """Whether a file looks as this program writes it, one entry a line."""
    return data.startswith(OPENING + OWN_START) and data.endswith(b"}" + CLOSING)


def folded_history(data: bytes) -> bytes:
    """The folded lines of a file, one for each of its entries."""
    lines = data if is_own(data) else b"\n".join(parse(data).lines)
    return b"".join(map(_fold, _parts(lines)))


def _parts(data: bytes) -> Iterator[bytes]:
    """The data in parts of about PART bytes that end behind a line."""
    if len(data) <= PART:
        yield data
        return
    start = 0
    while start < len(data):
        end = data.find(b"\n", start + PART) + 1 or len(data)
        yield data[start:end]
        start = end


def _fold(part: bytes) -> bytes:
    """Lines folded without marks; they contain all words of what is shown of them."""
    folded = _folded_as_written(part)
    if folded is not None:
        return folded
    lines = part.split(b"\n")
    return b"\n".join(
        _fold_shown(line) if (plain := _folded_as_written(line)) is None else plain for line in lines
    )


_ASCII = bytes(range(128))
_LOWER = bytes(range(256)).lower()
MOST_REPLACED = 4
"""Letters that are folded one after the other; where there are more, the whole text is."""


def _folded_as_written(part: bytes) -> bytes | None:
    """The folded text; None when something in it is not shown as it is written, other than by marks that go."""
    said = _without_format(part)
    if is_written_otherwise(said):
        return None
    bare = said.translate(_LOWER, MARKS)
    if bare.isascii():
        return bare
    # Few characters of most texts are others; the speed of all this is that of looking at each of them once.
    try:
        others = set(bare.translate(None, _ASCII).decode())
    except UnicodeDecodeError:
        return None
    folded = {each: _folded_letter(each) for each in others}
    if None in folded.values():
        return None
    changing = [each for each in others if folded[each] != each]
    if len(changing) > MOST_REPLACED:
        return fold(bare.decode()).encode()
    for each in changing:
        bare = bare.replace(each.encode(), (folded[each] or "").encode())
    return bare


@lru_cache(maxsize=4096)
def _folded_letter(letter: str) -> str | None:
    """A letter as it is compared; None when it is not shown, or may become another one beside its neighbours."""
    # What is between an overlay and the letter before, such as `<`, may be a mark that is left out.
    if VANISHING.search(letter) or combines(letter) or not is_normalized("NFC", letter):
        return None
    return fold(letter)


def _fold_shown(line: bytes) -> bytes:
    """The folded texts of a decoded line, all its images and versions included; empty where it is no message."""
    shown = [
        ready_of(text)
        for message in read_messages(line.rstrip(b","))
        for version, _ in versions_of(message)
        for text, _ in texts_of(version)
    ]
    return " ".join(shown).encode("utf-8", "replace").translate(None, MARKS + b"\n")


def _without_format(part: bytes) -> bytes:
    """Lines without the keys and values that every message has, such as `role`, which would be taken for words.

    Most lines are nothing but an id, a role, a text and a time: these are left out in one step from text to text.
    """
    said = _SEAM.sub(b"\n", part)
    beginning, last = _BEGINNING.match(said), said.rfind(TIME)
    if beginning is None or last < 0 or said.find(b"{", beginning.end(), last) >= 0:  # of some there is more
        return _FORMAT.sub(b" ", said)
    line_before = b"\n" if said.startswith(OPENING) else b""
    return b"".join((line_before, said[beginning.end() : last], _FORMAT.sub(b" ", said[last:])))
