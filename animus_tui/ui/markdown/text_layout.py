"""A laid out text: rows of cells to paint, the text that they show, for copying and finding, and the styles used."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from itertools import accumulate
from typing import TYPE_CHECKING

from msgspec import Struct, field
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

from animus_tui.ui.markdown.cells import cells_of, clusters, is_simple, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


class Languages:
    """The languages whose colours are loaded: loading those of another one takes too long for a key press."""

    def __init__(self) -> None:
        self._ready: set[str] = set()
        self.missing: set[str] = set()
        """What was asked for and is not loaded."""

    @property
    def loaded(self) -> int:
        """How many there are: what was laid out with fewer may lack colours."""
        return len(self._ready)

    def has(self, language: str) -> bool:
        """Whether code in this language can be coloured now; if not, that is noted."""
        if language not in self._ready:
            self.missing.add(language)
        return language in self._ready

    def add(self, languages: Iterable[str]) -> None:
        """Note that the colours of these languages are loaded, or do not exist."""
        self._ready.update(languages)
        self.missing.difference_update(languages)


class TextStyles(Struct, frozen=True):
    """Complete styles, foreground and background; emphasis and strength are added to whichever is in force."""

    text: Style
    quiet: Style
    """Times, marks, list bullets, quoted text."""
    heading: Style
    code: Style
    """Code within a line."""
    code_block: Style
    """A block of code, whose ground fills the whole width."""
    link: Style
    line: Style
    """Rules, the bar beside a quotation, the lines of a table."""
    tokens: Mapping[str, Style]
    """Syntax colours on the ground of `code_block`, by kind: comment, keyword, name, number, operator, string."""
    languages: Languages | None = None
    """Only code in these is coloured; None: in every language, however long loading its colours takes."""

    @property
    def loaded(self) -> int:
        """How many languages have their colours loaded."""
        return self.languages.loaded if self.languages is not None else 0


MOST_LINES = 50_000
"""Lines of a `LazyText` that are shown."""


class Piece(Struct, frozen=True, gc=False):
    """The part of a line of text that is on one row."""

    x: int
    """Cell where it begins."""
    line: int
    """Index into `TextLayout.lines`."""
    start: int
    """Characters `start` to `end` of that line are here."""
    end: int


class Row(Struct, frozen=True, gc=False):
    """One row of cells, not filled up to the right."""

    segments: tuple[Segment, ...]
    cells: int
    """Its width."""
    pieces: tuple[Piece, ...] = ()
    """From left to right; none on a row without text, such as a rule."""


def row_of(*segments: Segment) -> Row:
    """A row of segments that are no part of the text."""
    return Row(segments, sum(segment.cell_length for segment in segments))


class Link(Struct, frozen=True, gc=False):
    """An address that can be opened, and where its words are."""

    href: str
    line: int
    start: int
    end: int


class LazyText:
    """The rows of a printable text of any length at one width, each of which is made when it is painted.

    Its lines are parted wherever a row is full, so that the number of rows follows from the lengths of the lines.
    """

    def __init__(self, text: str, width: int, style: Style) -> None:
        self._width, self._style = max(1, width), style
        self.lines = text.split("\n", MOST_LINES)
        """The text, a line each."""
        if len(self.lines) > MOST_LINES:
            hidden = self.lines.pop().count("\n") + 1
            self.lines.append(f"… {hidden:,} more lines are not shown; copying the message copies them too.")
        # The width of a character outside the simple ones takes time to look up: two cells at most.
        half = max(1, self._width // 2)
        if text.isascii():
            self._across = b""
            counts = [-(-len(line) // self._width) or 1 for line in self.lines]
        else:
            self._across = bytes(map(is_simple, self.lines))
            counts = [
                -(-len(line) // (self._width if simple else half)) or 1
                for line, simple in zip(self.lines, self._across, strict=True)
            ]
        self._tops = list(accumulate(counts, initial=0))

    def __len__(self) -> int:
        return self._tops[-1]

    def row(self, at: int) -> Row:
        """The row at an index, counted from 0."""
        number = bisect_right(self._tops, at) - 1
        line, across = self.lines[number], self._across_of(number)
        start = (at - self._tops[number]) * across
        end = min(start + across, len(line))
        part = shown(line[start:end].replace("\t", " "))
        if cell_len(part) > self._width:  # characters of two cells where there is room for one
            part = "…"
        segments = (Segment(part, self._style),) if part else ()
        return Row(segments, cell_len(part), (Piece(0, number, start, end),))

    def row_of(self, line: int, offset: int) -> int:
        """The row of a character of a line."""
        line = min(line, len(self.lines) - 1)
        last = self._tops[line + 1] - 1
        return min(self._tops[line] + offset // self._across_of(line), last)

    def _across_of(self, line: int) -> int:
        """Characters of a row of this line."""
        is_plain = not self._across or self._across[line]
        return self._width if is_plain else max(1, self._width // 2)


class TextLayout(Struct):
    """The layout of a text at one width. Never changed once it is handed out."""

    rows: list[Row] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    """The text without wraps and without marks of emphasis, a paragraph or a line of code each."""
    code: list[str] = field(default_factory=list)
    """The blocks of code, from the top, as in the source."""
    links: list[Link] = field(default_factory=list)
    """From the top."""
    tail: LazyText | None = None
    """The rest of a text that is too long for Markdown, as plain text."""


def cell_of(piece: Piece, line: str, offset: int) -> int:
    """The cell of the character at `offset` of the line; beyond the piece, where the piece ends."""
    cells = 0
    for start, end, width in _clusters(piece, line):
        if offset < end and offset < piece.end:
            return piece.x + (cells if offset >= start else 0)
        cells += width
    return piece.x + cells


def offset_at(row: Row, lines: Sequence[str], x: int) -> tuple[int, int] | None:
    """Line and offset of the character at a cell, or where the nearest text begins or ends; None without text."""
    nearest = None
    for piece in row.pieces:
        if nearest is not None and x < piece.x:
            before, behind = nearest
            return before if x - behind < piece.x - x else (piece.line, piece.start)
        at = piece.x
        for start, _, width in _clusters(piece, lines[piece.line]):
            if x < at + width:
                return piece.line, start
            at += width
        nearest = (piece.line, piece.end), at
    return nearest[0] if nearest else None


def _clusters(piece: Piece, line: str) -> Iterator[tuple[int, int, int]]:
    """Start, end and cells of each cluster in a piece."""
    part = line[piece.start : piece.end]
    column = cells_of(line[: piece.start]) if "\t" in part else 0
    for start, end, cells in clusters(part, column):
        yield piece.start + start, piece.start + end, cells
