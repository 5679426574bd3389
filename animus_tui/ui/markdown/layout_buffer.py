"""The buffer that blocks are laid out in, one below the other, within the lists and quotations that are open."""

from __future__ import annotations

from itertools import starmap
from typing import TYPE_CHECKING

from msgspec import Struct, field
from rich.segment import Segment
from rich.style import Style

from animus_tui.ui.markdown.styled_lines import wrap_prose
from animus_tui.ui.markdown.text_layout import Link, Piece, Row, TextLayout, TextStyles

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from animus_tui.ui.markdown.styled_lines import LinkSpan, RowSpan, StyledLine, WrappedLine

NARROWEST = 6
"""Cells that a list or a quotation leaves to its text; where there are less, its mark is not painted."""


class Checkpoint(Struct, frozen=True):
    """How much of a text is laid out."""

    offset: int = 0
    """Characters."""
    rows: int = 0
    lines: int = 0
    code: int = 0
    links: int = 0


class Frame(Struct):
    """What is painted to the left of the blocks of a list item or a quotation."""

    mark: str
    """Painted beside the first row."""
    rest: str
    """Painted beside the other rows, as wide as the mark."""
    style: Style
    line_mark: str
    """Written before the first line of text."""
    line_rest: str
    """Written before the other lines."""
    cells: int
    """Width of what is painted; 0 where there is no room."""
    loose: bool = True
    """Whether a blank row parts the blocks within."""
    has_blocks: bool = False
    row_begun: bool = False
    line_begun: bool = False
    mark_at: tuple[int, int] | None = None
    """Line and offset of the mark in the text."""


class LayoutBuffer(Struct):
    """Rows and lines as they grow."""

    out: TextLayout
    width: int
    styles: TextStyles
    boxes: bool
    frames: list[Frame] = field(default_factory=list)
    """From the outermost; the first is the text itself."""

    @property
    def room(self) -> int:
        """The cells that a block has."""
        return self.width - sum(frame.cells for frame in self.frames)

    def mark(self, offset: int) -> Checkpoint:
        """How much is laid out so far, for `offset` characters."""
        out = self.out
        return Checkpoint(offset, len(out.rows), len(out.lines), len(out.code), len(out.links))

    def open_frame(self, frame: Frame) -> None:
        """Begin a list item or a quotation, which ends with `close_frame`."""
        if self.room - frame.cells < min(NARROWEST, self.room):
            frame.cells = 0
        self.frames.append(frame)

    def close_frame(self) -> None:
        """The innermost frame ends; one without blocks leaves its mark."""
        frame = self.frames[-1]
        if not frame.row_begun:
            self.add_line("")
            self.add_row([], 0, ())
        self.frames.pop()

    def begin_block(self) -> None:
        """Begin a block, with a blank row above it where there is another block."""
        frame = self.frames[-1]
        if frame.has_blocks and frame.loose:
            self.add_gap()
        frame.has_blocks = True

    def add_gap(self) -> None:
        """A blank row, beside it only the bars of quotations."""
        self.out.lines.append("".join(frame.line_rest for frame in self.frames).rstrip())
        frames = [frame for frame in self.frames if frame.cells]
        while frames and not frames[-1].rest.strip():
            frames.pop()
        segments = tuple(Segment(frame.rest, frame.style) for frame in frames if frame.rest)
        self.out.rows.append(Row(segments, sum(frame.cells for frame in frames)))

    def add_line(self, text: str, links: Iterable[LinkSpan] = ()) -> tuple[int, int]:
        """A line of text with its marks before it; its index, and where `text` begins in it."""
        out, index = self.out, len(self.out.lines)
        before = ""
        for frame in self.frames:
            if frame.line_begun:
                before += frame.line_rest
            else:
                frame.mark_at = index, len(before)
                frame.line_begun = True
                before += frame.line_mark
        out.lines.append(before + text if text else before.rstrip())
        start = len(before)
        out.links.extend(Link(link.href, index, start + link.start, start + link.end) for link in links)
        return index, start

    def add_bare_line(self, text: str) -> int:
        """A line without any marks, those of a list item on a line of their own; its index."""
        if not all(frame.line_begun for frame in self.frames):
            self.add_line("")
        self.out.lines.append(text)
        return len(self.out.lines) - 1

    def add_row(
        self, segments: Sequence[Segment], cells: int, pieces: Iterable[tuple[int, int, int, int]]
    ) -> None:
        """A row with its marks before it; the pieces' cells are counted from where the block begins."""
        if len(self.frames) == 1:
            self.out.rows.append(Row(tuple(segments), cells, tuple(starmap(Piece, pieces))))
            return
        before: list[Segment] = []
        found: list[Piece] = []
        x = 0
        for frame in self.frames:
            if frame.cells:
                mark = frame.rest if frame.row_begun else frame.mark
                if not frame.row_begun:
                    found.extend(self._mark_piece(frame, x))
                if mark:
                    before.append(Segment(mark, frame.style))
                x += frame.cells
            frame.row_begun = True
        found.extend(Piece(x + at, line, start, end) for at, line, start, end in pieces)
        self.out.rows.append(Row((*before, *segments), x + cells, tuple(found)))

    def _mark_piece(self, frame: Frame, x: int) -> Iterable[Piece]:
        """The mark, if it is in the text as it is painted."""
        if frame.mark_at is None or len(frame.mark.lstrip()) != len(frame.line_mark):
            return
        line, start = frame.mark_at
        end = min(start + len(frame.line_mark), len(self.out.lines[line]))
        yield Piece(x + frame.cells - len(frame.line_mark), line, start, end)

    def add_prose(self, lines: Iterable[StyledLine]) -> None:
        """A block of lines that are wrapped at words; nothing, if there are none."""
        width = self.room
        self.add_wrapped([(line, wrap_prose(line, width)) for line in lines])

    def add_wrapped(self, lines: Sequence[WrappedLine]) -> None:
        """A block of lines that are wrapped already; nothing, if there are none."""
        if lines:
            self.begin_block()
        for line, spans in lines:
            index, offset = self.add_line(line.text, line.links)
            self.add_spans(spans, index, offset)

    def add_spans(self, spans: Iterable[RowSpan], line: int, offset: int) -> None:
        """The rows of one line, whose painted text begins at `offset` in it."""
        for segments, cells, start, end in spans:
            self.add_row(segments, cells, ((0, line, offset + start, offset + end),))
