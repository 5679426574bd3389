"""How many cells a text takes, and where a line of it is broken into rows.

The widths are Rich's, so that a row is as wide as Textual thinks. Rich takes the character after a zero-width joiner
as painted within the one before; terminals do so only with pictures, so anywhere else the joiner is not painted.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from rich.cells import cell_len, set_cell_size

from animus_tui.late_pattern import late_pattern

TAB_STOP = 4
"""Cells from one tab stop to the next."""

TOO_WIDE = "…"
"""Painted instead of what is wider than the whole row."""

_JOINER, _AS_PICTURE = "\u200d", "\ufe0f"
_SIMPLE = late_pattern(
    "[ -~\xa0-\xac\xae-\u02ff\u0370-\u0377\u037b-\u037f\u0391-\u03a1\u03a3-\u0482\u048a-\u052f"
    "\u2010-\u2027\u2030-\u205e\u2500-\u25fc]*"
)
_JOINS = late_pattern("[\t\U0001f1e6-\U0001f1ff]")
_CONTROL = late_pattern("[\x00-\x08\x0a-\x1f\x7f-\x9f]")


class Cluster(NamedTuple):
    """Characters that are painted as one."""

    start: int
    end: int
    cells: int


def is_simple(text: str) -> bool:
    """Whether each character of the text is one cell by itself."""
    return (text.isascii() and text.isprintable()) or _SIMPLE.fullmatch(text) is not None


@lru_cache(maxsize=4096)
def _width(character: str) -> int:
    return 1 if _CONTROL.match(character) else cell_len(character)


@lru_cache(maxsize=1024)
def _is_picture(character: str) -> bool:
    """Whether it can be joined with another picture to a single one."""
    emoji = "\u2030" <= character < "\u2c00" or "\U0001f200" <= character < "\U0001fb00"
    return emoji and cell_len(character + _AS_PICTURE) == 2


def _is_half_flag(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _cluster_end(text: str, start: int) -> int:
    """Behind the marks, the second half of a flag and the joined pictures that belong to a character."""
    base, end, length = text[start], start + 1, len(text)
    if _is_half_flag(base) and end < length and _is_half_flag(text[end]):
        end += 1
    while end < length:
        if text[end] == _JOINER and end + 1 < length and _is_picture(base) and _is_picture(text[end + 1]):
            end += 2
        elif text[end] != "\t" and _width(text[end]) == 0:
            end += 1
        else:
            break
    return end


def clusters(text: str, column: int = 0) -> list[Cluster]:
    """The whole text in clusters; a tab reaches to the next stop, counted from `column` cells before the text."""
    if is_simple(text):
        return [Cluster(at, at + 1, 1) for at in range(len(text))]
    widths = [_width(character) for character in text]
    if 0 not in widths and _JOINS.search(text) is None:
        return [Cluster(at, at + 1, cells) for at, cells in enumerate(widths)]
    found, at = [], 0
    while at < len(text):
        end = _cluster_end(text, at)
        is_tab = text[at] == "\t"
        cells = TAB_STOP - column % TAB_STOP if is_tab else cell_len(shown(text[at:end]))
        found.append(Cluster(at, end, cells))
        column += cells
        at = end
    return found


def cells_of(text: str, column: int = 0) -> int:
    """The cells that a text takes, `column` cells behind the beginning of its line."""
    return len(text) if is_simple(text) else sum(cluster.cells for cluster in clusters(text, column))


def shown(text: str) -> str:
    """What is painted for whole clusters without tabs: as wide as the clusters one by one."""
    if is_simple(text):
        return text
    text = _CONTROL.sub("\ufffd", text)
    if _JOINER in text:
        text = _without_stray_joiners(text)
    return text.lstrip(_AS_PICTURE)


def cut(text: str, room: int) -> str:
    """The text in at most `room` cells, `…` where it is cut."""
    if cell_len(text) <= room:
        return text
    return set_cell_size(text, max(room - 1, 0)).rstrip() + "…" if room > 0 else ""


def _without_stray_joiners(text: str) -> str:
    kept, at, base = [], 0, ""
    while at < len(text):
        character = text[at]
        if character != _JOINER:
            base = character if _width(character) else base
            kept.append(character)
        elif base and _is_picture(base) and _is_picture(text[at + 1 : at + 2] or " "):
            kept.append(text[at : at + 2])
            at += 1
        at += 1
    return "".join(kept)


def painted(text: str, column: int, room: int) -> str:
    """What is painted for whole clusters, never wider than `room`: tabs as spaces, too wide clusters as a mark."""
    if is_simple(text):
        return text
    if "\t" not in text:
        whole = shown(text)
        if cell_len(whole) <= room:
            return whole
    parts = []
    for start, end, cells in clusters(text, column):
        if text[start] == "\t":
            parts.append(" " * min(cells, room))
        else:
            parts.append(shown(text[start:end]) if cells <= room else TOO_WIDE)
        room -= cells
    return "".join(parts)


_CLOSING = frozenset(
    "、。，．：；！？）］｝〕〉》」』】〗〙〛’”…‥・ー～々ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮ,.:;!?)]}%"
)
_OPENING = frozenset("（［｛〔〈《「『【〖〘〚‘“([{")


class Span(NamedTuple):
    """The part of a line that is on one row."""

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
