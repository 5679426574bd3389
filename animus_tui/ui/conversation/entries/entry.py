"""What all entries of the conversation have in common, and the header of those that are messages."""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, ClassVar, Literal

from msgspec import Struct
from msgspec.structs import replace
from rich.cells import cell_len
from rich.segment import Segment

from animus_tui.printable import short_line
from animus_tui.ui.conversation.entries.layout import Layout, PlacedRow
from animus_tui.ui.markdown.cells import cut
from animus_tui.ui.markdown.text_layout import Row

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.style import Style

    from animus_tui.chat.messages import ChatMessage
    from animus_tui.ui.conversation.entries.render_context import RenderContext
    from animus_tui.ui.images.slot import ImageSlot


TimeFormat = Literal["24h", "12h", "relative"]
"""As in `[ui]`."""


class Entry(ABC):
    """One thing in the conversation, such as a message or an image, that can be laid out as rows of cells."""

    is_choosable: ClassVar[bool] = True
    """Whether the cursor stops here."""
    is_hidden = False
    """Whether it is a message that the model is not told."""
    slots: Sequence[ImageSlot] = ()
    """The places of its pictures."""
    head: MessageHeader | None = None
    """The header of a message; None for anything else."""
    ends_before_window = False
    """Whether it is the last one that the character does not remember."""
    branch, branches = 0, 1
    """Which version of the message it is, from 0, and how many there are."""

    def __init__(self, entry_id: str) -> None:
        self.id = entry_id
        self.revision = 0
        """A number that rises with every change of what the entry looks like."""

    def invalidate(self) -> None:
        """The entry has changed: its layout is out of date."""
        self.revision += 1

    @abstractmethod
    def layout(self, context: RenderContext) -> Layout:
        """The rows of the entry for a render context."""

    def source(self) -> str:
        """The text of the entry as it was written, for copying."""
        return ""

    @property
    def came_at(self) -> datetime | None:
        """The user's time at which a message came; None for anything else, and where it is not known."""
        return self.head.at if self.head is not None else None

    @property
    def is_behind(self) -> bool:
        """Whether more text arrived than could be laid out at once."""
        return False

    @property
    def can_retry(self) -> bool:
        """Whether there is something to try again."""
        return False


def runs(*parts: tuple[str, Style]) -> list[Segment]:
    """Segments of the texts that are not empty."""
    return [Segment(text, style) for text, style in parts if text]


def joined(notes: Iterable[str]) -> str:
    """The notes that there are, with dots between."""
    return " · ".join(note for note in notes if note)


def card_room(context: RenderContext) -> int:
    """Cells that the text of a card may take."""
    return context.text_width if context.plain else max(1, context.column - 3)


def add_card_row(layout: Layout, context: RenderContext, row: Row, edge: Style, first_line: int = 0) -> int:
    """Add a row of a card, with an edge at its left in a style; returns the cell where its text begins.

    `first_line` is added to the lines of the pieces of the row.
    """
    if context.plain:
        layout.placed.append(PlacedRow(context.text_x, row, first_line))
        return context.text_x
    before = Segment("▌", edge), Segment(" ", context.palette.card)
    fill = Segment(" " * max(0, context.column - 2 - row.cells), context.palette.card)
    pieces = tuple(replace(piece, x=piece.x + 2) for piece in row.pieces)
    placed = Row((*before, *row.segments, fill), max(context.column, row.cells + 2), pieces)
    layout.placed.append(PlacedRow(context.left, placed, first_line))
    return context.left + 2


def version_note(message: ChatMessage) -> str:
    """What there is to say of a message that has other versions, was changed by hand, or is hidden from the model."""
    count = message.branch_count
    return joined(
        (
            f"{message.branch + 1} of {count}" if count > 1 else "",
            f"asked to be: {short_line(message.wish)}" if message.wish else "",
            "edited" if message.edited else "",
            "hidden from the model" if message.hidden else "",
        )
    )


class Predecessor(Struct, frozen=True):
    """What is above a message."""

    speaker: str = ""
    """Who spoke last; nobody before the first message."""
    day: date | None = None
    """The user's day of the last message that has any."""


class MessageHeader:
    """The time of a message, and the line above it where a day begins."""

    def __init__(self, timestamp: str, before: Predecessor) -> None:
        self.at = local_time(timestamp)
        """The user's time at which it came, as far as that is known."""
        day = self.at.date() if self.at else None
        self.begins: date | None = day if day and day != before.day else None
        """The day that begins with it."""
        self._is_first = not before.speaker
        self.is_unsaved = False
        """Whether the message is not on disk."""

    def time(self, context: RenderContext) -> str:
        """When it came, as configured; empty where that is not known or not shown."""
        ui = context.options.ui
        if not ui.show_time or self.at is None:
            return ""
        if ui.time_format == "relative":
            return age(self.at, context.now)
        return time_of_day(self.at, ui.time_format)

    def mark_unsaved(self, unsaved: bool) -> bool:
        """Say whether the message is on disk; returns whether that is something else than before."""
        is_changed = unsaved != self.is_unsaved
        self.is_unsaved = unsaved
        return is_changed

    @property
    def unsaved_note(self) -> str:
        """What is said of a message that is not on disk."""
        return "not saved" if self.is_unsaved else ""

    def begin(self, context: RenderContext) -> Layout:
        """A layout with the day on top, where one begins."""
        layout = Layout(context.width)
        if self.begins is not None:
            if self._is_first:
                layout.add_blank()
            _add_divider(layout, context, day_name(self.begins, context.today))
            layout.add_blank()
            layout.head = len(layout)
        return layout


def add_window_line(layout: Layout, context: RenderContext) -> None:
    """Say in the blank row below an entry that the character remembers what follows, and nothing above."""
    layout.drop_last_blank()
    _add_divider(layout, context, f"{short_line(context.options.name)} remembers from here")
    layout.foot = 1


def _add_divider(layout: Layout, context: RenderContext, words: str) -> None:
    """Add a row of words in the middle of the column, between two short lines; plainly at the left without them."""
    line = cut(words if context.plain else f"── {words} ──", context.text_width)
    x = context.text_x if context.plain else context.left + (context.column - cell_len(line)) // 2
    layout.add_row(x, [Segment(line, context.palette.page.quiet)])


def local_time(timestamp: str) -> datetime | None:
    """The user's local time of an ISO 8601 timestamp; None for one that is none, as in imported files."""
    try:
        return datetime.fromisoformat(timestamp).astimezone()
    except (ValueError, OverflowError, OSError):
        return None


def clock(timestamp: str) -> str:
    """The user's time of a timestamp, as `14:02`; empty for one that is none."""
    at = local_time(timestamp)
    return f"{at:%H:%M}" if at else ""


def time_of_day(at: datetime, time_format: TimeFormat) -> str:
    """A time as `14:02` or `2:02 pm`; where times are relative, as `14:02`."""
    if time_format != "12h":
        return f"{at:%H:%M}"
    return f"{at.hour % 12 or 12}:{at:%M} {'am' if at.hour < 12 else 'pm'}"  # %p is empty in many languages


MINUTE, HOUR, DAY = 60, 3600, 86400
"""Seconds."""


def age(at: datetime, now: datetime) -> str:
    """How long ago a time is: `just now`, `3 min ago`, `2 h ago`; from a day on `14:02`, since the day is above."""
    seconds = (now - at).total_seconds()
    if seconds < MINUTE:
        return "just now"
    if seconds < HOUR:
        return f"{seconds // MINUTE:.0f} min ago"
    return f"{seconds // HOUR:.0f} h ago" if seconds < DAY else time_of_day(at, "24h")


def until_next_age(at: datetime, now: datetime) -> float | None:
    """Seconds until `age` says something else of a time; None when it never will."""
    seconds = (now - at).total_seconds()
    if seconds >= DAY:
        return None
    step = MINUTE if seconds < HOUR else HOUR
    return MINUTE - seconds if seconds < 0 else step - seconds % step


def day_of(timestamp: str) -> date | None:
    """The user's day of an ISO 8601 timestamp."""
    at = local_time(timestamp)
    return at.date() if at else None


def day_name(day: date, today: date) -> str:
    """`Today`, `Yesterday` or `Monday, 04 May 2020`."""
    names = {today: "Today", today - timedelta(days=1): "Yesterday"}
    return names.get(day) or f"{day:%A, %d %B %Y}"
