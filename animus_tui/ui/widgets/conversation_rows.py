"""The rows of the list of conversations: one virtual widget, whatever their number; only what is in view is made."""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Mapping
from datetime import datetime
from itertools import accumulate
from textwrap import wrap
from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import work
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from animus_tui.chat.images.catalog import FoundPicture
from animus_tui.chat.messages import ImageRecord
from animus_tui.chat.storage.conversation_list import PINNED, grouped
from animus_tui.printable import short_line
from animus_tui.ui.conversation.entries.caption import cut
from animus_tui.ui.conversation.entries.entry import joined
from animus_tui.ui.images.thumbnail_loader import TileShape
from animus_tui.ui.textual_compat import around_size_update

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date
    from pathlib import Path
    from typing import Any

    from textual import events
    from textual.app import App

    from animus_tui.chat.storage.conversation_list import ListedConversation
    from animus_tui.ui.images.thumbnail_loader import ThumbnailLoader

WIDEST = 100
"""Cells of the column of conversations, at most."""
NARROW = 60
"""Cells below which there is no room for pictures and words of counts."""
ROOMY = 32
"""Rows from which a blank one stands between two conversations."""
AROUND = 4
"""Rows of the terminal that others have while nothing can be undone."""
PICTURE_COLUMNS, PICTURE_ROWS = 4, 2
MARK = "❯ "
UNNAMED = "Untitled"
ROLES = {"user": "You: ", "image": "Picture: "}
"""What stands before the last words, by whose they are."""
Styles = Mapping[str, Style]
COMPONENTS = ("title", "quiet", "heading", "current", "found")


class Item(NamedTuple):
    """A heading or a conversation, and where it begins."""

    heading: str
    conversation: ListedConversation | None


class ConversationRows(ScrollView, can_focus=False):
    """Conversations under the headings of their days, of which one is the chosen one."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES = {f"rows--{name}" for name in COMPONENTS} | {"rows--chosen"}
    DEFAULT_CSS = """
    ConversationRows {
        height: 1fr; background: $background; color: $foreground; scrollbar-size-vertical: 1;
        overflow-x: hidden; overflow-y: scroll; scrollbar-gutter: stable;
        .rows--title { text-style: bold; }
        .rows--quiet { color: $text-muted; }
        .rows--heading { color: $text-muted; }
        .rows--current { color: $primary; text-style: bold; }
        .rows--found { color: $secondary; text-style: underline; }
        .rows--chosen { background: $primary 20%; }
    }
    """

    class Opened(Message):
        """A conversation was clicked."""

    class InViewChanged(Message):
        """Other conversations are in view than before."""

    def __init__(self, folder: Path, thumbnails: ThumbnailLoader | None) -> None:
        """`folder` has the conversations; without `thumbnails` no pictures are shown."""
        super().__init__()
        around_size_update(self, self._reshaping)
        self._folder = folder
        self._thumbnails = thumbnails
        self._items: list[Item] = []
        self._tops: list[int] = [0]
        """The first row of each item, and the row behind the last one."""
        self._places: list[int] = []
        """For each conversation its index among the items."""
        self._at = 0
        self._current = ""
        self._words: list[str] = []
        self._sentence = ""
        self._today: date | None = None
        self._has_pictures = False
        self._is_drawing = False

    @property
    def is_complete(self) -> bool:
        """Whether all pictures that are wanted have been drawn."""
        return not self._is_drawing

    def on_mount(self) -> None:
        """The terminal may be lent to somebody else, and comes back without our pictures."""
        self.app.app_resume_signal.subscribe(self, self._come_back)

    def on_unmount(self) -> None:
        """Drop all pictures, here and in the terminal."""
        if self._thumbnails is not None:
            self._thumbnails.clear()

    def _come_back(self, _: App[Any]) -> None:
        self._look()
        self.refresh()

    def notify_style_update(self) -> None:
        """Another theme: what shines through a picture has another colour."""
        super().notify_style_update()
        if self.is_attached and self.size.width:
            self._look()

    # What there is

    @property
    def chosen(self) -> ListedConversation | None:
        """The conversation that the keys are for."""
        return self._items[self._places[self._at]].conversation if self._places else None

    @property
    def following(self) -> ListedConversation | None:
        """The conversation below the chosen one, or else the one above it."""
        at = self._at + 1 if self._at + 1 < len(self._places) else self._at - 1
        return self._items[self._places[at]].conversation if 0 <= at < len(self._places) else None

    @property
    def in_view(self) -> list[ListedConversation]:
        """The conversations of which something is in view."""
        return self._between(self._y, self._y + self._height)

    def show(
        self,
        conversations: Sequence[ListedConversation],
        *,
        current: str,
        words: str = "",
        sentence: str = "",
        choose: str | None = None,
    ) -> None:
        """Show these, in order, or the sentence where there are none; the chosen one stays chosen.

        `current` is the id of the open conversation, `words` are marked where they are found, `choose` is the id of
        the one to choose.
        """
        before, offset = self.chosen, self._top_of_chosen - self._y
        wanted = choose if choose is not None else None if before is None else before.id
        self._current, self._words, self._sentence = current, words.casefold().split(), sentence
        self._today = datetime.now().astimezone().date()
        self._items, self._places = [], []
        for group in grouped(conversations, self._today):
            self._items.append(Item(group.name, None))
            for each in group.conversations:
                self._places.append(len(self._items))
                self._items.append(Item(group.name, each))
        ids = [self._items[place].conversation for place in self._places]
        found = next((at for at, each in enumerate(ids) if each is not None and each.id == wanted), None)
        self._at = min(self._at, max(0, len(ids) - 1)) if found is None else found
        if found is None and (before is None or self._words):
            self._at = 0
        self._has_pictures = any(each is not None and _picture_of(each) for each in ids)
        self._measure()
        if choose is None and found is not None and before is not None:
            self._scroll(self._top_of_chosen - offset)
        self._reveal()
        self._look()
        self.refresh()

    def renew(self, conversations: Sequence[ListedConversation]) -> None:
        """Show what is known of these now; they stay where they are."""
        known = {each.id: each for each in conversations}
        for place in self._places:
            heading, before = self._items[place]
            if before is not None and before.id in known:
                self._items[place] = Item(heading, known[before.id])
                has_picture = _picture_of(known[before.id])
                self._has_pictures = self._has_pictures or bool(has_picture)
        self._look()
        self.refresh()

    def choose(self, index: int) -> None:
        """Choose a conversation by its place, from 0, and bring it into view."""
        self._at = max(0, min(index, len(self._places) - 1))
        self._reveal()
        self.refresh()

    def move(self, step: int) -> None:
        """Choose the one so many below, or above."""
        self.choose(self._at + step)

    def page(self, step: int) -> None:
        """A page down (1) or up (-1)."""
        self.move(step * max(1, self._height // self._stride - 1))

    def end(self, end: int) -> None:
        """To the first one (-1) or the last one (1)."""
        self.choose(0 if end < 0 else len(self._places) - 1)

    # Where it stands

    @property
    def _stride(self) -> int:
        # Before the first layout as after it, which would otherwise be followed by another one.
        height = self.size.height or self.app.size.height - AROUND
        return 3 if height >= ROOMY else 2

    @property
    def _y(self) -> int:
        return self.scroll_offset.y

    @property
    def _height(self) -> int:
        return max(1, self.scrollable_content_region.height)

    @property
    def _top_of_chosen(self) -> int:
        return self._tops[self._places[self._at]] if self._places else 0

    def _measure(self) -> None:
        stride = self._stride
        gap = 0 if stride > 2 else 1
        heights = [
            (1 if index == 0 else 1 + gap) if item.conversation is None else stride
            for index, item in enumerate(self._items)
        ]
        self._tops = list(accumulate(heights, initial=0))
        self.virtual_size = Size(1, self._tops[-1])  # a width that is always there, so that it never changes

    def _scroll(self, y: int) -> None:
        self.scroll_to(y=y, animate=False, force=True)

    def _reveal(self) -> None:
        if not self.size.height:
            return  # done with the first layout
        if not self._places:
            self._scroll(0)
            return
        place = self._places[self._at]
        # The heading above the first one of a day comes into view with it.
        top = self._tops[place - 1 if self._items[place - 1].conversation is None else place]
        bottom = self._tops[place + 1] - self._height
        if top < self._y:
            self._scroll(top)
        elif bottom > self._y:
            self._scroll(bottom)

    def _reshaping(self, update: Callable[[], bool]) -> bool:
        """There is another amount of room: the chosen one stays where it is on the screen."""
        offset = self._top_of_chosen - self._y
        changed = update()
        if changed:
            self._measure()
            self._scroll(self._top_of_chosen - offset)
            self._reveal()
            self._look()
        return changed

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Other rows are in view."""
        super().watch_scroll_y(old_value, new_value)
        if round(old_value) != round(new_value):
            self._look()

    def _between(self, top: int, bottom: int) -> list[ListedConversation]:
        first = max(0, bisect_right(self._tops, top) - 1)
        last = bisect_right(self._tops, bottom - 1)
        return [each for _, each in self._items[first:last] if each is not None]

    # Pictures

    def _look(self) -> None:
        """Draw the pictures in view and those of the next page; tell that others are in view."""
        if not self.is_attached or not self.size.area:
            return
        self.post_message(self.InViewChanged())
        if self._thumbnails is None or self.size.width < NARROW:
            return
        self._thumbnails.reshape(TileShape(PICTURE_COLUMNS, PICTURE_ROWS, self.background_colors[1].rgb))
        below = self._y + self._height
        seen, ahead = (
            [picture for each in those if (picture := self._found(each)) is not None]
            for those in (self.in_view, self._between(below, below + self._height))
        )
        self._thumbnails.want(seen, ahead)
        if not self._is_drawing and self._thumbnails.next is not None:
            self._is_drawing = True
            self._draw(self._thumbnails)

    @work
    async def _draw(self, thumbnails: ThumbnailLoader) -> None:
        try:
            while (picture := thumbnails.next) is not None:
                await thumbnails.draw(picture)
                tile = thumbnails.get(picture)
                if tile is not None and tile.again_at is not None:
                    self.set_timer(max(tile.again_at - time.monotonic(), 0) + 0.1, self._look)
                self.refresh()
        finally:
            self._is_drawing = False

    def _found(self, conversation: ListedConversation) -> FoundPicture | None:
        file = _picture_of(conversation)
        if not file or conversation.summary is None:
            return None
        width, height = conversation.summary.picture_size
        record = ImageRecord(prompt="", file=file, created="", width=width or 1, height=height or 1)
        return FoundPicture(
            conversation.id, "", self._folder / conversation.id, file, record, 0, 1, is_shown=True
        )

    # Painting

    def render_lines(self, crop: Region) -> list[Strip]:
        """The rows of a part of the widget; nothing surrounds them, and each is made for the whole width."""
        ground = self.rich_style
        styles = {name: self.get_component_rich_style(f"rows--{name}") for name in COMPONENTS}
        marked = self.get_component_rich_style("rows--chosen").background_style
        chosen = {name: style + marked for name, style in styles.items()}
        background, filters = self.background_colors[1], self.get_line_filters()
        strips = []
        for y in range(crop.y, crop.bottom):
            shown = self._row(y + self._y, styles, chosen, ground).crop_extend(crop.x, crop.right, ground)
            for line_filter in filters:
                shown = shown.apply_filter(line_filter, background)
            strips.append(shown)
        return strips

    def _row(self, y: int, styles: Styles, chosen: Styles, ground: Style) -> Strip:
        width = self.scrollable_content_region.width
        if not self._items:
            return self._told(y - self._y, width, styles["quiet"])
        if y >= self._tops[-1]:
            return Strip.blank(width, ground)
        index = bisect_right(self._tops, y) - 1
        item, within = self._items[index], y - self._tops[index]
        column = min(width, WIDEST)
        left = (width - column) // 2
        if item.conversation is None:
            is_last = y + 1 == self._tops[index + 1]
            name = f"  {item.heading}" if is_last else ""
            parts = [Segment(set_cell_size(name, column), styles["heading"])]
        elif within >= PICTURE_ROWS:
            return Strip.blank(width, ground)
        else:
            is_chosen = self._places[self._at] == index
            parts = self._cells(item, within, column, chosen if is_chosen else styles, is_chosen=is_chosen)
        return Strip([Segment(" " * left, ground), *parts]).adjust_cell_length(width, ground)

    def _cells(
        self, item: Item, within: int, column: int, styles: Styles, *, is_chosen: bool
    ) -> list[Segment]:
        """One of the two rows of a conversation, exactly `column` cells."""
        each = item.conversation
        assert each is not None  # noqa: S101 (asked for rows of conversations only)
        start = [Segment(MARK if is_chosen and within == 0 else "  ", styles["current"])]
        taken = len(MARK)
        if self._has_pictures and self._thumbnails is not None and column >= NARROW:
            start += [*self._picture(each, within, styles["quiet"]), Segment("  ", styles["quiet"])]
            taken += PICTURE_COLUMNS + 2
        room = column - taken - 1
        if within == 0:
            right = self._when(item)
            is_current = each.id == self._current
            text = ("● " if is_current else "") + (short_line(each.title).strip() or UNNAMED)
            style = styles["current"] if is_current else styles["title"]
        else:
            right = _count(each, is_narrow=column < NARROW)
            text = _said(each)
            style = styles["quiet"]
        kept = cut(text, max(0, room - cell_len(right) - 2))
        gap = max(0, room - cell_len(kept) - cell_len(right))
        words = self._marked(kept, style, styles["found"])
        return [*start, *words, Segment(" " * gap, style), Segment(f"{right} ", styles["quiet"])]

    def _marked(self, text: str, style: Style, found: Style) -> list[Segment]:
        """The text with the words that are looked for marked."""
        lowered = text.casefold()
        if not self._words or len(lowered) != len(text):
            return [Segment(text, style)]
        marked = [False] * len(text)
        for word in self._words:
            at = lowered.find(word)
            while at >= 0:
                marked[at : at + len(word)] = [True] * len(word)
                at = lowered.find(word, at + len(word))
        segments, begin = [], 0
        for place in range(1, len(text) + 1):
            if place == len(text) or marked[place] != marked[begin]:
                segments.append(Segment(text[begin:place], found if marked[begin] else style))
                begin = place
        return segments

    def _picture(self, conversation: ListedConversation, within: int, ground: Style) -> list[Segment]:
        """A row of the small picture, exactly as wide as all."""
        picture = self._found(conversation)
        tile = self._thumbnails.get(picture) if self._thumbnails is not None and picture is not None else None
        if tile is None or tile.image is None:
            return [Segment(" " * PICTURE_COLUMNS, ground)]
        key = tile.image.key
        at, left = within - (PICTURE_ROWS - key.rows) // 2, (PICTURE_COLUMNS - key.columns) // 2
        if not 0 <= at < key.rows:
            return [Segment(" " * PICTURE_COLUMNS, ground)]
        right = PICTURE_COLUMNS - left - key.columns
        row = tile.row(at, is_covered=not self.screen.is_active)
        before, behind = ([Segment(" " * count, ground)] if count else [] for count in (left, right))
        return [*before, *row, *behind]

    def _when(self, item: Item) -> str:
        """The time of a conversation, as far as its heading does not say it."""
        assert item.conversation is not None  # noqa: S101
        try:
            at = datetime.fromtimestamp(item.conversation.used).astimezone()
        except (ValueError, OverflowError, OSError):
            return ""
        today = self._today or at.date()
        days = (today - at.date()).days
        if item.heading == PINNED or days >= 7:
            if days <= 0:
                return f"{at:%H:%M}"
            return f"{at.day} {at:%b}" if at.year == today.year else f"{at.day} {at:%b %Y}"
        return f"{at:%H:%M}"

    def _told(self, y: int, width: int, style: Style) -> Strip:
        """A line of the sentence in the middle."""
        lines = wrap(self._sentence, max(1, min(width - 4, 60)))
        row = y - (self._height - len(lines)) // 2
        if not 0 <= row < len(lines):
            return Strip.blank(width, self.rich_style)
        left = " " * max(0, (width - cell_len(lines[row])) // 2)
        return Strip([Segment(left + lines[row], style)]).adjust_cell_length(width, self.rich_style)

    # Mouse

    def on_click(self, event: events.Click) -> None:
        """Choose and open the conversation under the pointer."""
        offset = event.get_content_offset(self)
        if offset is None or not self._items or offset.y + self._y >= self._tops[-1]:
            return
        index = bisect_right(self._tops, offset.y + self._y) - 1
        if index in self._places:
            self.choose(self._places.index(index))
            self.post_message(self.Opened())


def _picture_of(conversation: ListedConversation) -> str:
    return conversation.summary.picture if conversation.summary is not None else ""


def _said(conversation: ListedConversation) -> str:
    summary, name = conversation.summary, short_line(conversation.character).strip()
    if summary is None or not summary.last_words:
        return name
    before = ROLES.get(summary.last_role, f"{name}: " if name else "")
    words = before + short_line(summary.last_words)
    return words if before.startswith(name) else joined((name, words))


def _count(conversation: ListedConversation, *, is_narrow: bool) -> str:
    count = conversation.summary.messages if conversation.summary is not None else 0
    if not count:
        return ""
    return f"{count:,}" if is_narrow else "1 message" if count == 1 else f"{count:,} messages"
