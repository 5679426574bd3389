"""The rows of the list of characters: one virtual widget, whatever their number; only what is in view is made."""

from __future__ import annotations

import time
from functools import lru_cache
from textwrap import wrap as wrapped_sentence
from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import work
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from animus_tui.ui.accent import least_contrast, readable
from animus_tui.ui.conversation.entries.caption import cut
from animus_tui.ui.images.thumbnail_loader import TileShape
from animus_tui.ui.markdown.cells import wrap
from animus_tui.ui.textual_compat import around_size_update

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from textual import events
    from textual.app import App

    from animus_tui.ui.images.thumbnail_loader import ThumbnailLoader
    from animus_tui.ui.listed_characters import ListedCharacter, Portrait

WIDEST = 100
"""Cells of the column of characters, at most."""
NARROW = 60
"""Cells below which there is no room for portraits."""
ROOMY = 30
"""Rows from which portraits are large."""
AROUND = 4
"""Rows of the terminal that others have while nothing can be undone."""
MARK = "❯ "
COMPONENTS = ("name", "text", "quiet", "current")


class Shape(NamedTuple):
    """How much room a character has."""

    columns: int
    """Cells of its portrait; 0 where there is none."""
    rows: int
    """Of its portrait, and of its words beside it."""

    @property
    def stride(self) -> int:
        """Rows from one character to the next."""
        return self.rows + 1


LARGE, SMALL, WITHOUT = Shape(12, 6), Shape(8, 4), Shape(0, 3)


class CharacterRows(ScrollView, can_focus=False):
    """Characters below each other, of which one is the chosen one."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES = {f"rows--{name}" for name in COMPONENTS} | {"rows--chosen"}
    DEFAULT_CSS = """
    CharacterRows {
        height: 1fr; background: $background; color: $foreground; scrollbar-size-vertical: 1;
        overflow-x: hidden; overflow-y: scroll; scrollbar-gutter: stable;
        .rows--name { color: $primary; text-style: bold; }
        .rows--text { color: $foreground; }
        .rows--quiet { color: $text-muted; }
        .rows--current { color: $primary; text-style: bold; }
        .rows--chosen { background: $primary 15%; }
    }
    """

    class Opened(Message):
        """A character was clicked."""

    def __init__(self, thumbnails: ThumbnailLoader | None) -> None:
        """Without `thumbnails` no portraits are shown."""
        super().__init__()
        around_size_update(self, self._reshaping)
        self._thumbnails = thumbnails
        self._characters: Sequence[ListedCharacter] = ()
        self._at = 0
        self._current: str | None = None
        self._sentence = ""
        self._is_drawing = False

    @property
    def is_complete(self) -> bool:
        """Whether all portraits that are wanted have been drawn."""
        return not self._is_drawing

    def on_mount(self) -> None:
        """The terminal may be lent to somebody else, and comes back without our pictures."""
        self.app.app_resume_signal.subscribe(self, self._come_back)

    def on_unmount(self) -> None:
        """Drop all portraits, here and in the terminal."""
        if self._thumbnails is not None:
            self._thumbnails.clear()

    def _come_back(self, _: App[Any]) -> None:
        self._look()
        self.refresh()

    def notify_style_update(self) -> None:
        """Another theme: what shines through a portrait has another colour."""
        super().notify_style_update()
        if self.is_attached and self.size.width:
            self._look()

    # What there is

    @property
    def chosen(self) -> ListedCharacter | None:
        """The character that the keys are for."""
        return self._characters[self._at] if self._characters else None

    @property
    def following(self) -> ListedCharacter | None:
        """The character below the chosen one, or else the one above it."""
        at = self._at + 1 if self._at + 1 < len(self._characters) else self._at - 1
        return self._characters[at] if 0 <= at < len(self._characters) else None

    def show(
        self,
        characters: Sequence[ListedCharacter],
        *,
        current: str | None,
        sentence: str = "",
        choose: str | None = None,
        first: bool = False,
    ) -> None:
        """Show these, in order, or the sentence where there are none; the chosen one stays chosen.

        `current` is the name of the character of the open conversation, `choose` the name of the one to choose, and
        `first` has the first one chosen where neither is there.
        """
        before = self.chosen
        wanted = choose if choose is not None else None if before is None or first else before.name
        self._characters, self._current, self._sentence = characters, current, sentence
        names = [each.name for each in characters]
        self._at = names.index(wanted) if wanted in names else 0 if first else min(self._at, len(names) - 1)
        self._at = max(0, self._at)
        self._measure()
        self._reveal()
        self._look()
        self.refresh()

    def choose(self, index: int) -> None:
        """Choose a character by its place, from 0, and bring it into view."""
        self._at = max(0, min(index, len(self._characters) - 1))
        self._reveal()
        self.refresh()

    def move(self, step: int) -> None:
        """Choose the one so many below, or above."""
        self.choose(self._at + step)

    def page(self, step: int) -> None:
        """A page down (1) or up (-1)."""
        self.move(step * max(1, self._height // self._shape.stride - 1))

    def end(self, end: int) -> None:
        """To the first one (-1) or the last one (1)."""
        self.choose(0 if end < 0 else len(self._characters) - 1)

    # Where it stands

    @property
    def _shape(self) -> Shape:
        # Before the first layout as after it, which would otherwise be followed by another one.
        height, width = (
            self.size.height or self.app.size.height - AROUND,
            self.size.width or self.app.size.width,
        )
        if self._thumbnails is None or width < NARROW:
            return WITHOUT
        return LARGE if height >= ROOMY else SMALL

    @property
    def _y(self) -> int:
        return self.scroll_offset.y

    @property
    def _height(self) -> int:
        return max(1, self.scrollable_content_region.height)

    def _measure(self) -> None:
        # A width that is always there, so that it never changes.
        self.virtual_size = Size(1, len(self._characters) * self._shape.stride)

    def _scroll(self, y: int) -> None:
        self.scroll_to(y=y, animate=False, force=True)

    def _reveal(self) -> None:
        if not self.size.height:
            return  # done with the first layout
        top = self._at * self._shape.stride
        if top < self._y:
            self._scroll(top)
        elif top + self._shape.rows > self._y + self._height:
            self._scroll(top + self._shape.rows - self._height)

    def _reshaping(self, update: Callable[[], bool]) -> bool:
        """There is another amount of room: the chosen one stays in view."""
        changed = update()
        if changed:
            self._measure()
            self._reveal()
            self._look()
        return changed

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Other rows are in view."""
        super().watch_scroll_y(old_value, new_value)
        if round(old_value) != round(new_value):
            self._look()

    def _between(self, top: int, bottom: int) -> Sequence[ListedCharacter]:
        stride = self._shape.stride
        return self._characters[max(0, top // stride) : max(0, -(-bottom // stride))]

    # Portraits

    def _look(self) -> None:
        """Draw the portraits in view and those of the next page."""
        shape = self._shape
        if not self.is_attached or not self.size.area or self._thumbnails is None:
            return
        if not shape.columns:
            self._thumbnails.want((), ())
            return
        self._thumbnails.reshape(TileShape(shape.columns, shape.rows, self.background_colors[1].rgb))
        below = self._y + self._height
        self._thumbnails.want(
            _portraits(self._between(self._y, below)), _portraits(self._between(below, below + self._height))
        )
        if not self._is_drawing and self._thumbnails.next is not None:
            self._is_drawing = True
            self._draw(self._thumbnails)

    @work
    async def _draw(self, thumbnails: ThumbnailLoader) -> None:
        try:
            while (portrait := thumbnails.next) is not None:
                await thumbnails.draw(portrait)
                tile = thumbnails.get(portrait)
                if tile is not None and tile.again_at is not None:
                    self.set_timer(max(tile.again_at - time.monotonic(), 0) + 0.1, self._look)
                self.refresh()
        finally:
            self._is_drawing = False

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

    def _row(self, y: int, styles: Mapping[str, Style], chosen: Mapping[str, Style], ground: Style) -> Strip:
        width, shape = self.scrollable_content_region.width, self._shape
        if not self._characters:
            return self._told(y - self._y, width, styles["quiet"])
        index, within = divmod(y, shape.stride)
        if index >= len(self._characters) or within >= shape.rows:
            return Strip.blank(width, ground)
        column = min(width, WIDEST)
        left = (width - column) // 2
        parts = self._cells(index, within, column, chosen if index == self._at else styles)
        return Strip([Segment(" " * left, ground), *parts]).adjust_cell_length(width, ground)

    def _cells(self, index: int, within: int, column: int, styles: Mapping[str, Style]) -> list[Segment]:
        """One of the rows of a character, exactly `column` cells."""
        each, shape = self._characters[index], self._shape
        is_chosen = index == self._at
        start = [Segment(MARK if is_chosen and within == 0 else "  ", styles["current"])]
        taken = len(MARK)
        if shape.columns:
            start += [*self._portrait(each, within, styles["quiet"]), Segment("  ", styles["quiet"])]
            taken += shape.columns + 2
        room = max(1, column - taken - 1)
        if within > 0:
            text, name = _words(each, room, shape.rows - 1)[within - 1]
            kept = cut(text, room)
            style = styles[name]
            return [*start, Segment(kept + " " * (room - cell_len(kept) + 1), style)]
        right = each.comes_from
        mark = "● " if each.name == self._current else ""
        kept = cut(mark + each.name, max(0, room - cell_len(right) - 2))
        gap = max(0, room - cell_len(kept) - cell_len(right))
        name_style = self._coloured(each, styles["name"])
        return [
            *start,
            Segment(kept, name_style),
            Segment(" " * gap, styles["quiet"]),
            Segment(cut(right, room) + " ", styles["quiet"]),
        ]

    def _coloured(self, character: ListedCharacter, style: Style) -> Style:
        """The style of a name in the colour of the character, as far as that can be read."""
        ground = style.bgcolor
        if not character.accent or ground is None or ground.triplet is None:
            return style
        colour = readable(character.accent, tuple(ground.triplet), least_contrast(self.app.theme))
        return style if colour is None else style + Style(color=colour)

    def _portrait(self, character: ListedCharacter, within: int, ground: Style) -> list[Segment]:
        """A row of the portrait, exactly as wide as all."""
        columns, rows = self._shape
        picture = character.portrait
        tile = self._thumbnails.get(picture) if self._thumbnails is not None and picture is not None else None
        if tile is None or tile.image is None:
            return [Segment(" " * columns, ground)]
        key = tile.image.key
        at, left = within - (rows - key.rows) // 2, (columns - key.columns) // 2
        if not 0 <= at < key.rows:
            return [Segment(" " * columns, ground)]
        right = columns - left - key.columns
        row = tile.row(at, is_covered=not self.screen.is_active)
        before, behind = ([Segment(" " * count, ground)] if count else [] for count in (left, right))
        return [*before, *row, *behind]

    def _told(self, y: int, width: int, style: Style) -> Strip:
        """A line of the sentence in the middle."""
        lines = wrapped_sentence(self._sentence, max(1, min(width - 4, 60)))
        row = y - (self._height - len(lines)) // 2
        if not 0 <= row < len(lines):
            return Strip.blank(width, self.rich_style)
        left = " " * max(0, (width - cell_len(lines[row])) // 2)
        return Strip([Segment(left + lines[row], style)]).adjust_cell_length(width, self.rich_style)

    # Mouse

    def on_click(self, event: events.Click) -> None:
        """Choose the character under the pointer, and open it."""
        offset = event.get_content_offset(self)
        if offset is None:
            return
        index, within = divmod(offset.y + self._y, self._shape.stride)
        if index < len(self._characters) and within < self._shape.rows:
            self.choose(index)
            self.post_message(self.Opened())


def _portraits(characters: Sequence[ListedCharacter]) -> list[Portrait]:
    return [each.portrait for each in characters if each.portrait is not None]


@lru_cache(256)
def _words(character: ListedCharacter, room: int, rows: int) -> list[tuple[str, str]]:
    """What stands below a name, row by row, each with the name of its style: the description, then the greeting."""
    about = _lines(character.description, room, 1 if character.said or rows < 2 else rows)
    said = _lines(f"“{character.said}”" if character.said else "", room, rows - len(about))
    told = [*((line, "text") for line in about), *((line, "quiet") for line in said)]
    return told + [("", "quiet")] * (rows - len(told))


def _lines(text: str, room: int, rows: int) -> list[str]:
    """The text in at most so many rows, `…` where it is cut."""
    if not text or rows < 1:
        return []
    lines = [text[start:end].strip() for start, end, _ in wrap(text, room)]
    if len(lines) <= rows:
        return lines
    return [*lines[: rows - 1], cut(f"{lines[rows - 1]} {lines[rows]}", room)]
