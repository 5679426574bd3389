"""Pictures in a terminal that draws pixels where the cursor stands: each row of cells is drawn by itself.

What Textual writes has a character of its own for each cell of a picture (`graphics.rendering.pixel_rows`). On its way
to the terminal a row of a picture that is there in full width becomes blanks, and after the text of that row of the
screen the sequence that draws its pixels; what is covered in part, or cropped at a side, becomes glyphs. Text erases
the pixels of the cells that it is written to in each of these terminals, so nothing has to be deleted, no sequence is
ever cut, and nothing is drawn over what covers a picture. What stands right of the picture is written once more, for in
Konsole pixels erase that, too.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, NamedTuple

from rich.cells import cell_len

from animus_tui.graphics.rendering.pixel_rows import CELLS
from animus_tui.ui.terminal.output import SLICE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from animus_tui.graphics.rendering.pixel_rows import PixelTable, Stretch

SYNC_START, SYNC_END = "\x1b[?2026h", "\x1b[?2026l"
"""Between these a terminal that knows them shows nothing new."""
_SAVE, _RESTORE = "\x1b7", "\x1b8"
"""The cursor's place and its looks."""
_MOVE = re.compile(r"\x1b\[(\d+);(\d+)H")
_NO_CELLS = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|[\x00-\x1f\x7f]")
"""What takes no cells of the screen: sequences that set looks and links, and controls."""
_FIRST_CELL = re.compile(r"((?:\x1b\[[\d;:]*m)*[^\x00-\x1f\x7f])([^\x1b]?)")
"""The looks and the character of the first cell, and the character after it."""

_DISPUTED = re.compile("[\u200d\ufe0f\U0001f1e6-\U0001f1ff\U0001f3fb-\U0001f3ff]")
"""Joiners, flags and colours of skin: how many cells such pictures take is not the same in each terminal."""

_Looks = Literal["pixels", "glyphs", "owed"]
"""What is on the screen of a stretch; "owed" are glyphs until there is time for the pixels."""


class _Place(NamedTuple):
    """Cells of the screen, and what stands in them."""

    x: int
    width: int
    code: str
    """The character of the first cell."""


class PictureRows:
    """Knows which cells of pictures are on the screen, and translates what is written to it."""

    def __init__(self, table: PixelTable) -> None:
        self._table = table
        self._size = (0, 0)
        self._rows: dict[int, str] = {}
        """By row of the screen one character a cell, blank where there is no picture; only rows that have one."""
        self._shown: dict[int, dict[_Place, _Looks]] = {}
        self._written: set[int] = set()
        """Rows of the frame in which something changed."""
        self._due: list[tuple[int, int, Stretch]] = []
        """Pixels of the frame: where among its parts, the row of the screen, and which."""
        self._beside: dict[int, dict[int, str]] = {}
        """By row and column of the screen: what stands in a cell that a picture is to the left of, with its looks."""
        self.has_moved = False
        """Whether in the last frame something else stands where a picture stood."""
        self.lacks_glyphs = False
        """Whether somewhere on the screen is nothing, as the glyphs that are to be there were not drawn yet."""
        self._is_synchronized = False
        self.has_drawn = False
        """Whether pixels were ever drawn."""
        self.has_deferred = False
        """Whether the last frame had more pixels than it may have, and shows glyphs instead of some or all."""

    def forget(self) -> None:
        """What is on the screen is not known any more: with the next frame all of it is written."""
        self._rows.clear()
        self._shown.clear()
        self._beside.clear()
        self.lacks_glyphs = False

    def outdate(self) -> None:
        """The cells have another size: what was drawn until now is glyphs from the next frame on."""
        self._table.outdate()
        self.forget()

    @property
    def is_owing(self) -> bool:
        """Whether somewhere on the screen are glyphs in the place of pixels."""
        return any(looks == "owed" for places in self._shown.values() for looks in places.values())

    def translated(self, data: str, size: tuple[int, int], *, most: int, most_moving: int) -> bytes:
        """What to write for what Textual writes to a screen of `size` (columns, rows).

        Pixels of more than `most` bytes, or `most_moving` where pictures move, are left for later, and glyphs stand in
        their place. Of pictures that appear and do not move a part is drawn nevertheless.
        """
        self.has_deferred = self.has_moved = False
        if size != self._size:
            self._size = size
            self.forget()
        if data == SYNC_START:
            self._is_synchronized = True
        if not self._rows and CELLS.search(data) is None:
            return data.encode("utf-8", "replace")
        before, *moves = _MOVE.split(data)
        parts = [before]
        last = -1
        for down, across, text in zip(moves[::3], moves[1::3], moves[2::3], strict=True):
            y = int(down) - 1
            if y != last:
                self._settle(last, parts)
                last = y
            parts += f"\x1b[{down};{across}H", self._taken(y, int(across) - 1, text)
        if last in self._written:
            parts.append(_SAVE)
            self._settle(last, parts)
            parts.append(_RESTORE)
        return self._decided(parts, most, most_moving)

    def owed(self, most: int) -> bytes:
        """What draws the pixels that were left for later, the uppermost first; about `most` bytes, at least a row."""
        parts, size = [_SAVE.encode()], 0
        for y, places in sorted(self._shown.items()):
            owed = {place for place, looks in places.items() if looks == "owed"}
            for stretch in self._stretches(y) if owed else ():
                place = _place(stretch)
                if place in owed and (not size or size < most):
                    piece = self._pixels(y, stretch)
                    parts.append(piece)
                    size += len(piece)
                    places[place] = "pixels"
                    self.has_drawn = True
                owed.discard(place)
            places.update(dict.fromkeys(owed, "glyphs"))  # a picture that is gone
        parts.append(_RESTORE.encode())
        if self._is_synchronized:
            parts = [SYNC_START.encode(), *parts, SYNC_END.encode()]
        return b"".join(parts) if size else b""

    # The text of a frame

    def _taken(self, y: int, x: int, text: str) -> str:
        """What is written of text that begins in this cell: blanks for cells of pictures that are not there yet."""
        before = self._rows.get(y)
        if before is None and CELLS.search(text) is None:
            return text
        if _DISPUTED.search(text) is not None:
            # Where it takes more cells than we think it goes over pictures: all of the row are drawn again.
            self._shown.pop(y, None)
            self._written.add(y)
        before = before or " " * self._size[0]
        after, parts, done = before, list[str](), 0
        for found in (*CELLS.finditer(text), None):
            words = text[done : found.start() if found is not None else len(text)]
            parts.append(words)
            width = cell_len(_NO_CELLS.sub("", words))
            after = self._put(y, x, " " * width, after)
            self._keep_beside(y, x, width, words if x and CELLS.match(after[x - 1]) is not None else "")
            x += width
            if found is None:
                break
            cells, done = found[0], found.end()
            if after[x : x + len(cells)] == cells:  # they are on the screen already
                parts.append(f"\x1b[{x + len(cells) + 1}G")
            else:
                parts += "" if words.isascii() else f"\x1b[{x + 1}G", " " * len(cells)
                after = self._put(y, x, cells, after)
                self._keep_beside(y, x, len(cells), "")
            x += len(cells)
        self._rows[y] = after
        return "".join(parts)

    def _put(self, y: int, x: int, cells: str, row: str) -> str:
        """The row of the screen with these cells in it; a frame writes to none of them twice."""
        end = x + len(cells)
        if row[x:end] == cells:  # text on text
            return row
        self._written.add(y)
        return (row[:x] + cells + row[end:])[: self._size[0]]

    def _keep_beside(self, y: int, x: int, width: int, words: str) -> None:
        """Keep the first cell of these `words`, if any, and nothing of what else stood in the cells from `x` on."""
        kept = self._beside.setdefault(y, {})
        for column in [column for column in kept if x <= column < x + width]:
            del kept[column]
        if (found := _FIRST_CELL.match(words)) is not None:
            cell, following = found.groups()
            if cell_len(cell[-1]) == 1 and (not following or cell_len(following)):
                kept[x] = cell

    # The pixels of a frame

    def _settle(self, y: int, parts: list[str]) -> None:
        """Draw what is missing in a row of the screen whose text is written."""
        if y not in self._written:
            return
        self._written.remove(y)
        shown, now = self._shown.pop(y, {}), dict[_Place, _Looks]()
        for stretch in self._stretches(y):
            place = _place(stretch)
            looks = shown.get(place)
            if looks is None:
                # On the last row the screen might scroll.
                is_drawn = stretch.is_whole and stretch.fits and y < self._size[1] - 1
                if is_drawn:
                    self._due.append((len(parts), y, stretch))
                else:
                    self.lacks_glyphs |= stretch.picture.mosaic is None
                parts.append("" if is_drawn else _glyphs(y, stretch))
                looks = "pixels" if is_drawn else "glyphs"
            now[place] = looks
        self.has_moved |= not shown.keys() <= now.keys()
        if now:
            self._shown[y] = now
        if not self._rows[y].strip(" "):
            del self._rows[y]
            self._beside.pop(y, None)

    def _stretches(self, y: int) -> Iterator[Stretch]:
        return self._table.stretches(self._rows.get(y, ""))

    def _decided(self, parts: list[str], most: int, most_moving: int) -> bytes:
        """The frame with its pixels, or with glyphs where they are too much."""
        due, self._due = self._due, []
        pieces = {at: self._pixels(y, stretch) for at, y, stretch in due}
        room = most_moving if self.has_moved else most
        if sum(map(len, pieces.values())) > room:
            self.has_deferred = True
            room = 0 if self.has_moved else min(most, SLICE)
            for at, y, stretch in due:
                if len(pieces[at]) <= room or (self.has_moved and stretch.picture.mosaic is None):
                    room -= len(pieces[at])
                    continue
                room = 0  # those that are there are the uppermost
                parts[at] = _glyphs(y, stretch)
                self._shown[y][_place(stretch)] = "owed"
                del pieces[at]
        self.has_drawn |= bool(pieces)
        return b"".join(pieces.get(at) or part.encode("utf-8", "replace") for at, part in enumerate(parts))

    def _pixels(self, y: int, stretch: Stretch) -> bytes:
        """What draws a row of a picture, and once more what stands right of it."""
        piece = b"\x1b[%d;%dH%b" % (y + 1, stretch.x + 1, stretch.picture.drawn.sequences[stretch.row])
        end = stretch.x + stretch.stop - stretch.start
        beside = self._beside.get(y, {}).get(end)
        return piece if beside is None else piece + f"\x1b[{y + 1};{end + 1}H{beside}\x1b[0m".encode()


def _place(stretch: Stretch) -> _Place:
    first = stretch.picture.first + stretch.row * stretch.picture.columns + stretch.start
    return _Place(stretch.x, stretch.stop - stretch.start, chr(first))


def _glyphs(y: int, stretch: Stretch) -> str:
    """Glyphs in the place of the pixels; nothing where they are not drawn yet."""
    mosaic = stretch.picture.mosaic
    if mosaic is None:
        return ""
    return f"\x1b[{y + 1};{stretch.x + 1}H{mosaic.sequence(stretch.row, stretch.start, stretch.stop)}"
