"""What changes in the conversation as time goes by: text that streams in, what waits, and times such as `3 min ago`."""

from __future__ import annotations

import time
from datetime import datetime
from math import ceil
from typing import TYPE_CHECKING

from animus_tui.ui.conversation.entries.entry import until_next_age

if TYPE_CHECKING:
    from textual.timer import Timer
    from textual.widget import Widget

    from animus_tui.ui.conversation.entries.entry import Entry
    from animus_tui.ui.conversation.entries.notices import TypingEntry
    from animus_tui.ui.conversation.entries.picture import PictureEntry
    from animus_tui.ui.conversation.rendering import Rendering
    from animus_tui.ui.conversation.viewport import Viewport


FRAME = 1 / 8
"""Seconds between two frames of what moves while something is waited for."""
STILL = 2
"""The frame of the dots where nothing moves: all three."""


class WaitingAnimation:
    """Moves the entries that wait. It has timers only as long as something moves: to be idle costs nothing."""

    def __init__(self, host: Widget, viewport: Viewport, *, is_reduced: bool) -> None:
        """`host` runs the timers; `is_reduced`: nothing moves, and only the seconds of typing are counted."""
        self._host = host
        self._viewport = viewport
        self._is_reduced = is_reduced
        self.jobs: dict[str, PictureEntry] = {}
        """By image id, while a picture is made or could not be."""
        self.typing: TypingEntry | None = None
        """The mark that an answer is waited for."""
        self.frame = 0
        """How many frames there were."""
        self._spinning: Timer | None = None
        self._counting: Timer | None = None
        self._countdowns: dict[str | None, tuple[str, float]] = {}
        """By image id, None for the answer: what went wrong, and when it is tried again by `time.monotonic()`."""

    def reduce(self, is_reduced: bool) -> None:
        """Let nothing move from now on, or everything that waits."""
        if is_reduced != self._is_reduced:
            self._is_reduced = is_reduced
            self._stop_spinning()
            if self.jobs or self.typing is not None:
                self.spin()

    @property
    def is_moving(self) -> bool:
        """Whether a spinner turns, seconds are counted, or a countdown runs."""
        return self._spinning is not None or self._counting is not None

    def clear(self) -> None:
        """Forget all that moves, as when another conversation is opened."""
        self.jobs.clear()
        self.typing = None
        self._countdowns.clear()

    # Countdowns

    def count_down(self, title: str, seconds: float, image_id: str | None) -> None:
        """Count down to when a busy service is asked again: for an image, or without an id for the answer."""
        self._countdowns[image_id] = title, time.monotonic() + seconds
        self._draw_countdowns()
        if self._counting is None:
            self._counting = self._host.set_interval(0.5, self._draw_countdowns)

    def stop_countdown(self, image_id: str | None) -> None:
        """End a countdown, whatever time is left."""
        self._countdowns.pop(image_id, None)

    def _draw_countdowns(self) -> None:
        now = time.monotonic()
        for image_id, (title, end) in list(self._countdowns.items()):
            text = f"{title}: trying again in {ceil(end - now)} s" if end > now else ""
            if not text:
                del self._countdowns[image_id]
            waiting = self.typing if image_id is None else self.jobs.get(image_id)
            if waiting is not None:
                waiting.note(text)
                self._viewport.entry_changed(waiting)
        if not self._countdowns and self._counting is not None:
            self._counting.stop()
            self._counting = None

    # Spinners

    def spin(self) -> None:
        """Turn spinners while something is waited for; without motion only the seconds of typing are counted.

        Pictures need no clock then: their progress events are enough.
        """
        if self._spinning is not None:
            return
        if not self._is_reduced:
            self._spinning = self._host.set_interval(FRAME, self.tick)
        elif self.typing is not None:
            self._spinning = self._host.set_interval(1, self._count_seconds)

    def _stop_spinning(self) -> None:
        if self._spinning is not None:
            self._spinning.stop()
            self._spinning = None

    def _count_seconds(self) -> None:
        if self.typing is None:
            self._stop_spinning()
        elif self.typing.tick(STILL):
            self._viewport.entry_changed(self.typing)

    def tick(self) -> None:
        """The next frame of everything that waits and is in view."""
        waiting = [card for card in self.jobs.values() if card.is_waiting]
        if not waiting and self.typing is None:
            self._stop_spinning()
            return
        self.frame += 1
        in_view = {id(self._viewport.entries[index]) for index in self._viewport.in_view}
        for card in waiting:
            if id(card) in in_view:
                card.tick(self.frame)
                self._viewport.entry_changed(card)
        if self.typing is not None and self.frame % 4 == 0 and self.typing.tick(self.frame // 4):
            self._viewport.entry_changed(self.typing)


class RelativeTimes:
    """Keeps times such as `3 min ago` true: all is drawn anew when one in view changes, and not before.

    There is one timer, for the youngest message in view; none while all are older than a day or times are absolute.
    """

    def __init__(self, host: Widget, viewport: Viewport, rendering: Rendering) -> None:
        """`host` has the timer."""
        self._host = host
        self._viewport = viewport
        self._rendering = rendering
        self._timer: Timer | None = None

    @property
    def is_waiting(self) -> bool:
        """Whether a time in view is going to change."""
        return self._timer is not None

    def begin(self) -> None:
        """Wait for the next change, unless that is waited for."""
        ui = self._rendering.options.ui
        is_relative = ui.show_time and ui.time_format == "relative"
        if self._timer is not None and not is_relative:
            self._timer.stop()
            self._timer = None
        if self._timer is not None or not is_relative:
            return
        now = datetime.now().astimezone()
        in_view = (self._viewport.entries[index].came_at for index in self._viewport.in_view)
        changes = [seconds for at in in_view if at is not None and (seconds := until_next_age(at, now))]
        if changes:
            self._timer = self._host.set_timer(min(changes), self._draw)

    def _draw(self) -> None:
        self._timer = None
        self._rendering.invalidate()  # which lays out what is in view, and so begins again


STREAM_FRAME = 1 / 30
"""Seconds between two paintings of streamed text; more when one takes longer, so that keys come through."""
TYPING = 0.5
"""Seconds after a key for which the user is taken to be typing."""
TYPING_FRAME = 0.1
"""Seconds between two paintings of streamed text while the user types: a key pressed during a painting waits for it."""
AFTER_KEY = 0.01
"""Seconds from a key to the next painting: the key is on the screen then, and the next one is furthest away."""


class StreamPainter:
    """Paints text that streams in: some frames a second, fewer while the user types or when a frame takes long.

    It has a timer only while something is to be painted.
    """

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
