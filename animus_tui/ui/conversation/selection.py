"""The selection of text in the conversation, and the mouse: a drag selects, and a click does what it is on."""

from __future__ import annotations

import asyncio
import time
import unicodedata
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from animus_tui.ui.conversation.entries.entry import Entry
from animus_tui.ui.markdown.cells import clusters
from animus_tui.ui.markdown.text_layout import offset_at

if TYPE_CHECKING:
    from textual import events
    from textual.timer import Timer
    from textual.widget import Widget

    from animus_tui.ui.conversation.entries.layout import Layout, PlacedRow
    from animus_tui.ui.conversation.viewport import Viewport
    from animus_tui.ui.conversation.virtual_list import RowPosition, VirtualList


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
        characters = selection.span(index, line, len(text))
        if characters is not None and (span := placed.cells_of(piece, text, *characters)) is not None:
            found.append(span)
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
    """The word around a position, or the sign there; nothing on a blank."""
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
    """The selected text of an entry, without lines at either end of which no character is selected."""
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


DRAG_FRAME = 0.05
"""Seconds between two scroll steps while the mouse is held beyond the edge."""
MOST_STEP = 6
"""Rows of one such step at most; it grows with the way beyond the edge."""


class Clicked(Struct, frozen=True):
    """A click on something that can be clicked."""

    entry: Entry
    action: str
    """What the entry is to do, or the address of a link."""


class MouseSelection:
    """The selected text, changed by drags and by double and triple clicks."""

    def __init__(self, host: Widget, viewport: Viewport) -> None:
        """`host` captures the mouse and runs the timer of a drag beyond its edge."""
        self._host = host
        self._viewport = viewport
        self._entries = viewport.entries
        self._selected: Selection | None = None
        self._anchor: Position | None = None
        self._pointer = (0, 0)
        self._dragging: Timer | None = None

    @property
    def selected(self) -> Selection | None:
        """The selected text; None where nothing is."""
        return self._selected

    @property
    def is_dragging(self) -> bool:
        """Whether a button is held that extends the selection."""
        return self._anchor is not None

    def select(self, selection: Selection | None) -> None:
        """Select what lies between two positions, or nothing."""
        if selection != self._selected:
            has_begun_or_ended = bool(selection) != bool(self._selected)
            self._selected = selection
            self._host.refresh()
            if has_begun_or_ended:
                self._host.refresh_bindings()

    def drop(self, index: int = 0) -> None:
        """End a selection that reaches this index or beyond: the entries from there on go or move."""
        if self._anchor is not None and (self._anchor.entry >= index or self._reaches(index)):
            self.end_drag()
        if self._reaches(index):
            self.select(None)

    def _reaches(self, index: int) -> bool:
        return self._selected is not None and self._selected.end.entry >= index

    async def text(self) -> str:
        """The selected text; empty where nothing is selected. Gives way to key presses on its way."""
        return await text_of(self._entries, self._selected) if self._selected else ""

    # Dragging

    def press(self, event: events.MouseDown) -> None:
        """Perhaps the beginning of a drag."""
        self._anchor = self._position(event.x, event.y)
        self._host.capture_mouse()

    def move(self, event: events.MouseMove) -> None:
        """Select up to here; beyond an edge the view scrolls as long as the button is held."""
        if self._anchor is None:
            return
        if event.button != 1:  # it was released outside, without an event
            self.end_drag()
            return
        self._pointer = event.x, event.y
        self._extend()
        beyond = not 0 <= event.y < self._viewport.height
        if beyond and self._dragging is None:
            self._dragging = self._host.set_interval(DRAG_FRAME, self._scroll_on)
        elif not beyond:
            self._stop_scrolling()

    def end_drag(self) -> None:
        """Leave what is selected as it is."""
        self._stop_scrolling()
        if self._anchor is not None:
            self._anchor = None
            self._host.release_mouse()
            self._viewport.follow_at_end()

    def _extend(self) -> None:
        if self._anchor is not None:
            head = self._position(*self._pointer)
            self.select(Selection.between(self._anchor, head) if head != self._anchor else None)
            if self._selected:
                self._viewport.hold()  # what is selected must not move away below the pointer

    def _scroll_on(self) -> None:
        y = self._pointer[1]
        beyond = y if y < 0 else y - self._viewport.height + 1
        self._viewport.scroll(max(-MOST_STEP, min(MOST_STEP, beyond)))
        self._extend()

    def _stop_scrolling(self) -> None:
        if self._dragging is not None:
            self._dragging.stop()
            self._dragging = None

    def _position(self, x: int, y: int) -> Position:
        """The place in the text nearest to a cell of the view, which may be beyond its edges."""
        entries = self._entries
        row = self._viewport.y + min(max(y, 0), max(0, self._viewport.height - 1))
        place = entries.at(row)
        layout = entries.layout(place.entry)
        at = len(layout) if row >= entries.rows else place.row
        index = place.entry
        while index and not layout.lines:  # such as the mark of typing, which goes
            index -= 1
            layout = entries.layout(index)
            at = len(layout)
        return position_at(layout, index, at, x)

    # Clicking

    def select_word(self, x: int, y: int, *, whole_line: bool = False) -> None:
        """Select the word at a cell of the view, or the whole line of text."""
        place = self._place_at(y)
        if place is None:
            return
        layout = self._entries.layout(place.entry)
        if layout.placed[place.row].row.pieces:
            position = position_at(layout, place.entry, place.row, x)
            self.select((line_at if whole_line else word_at)(layout, position) or None)

    def clicked(self, x: int, y: int) -> Clicked | None:
        """What can be clicked at a cell of the view."""
        place = self._place_at(y)
        if place is None:
            return None
        index, row = place
        layout, entry = self._entries.layout(index), self._entries[index]
        for target in layout.targets:
            if target.row == row and target.start <= x < target.end:
                return Clicked(entry, target.action)
        for link in layout.links:
            words = Selection(Position(index, link.line, link.start), Position(index, link.line, link.end))
            if any(start <= x < end for start, end in cells(layout, layout.placed[row], index, words)):
                return Clicked(entry, link.href)
        return None

    def _place_at(self, y: int) -> RowPosition | None:
        """The entry and its row at a row of the view."""
        row = self._viewport.y + y
        place = self._entries.at(row)
        is_there = row < self._entries.rows and place.row < len(self._entries.layout(place.entry))
        return place if is_there else None
