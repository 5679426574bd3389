"""An entry of the conversation: what is set below what came before, and how it was set."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from msgspec import Struct
from msgspec.structs import replace
from rich.segment import Segment
from textual.strip import Strip

from animus_tui.ui.conversation.entries.long_rows import WEIGHT, LongRows
from animus_tui.ui.markdown.rows import Link, Piece, Row, SetText

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, MutableSequence, Sequence

    from rich.style import Style

    from animus_tui.ui.conversation.entries.canvas import Canvas
    from animus_tui.ui.markdown.rows import LongText

MOST_STRIPS = 6_000
"""Painted rows of one layout that are kept."""
EMPTY = Row((), 0)
"""A row with nothing on it."""


class Target(Struct, frozen=True):
    """Cells that do something when they are clicked."""

    row: int
    start: int
    end: int
    action: str
    """What the entry is asked to do, or the address of a link."""


class PlacedRow(NamedTuple):
    """A row of cells at its place in the pane."""

    x: int
    row: Row
    first_line: int = 0
    """What is to be added to the lines of its pieces."""


class LongPart(NamedTuple):
    """A part of a layout whose rows are made when they are painted."""

    text: LongText
    first_row: int
    first_line: int


class HitPart(NamedTuple):
    """The part of a hit of a search that stands in one line of an entry."""

    number: int | None
    """Which of the hits of the entry; None in what is folded away most of the time, which is not counted."""
    start: int
    end: int


HitsByLine = dict[int, list[HitPart]]
"""The parts of all hits in an entry, by line."""


class Layout:
    """An entry, set for one canvas. Strips are made when they are painted first."""

    __slots__ = (
        "_strips",
        "code",
        "first_found",
        "head",
        "hits",
        "lines",
        "links",
        "long_part",
        "placed",
        "same_again",
        "targets",
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
        """The first line whose hits are counted: what is folded away most of the time comes before."""
        self.head = 0
        """Rows above the entry itself, such as the day."""
        self.hits: tuple[str, HitsByLine] | None = None
        """What was looked for last, and where it stands."""
        self.same_again: set[int] = set()
        """Rows behind the first one that differs from how it was set before which do not."""
        self.long_part: LongPart | None = None
        """The last part that is made when it is painted."""
        self._strips: dict[int, Strip] = {}

    def __len__(self) -> int:
        return len(self.placed)

    @property
    def weight(self) -> int:
        """How much memory it takes: its segments."""
        if self.long_part is not None:
            return WEIGHT + self.long_part.first_row
        return sum(len(placed.row.segments) + 2 for placed in self.placed)

    def blank(self, rows: int = 1) -> None:
        """Leave rows free."""
        self.placed += [PlacedRow(0, EMPTY)] * rows

    def row(self, x: int, segments: Sequence[Segment], *pieces: Piece) -> None:
        """One row; `pieces` say which of the lines stand in it."""
        cells = sum(segment.cell_length for segment in segments)
        self.placed.append(PlacedRow(x, Row(tuple(segments), cells, pieces)))

    def text(self, x: int, text: SetText) -> None:
        """A text that was set, from cell `x` on."""
        first = len(self.lines)
        self.placed += [PlacedRow(x, row, first) for row in text.rows]
        self.lines += text.lines
        self.code += text.code
        self.links += [replace(link, line=link.line + first) for link in text.links]
        if text.tail is not None:
            self.long_text(text.tail, lambda row, line: PlacedRow(x, row, line))

    def long_text(self, text: LongText, place: Callable[[Row, int], PlacedRow]) -> None:
        """A text whose rows are made when they are painted; `place` gets a row, and its first line."""
        first = len(self.lines)
        self.long_part = LongPart(text, len(self.placed), first)
        self.placed = LongRows(self.placed, len(text), lambda at: place(text.row(at), first))
        self.lines += text.lines

    def row_of(self, line: int, offset: int) -> int:
        """The row on which a character of the text stands."""
        part = self.long_part
        if part is not None and 0 <= line - part.first_line < len(part.text.lines):
            return part.first_row + part.text.row_of(line - part.first_line, offset)
        found = 0
        for at in range(len(self.placed) if part is None else part.first_row):
            placed = self.placed[at]
            for piece in placed.row.pieces:
                if (piece.line + placed.first_line, piece.start) <= (line, offset):
                    found = at
        return found

    def target(self, action: str, start: int = 0, end: int | None = None) -> None:
        """Make cells of the last row do something: all of its own by default."""
        placed = self.placed[-1]
        last = placed.x + placed.row.cells if end is None else end
        self.targets.append(Target(len(self.placed) - 1, start or placed.x, last, action))

    def keep_strips(self, before: Layout) -> int:
        """Take over the strips of rows that are the same; returns the first row that is not."""
        if before.width != self.width or self.long_part is not None or before.long_part is not None:
            return 0
        pairs = zip(self.placed, before.placed, strict=False)
        same = [
            mine.x == other.x and (mine.row is other.row or mine.row == other.row) for mine, other in pairs
        ]
        self._strips = {at: strip for at, strip in before._strips.items() if at < len(same) and same[at]}
        first = same.index(False) if False in same else len(same)
        self.same_again = {at for at in range(first, len(same)) if same[at]}
        return first

    def strip(self, at: int, ground: Style) -> Strip:
        """Row `at`, exactly as wide as the canvas."""
        strip = self._strips.get(at)
        if strip is None:
            placed = self.placed[at]
            segments = list(placed.row.segments)
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


class Entry(ABC):
    """One thing in the flow of the conversation. It draws itself and knows what its keys do."""

    is_choosable: ClassVar[bool] = True
    """Whether the cursor stops here."""
    is_picture: ClassVar[bool] = False

    def __init__(self, entry_id: str) -> None:
        self.id = entry_id
        self.revision = 0
        """Rises with every change of what it looks like."""

    def changed(self) -> None:
        """It looks different now."""
        self.revision += 1

    @abstractmethod
    def set(self, canvas: Canvas) -> Layout:
        """Set it for a canvas."""

    def source(self) -> str:
        """Its text as it was said."""
        return ""

    @property
    def is_behind(self) -> bool:
        """Whether more of it arrived than could be set at once."""
        return False

    @property
    def can_retry(self) -> bool:
        """Whether there is something to try again."""
        return False


def runs(*parts: tuple[str, Style]) -> list[Segment]:
    """Segments of the texts that are not empty."""
    return [Segment(text, style) for text, style in parts if text]


def joined(notes: Iterable[str]) -> str:
    """The notes that there are, with dots between."""
    return " · ".join(note for note in notes if note)
