"""Where a line of text is parted into rows."""

from __future__ import annotations

from typing import NamedTuple

from animus_tui.ui.markdown.cells import Cluster, clusters, is_simple

_CLOSING = frozenset(
    "、。，．：；！？）］｝〕〉》」』】〗〙〛’”…‥・ー～々ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮ,.:;!?)]}%"
)
_OPENING = frozenset("（［｛〔〈《「『【〖〘〚‘“([{")


class Span(NamedTuple):
    """A stretch of a line that stands on one row."""

    start: int
    end: int
    column: int
    """Cells before it, were the line not parted."""


def wrap(text: str, width: int) -> list[Span]:
    """Rows of prose: parted at spaces, which are not painted there, or beside a wide character; else anywhere."""
    return _wrap_simple(text, width) if is_simple(text) else _wrap_clusters(text, width)


def chop(text: str, width: int) -> list[Span]:
    """Rows of code: parted wherever a row is full, with nothing left out; one empty row for an empty line."""
    if is_simple(text):
        return [Span(at, min(at + width, len(text)), at) for at in range(0, len(text) or 1, width)]
    spans = []
    start = used = column = begin = 0
    for cluster in clusters(text):
        # A tab is cut at the end of the row instead of beginning the next.
        full = used >= width if text[cluster.start] == "\t" else used + cluster.cells > width
        if used and full:
            spans.append(Span(start, cluster.start, begin))
            start, used, begin = cluster.start, 0, column
        used += cluster.cells
        column += cluster.cells
    return [*spans, Span(start, len(text), begin)]


def _wrap_simple(text: str, width: int) -> list[Span]:
    spans = []
    end = len(text.rstrip(" "))
    at = len(text) - len(text.lstrip(" "))
    while end - at > width:
        cut = text.rfind(" ", at, at + width + 1)
        if cut < 0:
            spans.append(Span(at, at + width, at))
            at += width
            continue
        stop = cut
        while text[stop - 1] == " ":
            stop -= 1
        spans.append(Span(at, stop, at))
        at = cut + 1
        while text[at] == " ":
            at += 1
    if at < end:
        spans.append(Span(at, end, at))
    return spans


def _wrap_clusters(text: str, width: int) -> list[Span]:
    found = clusters(text)
    spans: list[Span] = []
    at, column = 0, 0
    while True:
        while at < len(found) and _is_space(text, found[at]):
            column += 1
            at += 1
        if at == len(found):
            return spans
        stop, after = _row_end(text, found, at, width)
        spans.append(Span(found[at].start, found[stop - 1].end, column))
        column += sum(cluster.cells for cluster in found[at:after])
        at = after


def _row_end(text: str, found: list[Cluster], at: int, width: int) -> tuple[int, int]:
    """Behind the last cluster of the row that begins at `at`, and where the next row begins."""
    used, solid = 0, at
    stop = after = at
    for index in range(at, len(found)):
        cluster = found[index]
        if not _is_space(text, cluster):
            if index > solid or (index > at and _may_part(text, found[index - 1], cluster)):
                stop, after = solid, index
            if used + cluster.cells > width:
                return (stop, after) if after > at else (max(index, at + 1), max(index, at + 1))
            solid = index + 1
        used += cluster.cells
    return solid, len(found)


def _is_space(text: str, cluster: Cluster) -> bool:
    return text[cluster.start : cluster.end] == " "


def _may_part(text: str, left: Cluster, right: Cluster) -> bool:
    """Whether a row may end between two neighbours: one is wide, and no punctuation is torn from its word."""
    wide = left.cells > 1 or right.cells > 1
    return wide and text[right.start] not in _CLOSING and text[left.start] not in _OPENING
