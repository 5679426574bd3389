"""How far pictures are, on standard error: a bar on a terminal, now and then a line anywhere else."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from animus_tui.chat.events import (
    ImageGenerationComplete,
    ImageGenerationError,
    ImageGenerationProgress,
    ImageGenerationStart,
)
from animus_tui.cli.output import complain, is_terminal
from animus_tui.printable import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.progress import Progress, TaskID

    from animus_tui.chat.events import SessionEvent

STEP = 20.0
"""Percent between two lines about one picture."""
PAUSE = 10.0
"""Seconds between two lines about a picture of which the service tells no percent."""
DONE = 100.0
"""Percent of a finished picture."""
PROMPT_LENGTH = 30
"""Characters of the prompt beside the bar."""


@contextmanager
def shown_progress(*, quiet: bool) -> Iterator[Callable[[SessionEvent], None]]:
    """What is to be given each event; nothing of it is shown when `quiet`.

    While a bar is shown, what is written to `sys.stderr` appears above it.
    """
    if quiet:
        yield lambda _: None
    elif is_terminal(sys.stderr) and os.environ.get("TERM") != "dumb":
        from animus_tui.cli.rich_output import shown_bars  # rich takes 45 ms, and a pipe needs nothing of it

        with shown_bars() as bars:
            yield ProgressBars(bars)
    else:
        yield ProgressLines()


class ProgressBars:
    """A bar for each picture that is under way; it goes when the picture is there or has failed."""

    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, event: SessionEvent) -> None:
        """Show what has changed."""
        match event:
            case ImageGenerationStart(image_id=image_id, prompt=prompt):
                words = " ".join(printable(prompt, newlines=False).split())
                short = words if len(words) <= PROMPT_LENGTH else words[: PROMPT_LENGTH - 1].rstrip() + "…"
                self._tasks[image_id] = self._bars.add_task(short, total=None, time="")
            case ImageGenerationProgress(image_id=image_id, percent=percent) if image_id in self._tasks:
                total = None if percent is None else DONE
                self._bars.update(
                    self._tasks[image_id], total=total, completed=percent or 0.0, time=time_left(event)
                )
            case ImageGenerationComplete(image_id=image_id) | ImageGenerationError(image_id=image_id):
                if (task := self._tasks.pop(image_id, None)) is not None:
                    self._bars.remove_task(task)


class ProgressLines:
    """A line when a picture has come another fifth of the way, or every ten seconds when that is not told."""

    def __init__(self) -> None:
        self._told: dict[str, float] = {}

    def __call__(self, event: SessionEvent) -> None:
        """Write a line, if there is news enough for one; what is done is told by its end."""
        if not isinstance(event, ImageGenerationProgress) or event.percent == DONE:
            return
        step, now = (PAUSE, event.elapsed) if event.percent is None else (STEP, event.percent)
        if now < self._told.get(event.image_id, 0.0) + step:
            return
        self._told[event.image_id] = now // step * step
        percent = "" if event.percent is None else f"{event.percent:.0f} %, "
        complain(f"generating: {percent}{time_left(event)}")


def time_left(event: ImageGenerationProgress) -> str:
    """The service's guess in words, or the time that has passed when it makes none."""
    if event.estimated is None:
        return f"{event.elapsed:.0f} s"
    left = event.estimated - event.elapsed
    return f"about {left:.0f} s left" if left >= 1 else "any moment now"
