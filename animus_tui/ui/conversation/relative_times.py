"""Keeps times such as `3 min ago` true: the conversation is drawn anew when one in view changes, and not before."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from animus_tui.ui.conversation.entries.entry import until_next_age

if TYPE_CHECKING:
    from textual.timer import Timer
    from textual.widget import Widget

    from animus_tui.ui.conversation.rendering import Rendering
    from animus_tui.ui.conversation.viewport import Viewport


class RelativeTimes:
    """Has one timer, for the youngest message in view; none while all are older than a day or times are absolute."""

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
