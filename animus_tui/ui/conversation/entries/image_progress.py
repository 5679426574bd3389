"""The place of an image and its caption while it is generated, and the details of one that is there."""

from __future__ import annotations

import math
import time
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from rich.cells import cell_len
from rich.color import Color, blend_rgb
from rich.segment import Segment
from rich.style import Style

from animus_tui.ui.conversation.entries.caption import Caption
from animus_tui.ui.conversation.entries.entry import joined
from animus_tui.ui.markdown.text_layout import Row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from animus_tui.chat.messages import ChatMessage, ImageRecord
    from animus_tui.ui.conversation.entries.render_context import Palette


BAR = 32
"""Cells of the line at most."""
LEAST_BAR = 8
"""In fewer cells there are only words."""
TWO_ROWS = 3
"""Rows from which the words have one of their own."""
FULL, HALF = "━", "╸"
SWEEP = (0.25, 0.6, 1.0, 0.6, 0.25)
"""How much of the accent the cells of the moving light have, one beside the other."""
PAUSE = 6
"""Cells beyond the end of the line that the light takes before it begins anew."""


def waiting_rows(
    columns: int,
    rows: int,
    palette: Palette,
    *,
    percent: float | None,
    seconds: int,
    frame: int | None,
) -> list[Row]:
    """`rows` rows of exactly `columns` cells: a bar as long as `percent` (0 to 100) says, or a light that wanders.

    `frame` moves the light by a cell; None keeps everything still. The blank rows are the same objects each
    time, so that they are not painted again.
    """
    placed = [_empty(columns, palette.place)] * rows
    width = min(BAR, columns - 4)
    words = f"{seconds} s" if percent is None else f"{percent:.0f} %"
    if rows < 1 or columns < 1:
        return placed
    if width < LEAST_BAR:
        placed[rows // 2] = _words(columns, words, palette)
        return placed
    middle = max(0, (rows - 1) // 2)
    line = _light(width, frame, palette) if percent is None else _bar(width, percent, palette)
    placed[middle] = _centred(columns, width, line, palette.place)
    if rows >= TWO_ROWS:
        placed[middle + 1] = _words(columns, words, palette)
    return placed


@lru_cache(maxsize=64)
def _empty(columns: int, place: Style) -> Row:
    return Row((Segment(" " * columns, place),), columns)


def _words(columns: int, words: str, palette: Palette) -> Row:
    shown = words[:columns]
    style = palette.place + Style(color=palette.page.quiet.color)
    return _centred(columns, cell_len(shown), (Segment(shown, style),), palette.place)


def _centred(columns: int, width: int, segments: tuple[Segment, ...], place: Style) -> Row:
    left = (columns - width) // 2
    around = Segment(" " * left, place), Segment(" " * (columns - width - left), place)
    return Row((around[0], *segments, around[1]), columns)


def _bar(width: int, percent: float, palette: Palette) -> tuple[Segment, ...]:
    """A line, to the left as much of it in the accent as is done; half a cell counts."""
    halves = round(min(max(percent, 0), 100) / 100 * 2 * width)
    done = FULL * (halves // 2) + HALF * (halves % 2)
    on, off = _blended_style(palette, 1.0), _blended_style(palette, 0.0)
    return Segment(done, on), Segment(FULL * (width - len(done)), off)


def _light(width: int, frame: int | None, palette: Palette) -> tuple[Segment, ...]:
    """A line with a light that goes from its left to its right end."""
    off = _blended_style(palette, 0.0)
    if frame is None:
        return (Segment(FULL * width, off),)
    head = frame % (width + len(SWEEP) + PAUSE) - len(SWEEP)
    segments = [Segment(FULL * max(0, min(head, width)), off)]
    for at, part in enumerate(SWEEP, head):
        if 0 <= at < width:
            segments.append(Segment(FULL, _blended_style(palette, part)))
    segments.append(Segment(FULL * (width - max(0, min(head + len(SWEEP), width))), off))
    return tuple(segment for segment in segments if segment.text)


def _blended_style(palette: Palette, part: float) -> Style:
    """Between the colour of lines (0) and the accent (1), on the ground of the place."""
    return _blended(palette.page.line.color, palette.accent.color, palette.place, part)


@lru_cache(maxsize=64)
def _blended(line: Color | None, accent: Color | None, place: Style, part: float) -> Style:
    if line is None or accent is None or line.triplet is None or accent.triplet is None:
        # The theme has the terminal's own colours, which are not known.
        return place + Style(color=accent if part > 0.5 else line)
    return place + Style(color=Color.from_triplet(blend_rgb(line.triplet, accent.triplet, part)))


SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
ROOMY = 90
"""Columns from which it also tells what the picture cost."""


class Work(Struct, frozen=True):
    """An image job that is under way."""

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


class Preview(Struct, frozen=True):
    """What a picture looks like while it is made."""

    path: Path
    size: tuple[int, int]
    """Width and height in pixels."""


def caption_of_work(works: Sequence[Work], words: str, note: str, frame: int | None) -> Caption:
    """How far the newest of some jobs is; `frame` turns the spinner, None keeps everything still."""
    work = works[-1]
    spinner = "" if frame is None else f"{SPINNER[frame % len(SPINNER)]} "
    state = f"{'Generating video' if work.is_video else 'Generating'}…"
    others = f"{len(works)} at once" if len(works) > 1 else ""
    told = joined((note, others, *_progress(work)))
    return Caption(words, state=f"{spinner}{state}", hints=f"{told}   Esc Cancel")


def _progress(work: Work) -> tuple[str, str]:
    """The percent, and the time that it takes yet, or the time that it took so far."""
    elapsed = time.monotonic() - work.began
    percent = "" if work.percent is None else f"{work.percent:.0f} %"
    left = 0 if work.estimated is None else math.ceil(work.estimated - elapsed)
    return percent, f"about {left} s more" if left > 0 else f"{int(elapsed)} s"


def picture_details(
    message: ChatMessage | None, record: ImageRecord | None, *, with_cost: bool
) -> tuple[str, str]:
    """What is known of a picture, and what its keys do."""
    if message is None or record is None:
        return "", ""
    size = f"{record.width}×{record.height}" if record.width and not record.video else ""
    seed = "" if record.seed is None else f"seed {record.seed}"
    cost = f"cost {record.cost:g}" if record.cost is not None and with_cost else ""
    clip, plays = ("video", "Enter Play") if record.video else ("", "")
    place, steps = "", ""
    if message.variants:
        place = f"{message.variants.index(record) + 1} of {len(message.variants)}"
        steps = "[ ] variants"
    return joined((clip, size, seed, cost, place)), "   ".join(filter(None, (plays, steps)))
