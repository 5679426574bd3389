"""Paints text that streams in: some frames a second, fewer while the user types or when a frame takes long."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.timer import Timer
    from textual.widget import Widget

    from animus_tui.ui.conversation.entries.entry import Entry
    from animus_tui.ui.conversation.viewport import Viewport

STREAM_FRAME = 1 / 30
"""Seconds between two paintings of streamed text; more when one takes longer, so that keys come through."""
TYPING = 0.5
"""Seconds after a key for which the user is taken to be typing."""
TYPING_FRAME = 0.1
"""Seconds between two paintings of streamed text while the user types: a key pressed during a painting waits for it."""
AFTER_KEY = 0.01
"""Seconds from a key to the next painting: the key is on the screen then, and the next one is furthest away."""


class StreamPainter:
    """Paints the entries to which text was added. It has a timer only while something is to be painted."""

    def __init__(self, host: Widget, viewport: Viewport) -> None:
        """`host` runs the timer."""
        self._host = host
        self._viewport = viewport
        self._due: dict[int, Entry] = {}
        self._timer: Timer | None = None
        self._cost = 0.0
        """Least seconds until the next frame: twice what the last one took."""
        self._typed = 0.0
        """When the user last pressed a key, by `time.monotonic()`."""
        self._has_given_way = False

    @property
    def is_pending(self) -> bool:
        """Whether text arrived that is not painted yet."""
        return self._timer is not None

    def clear(self) -> None:
        """Forget what is due, as when another conversation is opened."""
        for entry in self._due.values():
            entry.invalidate()
        self._due.clear()

    def give_way(self) -> None:
        """A key was pressed: paint streamed text once shortly after it, so that the next key need not wait."""
        self._typed = time.monotonic()
        if self._timer is not None and not self._has_given_way:
            self._has_given_way = True
            self._timer.stop()
            self._timer = self._host.set_timer(max(AFTER_KEY, self._cost), self.paint)

    def paint_soon(self, entry: Entry) -> None:
        """Paint an entry to which text was added, with the next frame.

        Until then its layout stays valid, so that it is laid out once for all text of a frame.
        """
        self._due[id(entry)] = entry
        if self._timer is None:
            is_typing = time.monotonic() - self._typed < TYPING
            frame = TYPING_FRAME if is_typing else STREAM_FRAME
            self._timer = self._host.set_timer(max(frame, self._cost), self.paint)

    def paint(self) -> None:
        """Paint what is due; an entry that could not be laid out at once is due again."""
        self._timer, self._has_given_way = None, False
        began = time.monotonic()
        due, self._due = self._due, {}
        for entry in due.values():
            entry.invalidate()
            self._viewport.entry_changed(entry)
            if entry.is_behind:
                self._due[id(entry)] = entry
        self._cost = 2 * (time.monotonic() - began)
        if self._due:
            self.paint_soon(next(iter(self._due.values())))
