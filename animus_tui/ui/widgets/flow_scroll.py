"""Scrolling through a flow: at the end the view follows what is added, elsewhere what is being read stays.

The view is held by a place, a row of an entry, and not by a number of rows: heights above it are estimates that
change when somebody looks, and what is read must not move with them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from textual.geometry import Region, Size
from textual.reactive import var
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollBar

from animus_tui.ui.flow.flow import Flow, Place

if TYPE_CHECKING:
    from animus_tui.ui.flow.canvas import Canvas
    from animus_tui.ui.flow.entry import Entry, Layout

SCREENS_WALKED = 3
"""A longer way is a jump: its estimates need not be corrected, since nothing on the screen must fit what was there."""


class Reading(NamedTuple):
    """Where the reader is."""

    place: Place
    following: bool


class FlowScroll(ScrollView):
    """The rows of a flow that are in view. What is painted in them is told by `render_line` of a subclass."""

    following: var[bool] = var(True, init=False)
    """The end is in view and stays so when more is added."""

    def __init__(self) -> None:
        super().__init__()
        self.flow = Flow()
        self._place = Place(0, 0)
        self._y = 0
        self._is_placing = False

    @property
    def first_row(self) -> int:
        """The row of the flow that stands on the top row of the view."""
        return self._y

    @property
    def view(self) -> Size:
        """Cells beside the scrollbar, and rows."""
        return self.scrollable_content_region.size

    # Where the reader is

    def settle(self) -> bool:
        """Set what is in view and scroll to where the reader is; returns whether that moved anything."""
        height = self.view.height
        if not len(self.flow) or not height:
            self._show(0)
            return True
        y = self._end(height) if self.following else self._held(height)
        self._place = self.flow.at(y)
        moved = y != self._y
        self._show(y)
        return moved

    def _end(self, height: int) -> int:
        """The last screen: set from the end upwards until it is full."""
        index, needed = len(self.flow), height
        while index > 0 and needed > 0:
            index -= 1
            needed -= len(self.flow.layout(index))
        return max(0, self.flow.rows - height)

    def _held(self, height: int) -> int:
        """The screen that begins with the place that is held."""
        flow = self.flow
        index, row = self._walk(*self._place)
        needed, below = height + row, index
        while below < len(flow) and needed > 0:
            needed -= len(flow.layout(below))
            below += 1
        y = flow.top(index) + row
        if below < len(flow) or y < max(0, flow.rows - height):
            return y
        self.following = True
        return self._end(height)

    def _walk(self, index: int, row: int) -> Place:
        """The place that is `row` rows below the top of an entry, or above it, over exact heights."""
        flow = self.flow
        index = min(index, len(flow) - 1)
        while row < 0 and index > 0:
            index -= 1
            row += len(flow.layout(index))
        while index < len(flow) - 1 and row >= len(flow.layout(index)):
            row -= len(flow.layout(index))
            index += 1
        return Place(index, max(row, 0))

    def _show(self, y: int) -> None:
        """Tell the scrollbar and Textual, without a new layout of the screen."""
        rows = self.flow.rows if len(self.flow) else 0
        self._y = y
        size = Size(self.view.width, rows)
        if self.virtual_size != size:
            self.set_reactive(FlowScroll.virtual_size, size)
            if self.show_vertical_scrollbar:
                self.vertical_scrollbar.window_virtual_size = rows
                self.vertical_scrollbar.window_size = self.view.height
        if self.scroll_y != y:
            self.set_reactive(FlowScroll.scroll_y, float(y))
            self.set_reactive(FlowScroll.scroll_target_y, float(y))
        if self.show_vertical_scrollbar and self.vertical_scrollbar.position != y:
            self.vertical_scrollbar.set_reactive(ScrollBar.position, float(y))
            self.vertical_scrollbar.refresh()

    # The reader moves

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """The wheel or the scrollbar: move the place by as much."""
        self.scroll_rows(round(new_value) - self._y)

    def scroll_rows(self, rows: int) -> None:
        """Up (negative) or down."""
        if not rows or not len(self.flow):
            return
        if abs(rows) > SCREENS_WALKED * max(1, self.view.height):
            self._place = self.flow.at(self._y + rows)
        else:
            self._place = Place(self._place.entry, self._place.row + rows)
        self.following = False
        self.settle()
        self.refresh()

    @property
    def reading(self) -> Reading:
        """Where the reader is, to come back to."""
        return Reading(self._place, self.following)

    def return_to(self, reading: Reading) -> None:
        """Go where the reader was."""
        self._place, self.following = reading
        self.flow_changed()

    def hold(self) -> None:
        """Keep what is on the screen in place, also when something grows at the end."""
        self.following = False

    def follow(self) -> None:
        """Go to the end and stay there."""
        self.following = True
        self.settle()
        self.refresh()

    def go_to(self, index: int, row: int = 0, *, margin: int = 0) -> None:
        """Bring a row of an entry into view, by the shortest way, with `margin` rows around it."""
        height = self.view.height
        layout = self.flow.layout(index)
        top = self.flow.top(index) + min(row, len(layout))
        margin = min(margin, max(0, (height - 1) // 2))
        if top < self._y + margin:
            self._place, self.following = Place(index, row - margin), False
        elif top >= self._y + height - margin:
            self._place, self.following = Place(index, row - height + 1 + margin), False
        else:
            return
        self.settle()
        self.refresh()

    # What is in the flow changes

    def entry_changed(self, entry: Entry) -> None:
        """Paint an entry anew where it is in view, and only the rows that differ."""
        index = self.flow.index(entry)
        if index is None or not self.view.height:
            return
        height, top = self.view.height, self.flow.top(index)
        if not self.following and top >= self._y + height:
            return  # it is set when somebody comes there
        rows = self.flow.rows
        layout, first = self.flow.set_anew(index)
        if self.settle():
            self.refresh()
            return
        grew = self.flow.rows != rows
        begin = max(self.flow.top(index) + first - self._y, 0)
        end = height if grew else min(self.flow.top(index) + len(layout) - self._y, height)
        if begin < end:
            self.refresh(Region(0, begin, self.view.width, end - begin))

    def flow_changed(self) -> None:
        """Entries came or went: paint everything anew."""
        self.settle()
        self.refresh()

    def redraw(self, canvas: Canvas, heights: list[int] | None) -> None:
        """Draw on another canvas; with another width the line that stood on top stays there."""
        if heights is None or not len(self.flow) or self.following:
            self.flow.set_canvas(canvas, heights)
        else:
            index, row = self._place
            before = self.flow.layout(index)
            self.flow.set_canvas(canvas, heights)
            self._place = Place(index, same_row(before, row, self.flow.layout(index)))
        self.settle()

    # Motion is for what is being waited for: scrolling is immediate.

    def _page(self) -> int:
        return max(1, self.view.height - 2)

    def action_scroll_up(self) -> None:
        """One row up."""
        self.scroll_rows(-1)

    def action_scroll_down(self) -> None:
        """One row down."""
        self.scroll_rows(1)

    def action_page_up(self) -> None:
        """One page up, two rows of it still in view."""
        self.scroll_rows(-self._page())

    def action_page_down(self) -> None:
        """One page down, two rows of it still in view."""
        self.scroll_rows(self._page())

    def action_scroll_home(self) -> None:
        """To the first message."""
        self._place, self.following = Place(0, 0), False
        self.flow_changed()

    def action_scroll_end(self) -> None:
        """To the end, and stay there."""
        self.follow()


def same_row(before: Layout, row: int, after: Layout) -> int:
    """The row of a layout that shows what a row of another layout of the same entry showed."""
    for placed in before.placed[row:]:
        if placed.row.pieces:
            piece = placed.row.pieces[0]
            return row_of(after, piece.line + placed.first_line, piece.start)
    return round(row / max(1, len(before)) * len(after))


def row_of(layout: Layout, line: int, offset: int) -> int:
    """The row on which a character of the text stands."""
    found = 0
    for at, placed in enumerate(layout.placed):
        for piece in placed.row.pieces:
            if (piece.line + placed.first_line, piece.start) <= (line, offset):
                found = at
    return found
