"""What a reader sees of a Markdown text: no marks, of a link its words, of a table its cells."""

from __future__ import annotations

import html
import re
from bisect import bisect_left
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

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
