"""Text with composed characters: `e` followed by a combining accent becomes `é` (Unicode's form NFC).

The same word can be written with composed and with decomposed characters; text is compared in the composed form.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from typing import NamedTuple
from unicodedata import category, is_normalized, normalize

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
