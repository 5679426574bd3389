"""Lines of styled text: made from the inline text of Markdown, and broken into rows of segments."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct, field
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

from animus_tui.printable import printable
from animus_tui.ui.markdown.cells import Span, chop, clusters, is_simple, painted, wrap
from animus_tui.ui.markdown.text_layout import TextStyles

if TYPE_CHECKING:
    from markdown_it.token import Token


class Run(NamedTuple):
    """The style of the characters from the end of the run before to `end`."""

    end: int
    style: Style


class LinkSpan(Struct, frozen=True):
    """An address and the characters that stand for it."""

    href: str
    start: int
    end: int


class StyledLine(Struct, frozen=True, gc=False):
    """One line of text with its styles."""

    text: str
    runs: Sequence[Run]
    """Up to the end of the text."""
    links: Sequence[LinkSpan] = ()


class RowSpan(NamedTuple):
    """What is painted on one row."""

    segments: list[Segment]
    cells: int
    start: int
    end: int


WrappedLine = tuple[StyledLine, list[RowSpan]]
"""A line and its rows."""


def wrap_prose(line: StyledLine, width: int) -> list[RowSpan]:
    """The rows of a line, parted between words."""
    return _paint(line, wrap(line.text, width), width)


def chop_code(line: StyledLine, width: int) -> list[RowSpan]:
    """The rows of a line, parted wherever they are full."""
    return _paint(line, chop(line.text, width), width)


def _paint(line: StyledLine, spans: list[Span], width: int) -> list[RowSpan]:
    text, runs = line.text, line.runs
    simple = is_simple(text)
    if simple and len(runs) == 1:
        style = runs[0].style
        return [RowSpan([Segment(text[a:b], style)], b - a, a, b) for a, b, _ in spans]
    if not simple:
        runs = _whole_clusters(text, runs)
    rows, index = [], 0
    for span in spans:
        while index < len(runs) and runs[index].end <= span.start:
            index += 1
        rows.append(_simple_row(text, runs, index, span) if simple else _row(text, runs, index, span, width))
    return rows


def _simple_row(text: str, runs: Sequence[Run], index: int, span: Span) -> RowSpan:
    """The same as `_row` where each character is one cell."""
    segments = []
    at, end = span.start, span.end
    while at < end:
        stop, style = runs[index]
        stop = min(stop, end)
        if stop > at:
            segments.append(Segment(text[at:stop], style))
            at = stop
        index += 1
    return RowSpan(segments, end - span.start, span.start, end)


def _row(text: str, runs: Sequence[Run], index: int, span: Span, width: int) -> RowSpan:
    """The row of a span whose first character is in the run at `index`."""
    segments = []
    at, used = span.start, 0
    while at < span.end:
        end = min(runs[index].end, span.end)
        part = painted(text[at:end], span.column + used, width - used)
        if part:
            segments.append(Segment(part, runs[index].style))
            used += cell_len(part)
        at = end
        index += 1
    return RowSpan(segments, used, span.start, span.end)


def _whole_clusters(text: str, runs: Sequence[Run]) -> list[Run]:
    """The runs with each end moved behind the cluster that it would cut."""
    moved: list[Run] = []
    ends = iter(cluster.end for cluster in clusters(text))
    end = 0
    for run in runs:
        while end < run.end:
            end = next(ends)
        if end > (moved[-1].end if moved else 0):
            moved.append(Run(end, run.style))
    return moved


_STRONG, _EMPHASIS, _STRIKE, _UNDERLINE = 1, 2, 4, 8
_MARKS = {"strong": _STRONG, "em": _EMPHASIS, "s": _STRIKE}


@lru_cache(maxsize=512)
def marked(style: Style, marks: int) -> Style:
    """A style with emphasis added."""
    return style + Style(
        bold=True if marks & _STRONG else None,
        italic=True if marks & _EMPHASIS else None,
        strike=True if marks & _STRIKE else None,
        underline=True if marks & _UNDERLINE else None,
    )


def heading_style(styles: TextStyles, level: int) -> Style:
    """The style of a heading: the first level is underlined, from the third on it is slanted instead of strong."""
    return marked(styles.heading, {1: _STRONG | _UNDERLINE, 2: _STRONG}.get(level, _EMPHASIS))


def strong(style: Style) -> Style:
    """The style of what is strong."""
    return marked(style, _STRONG)


class GrowingLines(Struct):
    """The lines of a block of text as they grow."""

    style: Style
    styles: TextStyles
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

    def add(self, text: str, style: Style | None = None) -> None:
        """Text in the style in force, on a style of its own if one is given."""
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
            style = style or self.styles.link
        style = marked(style or self.style, marks) if marks else style or self.style
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
        links = [
            LinkSpan(link.href, link.start, min(link.end, end)) for link in self.links if link.start < end
        ]
        if end:
            self.done.append(StyledLine(text[:end], runs, links))
        self.parts, self.runs, self.links, self.length = [], [], [], 0


def styled_lines(tokens: Sequence[Token], style: Style, styles: TextStyles) -> list[StyledLine]:
    """The lines of a paragraph that are not empty: each line break of the source begins a new one."""
    lines = GrowingLines(style, styles)
    for token in tokens:
        kind = token.type
        if kind == "text":
            lines.add(token.content)
        elif kind == "code_inline":
            lines.add(token.content, styles.code)
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


def plain_line(text: str, style: Style) -> StyledLine:
    """A line in one style."""
    text = text.replace("\t", " ").strip(" ")
    return StyledLine(text, [Run(len(text), style)])


def _address(token: Token, name: str) -> str:
    return printable(str(token.attrs.get(name, "")), newlines=False)


def _add_image(lines: GrowingLines, token: Token) -> None:
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
