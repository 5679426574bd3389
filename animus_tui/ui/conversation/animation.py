"""What moves in the conversation while something is waited for: spinners, dots and countdowns."""

from __future__ import annotations

import time
from math import ceil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.timer import Timer
    from textual.widget import Widget

    from animus_tui.ui.conversation.entries.notices import TypingEntry
    from animus_tui.ui.conversation.entries.picture import PictureEntry
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
