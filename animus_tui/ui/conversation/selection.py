"""A selection of text: from one character of the conversation to another, wherever they stand."""

from __future__ import annotations

import asyncio
import time
import unicodedata
from typing import TYPE_CHECKING, NamedTuple

from animus_tui.ui.markdown.cells import clusters
from animus_tui.ui.markdown.rows import cell_of, offset_at

if TYPE_CHECKING:
    from animus_tui.ui.conversation.entries.entry import Layout, PlacedRow
    from animus_tui.ui.conversation.virtual_list import VirtualList

SLICE = 0.004
"""Seconds that collecting text may hold up everything else at a time."""


class Position(NamedTuple):
    """Before a character of the text of an entry."""

    entry: int
    """Its index in the list."""
    line: int
    """Of the entry's lines."""
    offset: int
    """Characters."""


class Selection(NamedTuple):
    """What lies between two positions, the first of them first."""

    start: Position
    end: Position

    @classmethod
    def between(cls, anchor: Position, head: Position) -> Selection:
        """Whichever of them comes first."""
        return cls(min(anchor, head), max(anchor, head))

    def __bool__(self) -> bool:
        return self.start < self.end

    def span(self, index: int, line: int, length: int) -> tuple[int, int] | None:
        """The part of a line that lies in it, as characters; None when it is none."""
        here = (index, line)
        if here < self.start[:2] or here > self.end[:2]:
            return None
        start = self.start.offset if here == self.start[:2] else 0
        end = self.end.offset if here == self.end[:2] else length
        return (start, end) if start < end else None


def cells(layout: Layout, placed: PlacedRow, index: int, selection: Selection) -> list[tuple[int, int]]:
    """The cells of a row that are selected, as begin and end."""
    found = []
    for piece in placed.row.pieces:
        line = piece.line + placed.first_line
        text = layout.lines[line]
        span = selection.span(index, line, len(text))
        if span is not None:
            start, end = max(span[0], piece.start), min(span[1], piece.end)
            if start < end:
                found.append((placed.x + cell_of(piece, text, start), placed.x + cell_of(piece, text, end)))
    return found


def position_at(layout: Layout, index: int, row: int, x: int) -> Position:
    """The position nearest to a cell; beside the text it is where the text begins or ends."""
    placed = layout.placed[row] if row < len(layout.placed) else None
    if placed is not None and placed.row.pieces:
        lines = layout.lines[placed.first_line :]
        found = offset_at(placed.row, lines, x - placed.x)
        if found is not None:
            return Position(index, found[0] + placed.first_line, found[1])
    for at in range(min(row, len(layout)) - 1, -1, -1):
        above = layout.placed[at]
        if above.row.pieces:
            piece = above.row.pieces[-1]
            line = piece.line + above.first_line
            return Position(index, line, len(layout.lines[line]))
    return Position(index, 0, 0)


def word_at(layout: Layout, position: Position) -> Selection:
    """The word around a position, or the sign that stands there; nothing on a blank."""
    text = layout.lines[position.line] if position.line < len(layout.lines) else ""
    around = next((part for part in clusters(text) if part.start <= position.offset < part.end), None)
    start = end = position.offset
    if around is not None and not text[around.start].isspace():
        start, end = around.start, around.end
        if _is_word(text[start]):
            while start and _is_word(text[start - 1]):
                start -= 1
            while end < len(text) and _is_word(text[end]):
                end += 1
    return Selection(position._replace(offset=start), position._replace(offset=end))


def _is_word(character: str) -> bool:
    """Whether it belongs to a word: a letter, a figure, or a mark on one."""
    return character.isalnum() or character == "_" or unicodedata.category(character)[0] == "M"


def line_at(layout: Layout, position: Position) -> Selection:
    """The whole line of text at a position, however many rows it takes."""
    length = len(layout.lines[position.line]) if position.line < len(layout.lines) else 0
    return Selection(position._replace(offset=0), position._replace(offset=length))


async def text_of(entries: VirtualList, selection: Selection) -> str:
    """The selected text without wraps; entries are apart by a blank line. Gives way to key presses on its way."""
    texts: list[str] = []
    began = time.monotonic()
    first, last = selection.start.entry, selection.end.entry
    for index, lines in enumerate(entries.texts(first, last), first):
        text = _text_in(lines, index, selection)
        if text is not None:
            texts.append(text)
        if time.monotonic() - began > SLICE:
            await asyncio.sleep(0)
            began = time.monotonic()
    return "\n\n".join(texts)


def _text_in(lines: list[str], index: int, selection: Selection) -> str | None:
    """What is selected of an entry, without the line breaks of lines of which nothing but the edge is touched."""
    start, end = selection
    begin = start.line if index == start.entry else 0
    taken = lines[begin : end.line + 1 if index == end.entry else len(lines)]
    if index == end.entry and taken and begin + len(taken) == end.line + 1:
        is_edge = bool(taken[-1]) and not end.offset
        taken[-1] = taken[-1][: end.offset]
        while is_edge and taken and not taken[-1]:
            taken.pop()
    if index == start.entry and taken:
        taken[0] = taken[0][start.offset :]
        while taken and start.offset and not taken[0]:
            del taken[0]
    text = "\n".join(taken)
    return text if text.strip() else None
