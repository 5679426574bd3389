"""A virtual list: one widget, whatever the number of its entries; only the rows in view are made."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from textwrap import wrap
from typing import TYPE_CHECKING, Generic, TypeVar

from rich.cells import cell_len
from rich.segment import Segment
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from animus_tui.ui.images.thumbnail_loader import TileShape
from animus_tui.ui.textual_compat import around_size_update
from animus_tui.ui.themes import ground_of
from animus_tui.ui.widgets.thumbnail_drawing import ThumbnailDrawing, tile_row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Any

    from rich.style import Style
    from textual import events
    from textual.app import App

    from animus_tui.ui.images.thumbnail_loader import ThumbnailLoader, ThumbnailSource

    Styles = Mapping[str, Style]
    """The styles of the component classes `rows--…` by what stands behind the dashes, and `ground`."""

T = TypeVar("T")
WIDEST = 100
"""Cells of the column of entries, at most."""
WIDEST_SENTENCE = 60
AROUND = 4
"""Rows of the terminal that other widgets have around a list on its screen."""


def sentence_row(sentence: str, row: int, size: tuple[int, int], ground: Style, words: Style) -> Strip:
    """Row `row` of a widget of `size` (columns, rows) that shows nothing but a sentence in its middle."""
    width, height = size
    lines = wrap(sentence, max(1, min(width - 4, WIDEST_SENTENCE)))
    at = row - (height - len(lines)) // 2
    if not 0 <= at < len(lines):
        return Strip.blank(width, ground)
    left = " " * max(0, (width - cell_len(lines[at])) // 2)
    return Strip([Segment(left, ground), Segment(lines[at], words)]).adjust_cell_length(width, ground)


class EntryPlaces:
    """In which rows of a list its entries stand: the same number for each, and more for a heading above it."""

    def __init__(self, headings: Iterable[int] = (), stride: int = 1, entry_rows: int = 1) -> None:
        """`headings` are the rows of the heading above each entry, `stride` those from an entry to what follows it.

        `entry_rows` is how many of these come into view with an entry.
        """
        self._headings = list(headings)
        self._entry_rows = entry_rows
        self._tops = list(accumulate((rows + stride for rows in self._headings), initial=0))
        """The first row of each entry, that of its heading where it has one, and the row behind the last entry."""

    @property
    def rows(self) -> int:
        """Rows of all entries."""
        return self._tops[-1]

    @property
    def headings(self) -> int:
        """How many entries have a heading."""
        return sum(rows > 0 for rows in self._headings)

    def top(self, index: int) -> int:
        """The first row of an entry below its heading; 0 where there is none."""
        return self._tops[index] + self._headings[index] if self._headings else 0

    def span(self, index: int) -> tuple[int, int]:
        """The first row of an entry or of its heading, and the row behind what comes into view with it."""
        return (self._tops[index], self.top(index) + self._entry_rows) if self._headings else (0, 0)

    def index_at(self, row: int) -> int:
        """The entry to which a row belongs, or else the first or the last one."""
        return max(0, min(bisect_right(self._tops, row) - 1, len(self._headings) - 1))

    def between(self, top: int, bottom: int) -> slice:
        """The entries of which something is in the rows from `top` to before `bottom`."""
        return slice(max(0, bisect_right(self._tops, top) - 1), bisect_right(self._tops, bottom - 1))


class RowList(ScrollView, Generic[T], can_focus=False):
    """Entries of equal height below each other, of which one is chosen; some have a heading above them.

    A subclass paints the rows, in the styles of its COMPONENT_CLASSES. The keys are those of its screen, as the widget
    never has the focus.
    """

    ALLOW_SELECT = False
    COMPONENT_CLASSES = {"rows--quiet", "rows--chosen"}
    DEFAULT_CSS = """
    RowList {
        height: 1fr; background: $background; color: $foreground; scrollbar-size-vertical: 1;
        overflow-x: hidden; overflow-y: scroll; scrollbar-gutter: stable;
        .rows--quiet { color: $text-muted; }
    }
    """

    class Opened(Message):
        """An entry was clicked, which is the chosen one now."""

    class InViewChanged(Message):
        """Other entries are in view than before."""

    def __init__(self, thumbnails: ThumbnailLoader | None = None) -> None:
        """Without `thumbnails` no pictures are shown."""
        super().__init__()
        around_size_update(self, self._resizing)
        self._drawing = (
            None
            if thumbnails is None
            else ThumbnailDrawing(self, thumbnails, look=self._look, drawn=lambda _: self.refresh())
        )
        self._entries: Sequence[T] = ()
        self._at = 0
        """The index of the chosen entry."""
        self._places = EntryPlaces()
        self._sentence = ""

    # What a subclass says of its entries

    @property
    def stride(self) -> int:
        """Rows of an entry with the blank ones behind it."""
        raise NotImplementedError

    @property
    def entry_rows(self) -> int:
        """Rows of an entry that come into view when it is chosen."""
        return self.stride

    @property
    def widest(self) -> int:
        """Cells of the column of entries at most; it stands in the middle."""
        return WIDEST

    @property
    def tile_size(self) -> tuple[int, int]:
        """Columns and rows of a thumbnail; no columns where there is no room."""
        return 0, 0

    def heading_rows(self, index: int, stride: int) -> int:
        """Rows of the heading above an entry, 0 where there is none; `stride` is that of the list."""
        return 0

    def heading(self, index: int, width: int, styles: Styles) -> Iterable[Segment]:
        """The last row of the heading above an entry; the rows above it are blank."""
        return ()

    def entry_row(self, index: int, row: int, width: int, styles: Styles) -> Iterable[Segment]:
        """Row `row` (from 0) of an entry, in at most `width` cells; none where it is blank."""
        raise NotImplementedError

    def thumbnail_of(self, entry: T) -> ThumbnailSource | None:
        """The picture of an entry."""
        return None

    # The terminal

    def on_mount(self) -> None:
        """Draw the thumbnails again once the terminal comes back from another program."""
        self.app.app_resume_signal.subscribe(self, self._come_back)

    def on_unmount(self) -> None:
        """Drop all thumbnails, here and in the terminal."""
        if self._drawing is not None:
            self._drawing.loader.clear()

    def _come_back(self, _: App[Any]) -> None:
        self._look()
        self.refresh()

    def notify_style_update(self) -> None:
        """Draw the thumbnails again on the background of another theme."""
        super().notify_style_update()
        if self.is_attached and self.size.width:
            self._look()

    # What there is

    @property
    def is_complete(self) -> bool:
        """Whether all thumbnails that are wanted have been drawn."""
        return self._drawing is None or self._drawing.is_complete

    @property
    def chosen(self) -> T | None:
        """The entry that the keys are for."""
        return self._entries[self._at] if self._entries else None

    @property
    def following(self) -> T | None:
        """The entry below the chosen one, or else the one above it."""
        at = self._at + 1 if self._at + 1 < len(self._entries) else self._at - 1
        return self._entries[at] if 0 <= at < len(self._entries) else None

    @property
    def in_view(self) -> Sequence[T]:
        """The entries of which something is in view."""
        return self._entries[self._places.between(self._y, self._y + self._height)]

    def set_entries(
        self, entries: Sequence[T], at: int, *, sentence: str = "", keeps_row: bool = False
    ) -> None:
        """Show these entries, the one with the index `at` chosen, or a sentence where there are none.

        `keeps_row`: the chosen entry stays in the row of the screen in which the one chosen before is.
        """
        offset = self._places.top(self._at) - self._y
        self._entries, self._sentence = entries, sentence
        self._at = max(0, min(at, len(entries) - 1))
        self._measure()
        if keeps_row:
            self._scroll(self._places.top(self._at) - offset)
        self._reveal()
        self._look()
        self.refresh()

    # Moving

    def choose(self, index: int) -> None:
        """Choose an entry by its index and bring it into view."""
        self._at = max(0, min(index, len(self._entries) - 1))
        self._reveal()
        self.refresh()

    def move(self, step: int) -> None:
        """Choose the entry so many below, or above."""
        self.choose(self._at + step)

    def page(self, step: int) -> None:
        """Choose the entry a page below (1) or above (-1)."""
        rows = max(1, self._height // self.stride - 1) * self.stride
        index = self._places.index_at(self._places.top(self._at) + step * rows)
        self.choose(index if index != self._at else self._at + step)

    def end(self, end: int) -> None:
        """Choose the first entry (-1) or the last one (1)."""
        self.choose(0 if end < 0 else len(self._entries) - 1)

    def on_click(self, event: events.Click) -> None:
        """Choose the entry under the pointer, and open it."""
        offset = event.get_content_offset(self)
        if offset is None or not self._entries:
            return
        row = offset.y + self._y
        index = self._places.index_at(row)
        if 0 <= row - self._places.top(index) < self.entry_rows:
            self.choose(index)
            self.post_message(self.Opened())

    # Where it stands

    @property
    def _y(self) -> int:
        return self.scroll_offset.y

    @property
    def _height(self) -> int:
        return max(1, self.scrollable_content_region.height)

    def _measure(self) -> None:
        stride = self.stride
        headings = (self.heading_rows(index, stride) for index in range(len(self._entries)))
        self._places = EntryPlaces(headings, stride, self.entry_rows)
        self.virtual_size = Size(
            1, self._places.rows
        )  # a width that is always there, so that it never changes

    def _scroll(self, y: int) -> None:
        self.scroll_to(y=y, animate=False, force=True)

    def _reveal(self) -> None:
        """Bring the chosen entry into view, with the heading above it."""
        if not self.size.height:
            return  # done with the first layout
        top, bottom = self._places.span(self._at)
        if top < self._y:
            self._scroll(top)
        elif bottom - self._height > self._y:
            self._scroll(bottom - self._height)

    def _resizing(self, update: Callable[[], bool]) -> bool:
        """There is another amount of room: the chosen entry stays where it is on the screen."""
        offset = self._places.top(self._at) - self._y
        changed = update()
        if changed:
            self._measure()
            self._scroll(self._places.top(self._at) - offset)
            self._reveal()
            self._look()
        return changed

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Draw the thumbnails of the rows that are in view now."""
        super().watch_scroll_y(old_value, new_value)
        if round(old_value) != round(new_value):
            self._look()

    # Thumbnails

    def _look(self) -> None:
        """Draw the thumbnails in view and those of the next page; tell that others are in view."""
        if not self.is_attached or not self.size.area:
            return
        self.post_message(self.InViewChanged())
        if self._drawing is None:
            return
        columns, rows = self.tile_size
        if not columns:
            self._drawing.want((), ())
            return
        self._drawing.loader.reshape(TileShape(columns, rows, ground_of(self)))
        below = self._y + self._height
        next_page = self._entries[self._places.between(below, below + self._height)]
        now, soon = (
            [picture for each in entries if (picture := self.thumbnail_of(each)) is not None]
            for entries in (self.in_view, next_page)
        )
        self._drawing.want(now, soon)

    def thumbnail_row(self, entry: T, row: int, size: tuple[int, int], ground: Style) -> list[Segment]:
        """Row `row` of an entry's thumbnail, exactly as wide as all."""
        picture = self.thumbnail_of(entry)
        tile = (
            self._drawing.loader.get(picture) if self._drawing is not None and picture is not None else None
        )
        return tile_row(tile, row, size, ground, is_covered=not self.screen.is_active)

    # Painting

    def render_lines(self, crop: Region) -> list[Strip]:
        """The rows of a part of the widget; nothing surrounds them, and each is made for the whole width."""
        ground = self.rich_style
        styles = {
            name.removeprefix("rows--"): self.get_component_rich_style(name)
            for name in self.COMPONENT_CLASSES
        }
        styles["ground"] = ground
        marked = styles["chosen"].background_style
        chosen = {name: style + marked for name, style in styles.items()}
        background, filters = self.background_colors[1], self.get_line_filters()
        strips = []
        for y in range(crop.y, crop.bottom):
            shown = self._row(y, styles, chosen).crop_extend(crop.x, crop.right, ground)
            for line_filter in filters:
                shown = shown.apply_filter(line_filter, background)
            strips.append(shown)
        return strips

    def _row(self, y: int, styles: Styles, chosen: Styles) -> Strip:
        """Row `y` of the view."""
        ground, width, row = styles["ground"], self.scrollable_content_region.width, y + self._y
        if not self._entries:
            return sentence_row(self._sentence, y, (width, self._height), ground, styles["quiet"])
        if row >= self._places.rows:
            return Strip.blank(width, ground)
        index = self._places.index_at(row)
        within, column = row - self._places.top(index), min(width, self.widest)
        if within < 0:
            used, parts = styles, self.heading(index, column, styles) if within == -1 else ()
        else:
            used = chosen if index == self._at else styles
            parts = self.entry_row(index, within, column, used)
        segments = list(parts)
        if not segments:
            return Strip.blank(width, ground)
        filled = Strip(segments).adjust_cell_length(column, used["ground"])
        return Strip([Segment(" " * ((width - column) // 2), ground), *filled]).adjust_cell_length(
            width, ground
        )
