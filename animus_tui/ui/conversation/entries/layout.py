"""How one entry is laid out at one width: its rows, its text, what can be clicked, and the hits of a search."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import MutableSequence
from itertools import accumulate
from typing import TYPE_CHECKING, overload

from msgspec import Struct
from msgspec.structs import replace
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from animus_tui.ui.markdown.text_layout import LazyText, Link, Piece, Row, TextLayout, cell_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence


MOST_STRIPS = 300
"""Painted rows of one layout that are kept, some screens: each is some dozens of objects for the garbage collector."""
EMPTY = Row((), 0)
"""A row with nothing on it."""


class Target(Struct, frozen=True):
    """Cells that do something when they are clicked."""

    row: int
    start: int
    end: int
    action: str
    """What the entry is asked to do."""


class PlacedRow(Struct, frozen=True):
    """A row of cells at its place in the pane."""

    x: int
    row: Row
    first_line: int = 0
    """What is to be added to the lines of its pieces."""

    def cells_of(self, piece: Piece, line: str, start: int, end: int) -> tuple[int, int] | None:
        """The cells where characters `start` to `end` of a line begin and end, as far as a piece shows them."""
        start, end = max(start, piece.start), min(end, piece.end)
        if start >= end:
            return None
        return self.x + cell_of(piece, line, start), self.x + cell_of(piece, line, end)


class LazyPart(Struct, frozen=True):
    """A part of a layout whose rows are made when they are painted."""

    text: LazyText
    first_row: int
    first_line: int


class HitPart(Struct, frozen=True):
    """The part of a hit of a search that is in one line of an entry."""

    number: int | None
    """Which of the hits of the entry; None in the reasoning, whose hits are not counted."""
    start: int
    end: int


HitsByLine = dict[int, list[HitPart]]
"""The parts of all hits in an entry, by line."""


class Layout:
    """An entry, laid out for one render context. Strips are made when they are first painted."""

    __slots__ = (
        "_strips",
        "code",
        "first_found",
        "foot",
        "head",
        "hits",
        "lazy_part",
        "lines",
        "links",
        "placed",
        "same_again",
        "targets",
        "tint",
        "width",
    )

    def __init__(self, width: int) -> None:
        self.width = width
        self.placed: MutableSequence[PlacedRow] = []
        self.lines: list[str] = []
        """The text without wraps, for copying; positions in it are lines and characters."""
        self.code: list[str] = []
        self.links: list[Link] = []
        self.targets: list[Target] = []
        self.first_found = 0
        """The first line whose hits are counted; the reasoning is above it."""
        self.head = 0
        """Rows above the entry itself, such as the day."""
        self.foot = 0
        """Rows below the entry itself with something on them."""
        self.tint: Style | None = None
        """Everything is painted in the colour of this style, when the model is not told of the message."""
        self.hits: tuple[str, HitsByLine] | None = None
        """The text that was searched last, and its hits."""
        self.same_again: set[int] = set()
        """The rows below the first changed one that are the same as in the layout before."""
        self.lazy_part: LazyPart | None = None
        """The last part whose rows are made when they are painted."""
        self._strips: dict[int, Strip] = {}

    def __len__(self) -> int:
        return len(self.placed)

    @property
    def weight(self) -> int:
        """How much memory it takes: its segments."""
        if self.lazy_part is not None:
            return WEIGHT + self.lazy_part.first_row
        return sum(len(placed.row.segments) + 2 for placed in self.placed)

    def add_blank(self) -> None:
        """Add a blank row."""
        self.placed.append(PlacedRow(0, EMPTY))

    def drop_last_blank(self) -> None:
        """Remove the last row, if it is blank."""
        if self.placed and not self.placed[-1].row.cells:
            del self.placed[-1]

    def add_row(self, x: int, segments: Sequence[Segment], *pieces: Piece) -> None:
        """Add one row; `pieces` say which parts of the lines are in it."""
        cells = sum(segment.cell_length for segment in segments)
        self.placed.append(PlacedRow(x, Row(tuple(segments), cells, pieces)))

    def add_text(self, x: int, text: TextLayout) -> None:
        """Add a text that is laid out, from cell `x` on."""
        first = len(self.lines)
        self.placed += [PlacedRow(x, row, first) for row in text.rows]
        self.lines += text.lines
        self.code += text.code
        self.links += [replace(link, line=link.line + first) for link in text.links]
        if text.tail is not None:
            self.add_lazy_text(text.tail, lambda row, line: PlacedRow(x, row, line))

    def add_marks(self, x: int, text: TextLayout) -> None:
        """Add the rows of a text that is painted, but neither copied nor found."""
        self.placed += [PlacedRow(x, replace(row, pieces=())) for row in text.rows]

    def add_lazy_text(self, text: LazyText, place: Callable[[Row, int], PlacedRow]) -> None:
        """A text whose rows are made when they are painted; `place` gets a row, and its first line."""
        first = len(self.lines)
        self.lazy_part = LazyPart(text, len(self.placed), first)
        self.placed = LazyRows(self.placed, len(text), lambda at: place(text.row(at), first))
        self.lines += text.lines

    def row_of(self, line: int, offset: int) -> int:
        """The row of a character of the text."""
        part = self.lazy_part
        if part is not None and 0 <= line - part.first_line < len(part.text.lines):
            return part.first_row + part.text.row_of(line - part.first_line, offset)
        found = 0
        for at in range(len(self.placed) if part is None else part.first_row):
            placed = self.placed[at]
            for piece in placed.row.pieces:
                if (piece.line + placed.first_line, piece.start) <= (line, offset):
                    found = at
        return found

    def add_target(self, action: str, start: int = 0, end: int | None = None) -> None:
        """Make cells of the last row do something: all of its own by default."""
        placed = self.placed[-1]
        last = placed.x + placed.row.cells if end is None else end
        self.targets.append(Target(len(self.placed) - 1, start or placed.x, last, action))

    def keep_strips(self, other: Layout) -> int:
        """Take over the strips of rows that are the same in the former layout; returns the first row that is not."""
        is_different = other.width != self.width or other.tint != self.tint
        if is_different or self.lazy_part is not None or other.lazy_part is not None:
            return 0
        pairs = zip(self.placed, other.placed, strict=False)
        same = [now.x == was.x and (now.row is was.row or now.row == was.row) for now, was in pairs]
        self._strips = {at: strip for at, strip in other._strips.items() if at < len(same) and same[at]}
        first = same.index(False) if False in same else len(same)
        self.same_again = {at for at in range(first, len(same)) if same[at]}
        return first

    def strip(self, at: int, ground: Style) -> Strip:
        """Row `at`, exactly as wide as the pane."""
        strip = self._strips.get(at)
        if strip is None:
            placed = self.placed[at]
            segments = list(placed.row.segments)
            if self.tint is not None:
                segments = list(Segment.apply_style(segments, post_style=Style(color=self.tint.color)))
            if placed.x:
                segments.insert(0, Segment(" " * placed.x, ground))
            rest = self.width - placed.x - placed.row.cells
            if rest > 0:
                segments.append(Segment(" " * rest, ground))
            if len(self._strips) >= MOST_STRIPS:
                self._strips.clear()
            strip = self._strips[at] = Strip(segments, placed.x + placed.row.cells + max(rest, 0))
            if rest < 0:  # a terminal of a few cells
                strip = self._strips[at] = strip.crop(0, self.width)
        return strip


MOST_AT_ONCE = 30_000
"""Characters of an entry that are looked through at once; a longer one is looked through in a thread."""


def is_slow(layout: Layout, needle: str) -> bool:
    """Whether an entry is so long that it is to be looked through in a thread, and was not yet for this needle."""
    if layout.hits is not None and layout.hits[0] == needle:
        return False
    size = 0
    for line in layout.lines:
        size += len(line) + 1
        if size > MOST_AT_ONCE:
            return True
    return False


def hits_in(layout: Layout, needle: str) -> HitsByLine:
    """By line all hits; sought once for one needle, however many rows are painted. Safe in a thread."""
    if layout.hits is None or layout.hits[0] != needle:
        found: HitsByLine = {}
        _seek(found, layout.lines[: layout.first_found], 0, needle, counted=False)
        _seek(found, layout.lines[layout.first_found :], layout.first_found, needle, counted=True)
        layout.hits = needle, found
        return found
    return layout.hits[1]


def _seek(found: HitsByLine, lines: list[str], first: int, needle: str, *, counted: bool) -> None:
    from animus_tui.chat.search_text import spans  # 7 ms of patterns, only for a search

    begins = list(accumulate((len(line) + 1 for line in lines), initial=0))
    for number, (start, end) in enumerate(spans("\n".join(lines), needle)):
        line = bisect_right(begins, start) - 1
        while line < len(lines) and begins[line] < end:
            at = max(start - begins[line], 0), min(end - begins[line], len(lines[line]))
            found.setdefault(first + line, []).append(HitPart(number if counted else None, *at))
            line += 1


WEIGHT = 500
"""The weight of a lazy part: its strips."""


class LazyRows(MutableSequence[PlacedRow]):
    """Rows that exist, then `count` rows that are made when they are asked for, then rows that are added."""

    def __init__(self, above: Sequence[PlacedRow], count: int, make: Callable[[int], PlacedRow]) -> None:
        """`make` makes one of the `count` rows, counted from 0."""
        self._above, self._count, self._make = above, count, make
        self._below: list[PlacedRow] = []

    def __len__(self) -> int:
        return len(self._above) + self._count + len(self._below)

    @overload
    def __getitem__(self, index: int) -> PlacedRow: ...
    @overload
    def __getitem__(self, index: slice) -> MutableSequence[PlacedRow]: ...
    def __getitem__(self, index: int | slice) -> PlacedRow | MutableSequence[PlacedRow]:
        if isinstance(index, slice):
            return [self[at] for at in range(*index.indices(len(self)))]
        at = range(len(self))[index] - len(self._above)
        if at < 0:
            return self._above[at]
        return self._make(at) if at < self._count else self._below[at - self._count]

    @overload
    def __setitem__(self, index: int, value: PlacedRow) -> None: ...
    @overload
    def __setitem__(self, index: slice, value: Iterable[PlacedRow]) -> None: ...
    def __setitem__(self, index: int | slice, value: PlacedRow | Iterable[PlacedRow]) -> None:
        raise TypeError("Rows are only added at the end.")

    def __delitem__(self, index: int | slice) -> None:
        if index != -1 or not self._below:
            raise TypeError("Only the last row can be taken away, and none that is made when it is painted.")
        del self._below[-1]

    def insert(self, index: int, value: PlacedRow) -> None:
        """Add a row at the end."""
        if index != len(self):
            raise TypeError("Rows are only added at the end.")
        self._below.append(value)
