"""Where the sentences of a text begin. Pure; made for cutting a reply where a person who types would send it."""

from __future__ import annotations

from bisect import bisect_left
from itertools import pairwise
from operator import itemgetter
from typing import TYPE_CHECKING, Final

from animus_tui.late_pattern import late_pattern

if TYPE_CHECKING:
    import re
    from collections.abc import Sequence

_EMOJI = "[\u2600-\u27bf\u2b50\u2b55\u2764\U0001f000-\U0001faff\u200d\ufe0f]"
_MOOD = rf"(?:{_EMOJI}|[:;]-?[)(DPp](?!\w)|<3)"
"""What says in which mood the sentence before it was meant, and so belongs to it."""
_CLOSING = "[\"'”’»“)\\]*_~」』]"
_END = late_pattern(
    rf"(?:(?<![.!?…])(?P<mark>[.!?…]++){_CLOSING}*+(?:\s*{_MOOD})*+(?=\s)|"
    rf"[。！？]++{_CLOSING}*+(?:\s*{_MOOD})*+|(?<!{_EMOJI}){_EMOJI}++(?=\s))\s*+"
)
"""The end of a sentence with the white space behind it."""
_OPENING = late_pattern(r"[\s\"'“„«(\[*_~¿¡「『]*")
_WHOLE = late_pattern(
    r"`[^`]+`|\([^()]*\)|\[[^\[\]]*\]|\"[^\"]*\"|“[^“”]*”|„[^„“”]*[“”]|«[^«»]*»|「[^「」]*」|"
    r"(?P<stars>\*{1,3})[^*]+(?P=stars)|(?<!\w)_[^_]+_(?!\w)"
)
"""Code, brackets, quoted words and emphasis: cut in two, the halves would mean something else."""
_SHORTENED: Final = """
    mr mrs ms dr prof st jr sr vs etc eg ie e.g i.e approx no nr ca bzw usw z.b u.a d.h vgl ggf inkl m mme mlle sra dra
    av p pp cf fig vol ed est inc ltd co a.m p.m u.s
    """
_ABBREVIATIONS = frozenset(_SHORTENED.split())
_LAST_WORD = late_pattern(r"[\w.]*\w$")


def sentence_starts(text: str) -> list[int]:
    """Where each sentence but the first begins; none of them inside code, brackets, quoted words or emphasis."""
    wholes = [match.span() for match in _WHOLE.finditer(text)]
    return [
        match.end()
        for match in _END.finditer(text)
        if match.end() < len(text)
        and _begins(text, match.end())
        and not _abbreviates(text, match)
        and not is_within(wholes, match.end())
    ]


def is_within(spans: Sequence[tuple[int, int]], at: int) -> bool:
    """Whether a position lies inside one of the spans, and not at its edge; they are in order and do not overlap."""
    before = bisect_left(spans, at, key=itemgetter(0))
    return before > 0 and at < spans[before - 1][1]


def sentences(text: str) -> list[str]:
    """The sentences of a text, trimmed, none blank."""
    edges = [0, *sentence_starts(text), len(text)]
    return [sentence for start, end in pairwise(edges) if (sentence := text[start:end].strip())]


def _begins(text: str, at: int) -> bool:
    """Whether a sentence can begin here: not with a small letter, and not with a mark alone."""
    opening = _OPENING.match(text, at)
    first = text[opening.end() : opening.end() + 1] if opening else ""
    return bool(first) and not first.islower()


def _abbreviates(text: str, end: re.Match[str]) -> bool:
    """Whether the full stop belongs to the word before it: an abbreviation, an initial, the number of a day."""
    word = _LAST_WORD.search(text, max(0, end.start() - 20), end.start())
    if end["mark"] != "." or word is None:
        return False
    last = word[0]
    is_initial = len(last) == 1 and last.isupper() and last != "I"
    return is_initial or last.lower() in _ABBREVIATIONS or (last.isdecimal() and len(last) <= 2)
