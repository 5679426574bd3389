"""What a search found, under the titles of the conversations."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.segment import Segment

from animus_tui.chat.search_everything import FoundMessage, context
from animus_tui.printable import short_line
from animus_tui.ui.conversation.entries.entry import clock, day_name, day_of, joined
from animus_tui.ui.day_change import DayChange
from animus_tui.ui.markdown.cells import cut
from animus_tui.ui.widgets.row_list import RowList

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from animus_tui.ui.widgets.row_list import Styles

LEAST_WIDE = 70
"""Cells from which a message has one row, with its time; below it has two, without."""
NAMES = 12
"""Cells of who said it."""
OTHER_VERSION = "in another version: "


class SearchResults(RowList[FoundMessage]):
    """Messages of which one is the chosen one."""

    COMPONENT_CLASSES = {f"rows--{name}" for name in ("quiet", "title", "match", "chosen")}
    DEFAULT_CSS = """
    SearchResults {
        .rows--title { color: $primary; text-style: bold; }
        .rows--chosen { background: $primary 25%; }
        .rows--match { color: $accent; text-style: bold underline; }
    }
    """

    def __init__(self, assistant: str) -> None:
        """`assistant`: who answers where the conversation does not say."""
        super().__init__()
        self._assistant = assistant
        self._needle = ""
        self._day_change = DayChange(self, self.refresh)

    def on_mount(self) -> None:
        """Keep the names of the days true."""
        self._day_change.begin()

    @property
    def count(self) -> int:
        """How many messages there are."""
        return len(self._entries)

    @property
    def conversations(self) -> int:
        """In how many conversations they are."""
        return self._places.headings

    def show(self, found: Sequence[FoundMessage], needle: str, *, sentence: str = "") -> None:
        """Show these in place of others, the first one chosen; the sentence where there are none."""
        self._needle = needle
        self.set_entries(list(found), 0, sentence=sentence)

    def add(self, found: Sequence[FoundMessage]) -> None:
        """Show these below the others."""
        self.set_entries([*self._entries, *found], self._at)

    # Where they stand

    @property
    def widest(self) -> int:
        """All the room that there is."""
        return self.scrollable_content_region.width

    @property
    def stride(self) -> int:
        """Rows of a message."""
        return 1 if self.scrollable_content_region.width >= LEAST_WIDE else 2

    def heading_rows(self, index: int, stride: int) -> int:
        """One row for the title of a conversation, and a blank one above all but the first."""
        if index == 0:
            return 1
        is_same = self._entries[index].conversation.id == self._entries[index - 1].conversation.id
        return 0 if is_same else 2

    # Painting

    def heading(self, index: int, width: int, styles: Styles) -> Iterable[Segment]:
        """The title of a conversation, whose it is and when the first of the messages was sent."""
        message = self._entries[index]
        told = message.conversation
        day = day_of(message.timestamp)
        when = day_name(day, date.today()) if day else ""  # noqa: DTZ011 (the user's)
        notes = joined(("archived" if told.archived else "", short_line(told.name), when))
        room = width - 2
        title = cut(short_line(told.title) or "Without a title", max(room - cell_len(notes) - 2, room // 2))
        yield Segment(f" {title}", styles["title"])
        yield Segment(cut(f"  {notes}", room - cell_len(title)), styles["quiet"])

    def entry_row(self, index: int, row: int, width: int, styles: Styles) -> Iterable[Segment]:
        """A row of a message: who said it, and the words in their context."""
        message = self._entries[index]
        mark = "> " if index == self._at and not row else "  "
        yield Segment(f" {mark}", styles["title"])
        room = width - 3
        if self.stride == 1:
            when = clock(message.timestamp).ljust(5)
            head = f"{when} {cut(_said_by(message, self._assistant), NAMES).ljust(NAMES)}  "
            yield Segment(head, styles["quiet"])
            yield from _in_context(message, self._needle, (room - cell_len(head), 1), 0, styles)
        else:
            yield from _in_context(message, self._needle, (room, self.stride), row, styles)


def _in_context(
    message: FoundMessage, needle: str, size: tuple[int, int], row: int, styles: Styles
) -> Iterator[Segment]:
    """A row, from 0, of a message's words around the needle, which is marked; `size` is in columns and rows.

    A row begins at a word where it can.
    """
    width, rows = size
    note = OTHER_VERSION if message.steps else ""
    first, length = width - len(note), width * rows - len(note)
    part = context(message.text, needle, before=width // 3, length=length)
    plain, match = styles["ground"], styles["match"]
    if row == 0:
        yield Segment(note, styles["quiet"])
    end = _fitting(part.text, first)
    start, end = (0, end) if row == 0 else (end, end + _fitting(part.text[end:].lstrip(), width) + 1)
    at = start
    for begin, past in (*part.spans, (end, end)):
        begin, past = min(max(begin, start), end), min(past, end)
        if at < begin:
            yield Segment(part.text[at:begin].lstrip() if row and at == start else part.text[at:begin], plain)
        if begin < past:
            yield Segment(part.text[begin:past], match)
        at = max(at, past)


def _said_by(message: FoundMessage, assistant: str) -> str:
    if message.record is not None:
        return "Picture"
    if message.role == "user":
        return "You"
    return short_line(message.conversation.name or assistant)


def _fitting(text: str, width: int) -> int:
    """How many characters of a text fit into so many cells, whole words where there are any."""
    taken = 0
    for index, character in enumerate(text):
        taken += cell_len(character)
        if taken > width:
            gap = text.rfind(" ", index // 2, index)
            return gap if gap > 0 else index
    return len(text)
