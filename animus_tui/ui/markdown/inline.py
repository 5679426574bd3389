"""The inline text of Markdown becomes styled lines."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from msgspec import Struct, field
from rich.style import Style

from animus_tui.printable import printable
from animus_tui.ui.markdown.inks import Inks
from animus_tui.ui.markdown.paint import LinkSpan, Run, StyledLine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it.token import Token


_STRONG, _EMPHASIS, _STRIKE, _UNDERLINE = 1, 2, 4, 8
_MARKS = {"strong": _STRONG, "em": _EMPHASIS, "s": _STRIKE}


@lru_cache(maxsize=512)
def marked(ink: Style, marks: int) -> Style:
    """An ink with emphasis added."""
    return ink + Style(
        bold=True if marks & _STRONG else None,
        italic=True if marks & _EMPHASIS else None,
        strike=True if marks & _STRIKE else None,
        underline=True if marks & _UNDERLINE else None,
    )


def heading_ink(inks: Inks, level: int) -> Style:
    """The ink of a heading: the first level is underlined, from the third on it is slanted instead of strong."""
    return marked(inks.heading, {1: _STRONG | _UNDERLINE, 2: _STRONG}.get(level, _EMPHASIS))


def strong(ink: Style) -> Style:
    """The ink of what is strong."""
    return marked(ink, _STRONG)


class _Lines(Struct):
    """The lines of a block of text as they grow."""

    ink: Style
    inks: Inks
    done: list[StyledLine] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    links: list[LinkSpan] = field(default_factory=list)
    length: int = 0
    href: str = ""
    link_start: int = 0
    link_has_words: bool = False
    marks: int = 0
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_MARKS, 0))

    def add(self, text: str, ink: Style | None = None) -> None:
        """Text in the style in force, on an ink of its own if one is given."""
        # A character reference such as &#x202e; or &#10; became a character only now.
        if not text.isprintable():
            text = printable(text, newlines=False)
        if not self.length:
            text = text.lstrip(" ")
        if not text:
            return
        marks = self.marks
        if self.href:
            marks |= _UNDERLINE
            ink = ink or self.inks.link
        style = marked(ink or self.ink, marks) if marks else ink or self.ink
        self.length += len(text)
        self.link_has_words = True
        self.parts.append(text)
        runs = self.runs
        if runs and (runs[-1].style is style or runs[-1].style == style):
            runs.pop()
        runs.append(Run(self.length, style))

    def mark(self, kind: str, nesting: int) -> None:
        """Emphasis begins (1) or ends (-1)."""
        self.counts[kind] += nesting
        self.marks = sum(bit for kind, bit in _MARKS.items() if self.counts[kind] > 0)

    def begin_link(self, href: str) -> None:
        """What follows stands for the address."""
        self.href, self.link_start, self.link_has_words = href, self.length, False

    def end_link(self) -> None:
        """What follows is no link."""
        if not self.link_has_words:
            self.add(self.href)
        self._close_link()
        self.href = ""

    def _close_link(self) -> None:
        if self.href and self.length > self.link_start:
            self.links.append(LinkSpan(self.href, self.link_start, self.length))

    def end_line(self) -> None:
        """The next text begins a new line; the styles go on."""
        self._close_link()
        self.link_start = 0
        text = "".join(self.parts)
        end = len(text.rstrip(" "))
        runs = self.runs
        if end < self.length:
            runs = [Run(min(run.end, end), run.style) for run in runs]
        links = [LinkSpan(href, start, min(stop, end)) for href, start, stop in self.links if start < end]
        if end:
            self.done.append(StyledLine(text[:end], runs, links))
        self.parts, self.runs, self.links, self.length = [], [], [], 0


def styled_lines(tokens: Sequence[Token], ink: Style, inks: Inks) -> list[StyledLine]:
    """The lines of a paragraph that are not empty: each line break of the source begins a new one."""
    lines = _Lines(ink, inks)
    for token in tokens:
        kind = token.type
        if kind == "text":
            lines.add(token.content)
        elif kind == "code_inline":
            lines.add(token.content, inks.code)
        elif kind in ("softbreak", "hardbreak"):
            lines.end_line()
        elif kind == "image":
            _add_image(lines, token)
        elif kind == "link_open":
            lines.begin_link(_address(token, "href"))
        elif kind == "link_close":
            lines.end_link()
        elif token.nesting and kind.rpartition("_")[0] in _MARKS:
            lines.mark(kind.rpartition("_")[0], token.nesting)
        else:
            lines.add(token.content)
    lines.end_line()
    return lines.done


def plain_line(text: str, ink: Style) -> StyledLine:
    """A line in one ink."""
    text = text.replace("\t", " ").strip(" ")
    return StyledLine(text, [Run(len(text), ink)])


def _address(token: Token, name: str) -> str:
    return printable(str(token.attrs.get(name, "")), newlines=False)


def _add_image(lines: _Lines, token: Token) -> None:
    words = _words(token) or _address(token, "src")
    if lines.href:
        lines.add(words)
    else:
        lines.begin_link(_address(token, "src"))
        lines.add(words)
        lines.end_link()


def _words(token: Token) -> str:
    """The words that stand for a picture."""
    if not token.children:
        return "" if token.children is not None else token.content
    parts = (_words(part) if part.type == "image" else part.content or " " for part in token.children)
    return " ".join("".join(parts).split())
