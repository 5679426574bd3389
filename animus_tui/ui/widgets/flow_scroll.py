"""Scrolling through a flow: at the end the view follows what is added, elsewhere what is being read stays.

The view is held by a place, a row of an entry, and not by a number of rows: heights above it are estimates that
change when somebody looks, and what is read must not move with them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from textual.geometry import Region, Size
from textual.reactive import var
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollBar

from animus_tui.ui.flow.flow import Flow, Place
from animus_tui.ui.flow.row_mark import RowMark, mark_of, marked_row
from animus_tui.ui.textual_compat import around_size_update

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.scrollbar import ScrollDown, ScrollTo, ScrollUp

    from animus_tui.ui.flow.canvas import Canvas
    from animus_tui.ui.flow.entry import Entry

SCREENS_WALKED = 3
"""A longer way is a jump: its estimates need not be corrected, since nothing on the screen must fit what was there."""


class Reading(Struct, frozen=True):
    """Where the reader is."""

    place: Place
    following: bool
    mark: RowMark | None
    """What stands at the place, to find it at another width."""


class FlowScroll(ScrollView):
    """The rows of a flow that are in view. What is painted in them is told by `render_line` of a subclass."""

    following: var[bool] = var(True, init=False)
    """The end is in view and stays so when more is added."""

    def __init__(self) -> None:
        super().__init__()
        around_size_update(self, self._sizing)
        self.flow = Flow()
        self._place = Place(0, 0)
        self._held: Entry | None = None
        """The entry of the place: what is put in or taken out above it changes its index."""
        self._is_sizing = False
        self._resized: Reading | None = None
        """Where the reader was before the last resizes: going by the rows between, each would lose a few words."""

    @property
    def _y(self) -> int:
        """The row of the flow that stands on the top row of the view."""
        return self.flow.top(min(self._place.entry, len(self.flow))) + self._place.row

    @property
    def view(self) -> Size:
        """Cells beside the scrollbar, and rows."""
        return self.scrollable_content_region.size

    # Where the reader is

    def settle(self) -> bool:
        """Set what is in view and scroll to where the reader is; returns whether other rows are in view."""
        height = self.view.height
        if not self._can_settle:
            self._show()
            return True
        before = self._place
        self._find_held()
        y = self._end(height) if self.following else self._begin(height)
        if self.flow.rows <= height:
            self.following = True  # all of it is in view
        self._place = self.flow.at(y)
        self._held = self.flow[self._place.entry]
        self.flow.in_view = self.flow.at(y + height - 1).entry - self._place.entry + 1
        self._show()
        return self._place != before

    @property
    def _can_settle(self) -> bool:
        """Whether there is something to show, and room for it."""
        return bool(len(self.flow) and self.view.height and self.view.width)

    def _find_held(self) -> None:
        """Entries above the place came or went."""
        index, row = self._place
        if self._held is None or (index < len(self.flow) and self.flow.made_at(index) is self._held):
            return
        found = self.flow.index(self._held)
        self._place = Place(index, 0) if found is None else Place(found, row)

    def _end(self, height: int) -> int:
        """The last screen: set from the end upwards until it is full."""
        index, needed = len(self.flow), height
        while index > 0 and needed > 0:
            index -= 1
            needed -= len(self.flow.layout(index))
        return max(0, self.flow.rows - height)

    def _begin(self, height: int) -> int:
        """The screen that begins with the place that is held."""
        flow = self.flow
        index, row = self._walk(*self._place)
        needed, below = height + row, index
        while below < len(flow) and needed > 0:
            needed -= len(flow.layout(below))
            below += 1
        y = flow.top(index) + row
        return y if below < len(flow) or y + height <= flow.rows else self._end(height)

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

    def _show(self) -> None:
        """Tell the scrollbar and Textual, without a new layout of the screen."""
        rows, y = self.flow.rows, self._y
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

    def _sizing(self, update: Callable[[], bool]) -> bool:
        """Another size is no movement of the reader, although Textual may scroll for it."""
        self._is_sizing = True
        try:
            return update()
        finally:
            self._is_sizing = False

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """The wheel or the scrollbar: move the place by as much."""
        if self._is_sizing:
            return
        rows = round(new_value) - round(old_value)
        if self._is_far(rows) and new_value >= self.max_scroll_y:
            self.follow()  # the end was estimated
        else:
            self.scroll_rows(rows)

    # At once: an animation would go on by the numbers of rows that were estimated when it began.

    def on_scroll_to(self, message: ScrollTo) -> None:
        """The scrollbar is dragged."""
        message.prevent_default()
        message.stop()
        if message.y is not None:
            self.scroll_y = message.y

    def on_scroll_up(self, message: ScrollUp) -> None:
        """A click above its thumb."""
        message.prevent_default()
        message.stop()
        self.action_page_up()

    def on_scroll_down(self, message: ScrollDown) -> None:
        """A click below it."""
        message.prevent_default()
        message.stop()
        self.action_page_down()

    def scroll_rows(self, rows: int) -> None:
        """Up (negative) or down."""
        if not rows or not self._can_settle:
            return
        if self._is_far(rows):
            self._move(self.flow.at(self._y + rows))
        else:
            self._move(Place(self._place.entry, self._place.row + rows))

    def _is_far(self, rows: int) -> bool:
        return abs(rows) > SCREENS_WALKED * max(1, self.view.height)

    def _move(self, place: Place) -> None:
        """The reader goes there; who comes to the end follows it."""
        self._hold_at(place)
        self.settle()
        self.follow_at_end()
        self.refresh()

    def _hold_at(self, place: Place) -> None:
        self._place, self.following, self._resized = place, False, None
        self._held = self.flow[place.entry] if place.entry < len(self.flow) else None

    def follow_at_end(self) -> None:
        """Follow from here on, if the end is in view."""
        if self._y + self.view.height >= self.flow.rows:
            self.following = True

    @property
    def reading(self) -> Reading:
        """Where the reader is, to come back to."""
        layout = self.flow.kept(self._place.entry)
        mark = mark_of(layout, self._place.row) if layout is not None else None
        return Reading(self._place, self.following, mark)

    def return_to(self, reading: Reading) -> None:
        """Go where the reader was."""
        index, row = reading.place
        if reading.mark is not None and index < len(self.flow):
            row = marked_row(self.flow.layout(index), reading.mark)
        self._hold_at(Place(index, row))
        self.following = reading.following
        self.flow_changed()

    def hold(self) -> None:
        """Keep what is on the screen in place, also when something grows at the end."""
        self.following = False

    def follow(self) -> None:
        """Go to the end and stay there."""
        self._resized = None
        self.following = True
        self.settle()
        self.refresh()

    def go_to(self, index: int, row: int = 0, *, margin: int = 0) -> None:
        """Bring a row of an entry into view, by the shortest way, with `margin` rows around it."""
        if not self._can_settle:
            return
        height = self.view.height
        row = min(row, max(0, len(self.flow.layout(index)) - 1))
        top = self.flow.top(index) + row
        margin = min(margin, max(0, (height - 1) // 2))
        if top < self._y + margin:
            self._move(Place(index, row - margin))
        elif top >= self._y + height - margin:
            self._move(Place(index, row - height + 1 + margin))

    # What is in the flow changes

    def entry_changed(self, entry: Entry) -> None:
        """Paint an entry anew where it is in view, and only the rows that differ."""
        index = self.flow.index(entry)
        if index is None or not self._can_settle:
            return
        height, top = self.view.height, self.flow.top(index)
        if not self.following and top >= self._y + height:
            return  # it is set when somebody comes there
        rows, before = self.flow.rows, self.flow.kept(index)
        layout, first = self.flow.set_anew(index)
        place = self._place
        if index == place.entry and first <= place.row and before is not None and not self.following:
            self._place = Place(index, marked_row(layout, mark_of(before, place.row)))
        if self.settle() or self._place != place:
            self.refresh()
            return
        top = self.flow.top(index) - self._y
        begin, end = max(top + first, 0), top + len(layout)
        if self.flow.rows != rows:
            end = height if end > 0 else end
        elif layout.same_again:
            differing = [row for row in range(begin, min(end, height)) if row - top not in layout.same_again]
            if differing:
                self.refresh(*(Region(0, row, self.view.width, 1) for row in differing))
            return
        if begin < min(end, height):
            self.refresh(Region(0, begin, self.view.width, min(end, height) - begin))

    def flow_changed(self) -> None:
        """Entries came or went: paint everything anew."""
        self.settle()
        self.refresh()

    def redraw(self, canvas: Canvas, heights: list[int] | None) -> None:
        """Draw on another canvas; with another width the line that stood on top stays there."""
        if not len(self.flow) or self.following:
            self.flow.set_canvas(canvas, heights)
            self.settle()
            return
        reading = self._resized or self.reading
        self.flow.set_canvas(canvas, heights)
        self.return_to(reading)
        self._resized = reading

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
        if len(self.flow):
            self._move(Place(0, 0))

    def action_scroll_end(self) -> None:
        """To the end, and stay there."""
        self.follow()
