"""Pictures as text for terminals that draw pixels where the cursor stands: sixel graphics, iTerm2's inline images.

Each cell of a picture is one character of its own, from planes of Unicode that have no characters, one cell wide.
Text moves, is cropped and is covered like any other, and the picture goes with it. The characters are for the
application alone: what writes to the terminal puts a row's pixels in their place, or glyphs.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from typing import TYPE_CHECKING

from msgspec import Struct
from rich.color import Color, ColorType
from rich.color_triplet import ColorTriplet
from rich.segment import Segment
from rich.style import Style

from animus_tui.graphics.decoding.protocol import Rgb
from animus_tui.graphics.rendering.cells import Cells
from animus_tui.graphics.rendering.pieces import PictureRows
from animus_tui.late_pattern import late_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

FIRST, LAST = 0x40000, 0xDFFFF
"""Code points of planes 4 to 13, 655,360 of them: a hundred pictures that fill a large screen each."""
CELLS = late_pattern(f"[{chr(FIRST)}-{chr(LAST)}]+")
"""Cells of pictures beside each other."""


class PixelRows(Struct, eq=False):
    """The cells of one picture, each of which names the picture, its row and its column."""

    first: int
    """Code point of the upper left cell; the others follow row by row."""
    drawn: PictureRows
    """What draws the rows."""
    background: Rgb
    """What stands behind the picture."""
    mosaic: Cells | None = None
    """The same cells as glyphs, for where a row is not there in full width; None while they are not drawn."""

    @property
    def columns(self) -> int:
        """Cells of a row."""
        return self.drawn.columns

    @property
    def rows(self) -> int:
        """Rows of cells."""
        return self.drawn.rows

    @property
    def size_in_bytes(self) -> int:
        """Memory that the cells take: next to none."""
        return 200

    @property
    def pixel_bytes(self) -> int:
        """Memory that the pixels take, here, as the terminal keeps nothing that it can be asked for again."""
        return self.drawn.size_in_bytes

    def text(self, row: int) -> str:
        """The characters of a row (0 is the top)."""
        start = self.first + row * self.columns
        return "".join(map(chr, range(start, start + self.columns)))

    def segments(self, row: int) -> list[Segment]:
        """Row `row` for Rich and Textual: `columns` cells."""
        return [Segment(self.text(row), Style(bgcolor=_colour(*self.background)))]


class Stretch(Struct, frozen=True):
    """Cells of one row of a picture, beside each other on the screen."""

    x: int
    """Column of the screen, from 0."""
    picture: PixelRows
    row: int
    start: int
    """The first of its columns that is there, and the end of them."""
    stop: int
    fits: bool = True
    """Whether its pixels are of the size that the cells have now."""

    @property
    def is_whole(self) -> bool:
        """Whether all of the row is there."""
        return self.start == 0 and self.stop == self.picture.columns


class PixelTable:
    """Which characters stand for which picture."""

    def __init__(self) -> None:
        self._pictures: dict[int, PixelRows] = {}
        self._firsts: list[int] = []
        """The first characters of all pictures, in order."""
        self._next = FIRST
        self._outdated: set[int] = set()
        """The first characters of pictures of another size of cells."""

    def __len__(self) -> int:
        return len(self._pictures)

    def add(self, drawn: PictureRows, mosaic: Cells | None, background: Rgb) -> PixelRows | None:
        """Give a picture characters; None when there are not so many left. They are not soon used again."""
        first = self._room(drawn.columns * drawn.rows)
        if first is None:
            return None
        self._next = first + drawn.columns * drawn.rows
        picture = self._pictures[first] = PixelRows(first, drawn, background, mosaic)
        insort(self._firsts, first)
        return picture

    def set_mosaic(self, picture: PixelRows, mosaic: Cells) -> None:
        """Give a picture its glyphs."""
        picture.mosaic = mosaic

    def remove(self, picture: PixelRows) -> None:
        """Forget a picture; where its characters still stand there is nothing from now on."""
        if self._pictures.get(picture.first) is picture:
            del self._pictures[picture.first]
            self._firsts.remove(picture.first)
            self._outdated.discard(picture.first)

    def outdate(self) -> None:
        """The cells have another size: what there is up to now does not fit into them any more."""
        self._outdated.update(self._pictures)

    def find(self, character: str) -> PixelRows | None:
        """The picture that a character belongs to."""
        at = bisect_right(self._firsts, ord(character))
        picture = self._pictures[self._firsts[at - 1]] if at else None
        if picture is None or ord(character) >= picture.first + picture.columns * picture.rows:
            return None
        return picture

    def stretches(self, cells: str) -> Iterator[Stretch]:
        """The rows of pictures, and parts of them, in a row of the screen of one character a cell, from the left."""
        for found in CELLS.finditer(cells):
            x, end = found.span()
            while x < end:
                picture = self.find(cells[x])
                if picture is None:
                    x += 1
                    continue
                row, start = divmod(ord(cells[x]) - picture.first, picture.columns)
                text = picture.text(row)[start:]
                count = next(
                    (at for at, one in enumerate(text) if cells[x + at : x + at + 1] != one), len(text)
                )
                yield Stretch(x, picture, row, start, start + count, picture.first not in self._outdated)
                x += count

    def _room(self, count: int) -> int | None:
        """Where so many free characters begin: from the last one that was given on, then from the first."""
        for begin in (self._next, FIRST):
            at = begin
            for first in self._firsts:
                end = first + self._pictures[first].columns * self._pictures[first].rows
                if first < at + count and at < end:
                    at = end
            if at + count - 1 <= LAST:
                return at
        return None


def _colour(red: int, green: int, blue: int) -> Color:
    triplet = ColorTriplet(red, green, blue)
    return Color(triplet.hex, ColorType.TRUECOLOR, None, triplet)
