"""What a terminal makes of a sixel sequence: a second reading, strict about what it may contain.

VT330/VT340 Programmer Reference Manual, volume 2, chapter 14, with no more than the program uses of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

MOST_REGISTERS = 256
_FRAME = re.compile(rb"\x1bP(?P<parameters>[0-9;]*)q(?P<data>[\x20-\x7e]*)\x1b\\", re.DOTALL)
_RASTER = re.compile(rb'"(\d+);(\d+);(\d+);(\d+)')
_TOKEN = re.compile(rb"#(\d+)(?:;2;(\d+);(\d+);(\d+))?|!(\d+)([?-~])|([?-~])|([$-])")


class NoSixelError(AssertionError):
    """The sequence is not as it should be."""


@dataclass
class SixelPicture:
    """What was drawn."""

    pixels: NDArray[np.int16]
    """Register of each pixel, rows×columns; -1 where none was set."""
    registers: dict[int, tuple[int, int, int]] = field(default_factory=dict)
    """Red, green and blue in percent."""
    used: set[int] = field(default_factory=set)

    @property
    def rgb(self) -> NDArray[np.uint8]:
        """The colours, 0–255. NoSixelError where a pixel was not set."""
        if (self.pixels < 0).any():
            raise NoSixelError("not all pixels are set")
        table = np.zeros((MOST_REGISTERS, 3), np.uint8)
        for number, percent in self.registers.items():
            table[number] = [(part * 255 + 50) // 100 for part in percent]
        return table[self.pixels]


def read(sequence: bytes) -> SixelPicture:
    """The picture in one whole sequence. NoSixelError for anything that a strict reader does not know."""
    frame = _FRAME.fullmatch(sequence)
    if frame is None:
        raise NoSixelError(f"no sixel sequence: {sequence[:40]!r}")
    if frame["parameters"] != b"0;1;0":
        raise NoSixelError(f"parameters {frame['parameters']!r}")
    raster = _RASTER.match(frame["data"])
    if raster is None or raster.group(1, 2) != (b"1", b"1"):
        raise NoSixelError("no square pixels")
    picture = SixelPicture(np.full((int(raster[4]), int(raster[3])), -1, np.int16))
    _Pen(picture).draw(_tokens(frame["data"], raster.end()))
    return picture


def _tokens(data: bytes, at: int) -> Iterator[re.Match[bytes]]:
    while at < len(data):
        token = _TOKEN.match(data, at)
        if token is None:
            raise NoSixelError(f"{data[at : at + 20]!r} at {at}")
        yield token
        at = token.end()


class _Pen:
    def __init__(self, picture: SixelPicture) -> None:
        self._picture = picture
        self._x = self._y = 0
        self._register: int | None = None

    def draw(self, tokens: Iterator[re.Match[bytes]]) -> None:
        for token in tokens:
            if token[1] is not None:
                self._choose(int(token[1]), token.group(2, 3, 4))
            elif token[8] is not None:
                self._x, self._y = 0, self._y + (6 if token[8] == b"-" else 0)
            else:
                self._set(int(token[5] or 1), (token[6] or token[7])[0] - ord("?"))

    def _choose(self, number: int, percent: tuple[bytes | None, ...]) -> None:
        if number >= MOST_REGISTERS:
            raise NoSixelError(f"register {number}")
        self._register = number
        if percent[0] is None:
            return
        red, green, blue = (int(part or 0) for part in percent)
        if max(red, green, blue) > 100:
            raise NoSixelError(f"colour {percent}")
        if number in self._picture.registers:
            raise NoSixelError(f"register {number} is set twice")
        self._picture.registers[number] = red, green, blue

    def _set(self, count: int, bits: int) -> None:
        pixels, register = self._picture.pixels, self._register
        end = self._x + count
        if count < 1 or end > pixels.shape[1]:
            raise NoSixelError(f"{count} sixels from column {self._x}")
        for bit in range(6):
            if not bits >> bit & 1:
                continue
            if register not in self._picture.registers or register is None:
                raise NoSixelError(f"a pixel in register {register}")
            if self._y + bit >= pixels.shape[0]:
                raise NoSixelError(f"a pixel in line {self._y + bit}")
            line = pixels[self._y + bit, self._x : end]
            if (line >= 0).any():
                raise NoSixelError(f"pixels are set twice in line {self._y + bit}")
            line[:] = register
            self._picture.used.add(register)
        self._x = end
