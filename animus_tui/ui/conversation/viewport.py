"""The rows of a virtual list that are in view: at the end the view follows what is added, elsewhere it stays.

The position is a row of an entry and not a row of the list: heights above are estimates, and what is read must not
move when they are corrected.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from animus_tui.ui.conversation.virtual_list import RowPosition

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from animus_tui.ui.conversation.entries.entry import Entry
    from animus_tui.ui.conversation.entries.layout import Layout
    from animus_tui.ui.conversation.entries.render_context import RenderContext
    from animus_tui.ui.conversation.virtual_list import VirtualList


class RowAnchor(Struct, frozen=True):
    """The first text at a row or below it, or else the end of the entry, to find the row in another layout."""

    line: int | None
    """Counted from `Layout.first_found`, unless it is above, so that folding the lines above does not change it."""
    is_folded: bool
    """Whether the line is above."""
    offset: int
    """Characters."""
    rows: int
    """From the row down to the text or the end."""


def anchor_at(layout: Layout, row: int) -> RowAnchor:
    """The anchor of a row."""
    for below in range(len(layout) - row):
        placed = layout.placed[row + below]
        if placed.row.pieces:
            piece = placed.row.pieces[0]
            line = piece.line + placed.first_line
            is_folded = line < layout.first_found
            return RowAnchor(line if is_folded else line - layout.first_found, is_folded, piece.start, below)
    return RowAnchor(None, False, 0, max(0, len(layout) - row))


def anchored_row(layout: Layout, mark: RowAnchor) -> int:
    """The row of an anchor in a layout of the same entry."""
    if mark.line is None:
        return max(0, len(layout) - mark.rows)
    line = mark.line if mark.is_folded else mark.line + layout.first_found
    return max(0, layout.row_of(line, mark.offset) - mark.rows)


SCREENS_WALKED = 3
"""Screens that are scrolled by exact heights; farther, by estimates, since nothing that was in view stays in view."""


class ReadingPosition(Struct, frozen=True):
    """Where the reader is, to come back to."""

    place: RowPosition
    following: bool
    mark: RowAnchor | None
    """The anchor of the place, to find it at another width."""


class Viewport:
    """Knows which rows of the entries are on the screen. It moves by exact heights and knows no widget."""

    def __init__(
        self,
        entries: VirtualList,
        *,
        size: Callable[[], tuple[int, int]],
        on_layout: Callable[[], None],
        repaint: Callable[[Sequence[range] | None], None],
    ) -> None:
        """`size` tells columns and rows of the view, `on_layout` is called when it has found its rows.

        `repaint` gets the rows to be painted anew, counted from the top of the view; None stands for all of them.
        """
        self.entries = entries
        self._size = size
        self._on_layout = on_layout
        self._repaint = repaint
        self._place = RowPosition(0, 0)
        self._held: Entry | None = None
        """The entry of the place: what is put in or taken out above it changes its index."""
        self._following = True
        self._resized: ReadingPosition | None = None
        """Where the reader was before a series of resizes: to anchor anew after each would lose a few words."""
        self._unseen = 0

    @property
    def width(self) -> int:
        """Width of the view in cells, without the scrollbar."""
        return self._size()[0]

    @property
    def height(self) -> int:
        """Height of the view in rows."""
        return self._size()[1]

    @property
    def y(self) -> int:
        """The row of the list at the top of the view."""
        return self.entries.top(min(self._place.entry, len(self.entries))) + self._place.row

    @property
    def has_room(self) -> bool:
        """Whether there is something to show, and room for it."""
        width, height = self._size()
        return bool(len(self.entries) and height and width)

    @property
    def in_view(self) -> range:
        """The indexes of the entries of which something is in view."""
        if not self.has_room:
            return range(0)
        y = self.y
        return range(self.entries.at(y).entry, self.entries.at(y + self.height - 1).entry + 1)

    # Following the end

    @property
    def following(self) -> bool:
        """Whether the end is in view and stays so when more is added."""
        return self._following

    @following.setter
    def following(self, following: bool) -> None:
        self._following = following
        if following and self._unseen:
            self._unseen = 0
            self._repaint_last_row()

    @property
    def unseen(self) -> int:
        """How many entries arrived below the view since the reader left the end."""
        return self._unseen

    def entry_arrived(self) -> None:
        """Count an entry that was added at the end, unless the end is in view."""
        self._unseen = 0 if self._following else self._unseen + 1
        self._repaint_last_row()

    def _repaint_last_row(self) -> None:
        height = self.height
        self._repaint([range(height - 1, height)])

    def hold(self) -> None:
        """Keep what is on the screen in place, also when something grows at the end."""
        self.following = False

    def follow(self) -> None:
        """Go to the end and stay there."""
        self._resized = None
        self.following = True
        self.layout()
        self._repaint(None)

    def follow_at_end(self) -> None:
        """Follow from here on, if the end is in view."""
        if self.y + self.height >= self.entries.rows:
            self.following = True

    # Finding the rows

    def layout(self) -> bool:
        """Lay out what is in view and go to where the reader is; returns whether other rows are in view."""
        if not self.has_room:
            self._on_layout()
            return True
        entries, height, before = self.entries, self.height, self._place
        self._find_held()
        y = self._end(height) if self._following else self._begin(height)
        if entries.rows <= height:
            self.following = True  # all of it is in view
        self._place = entries.at(y)
        self._held = entries[self._place.entry]
        entries.in_view = entries.at(y + height - 1).entry - self._place.entry + 1
        has_moved = self._place != before
        self._on_layout()
        return has_moved

    def _find_held(self) -> None:
        """Entries above the place came or went."""
        index, row = self._place
        entries = self.entries
        if self._held is None or (index < len(entries) and entries.existing_at(index) is self._held):
            return
        found = entries.index(self._held)
        self._place = RowPosition(index, 0) if found is None else RowPosition(found, row)

    def _end(self, height: int) -> int:
        """The first row of the last screen: laid out from the end upwards until it is full."""
        index, needed = len(self.entries), height
        while index > 0 and needed > 0:
            index -= 1
            needed -= len(self.entries.layout(index))
        return max(0, self.entries.rows - height)

    def _begin(self, height: int) -> int:
        """The first row of the screen that begins with the place that is held."""
        entries = self.entries
        index, row = self._walk(*self._place)
        needed, below = height + row, index
        while below < len(entries) and needed > 0:
            needed -= len(entries.layout(below))
            below += 1
        y = entries.top(index) + row
        return y if below < len(entries) or y + height <= entries.rows else self._end(height)

    def _walk(self, index: int, row: int) -> RowPosition:
        """The place that is `row` rows below the top of an entry, or above it, over exact heights."""
        entries = self.entries
        index = min(index, len(entries) - 1)
        while row < 0 and index > 0:
            index -= 1
            row += len(entries.layout(index))
        while index < len(entries) - 1 and row >= len(entries.layout(index)):
            row -= len(entries.layout(index))
            index += 1
        return RowPosition(index, max(row, 0))

    # The reader moves

    @property
    def page(self) -> int:
        """Rows of one page: two rows of the page before stay in view."""
        return max(1, self.height - 2)

    def scroll(self, rows: int, *, reaches_end: bool = False) -> None:
        """Scroll by rows, up when negative; `reaches_end` says that the way leads to the estimated end."""
        if reaches_end and self._is_far(rows):
            self.follow()
        elif not rows or not self.has_room:
            return
        elif self._is_far(rows):
            self._move(self.entries.at(self.y + rows))
        else:
            self._move(RowPosition(self._place.entry, self._place.row + rows))

    def scroll_home(self) -> None:
        """Scroll to the first entry."""
        if len(self.entries):
            self._move(RowPosition(0, 0))

    def go_to(self, index: int, row: int = 0, *, margin: int = 0) -> None:
        """Bring a row of an entry into view, by the shortest way, with `margin` rows around it."""
        if not self.has_room:
            return
        height = self.height
        row = min(row, max(0, len(self.entries.layout(index)) - 1))
        top = self.entries.top(index) + row
        margin = min(margin, max(0, (height - 1) // 2))
        if top < self.y + margin:
            self._move(RowPosition(index, row - margin))
        elif top >= self.y + height - margin:
            self._move(RowPosition(index, row - height + 1 + margin))

    def _is_far(self, rows: int) -> bool:
        return abs(rows) > SCREENS_WALKED * max(1, self.height)

    def _move(self, place: RowPosition) -> None:
        """Put a place on the top row, and follow the end if that is in view."""
        self._hold_at(place)
        self.layout()
        self.follow_at_end()
        self._repaint(None)

    def _hold_at(self, place: RowPosition) -> None:
        self._place, self.following, self._resized = place, False, None
        self._held = self.entries[place.entry] if place.entry < len(self.entries) else None

    @property
    def reading(self) -> ReadingPosition:
        """Where the reader is, to come back to."""
        layout = self.entries.cached(self._place.entry)
        mark = anchor_at(layout, self._place.row) if layout is not None else None
        return ReadingPosition(self._place, self._following, mark)

    def return_to(self, reading: ReadingPosition) -> None:
        """Go where the reader was."""
        index, row = reading.place
        if reading.mark is not None and index < len(self.entries):
            row = anchored_row(self.entries.layout(index), reading.mark)
        self._hold_at(RowPosition(index, row))
        self.following = reading.following
        self.entries_changed()

    # The list changes

    def entry_changed(self, entry: object) -> None:
        """Paint an entry anew where it is in view, and only the rows that differ."""
        entries = self.entries
        index = entries.index(entry)
        if index is None or not self.has_room:
            return
        height, top = self.height, entries.top(index)
        if not self._following and top >= self.y + height:
            return  # it is laid out when it comes into view
        rows, before = entries.rows, entries.cached(index)
        layout, first = entries.update_layout(index)
        place = self._place
        if index == place.entry and first <= place.row and before is not None and not self._following:
            self._place = RowPosition(index, anchored_row(layout, anchor_at(before, place.row)))
        if self.layout() or self._place != place:
            self._repaint(None)
            return
        top = entries.top(index) - self.y
        begin, end = max(top + first, 0), top + len(layout)
        if entries.rows != rows:
            end = height if end > 0 else end
        elif layout.same_again:
            differing = [row for row in range(begin, min(end, height)) if row - top not in layout.same_again]
            if differing:
                self._repaint([range(row, row + 1) for row in differing])
            return
        if begin < min(end, height):
            self._repaint([range(begin, min(end, height))])

    def entries_changed(self) -> None:
        """Entries came or went: paint everything anew."""
        self.layout()
        self._repaint(None)

    def redraw(self, context: RenderContext, heights: list[int] | None) -> None:
        """Lay out for another render context; the line at the top stays there, also with another width."""
        if not len(self.entries) or self._following:
            self.entries.set_context(context, heights)
            self.layout()
            return
        reading = self._resized or self.reading
        self.entries.set_context(context, heights)
        self.return_to(reading)
        self._resized = reading
