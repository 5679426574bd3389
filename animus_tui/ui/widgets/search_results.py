"""What a search found, by conversation: one virtual widget, whatever the number of messages."""

from __future__ import annotations

from bisect import bisect_right
from datetime import date
from itertools import accumulate
from textwrap import wrap
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.segment import Segment
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from animus_tui.chat.search_everything import context
from animus_tui.printable import short_line
from animus_tui.ui.conversation.entries.caption import cut
from animus_tui.ui.conversation.entries.entry import clock, day_name, day_of, joined

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.style import Style
    from textual import events

    from animus_tui.chat.search_everything import FoundMessage

LEAST_WIDE = 70
"""Cells from which a message has one row, with its time; below it has two, without."""
NAMES = 12
"""Cells of who said it."""
WIDEST_SENTENCE = 60
OTHER_VERSION = "in another version: "


class SearchResults(ScrollView, can_focus=False):
    """Messages under the titles of their conversations; one of them is the chosen one."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES = {"results--quiet", "results--title", "results--chosen", "results--match"}
    DEFAULT_CSS = """
    SearchResults {
        height: 1fr; background: $background; color: $foreground; scrollbar-size-vertical: 1;
        overflow-x: hidden; overflow-y: scroll; scrollbar-gutter: stable;
        .results--quiet { color: $text-muted; }
        .results--title { color: $primary; text-style: bold; }
        .results--chosen { background: $primary 25%; }
        .results--match { color: $accent; text-style: bold underline; }
    }
    """

    class Opened(Message):
        """A message was clicked."""

    def __init__(self, assistant: str) -> None:
        """`assistant`: who answers where the conversation does not say."""
        super().__init__()
        self._assistant = assistant
        self._found: list[FoundMessage] = []
        self._needle = ""
        self._sentence = ""
        self._at = 0
        self._rows: list[int] = []
        """For each block of rows the index of its message; of a title the index of the first one below it, minus one
        and negated."""
        self._tops: list[int] = [0]
        """The first row of each block, and behind the last."""

    # What there is

    @property
    def chosen(self) -> FoundMessage | None:
        """The message that Enter goes to."""
        return self._found[self._at] if self._at < len(self._found) else None

    @property
    def count(self) -> int:
        """How many messages there are."""
        return len(self._found)

    @property
    def conversations(self) -> int:
        """In how many conversations they are."""
        return sum(block < 0 for block in self._rows)

    def show(self, found: Sequence[FoundMessage], needle: str, *, sentence: str = "") -> None:
        """Show these in place of others, the first one chosen; the sentence where there are none."""
        self._found, self._needle, self._sentence, self._at = list(found), needle, sentence, 0
        self._lay_out()
        self.scroll_to(y=0, animate=False, force=True)

    def add(self, found: Sequence[FoundMessage]) -> None:
        """Show these below the others."""
        self._found += found
        self._lay_out()

    def _lay_out(self) -> None:
        """Where everything stands in the present width."""
        self._rows, heights, before = [], [], None
        for index, message in enumerate(self._found):
            if message.conversation.id != before:
                before = message.conversation.id
                self._rows.append(-index - 1)
                heights.append(2 if index else 1)  # a blank row before it
            self._rows.append(index)
            heights.append(self._height_of_message)
        self._tops = [0, *accumulate(heights)]
        self.virtual_size = Size(self.scrollable_content_region.width, self._tops[-1])
        self.refresh()

    @property
    def _is_wide(self) -> bool:
        return self.scrollable_content_region.width >= LEAST_WIDE

    @property
    def _height_of_message(self) -> int:
        return 1 if self._is_wide else 2

    def on_resize(self) -> None:
        """There is another amount of room."""
        self._lay_out()
        self._reveal()

    # Moving

    def move(self, step: int) -> None:
        """Choose the message so many below (or above)."""
        if self._found:
            self._at = max(0, min(self._at + step, len(self._found) - 1))
            self._reveal()
            self.refresh()

    def move_page(self, step: int) -> None:
        """Choose the message a page below (1) or above (-1)."""
        rows = max(1, self._page - 2)
        wanted = self._tops[self._rows.index(self._at)] + step * rows if self._found else 0
        index = self._rows[max(0, min(self._block_at(wanted), len(self._rows) - 1))] if self._found else 0
        target = index if index >= 0 else -index - 1
        self.move(target - self._at or step)

    @property
    def _page(self) -> int:
        return max(1, self.scrollable_content_region.height)

    def _block_at(self, row: int) -> int:
        return bisect_right(self._tops, row) - 1

    def _reveal(self) -> None:
        if not self._found:
            return
        block = self._rows.index(self._at)
        first = block - 1 if block and self._rows[block - 1] < 0 else block  # with its title
        top, bottom = self._tops[first], self._tops[block + 1]
        y = self.scroll_offset.y
        if top < y or bottom > y + self._page:
            self.scroll_to(y=top if top < y else bottom - self._page, animate=False, force=True)

    def on_click(self, event: events.Click) -> None:
        """Choose the message under the pointer and go to it."""
        offset = event.get_content_offset(self)
        if offset is None:
            return
        block = self._block_at(offset.y + self.scroll_offset.y)
        if 0 <= block < len(self._rows) and self._rows[block] >= 0:
            self._at = self._rows[block]
            self.refresh()
            self.post_message(self.Opened())

    # Painting

    def render_line(self, y: int) -> Strip:
        """Row `y` of the view."""
        width, ground = self.size.width, self.rich_style
        if not self._found:
            return self._told(y)
        row = y + self.scroll_offset.y
        block = self._block_at(row)
        if block >= len(self._rows):
            return Strip.blank(width, ground)
        index, within = self._rows[block], row - self._tops[block]
        if index < 0:
            is_last = within == self._tops[block + 1] - self._tops[block] - 1
            parts = list(self._title_of(self._found[-index - 1])) if is_last else []
        else:
            parts = list(self._row_of(index, within))
            if index == self._at:
                ground += self.get_component_rich_style("results--chosen").background_style
                parts = [Segment(part.text, (part.style or ground) + _ground_of(ground)) for part in parts]
        return Strip(parts).adjust_cell_length(width, ground)

    def _told(self, y: int) -> Strip:
        """A line of the sentence in the middle."""
        width = self.size.width
        lines = wrap(self._sentence, max(1, min(width - 4, WIDEST_SENTENCE)))
        row = y - (self._page - len(lines)) // 2
        if not 0 <= row < len(lines):
            return Strip.blank(width, self.rich_style)
        left = Segment(" " * max(0, (width - cell_len(lines[row])) // 2), self.rich_style)
        words = Segment(lines[row], self.get_component_rich_style("results--quiet"))
        return Strip([left, words]).adjust_cell_length(width, self.rich_style)

    def _title_of(self, message: FoundMessage) -> Iterator[Segment]:
        told = message.conversation
        day = day_of(message.timestamp)
        when = day_name(day, date.today()) if day else ""  # noqa: DTZ011 (the user's)
        notes = joined(("archived" if told.archived else "", short_line(told.name), when))
        room = self.size.width - 3
        title = cut(short_line(told.title) or "Without a title", max(room - cell_len(notes) - 2, room // 2))
        yield Segment(f" {title}", self.get_component_rich_style("results--title"))
        yield Segment(
            cut(f"  {notes}", room - cell_len(title)), self.get_component_rich_style("results--quiet")
        )

    def _row_of(self, index: int, within: int) -> Iterator[Segment]:
        """A row of a message: who said it, and the words in their context."""
        message, quiet = self._found[index], self.get_component_rich_style("results--quiet")
        mark = "> " if index == self._at and not within else "  "
        yield Segment(f" {mark}", self.get_component_rich_style("results--title"))
        width = self.size.width - 4
        if self._is_wide:
            when = clock(message.timestamp).ljust(5)
            head = f"{when} {cut(self._said_by(message), NAMES).ljust(NAMES)}  "
            yield Segment(head, quiet)
            yield from self._words_in_context(message, width - cell_len(head), 0)
        else:
            yield from self._words_in_context(message, width, within)

    def _said_by(self, message: FoundMessage) -> str:
        if message.record is not None:
            return "Picture"
        if message.role == "user":
            return "You"
        return short_line(message.conversation.name or self._assistant)

    def _words_in_context(self, message: FoundMessage, width: int, row: int) -> Iterator[Segment]:
        """The words in their context, marked; row 0 or 1 of it, which begins at a word where it can."""
        note = OTHER_VERSION if message.steps else ""
        first, length = width - len(note), width * self._height_of_message - len(note)
        part = context(message.text, self._needle, before=width // 3, length=length)
        plain, match = self.rich_style, self.get_component_rich_style("results--match")
        if row == 0:
            yield Segment(note, self.get_component_rich_style("results--quiet"))
        end = _fitting(part.text, first)
        start, end = (0, end) if row == 0 else (end, end + _fitting(part.text[end:].lstrip(), width) + 1)
        at = start
        for begin, past in (*part.spans, (end, end)):
            begin, past = min(max(begin, start), end), min(past, end)
            if at < begin:
                yield Segment(
                    part.text[at:begin].lstrip() if row and at == start else part.text[at:begin], plain
                )
            if begin < past:
                yield Segment(part.text[begin:past], match)
            at = max(at, past)


def _fitting(text: str, width: int) -> int:
    """How many characters of a text fit into so many cells, whole words where there are any."""
    taken = 0
    for index, character in enumerate(text):
        taken += cell_len(character)
        if taken > width:
            gap = text.rfind(" ", index // 2, index)
            return gap if gap > 0 else index
    return len(text)


def _ground_of(style: Style) -> Style:
    """The background of a style."""
    return type(style)(bgcolor=style.bgcolor)
