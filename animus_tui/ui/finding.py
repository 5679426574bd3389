"""Finding words in a conversation: what a reader sees of a message, compared without case and width of gaps.

A place is always a pair of offsets into the visible text. To keep it so, folding never changes a length: a letter
whose folded form is longer (`ß`, `ﬁ`) stands for itself. White space in what is sought matches any run of it, and an
accented letter is the same whether it is one character or a letter and a combining accent.
"""

from __future__ import annotations

import html
import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, islice
from typing import TYPE_CHECKING, NamedTuple, overload

from animus_tui.ui.composed import composed
from animus_tui.ui.typeset.limits import may_be_markdown

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping

MOST_HITS = 10_000
"""Hits in one message that are counted."""
LONGEST_PART = 100_000
"""Characters that are folded, or whose gaps are made blanks, in one step: no other thread runs meanwhile."""

# What is looked for everywhere begins with one class of characters, which is what makes looking for it fast.
_MARK = re.compile(r"[`*_~\[#>&|\\\n](?:(?<!\n)|[ \t]*[-+=])")
_FENCE = re.compile(r"\n[ \t>]*(?:(?:[-*+]|\d+[.)])[ \t]+)?(`{3,}(?=[^`\n]*(?:\n|\Z))|~{3,})([^\n]*)")
_LINE_START = re.compile(
    r"\n[ \t]*(?:"
    r"([-*_])[ \t]*(?:\1[ \t]*){2,}(?=\n|\Z)"  # a rule, or what underlines a heading
    r"|=+[ \t]*(?=\n|\Z)"
    r"|(?:(?:>|[-*+](?=[ \t])|\#{1,6}(?=[ \t]))[ \t]*)+)"  # quotes, items and headings, one in another
)
_TABLE_RULE = re.compile(r"[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*")
_CELL_END = re.compile(r"(?<!\\)\|")
_BLANK_LINES = re.compile(r"(\n(?:[ \t]*\n)+)")
_INLINE = re.compile(
    r"[\\`*_~!\[\]<&](?:"
    r"(?<=\\)[!-/:-@\[-`{-~\n]"
    r"|(?<=`)`*|(?<=\*)\**|(?<=_)_*|(?<=(?<!~)~)~(?!~)"
    r"|(?<=!)\[|(?<=\[)"
    r"|(?<=\])(?:\((?i:https?:|mailto:)(?:[^()\s]|\([^()\s]*\))*(?:[ \t\n]+(?:\"[^\"]*\"|'[^']*'))?\))?"
    r"|(?<=<)(?i:https?://|mailto:|[\w.+-]+@)[^\s<>]*>"
    r"|(?<=&)(?:\#\w{1,8}|\w{2,31});)"
)
_TICKS = re.compile("`+")


def visible_text(source: str) -> str:
    """What a reader sees of a Markdown text: no marks, of a link its words, of a table its cells.

    A text without marks comes back as the same object. It takes time in proportion to the length, whatever the text.
    """
    if _MARK.search(source) is None and source[:1] not in "-+=":
        return source
    is_fenced = "```" in source or "~~~" in source
    shown = ("".join(_blocks("\n" + source)) if is_fenced else _prose("\n" + source))[1:]
    return source if shown == source else shown


def _blocks(text: str) -> Iterator[str]:
    """Prose without marks, code as it stands; every line begins with its line break."""
    begin, fence = 0, ""
    for match in _FENCE.finditer(text):
        marks, rest = match.groups()
        if not fence:
            yield _prose(text[begin : match.start()])
            begin, fence = match.end(), marks
        elif marks.startswith(fence) and not rest.strip():
            yield text[begin : match.start()]
            begin, fence = match.end(), ""
    yield text[begin:] if fence else _prose(text[begin:])


def _prose(text: str) -> str:
    text = _LINE_START.sub("\n", text)
    if "|" in text:
        text = "\n".join(_without_pipes(text.split("\n")))
    return "".join(
        part if _INLINE.search(part) is None else _Inline(part).shown() for part in _BLANK_LINES.split(text)
    )


def _without_pipes(lines: list[str]) -> Iterator[str]:
    """The lines, those of tables with tabs between their cells."""
    is_table = False
    for line, after in zip(lines, [*lines[1:], ""], strict=True):
        if "|" not in line:
            is_table = False
        elif not is_table:
            is_table = _is_table_rule(after)
        elif _is_table_rule(line):
            continue
        if is_table:
            yield "\t".join(cell.strip() for cell in _CELL_END.split(line.strip().strip("|")))
        else:
            yield line


def _is_table_rule(line: str) -> bool:
    return "|" in line and _TABLE_RULE.fullmatch(line) is not None


class _Inline:
    """One paragraph and which of its characters are marks."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._cuts: list[tuple[int, int, str]] = []
        self._runs: dict[str, list[tuple[int, int]]] = {"*": [], "_": [], "~": []}
        self._brackets: list[tuple[int, int]] = []
        self._ticks: dict[int, list[int]] | None = None

    def shown(self) -> str:
        """The paragraph without its marks."""
        text, after = self._text, 0
        for match in _INLINE.finditer(text):
            start, end = match.span()
            if start >= after:  # else it stands in a piece of code
                after = self._take(start, end)
        if not self._cuts:
            return text
        parts: list[str] = []
        after = 0
        for start, end, instead in sorted(self._cuts):
            parts += (text[after:start], instead)
            after = end
        return "".join(parts) + text[after:]

    def _take(self, start: int, end: int) -> int:
        """Deal with one possible mark; where to go on."""
        match self._text[start]:
            case "`":
                return self._code(start, end)
            case "*" | "_" | "~" as kind:
                self._emphasis(kind, start, end)
            case "[" | "!":
                self._brackets.append((start, end))
            case "]":
                self._link(start, end)
            case "<":
                self._cuts += ((start, start + 1, ""), (end - 1, end, ""))
            case "&":
                self._cuts.append((start, end, html.unescape(self._text[start:end])))
            case _:
                self._cuts.append((start, start + 1, ""))
        return end

    def _code(self, start: int, end: int) -> int:
        """Code ends at as many backticks as it began with."""
        if self._ticks is None:
            self._ticks = {}
            for match in _TICKS.finditer(self._text):
                self._ticks.setdefault(len(match[0]), []).append(match.start())
        same = self._ticks.get(end - start, [])
        at = bisect_left(same, end)
        if at == len(same):
            return end
        close = same[at] + end - start
        self._cuts += ((start, end, ""), (same[at], close, ""))
        return close

    def _link(self, start: int, end: int) -> None:
        if self._brackets:
            opening = self._brackets.pop()
            if end - start > 1:
                self._cuts += ((*opening, ""), (start, end, ""))

    def _emphasis(self, kind: str, start: int, end: int) -> None:
        """Pair a run of marks with those that are open; a mark with a gap on either side is none."""
        opens, closes = self._flanks(kind, start, end)
        waiting = self._runs[kind]
        while closes and waiting and start < end:
            first, last = waiting.pop()
            paired = min(end - start, last - first)
            self._cuts += ((last - paired, last, ""), (start, start + paired, ""))
            start += paired
            if last - paired > first:
                waiting.append((first, last - paired))
        if opens and start < end:
            waiting.append((start, end))

    def _flanks(self, kind: str, start: int, end: int) -> tuple[bool, bool]:
        before, after = self._text[start - 1 : start] or " ", self._text[end : end + 1] or " "
        is_word_before, is_word_after = before.isalnum(), after.isalnum()
        opens = not after.isspace() and (is_word_after or not is_word_before)
        closes = not before.isspace() and (is_word_before or not is_word_after)
        if kind == "_":  # names like this_one keep theirs
            return opens and not is_word_before, closes and not is_word_after
        return opens, closes


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
def sought_of(needle: str) -> str:
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
    sought = sought_of(needle)
    if not sought:
        return []
    return _spans(line, sought)


def _spans(text: str, sought: str, *, within_edges: bool = False) -> list[tuple[int, int]]:
    """Where it stands in a visible text; `within_edges`: blanks at both ends are nothing that is seen."""
    whole = composed(text)
    folded = fold(whole.text)
    first = len(folded) - len(folded.lstrip()) if within_edges else 0
    last = len(folded.rstrip()) if within_edges else len(folded)
    matches = islice(_pattern(sought).finditer(folded, first, last), MOST_HITS)
    found = [match.span() for match in matches]
    return [whole.span_before(*span) for span in found] if whole.parts else found


@dataclass(frozen=True, slots=True)
class Hit:
    """One place where what is sought stands."""

    key: str
    """Of the message."""
    index: int
    """Among the hits of the same message, from 0."""
    start: int
    """Into the visible text of the message."""
    end: int


class SearchText(NamedTuple):
    """What is shown of a message."""

    key: str
    """Of the message."""
    source: str
    """Markdown, or the text itself when it `is_plain`."""
    is_plain: bool


class Hits(Sequence[Hit]):
    """All hits in the order of the conversation; only those that are looked at are located."""

    def __init__(
        self,
        sought: str,
        texts: Sequence[SearchText],
        counts: Iterable[int],
        order: Mapping[str, int],
        *,
        places: Sequence[int],
        long: Container[int] = (),
    ) -> None:
        """`texts` have hits, `counts` says how many.

        `order`: key → place in the conversation; `places`: that of each text, in order; `long`: those of long texts.
        """
        self._sought = sought
        self._texts = texts
        self._ends = list(accumulate(counts))
        self._order = order
        self._places = places
        self._long = long

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    @overload
    def __getitem__(self, at: int) -> Hit: ...
    @overload
    def __getitem__(self, at: slice) -> list[Hit]: ...
    def __getitem__(self, at: int | slice) -> Hit | list[Hit]:
        if isinstance(at, slice):
            return [self[index] for index in range(*at.indices(len(self)))]
        at = range(len(self))[at]
        message = bisect_right(self._ends, at)
        text, index = self._texts[message], at - (self._ends[message - 1] if message else 0)
        places = _places(text, self._sought) or (
            (0, 0),
        )  # another program may have taken the words out meanwhile
        return Hit(text.key, index, *places[min(index, len(places) - 1)])

    def __iter__(self) -> Iterator[Hit]:
        for message in range(len(self._texts)):
            yield from self._located(message)

    def first_from(self, key: str) -> int | None:
        """Number of the first hit in that message or below it; None when there is none."""
        message = bisect_left(self._places, self._order.get(key, 0))
        if message == len(self._texts):
            return None
        return self._ends[message - 1] if message else 0

    def is_in(self, at: int, key: str) -> bool:
        """Whether hit `at` is in that message."""
        return self._order.get(key) == self._places[bisect_right(self._ends, at)]

    def is_slow(self, at: int) -> bool:
        """Whether it takes long to locate hit `at`, so that it is to be done in a thread."""
        return self._places[bisect_right(self._ends, at)] in self._long

    def _located(self, message: int) -> list[Hit]:
        text = self._texts[message]
        return [Hit(text.key, index, *span) for index, span in enumerate(_places(text, self._sought))]


@lru_cache(maxsize=64)
def _places(text: SearchText, sought: str) -> tuple[tuple[int, int], ...]:
    return tuple(_spans(_shown(text), sought, within_edges=True))


def _shown(text: SearchText) -> str:
    is_as_it_stands = text.is_plain or not may_be_markdown(text.source)
    return text.source if is_as_it_stands else visible_text(text.source)


def ready_of(text: SearchText) -> str:
    """What a reader sees of a text, folded, with one blank for each gap: made to count hits in."""
    folded = fold(composed(_shown(text)).text)
    return " ".join(filter(None, (" ".join(part.split()) for part in _parts(folded))))


def _parts(text: str) -> Iterator[str]:
    """The text in parts that begin with a gap."""
    start = 0
    while start < len(text):
        gap = _GAP.search(text, start + LONGEST_PART)
        end = gap.start() if gap is not None else len(text)
        yield text[start:end]
        start = end
