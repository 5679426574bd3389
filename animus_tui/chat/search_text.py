"""The texts of a conversation that are searched, and how they are compared with what is sought.

Texts are compared without case, without the width of gaps, and however accented letters are written. A place is always
a pair of offsets into the visible text. To keep it so, folding never changes a length: a letter whose folded form is
longer (`ß`, `ﬁ`) stands for itself. White space in what is sought matches any run of it, and an accented letter is the
same whether it is one character or a letter and a combining accent (Unicode's form NFC).
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple
from unicodedata import category, is_normalized, normalize

from msgspec import json as codec

from animus_tui.chat.storage.history import read_messages
from animus_tui.chat.storage.history_format import layout
from animus_tui.markdown.limits import may_be_markdown
from animus_tui.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from animus_tui.chat.messages import ChatMessage, ImageRecord


class SearchText(NamedTuple):
    """The searched text of a message."""

    key: str
    """Of the message."""
    source: str
    """Markdown, or the text itself when it `is_plain`."""
    is_plain: bool


class VersionStep(NamedTuple):
    """A version of the conversation that is to be shown; see `Revisions.show_branch`."""

    message_id: str
    """The message from which on there are several versions."""
    number: int
    """From 0, the oldest first."""


def shown_in(text: SearchText) -> str:
    """The visible text: Markdown without its marks."""
    if text.is_plain or not may_be_markdown(text.source):
        return text.source
    # Its patterns take 116 ms of 646 that all imports of the application take, and only a search needs them.
    from animus_tui.markdown.visible_text import visible_text

    return visible_text(text.source)


def ready_of(text: SearchText) -> str:
    """The visible text, folded for comparison."""
    return comparable(shown_in(text))


def text_of(message: ChatMessage) -> SearchText | None:
    """The text of a message, or the prompt of its image; None when it shows neither."""
    if message.image is not None:
        return SearchText(message.id, printable(message.image.prompt, newlines=False), True)
    if message.role == "user":
        return SearchText(message.id, printable(message.content or ""), True)
    if message.role == "assistant":
        return SearchText(message.id, printable("\n\n".join(message.turns or [message.content or ""])), False)
    return None


def texts_of(message: ChatMessage) -> Iterator[tuple[SearchText, ImageRecord | None]]:
    """The text of a message, or the prompt of its image; then the prompts of all variants."""
    if (text := text_of(message)) is not None:
        yield text, message.image
    for record in message.variants or ():
        yield SearchText(message.id, printable(record.prompt, newlines=False), True), record


def versions_of(
    message: ChatMessage, steps: tuple[VersionStep, ...] = ()
) -> Iterator[tuple[ChatMessage, tuple[VersionStep, ...]]]:
    """The message itself, then the messages of its other branches, the newest first.

    Each with the steps that show it.
    """
    yield message, steps
    if message.branch_count == 1:
        return
    for index, branch in reversed(list(enumerate(message.branches or ()))):
        if branch is None:
            continue
        for entry in reversed(read_messages(layout(map(codec.encode, branch)))):
            yield from versions_of(entry, (*steps, VersionStep(message.id, index)))


# Comparing texts

MOST_HITS = 10_000
"""Hits in one text that are counted."""
LONGEST_PART = 100_000
"""Characters that are folded, or whose gaps are made blanks, in one step: no other thread runs meanwhile."""

# Below U+0300 every character stands for itself and none combines with the one before it.
_MAY_CHANGE = re.compile("[\x00-\u02ff]?[\u0300-\U0010ffff]+")
_JAMO = "\u1160", "\u11ff"
"""Korean vowels and final consonants, which combine with the character before although they are letters."""


class Composed(NamedTuple):
    """A text in its composed form, and where its parts stood before."""

    text: str
    ends: list[int]
    """Offset into `text` behind each part that changed."""
    parts: list[tuple[int, int, int, int]]
    """Of each part that changed: start and end in `text`, start and end in the text before."""

    def span_before(self, start: int, end: int) -> tuple[int, int]:
        """Where characters `start` to `end` of `text` stood in the text before."""
        return self._offset_before(start, is_end=False), self._offset_before(end, is_end=True)

    def _offset_before(self, offset: int, *, is_end: bool) -> int:
        at = bisect_left(self.ends, offset) if is_end else bisect_right(self.ends, offset)
        if at < len(self.parts):
            begin, _, begin_before, end_before = self.parts[at]
            if begin < offset:  # within a part: its edges are all that can be said
                return end_before if is_end else begin_before
        if not at:
            return offset
        _, end, _, end_before = self.parts[at - 1]
        return offset - end + end_before


def composed(text: str) -> Composed:
    """The composed form of a text; the same text in most cases."""
    if text.isascii() or is_normalized("NFC", text):
        return Composed(text, [], [])
    pieces: list[str] = []
    ends: list[int] = []
    parts: list[tuple[int, int, int, int]] = []
    before = length = 0
    for start, end in _changing(text):
        whole = normalize("NFC", text[start:end])
        pieces += (text[before:start], whole)
        begin = length + start - before
        before, length = end, begin + len(whole)
        parts.append((begin, length, start, end))
        ends.append(length)
    return Composed("".join(pieces) + text[before:], ends, parts)


def _changing(text: str) -> list[tuple[int, int]]:
    """Start and end of each smallest part that is not composed."""
    found: list[tuple[int, int]] = []
    for run in _MAY_CHANGE.finditer(text):
        if is_normalized("NFC", run[0]):
            continue
        start = run.start()
        for at in range(start + 1, run.end() + 1):
            if at == run.end() or not combines(text[at]):
                if not is_normalized("NFC", text[start:at]):
                    found.append((start, at))
                start = at
    return found


def combines(character: str) -> bool:
    """Whether a character may become one with the character before it."""
    return category(character)[0] == "M" or _JAMO[0] <= character <= _JAMO[1]


# What has a longer folded form is among these.
_LONGER = re.compile("([\xdf\u0130\u0149\u01f0\u0390\u03b0\u0587\u1e96-\u1e9e\u1f50-\u1ffc\ufb00-\ufb17])")


def fold(text: str) -> str:
    """The text to compare without case, letter by letter: as long as before."""
    if len(text) > LONGEST_PART:
        return "".join(fold(text[at : at + LONGEST_PART]) for at in range(0, len(text), LONGEST_PART))
    folded = text.casefold()
    if len(folded) == len(text):
        return folded
    parts = ((part, part.casefold()) for part in _LONGER.split(text))
    return "".join(folded if len(folded) == len(part) else part.lower()[0] for part, folded in parts)


_GAP = re.compile(r"\s+")


@lru_cache(maxsize=16)
def folded_needle(needle: str) -> str:
    """The folded needle with one blank for each gap; empty when there is nothing to look for."""
    sought = _GAP.sub(" ", fold(composed(needle).text))
    return "" if sought == " " else sought


@lru_cache(maxsize=16)
def _pattern(sought: str) -> re.Pattern[str]:
    pattern = r"\s++".join(map(re.escape, sought.split(" ")))
    # From the beginning of a gap only, or a long one would be tried from each of its blanks.
    return re.compile(rf"(?<!\s){pattern}" if sought.startswith(" ") else pattern)


def spans(line: str, needle: str) -> list[tuple[int, int]]:
    """Where the needle stands in a line of visible text, from left to right, without overlaps: the first MOST_HITS."""
    sought = folded_needle(needle)
    if not sought:
        return []
    return located(line, sought)


def located(text: str, sought: str, *, within_edges: bool = False) -> list[tuple[int, int]]:
    """Where a folded needle stands in a visible text; `within_edges`: blanks at both ends are nothing that is seen."""
    whole = composed(text)
    folded = fold(whole.text)
    first = len(folded) - len(folded.lstrip()) if within_edges else 0
    last = len(folded.rstrip()) if within_edges else len(folded)
    matches = islice(_pattern(sought).finditer(folded, first, last), MOST_HITS)
    found = [match.span() for match in matches]
    return [whole.span_before(*span) for span in found] if whole.parts else found


def comparable(text: str) -> str:
    """A visible text in the form in which a folded needle is counted: folded, with one blank for each gap."""
    folded = fold(composed(text).text)
    return " ".join(filter(None, (" ".join(part.split()) for part in _parts(folded))))


def _parts(text: str) -> Iterator[str]:
    """The text in parts that begin with a gap."""
    start = 0
    while start < len(text):
        gap = _GAP.search(text, start + LONGEST_PART)
        end = gap.start() if gap is not None else len(text)
        yield text[start:end]
        start = end
