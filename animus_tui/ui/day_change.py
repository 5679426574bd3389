"""Tells a widget that shows days by name, such as `Today`, that another day has begun."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.timer import Timer
    from textual.widget import Widget

SHORTLY = 0.5
"""Seconds behind midnight: a timer follows another clock than the user's, and may be a little early."""
MIDNIGHT = "midnight"
"""The name of the timer."""


class DayChange:
    """Has one timer, for the next midnight; also looks when the user comes back, whenever that is.

    A timer stands still while the machine sleeps, and knows nothing of a clock that is set.
    """

    def __init__(self, host: Widget, on_change: Callable[[], object]) -> None:
        """`host` has the timer; `on_change` is called in its own step."""
        self._host = host
        self._on_change = on_change
        self._today = _today()
        self._timer: Timer | None = None

    def begin(self) -> None:
        """Begin once the widget is mounted."""
        self._host.watch(self._host.app, "app_focus", self.look, init=False)
        self._host.app.app_resume_signal.subscribe(self._host, lambda _: self.look())
        self._wait()

    def look(self) -> None:
        """If another day has begun, call `on_change` and wait for the next midnight."""
        today = _today()
        if today != self._today:
            self._today = today
            self._host.call_later(self._on_change)
            self._wait()

    def _wait(self) -> None:
        if self._timer is not None:
            self._timer.stop()
        seconds = until_next_day(datetime.now().astimezone()) + SHORTLY
        self._timer = self._host.set_timer(seconds, self._midnight, name=MIDNIGHT)

    def _midnight(self) -> None:
        self._timer = None
        self.look()
        if self._timer is None:  # the clock was set back
            self._wait()


def _today() -> date:
    return date.today()  # noqa: DTZ011 (the user's)


def until_next_day(now: datetime) -> float:
    """Seconds until the user's next day begins, which is 23 to 25 hours after this one began."""
    tomorrow = now.date() + timedelta(days=1)
    # Where clocks are set forward at midnight there is none, and one of the two ways to tell it is an hour too early;
    # where they are set back to midnight there are two.
    midnights = [datetime.combine(tomorrow, time_of_day(fold=fold)).timestamp() for fold in (0, 1)]
    return min(each for each in midnights if date.fromtimestamp(each) >= tomorrow) - now.timestamp()  # noqa: DTZ012
