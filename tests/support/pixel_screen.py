"""What a terminal that draws pixels at the cursor makes of a stream of bytes: cells, and pixels in them.

It is strict: no sequence without its end, no pixels outside a synchronized update (where the terminal said that it
knows them), none beside the screen or on its last row, where a terminal may scroll.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

import pyte
from rich.cells import cell_len

from animus_tui.graphics.rendering.pixel_rows import CELLS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from animus_tui.graphics.rendering.pixel_rows import PixelRows

_PIECE = re.compile(
    rb'\x1bP[0-9;]*q"1;1;(?P<width>\d+);\d+[^\x1b]*\x1b\\'
    rb"|\x1b\]1337;File=[^:\x07]*;width=(?P<columns>\d+);height=1;[^:\x07]*:[^\x07]*\x07"
)
_UNKNOWN = re.compile(rb"\x1bP[0-9;]*q|\x1b\]1337;File")
_CUT = re.compile(rb"\x1b(?:[P\]](?:[^\x1b\x07]|\x1b(?!\\))*|\[[0-?]*[ -/]*)?\Z")
"""The beginning of a sequence at the end of what has come."""
_SYNC = re.compile(rb"\x1b\[\?2026([hl])")
_NOT_EMULATED = re.compile(
    rb"\x1b\[[<>=][0-9;]*[a-zA-Z]|\x1b\[\?[0-9;]*(?:\$p|[nsr])|\x1b[_P^X].*?\x1b\\", re.DOTALL
)
Pixels = dict[tuple[int, int], tuple[bytes, int]]
"""By row and column of the screen: the sequence that drew the pixels of a cell, and which of its columns it is."""


class WrongPixelsError(AssertionError):
    """Something that no program should write to such a terminal."""


class _Screen(pyte.Screen):
    """A screen of text, which erases the pixels of the cells that it is written to."""

    def __init__(self, columns: int, lines: int) -> None:
        self.pixels: Pixels = {}
        super().__init__(columns, lines)

    def draw(self, data: str) -> None:
        for character in data:
            super().draw(character)
            for column in range(self.cursor.x - max(1, cell_len(character)), self.cursor.x):
                self.pixels.pop((self.cursor.y, column), None)

    def erase_in_display(self, how: int = 0, *args: Any, **kwargs: Any) -> None:
        super().erase_in_display(how, *args, **kwargs)
        if how not in (2, 3):
            raise WrongPixelsError(f"a part of the screen is erased: {how}")
        self.pixels.clear()

    def erase_in_line(self, how: int = 0, private: bool = False) -> None:
        raise WrongPixelsError("a part of a line is erased")

    def index(self) -> None:
        if self.cursor.y == self.lines - 1:
            raise WrongPixelsError("the screen scrolls")
        super().index()


class PixelScreen:
    """Feed it all that was written, in pieces of any size."""

    def __init__(
        self,
        columns: int,
        rows: int,
        cell_width: int,
        *,
        is_synchronized: bool = False,
        erases_beside: bool = False,
    ) -> None:
        """`cell_width` in pixels. `is_synchronized`: from now on all pixels are in synchronized updates.

        `erases_beside`: pixels erase the text of the cell right of them, too, as in Konsole.
        """
        self.screen = _Screen(columns, rows)
        self.drawn = 0
        """How many rows of pictures were drawn."""
        self.bytes_drawn = 0
        self.is_open = False
        """Whether a synchronized update has begun and not ended."""
        self._stream = pyte.ByteStream(self.screen)
        self._cell_width = cell_width
        self.is_synchronized = is_synchronized
        self._erases_beside = erases_beside
        self._unread = b""

    @property
    def pixels(self) -> Pixels:
        """The pixels that are to be seen now."""
        return self.screen.pixels

    def feed(self, data: bytes) -> None:
        """Take in what was written next."""
        data = self._unread + data
        cut = _CUT.search(data)
        end = cut.start() if cut is not None else len(data)
        data, self._unread = data[:end], data[end:]
        done = 0
        for piece in _PIECE.finditer(data):
            self._text(data[done : piece.start()])
            self._draw(piece)
            done = piece.end()
        self._text(data[done:])

    def close(self) -> None:
        """Nothing follows."""
        if self._unread or self.is_open:
            raise WrongPixelsError(f"the end is missing of {self._unread[:40]!r}")

    def resize(self, columns: int, rows: int) -> None:
        """The window has another size; what becomes of the pixels until they are drawn anew is not said."""
        self.screen.resize(rows, columns)
        self.screen.pixels.clear()

    def _text(self, data: bytes) -> None:
        if _UNKNOWN.search(data) is not None:
            raise WrongPixelsError(f"pixels in an unknown form: {data[:80]!r}")
        for found in _SYNC.finditer(data):
            self.is_open = found[1] == b"h"
        self._stream.feed(without_questions(data))

    def _draw(self, piece: re.Match[bytes]) -> None:
        columns = int(piece["columns"] or 0) or int(piece["width"]) // self._cell_width
        x, y = self.screen.cursor.x, self.screen.cursor.y
        if x + columns > self.screen.columns or y >= self.screen.lines - 1:
            raise WrongPixelsError(f"{columns} columns of pixels at column {x} of row {y}")
        if self.is_synchronized and not self.is_open:
            raise WrongPixelsError("pixels outside a synchronized update")
        self.drawn += 1
        self.bytes_drawn += len(piece[0])
        for column in range(columns):
            self.pixels[y, x + column] = piece[0], column
        if self._erases_beside and (y, x + columns) not in self.pixels and x + columns < self.screen.columns:
            self.screen.buffer[y][x + columns] = self.screen.default_char
        # Where terminals leave the cursor differs: whoever goes on from there writes anywhere.
        self.screen.cursor.x, self.screen.cursor.y = 0, self.screen.lines - 1


def without_questions(data: bytes) -> bytes:
    """What the emulator understands of it."""
    return _NOT_EMULATED.sub(b"", data)


def characters(screen: pyte.Screen) -> Mapping[tuple[int, int], str]:
    """What stands in each cell, by row and column."""
    return {(y, x): screen.buffer[y][x].data for y in range(screen.lines) for x in range(screen.columns)}


class KnownPicture(NamedTuple):
    """A picture that the program may show."""

    first: int
    """Code point of its first cell."""
    columns: int
    sequences: Sequence[bytes]
    """What draws each of its rows."""
    glyphs: Sequence[str]
    """Its rows as characters; blank while the program has none."""

    @property
    def end(self) -> int:
        """The code point after its last."""
        return self.first + self.columns * len(self.sequences)

    def row(self, row: int) -> list[str]:
        """The cells of a row as the program has them in its text."""
        start = self.first + row * self.columns
        return [*map(chr, range(start, start + self.columns))]


def known(picture: PixelRows) -> KnownPicture:
    """The same of a picture of the program's table."""
    lines = picture.mosaic.lines if picture.mosaic is not None else ()
    glyphs = [line.text for line in lines] or [" " * picture.columns] * picture.rows
    return KnownPicture(picture.first, picture.columns, picture.drawn.sequences, glyphs)


def compare(seen: PixelScreen, told: pyte.Screen, pictures: Sequence[KnownPicture]) -> None:
    """AssertionError unless the screen is what the program's own text says.

    `told` is the screen as the program describes it, with a character for each cell of a picture. A row of a picture
    that is there in full width is pixels, all else of pictures is glyphs, and nowhere else are pixels.
    """
    pixels, glyphs = dict[tuple[int, int], tuple[bytes, int]](), dict[tuple[int, int], str]()
    told_cells = characters(told)
    for place, cell in told_cells.items():
        picture = next((one for one in pictures if cell and one.first <= ord(cell[0]) < one.end), None)
        if picture is None:
            continue
        row, at = divmod(ord(cell) - picture.first, picture.columns)
        glyphs[place] = picture.glyphs[row][at]
        beside = [told_cells.get((place[0], place[1] + x - at)) for x in range(picture.columns)]
        if beside == picture.row(row) and place[0] < told.lines - 1:
            pixels[place] = picture.sequences[row], at
    text = {place: cell for place, cell in told_cells.items() if CELLS.fullmatch(cell) is None}
    shown = characters(seen.screen)
    assert seen.pixels == pixels
    assert (seen.screen.cursor.x, seen.screen.cursor.y) == (told.cursor.x, told.cursor.y)
    assert {place: shown[place] for place in text} == text
    assert {place: shown[place] for place in glyphs.keys() - pixels.keys()} == {
        place: glyph for place, glyph in glyphs.items() if place not in pixels
    }
