"""The rows of the list of characters: a portrait, a name, and a few words about each."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

from animus_tui.ui.contrast import least_contrast, readable
from animus_tui.ui.listed_characters import ListedCharacter, Portrait
from animus_tui.ui.markdown.cells import cut, wrap
from animus_tui.ui.widgets.row_list import AROUND, RowList

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from animus_tui.ui.images.thumbnail_loader import ThumbnailLoader
    from animus_tui.ui.widgets.row_list import Styles

NARROW = 60
"""Cells below which there is no room for portraits."""
ROOMY = 30
"""Rows from which portraits are large."""
MARK = "❯ "


class Shape(NamedTuple):
    """How much room a character has."""

    columns: int
    """Cells of its portrait; 0 where there is none."""
    rows: int
    """Of its portrait, and of its words beside it."""


LARGE, SMALL, WITHOUT = Shape(12, 6), Shape(8, 4), Shape(0, 3)


class CharacterRows(RowList[ListedCharacter]):
    """Characters of which one is the chosen one."""

    COMPONENT_CLASSES = {f"rows--{name}" for name in ("name", "text", "quiet", "current", "chosen")}
    DEFAULT_CSS = """
    CharacterRows {
        .rows--name { color: $primary; text-style: bold; }
        .rows--text { color: $foreground; }
        .rows--current { color: $primary; text-style: bold; }
        .rows--chosen { background: $primary 15%; }
    }
    """

    def __init__(self, thumbnails: ThumbnailLoader | None) -> None:
        """Without `thumbnails` no portraits are shown."""
        super().__init__(thumbnails)
        self._current: str | None = None

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
        self._current = current
        names = [each.name for each in characters]
        at = names.index(wanted) if wanted in names else 0 if first else self._at
        self.set_entries(characters, at, sentence=sentence)

    # Where they stand

    @property
    def _shape(self) -> Shape:
        # Before the first layout as after it, which would otherwise be followed by another one.
        height, width = (
            self.size.height or self.app.size.height - AROUND,
            self.size.width or self.app.size.width,
        )
        if self._drawing is None or width < NARROW:
            return WITHOUT
        return LARGE if height >= ROOMY else SMALL

    @property
    def stride(self) -> int:
        """Rows from one character to the next."""
        return self._shape.rows + 1

    @property
    def entry_rows(self) -> int:
        """Rows of a character without the blank one behind it."""
        return self._shape.rows

    @property
    def tile_size(self) -> tuple[int, int]:
        """The size of a portrait."""
        return self._shape

    def thumbnail_of(self, entry: ListedCharacter) -> Portrait | None:
        """The portrait of a character."""
        return entry.portrait

    # Painting

    def entry_row(self, index: int, row: int, width: int, styles: Styles) -> Iterable[Segment]:
        """One of the rows of a character, exactly `width` cells."""
        each, shape = self._entries[index], self._shape
        if row >= shape.rows:
            return ()
        is_chosen = index == self._at
        start = [Segment(MARK if is_chosen and row == 0 else "  ", styles["current"])]
        taken = len(MARK)
        if shape.columns:
            start += [*self.thumbnail_row(each, row, shape, styles["quiet"]), Segment("  ", styles["quiet"])]
            taken += shape.columns + 2
        room = max(1, width - taken - 1)
        if row > 0:
            text, name = _words(each, room, shape.rows - 1)[row - 1]
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
