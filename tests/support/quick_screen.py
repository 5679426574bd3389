"""pyte's emulated screen, which draws plain text in a fraction of the time: most of a test in a terminal was that."""

from __future__ import annotations

import re

import pyte
from pyte.charsets import LAT1_MAP
from pyte.modes import IRM
from pyte.screens import Char

_NARROW = re.compile("[ -~¡-¬®-˿‐-‧‹-⁀─-◼❯]+")
"""Characters of one cell each, of those that the application writes most."""


class _Cells(dict[str, Char]):
    """The cells of characters in one colour and style; each is made once, as nobody changes them."""

    def __init__(self, attributes: Char) -> None:
        super().__init__()
        self._style = attributes[1:]

    def __missing__(self, character: str) -> Char:
        cell = self[character] = Char(character, *self._style)
        return cell


class QuickScreen(pyte.Screen):
    """Text that fits into the row and is of narrow characters is put there as a whole; all else is pyte's."""

    def __init__(self, columns: int, lines: int) -> None:
        self._cells: dict[Char, _Cells] = {}
        super().__init__(columns, lines)

    def draw(self, data: str) -> None:
        """Put text where the cursor is."""
        cursor = self.cursor
        end = cursor.x + len(data)
        is_plain = self.charset == 0 and self.g0_charset is LAT1_MAP and IRM not in self.mode
        if end > self.columns or not is_plain or _NARROW.fullmatch(data) is None:
            super().draw(data)
            return
        cells = self._cells.get(cursor.attrs)
        if cells is None:
            cells = self._cells[cursor.attrs] = _Cells(cursor.attrs)
        self.buffer[cursor.y].update(zip(range(cursor.x, end), map(cells.__getitem__, data), strict=True))
        cursor.x = end
        self.dirty.add(cursor.y)
