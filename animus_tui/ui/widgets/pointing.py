"""The mouse in the conversation: drag to mark text, click what can be clicked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

from animus_tui.ui.flow.selection import Position, Selection, cells, line_at, position_at, word_at
from animus_tui.ui.widgets.painted_flow import PaintedFlow

if TYPE_CHECKING:
    from textual import events
    from textual.timer import Timer

    from animus_tui.ui.flow.entry import Entry

DRAG_FRAME = 0.05
"""Seconds between two scroll steps while the mouse is held beyond the edge."""
MOST_STEP = 6
"""Rows of one such step at most; it grows with the way beyond the edge."""


class Pointing(PaintedFlow):
    """Marks what the mouse is dragged over, and tells what was clicked."""

    ALLOW_SELECT = False  # Textual's own selection knows only what is on the screen

    class Clicked(Message):
        """Something that can be clicked was: what the entry is to do, or the address of a link."""

        def __init__(self, entry: Entry, action: str) -> None:
            super().__init__()
            self.entry = entry
            self.action = action

    def __init__(self) -> None:
        super().__init__()
        self._anchor: Position | None = None
        self._pointer = (0, 0)
        self._dragging: Timer | None = None

    def position(self, x: int, y: int) -> Position:
        """The place in the text nearest to a cell of the view, which may be beyond its edges."""
        row = self._y + min(max(y, 0), max(0, self.view.height - 1))
        place = self.flow.at(row)
        layout = self.flow.layout(place.entry)
        at = len(layout) if row >= self.flow.rows else place.row
        index = place.entry
        while index and not layout.lines:  # what has no text, such as the mark of typing, does not stay
            index -= 1
            layout = self.flow.layout(index)
            at = len(layout)
        return position_at(layout, index, at, x)

    def drop_marks(self, index: int = 0) -> None:
        """Entries from this one on go or stand elsewhere: what is marked there has lost its place."""
        if self._anchor is not None and (self._anchor.entry >= index or self._is_marked_from(index)):
            self.end_drag()
        if self._is_marked_from(index):
            self.select(None)

    def _is_marked_from(self, index: int) -> bool:
        return self.selection is not None and self.selection.end.entry >= index

    # Dragging

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Perhaps the beginning of a drag."""
        if event.button != 1 or not len(self.flow):
            return
        self.select(None)
        if not self.is_on_new_mark(event.x, event.y):
            self._anchor = self.position(event.x, event.y)
            self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Mark up to here; beyond an edge the view scrolls as long as the button is held."""
        if self._anchor is None:
            return
        if event.button != 1:  # it was released where nobody told
            self.end_drag()
            return
        self._pointer = event.x, event.y
        self._extend()
        beyond = not 0 <= event.y < self.view.height
        if beyond and self._dragging is None:
            self._dragging = self.set_interval(DRAG_FRAME, self._scroll_on)
        elif not beyond:
            self._stop_scrolling()

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """The drag is over."""
        self.end_drag()

    def on_hide(self) -> None:
        """Nobody can see what is marked."""
        self.end_drag()

    def on_mouse_release(self) -> None:
        """Somebody else has the mouse, such as another screen."""
        if self.app.mouse_captured is not self:
            self.end_drag()

    def end_drag(self) -> None:
        """Leave what is marked as it is."""
        self._stop_scrolling()
        if self._anchor is not None:
            self._anchor = None
            self.release_mouse()
            self.follow_at_end()

    def _extend(self) -> None:
        if self._anchor is not None:
            x, y = self._pointer
            head = self.position(x, y)
            self.select(Selection.between(self._anchor, head) if head != self._anchor else None)
            if self.selection:
                self.hold()  # what is marked must not move away below the pointer

    def _scroll_on(self) -> None:
        y = self._pointer[1]
        beyond = y if y < 0 else y - self.view.height + 1
        self.scroll_rows(max(-MOST_STEP, min(MOST_STEP, beyond)))
        self._extend()

    def _stop_scrolling(self) -> None:
        if self._dragging is not None:
            self._dragging.stop()
            self._dragging = None

    # Clicking

    def on_click(self, event: events.Click) -> None:
        """Do what was clicked; a double click marks the word, a third one the whole line."""
        is_inside = 0 <= event.x < self.view.width and 0 <= event.y < self.view.height
        if event.button != 1 or self.selection or not len(self.flow) or not is_inside:
            return
        if self.is_on_new_mark(event.x, event.y):
            self.follow()
        elif event.chain == 1:
            self._click(event.x, event.y)
        else:
            self._mark_clicked(event.x, event.y, whole_line=event.chain > 2)

    def _clicked(self, y: int) -> tuple[int, int] | None:
        """The entry and the row of it that stand in a row of the view."""
        row = self._y + y
        place = self.flow.at(row)
        return place if row < self.flow.rows and place.row < len(self.flow.layout(place.entry)) else None

    def _mark_clicked(self, x: int, y: int, *, whole_line: bool) -> None:
        place = self._clicked(y)
        if place is None:
            return
        layout = self.flow.layout(place[0])
        if layout.placed[place[1]].row.pieces:
            position = position_at(layout, *place, x)
            self.select((line_at if whole_line else word_at)(layout, position) or None)

    def _click(self, x: int, y: int) -> None:
        place = self._clicked(y)
        if place is None:
            return
        index, row = place
        layout = self.flow.layout(index)
        entry = self.flow[index]
        for target in layout.targets:
            if target.row == row and target.start <= x < target.end:
                self.post_message(self.Clicked(entry, target.action))
                return
        for link in layout.links:
            words = Selection(Position(index, link.line, link.start), Position(index, link.line, link.end))
            if any(start <= x < end for start, end in cells(layout, layout.placed[row], index, words)):
                self.post_message(self.Clicked(entry, link.href))
                return
