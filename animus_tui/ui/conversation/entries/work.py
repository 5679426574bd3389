"""What the line below a picture tells: how far its jobs have come, or what is known of it."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

from msgspec import Struct
from rich.segment import Segment

from animus_tui.ui.conversation.entries.caption import Caption
from animus_tui.ui.conversation.entries.entry import joined
from animus_tui.ui.conversation.entries.plain import set_plain
from animus_tui.ui.markdown.rows import Row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from animus_tui.chat.messages import ChatMessage, ImageRecord
    from animus_tui.ui.conversation.entries.canvas import Palette

SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
ROOMY = 90
"""Columns from which it also tells what the picture cost."""


class Work(Struct, frozen=True):
    """A job that is under way."""

    image_id: str
    prompt: str
    began: float
    """`time.monotonic()` at its start."""
    pictures: int = 1
    """How many pictures it makes."""
    is_video: bool = False
    percent: float | None = None
    estimated: float | None = None
    """Seconds from the start to the end, as the service guesses."""


def caption_of_work(works: Sequence[Work], words: str, note: str, frame: int | None) -> Caption:
    """How far the newest of some jobs is; `frame` turns the spinner, None keeps everything still."""
    work = works[-1]
    spinner = "" if frame is None else f"{SPINNER[frame % len(SPINNER)]} "
    state = f"{'filming' if work.is_video else 'painting'}{'…' if frame is None else ''}"
    others = f"{len(works)} at once" if len(works) > 1 else ""
    told = joined((note, others, *_progress(work)))
    return Caption(words, state=f"{spinner}{state}", hints=f"{told}   Esc cancels")


def _progress(work: Work) -> tuple[str, str]:
    """The percent, and the time that it takes yet, or the time that it took so far."""
    elapsed = time.monotonic() - work.began
    percent = "" if work.percent is None else f"{work.percent:.0f} %"
    left = 0 if work.estimated is None else math.ceil(work.estimated - elapsed)
    return percent, f"about {left} s more" if left > 0 else f"{int(elapsed)} s"


def facts_of_picture(
    message: ChatMessage | None, record: ImageRecord | None, *, with_cost: bool
) -> tuple[str, str]:
    """What is known of a picture, and what its keys do."""
    if message is None or record is None:
        return "", ""
    size = f"{record.width}×{record.height}" if record.width and not record.video else ""
    seed = "" if record.seed is None else f"seed {record.seed}"
    cost = f"cost {record.cost:g}" if record.cost is not None and with_cost else ""
    clip, plays = ("clip", "Enter plays") if record.video else ("", "")
    place, steps = "", ""
    if message.variants:
        place = f"{message.variants.index(record) + 1} of {len(message.variants)}"
        steps = "[ ] variants"
    return joined((clip, size, seed, cost, place)), "   ".join(filter(None, (plays, steps)))


def rows_of_error(title: str, words: str, width: int, palette: Palette) -> list[Row]:
    """Why there is no picture, the title in the colour of errors."""
    told = set_plain(f"{title} — {words}", width, palette.page.quiet)
    rows = [Row(row.segments, row.cells) for row in told.rows]
    text = "".join(segment.text for segment in rows[0].segments)
    first = Segment(text[: len(title)], palette.error), Segment(text[len(title) :], palette.page.quiet)
    return [Row(first, rows[0].cells), *rows[1:]]
