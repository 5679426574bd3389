"""The mouse in the conversation: drag to mark text, click what can be clicked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

from animus_tui.ui.flow.selection import Position, Selection, line_at, position_at, word_at
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
        beyond = row >= self.flow.rows
        layout = self.flow.layout(place.entry)
        return position_at(layout, place.entry, len(layout) if beyond else place.row, x)

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
        self._pointer = event.x, event.y
        self._extend()
        beyond = not 0 <= event.y < self.view.height
        if beyond and self._dragging is None:
            self._dragging = self.set_interval(DRAG_FRAME, self._scroll_on)
        elif not beyond:
            self._stop_scrolling()

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """The drag is over."""
        if self._anchor is not None:
            self._anchor = None
            self.release_mouse()
        self._stop_scrolling()

    def on_click(self, event: events.Click) -> None:
        """Do what was clicked; a double click marks the word, a third one the whole line."""
        if self.selection or not len(self.flow):
            return
        if self.is_on_new_mark(event.x, event.y):
            self.follow()
        elif event.chain == 1:
            self._click(event.x, event.y)
        else:
            position = self.position(event.x, event.y)
            layout = self.flow.layout(position.entry)
            self.select((word_at if event.chain == 2 else line_at)(layout, position))

    def _click(self, x: int, y: int) -> None:
        place = self.flow.at(self._y + y)
        if self._y + y >= self.flow.rows:
            return
        layout = self.flow.layout(place.entry)
        entry = self.flow[place.entry]
        for target in layout.targets:
            if target.row == place.row and target.start <= x < target.end:
                self.post_message(self.Clicked(entry, target.action))
                return
        position = self.position(x, y)
        placed = layout.placed[place.row] if place.row < len(layout) else None
        is_on_text = placed is not None and placed.x <= x < placed.x + placed.row.cells
        for link in layout.links:
            if is_on_text and link.line == position.line and link.start <= position.offset < link.end:
                self.post_message(self.Clicked(entry, link.href))
                return

    def _extend(self) -> None:
        if self._anchor is not None:
            x, y = self._pointer
            head = self.position(x, y)
            self.select(Selection.between(self._anchor, head) if head != self._anchor else None)

    def _scroll_on(self) -> None:
        y = self._pointer[1]
        beyond = y if y < 0 else y - self.view.height + 1
        self.scroll_rows(max(-MOST_STEP, min(MOST_STEP, beyond)))
        self._extend()

    def _stop_scrolling(self) -> None:
        if self._dragging is not None:
            self._dragging.stop()
            self._dragging = None
