"""A line of styled text becomes segments, row by row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct
from rich.cells import cell_len
from rich.segment import Segment

from animus_tui.ui.markdown.cells import clusters, is_simple, painted
from animus_tui.ui.markdown.wrap import Span, chop, wrap

if TYPE_CHECKING:
    from rich.style import Style


class Run(NamedTuple):
    """The style of the characters from the end of the run before to `end`."""

    end: int
    style: Style


class LinkSpan(NamedTuple):
    """An address and the characters that stand for it."""

    href: str
    start: int
    end: int


class StyledLine(Struct, frozen=True):
    """One line of text with its styles."""

    text: str
    runs: Sequence[Run]
    """Up to the end of the text."""
    links: Sequence[LinkSpan] = ()


class PaintedSpan(NamedTuple):
    """What stands on one row."""

    segments: list[Segment]
    cells: int
    start: int
    end: int


def paint_prose(line: StyledLine, width: int) -> list[PaintedSpan]:
    """The rows of a line, parted between words."""
    return _paint(line, wrap(line.text, width), width)


def paint_code(line: StyledLine, width: int) -> list[PaintedSpan]:
    """The rows of a line, parted wherever they are full."""
    return _paint(line, chop(line.text, width), width)


def _paint(line: StyledLine, spans: list[Span], width: int) -> list[PaintedSpan]:
    text, runs = line.text, line.runs
    simple = is_simple(text)
    if simple and len(runs) == 1:
        style = runs[0].style
        return [PaintedSpan([Segment(text[a:b], style)], b - a, a, b) for a, b, _ in spans]
    if not simple:
        runs = _whole_clusters(text, runs)
    rows, index = [], 0
    for span in spans:
        while index < len(runs) and runs[index].end <= span.start:
            index += 1
        rows.append(_simple_row(text, runs, index, span) if simple else _row(text, runs, index, span, width))
    return rows


def _simple_row(text: str, runs: Sequence[Run], index: int, span: Span) -> PaintedSpan:
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
    return PaintedSpan(segments, end - span.start, span.start, end)


def _row(text: str, runs: Sequence[Run], index: int, span: Span, width: int) -> PaintedSpan:
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
    return PaintedSpan(segments, used, span.start, span.end)


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
