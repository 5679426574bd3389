"""What moves in the conversation while something is waited for: spinners, dots, countdowns, words that stream in."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from animus_tui.ui.widgets.canvas_flow import CanvasFlow
from animus_tui.ui.widgets.countdown import Countdowns

if TYPE_CHECKING:
    from textual.timer import Timer

    from animus_tui.ui.flow.canvas import Looks
    from animus_tui.ui.flow.entry import Entry
    from animus_tui.ui.flow.notices import TypingEntry
    from animus_tui.ui.flow.picture import PictureEntry

FRAME = 1 / 8
"""Seconds between two frames of what moves while something is waited for."""
STILL = 2
"""The frame of the dots where nothing moves: all three."""
STREAM_FRAME = 1 / 30
"""Seconds between two paintings of streamed text; more when one takes longer, so that keys come through."""
TYPING = 0.5
"""Seconds after a key for which the user is taken to be typing."""
TYPING_FRAME = 0.1
"""Seconds between two paintings of streamed text meanwhile: a key that comes in the middle of one waits for it."""


class LiveFlow(CanvasFlow):
    """Has timers only as long as something moves: an idle conversation costs nothing."""

    def __init__(self, looks: Looks) -> None:
        super().__init__(looks)
        self._jobs: dict[str, PictureEntry] = {}
        """By image id, while a picture is made or could not be."""
        self._typing: TypingEntry | None = None
        self._frame = 0
        self._spinning: Timer | None = None
        self._counting: Timer | None = None
        self._painting: Timer | None = None
        self._cost = 0.0
        self._due: dict[int, Entry] = {}
        self._typed = 0.0
        self._has_given_way = False
        self._countdowns = Countdowns()
        self._unread: dict[str, str] = {}
        """By message id: text that arrived and is not shown yet."""

    def nothing_moves(self) -> None:
        """Another conversation: whatever moved is gone."""
        self._jobs.clear()
        self._typing = None
        self._due.clear()
        self._unread.clear()
        self._countdowns.clear()

    def count_down(self, title: str, seconds: float, image_id: str | None) -> None:
        """The service was busy: how long until the request is sent again."""
        self._countdowns.start(image_id, title, seconds)
        self._draw_countdowns()
        if self._counting is None:
            self._counting = self.set_interval(0.5, self._draw_countdowns)

    def _draw_countdowns(self) -> None:
        for image_id, text in self._countdowns.texts().items():
            waiting = self._typing if image_id is None else self._jobs.get(image_id)
            if waiting is not None:
                waiting.note(text)
                self.entry_changed(waiting)
        if not self._countdowns and self._counting is not None:
            self._counting.stop()
            self._counting = None

    def give_way(self) -> None:
        """A key was pressed: what streams in waits a little, once, so that the key is painted first."""
        self._typed = time.monotonic()
        if self._painting is not None and not self._has_given_way:
            self._has_given_way = True
            self._painting.stop()
            self._painting = self.set_timer(TYPING_FRAME, self._paint_due)

    def _paint_soon(self, entry: Entry) -> None:
        self._due[id(entry)] = entry
        if self._painting is None:
            is_typing = time.monotonic() - self._typed < TYPING
            frame = TYPING_FRAME if is_typing else STREAM_FRAME
            self._painting = self.set_timer(max(frame, self._cost), self._paint_due)

    def _paint_due(self) -> None:
        self._painting, self._has_given_way = None, False
        began = time.monotonic()
        due, self._due = self._due, {}
        for entry in due.values():
            self.entry_changed(entry)
            if entry.is_behind:
                entry.changed()
                self._due[id(entry)] = entry
        self._cost = 2 * (time.monotonic() - began)
        if self._due:
            self._paint_soon(next(iter(self._due.values())))

    def _spin(self) -> None:
        """Turn spinners while something is waited for; without motion only the seconds of typing are counted.

        Pictures need no clock then: their progress events are enough.
        """
        if self._spinning is not None:
            return
        if not self._looks.ui.reduced_motion:
            self._spinning = self.set_interval(FRAME, self._tick)
        elif self._typing is not None:
            self._spinning = self.set_interval(1, self._count_seconds)

    def _stop_spinning(self) -> None:
        if self._spinning is not None:
            self._spinning.stop()
            self._spinning = None

    def _count_seconds(self) -> None:
        if self._typing is None:
            self._stop_spinning()
        elif self._typing.tick(STILL):
            self.entry_changed(self._typing)

    def _tick(self) -> None:
        waiting = [card for card in self._jobs.values() if card.is_waiting]
        if not waiting and self._typing is None:
            self._stop_spinning()
            return
        self._frame += 1
        in_view = {id(self.flow[index]) for index in self._in_view()}
        for card in waiting:
            if id(card) in in_view:
                card.tick(self._frame)
                self.entry_changed(card)
        if self._typing is not None and self._frame % 4 == 0 and self._typing.tick(self._frame // 4):
            self.entry_changed(self._typing)
