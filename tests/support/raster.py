"""Cells as a terminal paints them, 8×16 pixels each: a second reading of the glyphs, by their names in Unicode."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from animus_tui.graphics.rendering.cells import Cells

WIDTH, HEIGHT = 8, 16
_FINE = 16
"""Points in each direction of a pixel, where an edge runs through it."""
_PARTS = {
    "ONE EIGHTH": 1,
    "ONE QUARTER": 2,
    "THREE EIGHTHS": 3,
    "HALF": 4,
    "FIVE EIGHTHS": 5,
    "THREE QUARTERS": 6,
    "SEVEN EIGHTHS": 7,
}
_HEIGHTS = {"UPPER MIDDLE": 1 / 3, "LOWER MIDDLE": 2 / 3, "UPPER": 0.0, "LOWER": 1.0}
_SIDES = {"LEFT": 0.0, "CENTRE": 0.5, "RIGHT": 1.0}


def painted(cells: Cells) -> NDArray[np.uint8]:
    """The pixels of cells with 24-bit colours, as rows×columns×(red, green, blue)."""
    rows = [
        [
            _cell(*look)
            for look in zip(line.text, _triples(line.foreground), _triples(line.background), strict=True)
        ]
        for line in cells.lines
    ]
    whole: NDArray[np.uint8] = np.concatenate([np.concatenate(row, axis=1) for row in rows])
    return whole


def _triples(colours: bytes) -> NDArray[np.float64]:
    return np.frombuffer(colours, np.uint8).reshape(-1, 3).astype(np.float64)


def _cell(glyph: str, front: NDArray[np.float64], back: NDArray[np.float64]) -> NDArray[np.uint8]:
    part = shape(glyph)[:, :, None]
    pixels: NDArray[np.uint8] = np.rint(part * front + (1 - part) * back).astype(np.uint8)
    return pixels


@cache
def shape(glyph: str) -> NDArray[np.float64]:
    """The part of each pixel of a cell that the glyph fills."""
    name = unicodedata.name(glyph)
    if name == "SPACE":
        return _rectangle(0, 0, 0, 0)
    if name == "FULL BLOCK":
        return _rectangle(0, 0, 1, 1)
    if name.startswith("QUADRANT "):
        return _sum(_corner(*corner.split()) for corner in name.removeprefix("QUADRANT ").split(" AND "))
    if sextant := re.fullmatch("BLOCK SEXTANT-([1-6]+)", name):
        fields = [int(digit) - 1 for digit in sextant[1]]
        return _sum(_rectangle(at % 2 / 2, at // 2 / 3, (at % 2 + 1) / 2, (at // 2 + 1) / 3) for at in fields)
    if wedge := re.fullmatch("(LOWER|UPPER) (?:LEFT|RIGHT) BLOCK DIAGONAL (.+) TO (.+)", name):
        below = _below(_point(wedge[2]), _point(wedge[3]))
        return below if wedge[1] == "LOWER" else 1 - below
    if bars := re.fullmatch("(VERTICAL|HORIZONTAL) ONE EIGHTH BLOCK-([1-8]+)", name):
        return _sum(_bar(int(digit), across=bars[1] == "HORIZONTAL") for digit in bars[2])
    if triangles := re.fullmatch("(.+) TRIANGULAR (ONE QUARTER|HALF|THREE QUARTERS) BLOCK", name):
        return _sum(_triangle(side) for side in triangles[1].split(" AND "))
    if block := re.fullmatch("([A-Z]+)(?: AND ([A-Z]+))? (.+) BLOCKS?", name):
        part = _PARTS[block[3]] / 8
        sides = [_side(side, part) for side in block.group(1, 2) if side]
        return sides[0] if len(sides) == 1 else np.maximum(*sides)
    raise ValueError(f"no shape for {name}")


def _corner(height: str, side: str) -> NDArray[np.float64]:
    left, top = _SIDES[side] / 2, _HEIGHTS[height] / 2
    return _rectangle(left, top, left + 0.5, top + 0.5)


def _bar(eighth: int, *, across: bool) -> NDArray[np.float64]:
    begin, end = (eighth - 1) / 8, eighth / 8
    return _rectangle(0, begin, 1, end) if across else _rectangle(begin, 0, end, 1)


def _triangle(side: str) -> NDArray[np.float64]:
    """From a side to the middle of the cell."""
    y, x = np.indices((HEIGHT * _FINE, WIDTH * _FINE)) + 0.5
    y, x = y / (HEIGHT * _FINE), x / (WIDTH * _FINE)
    distances = {"LEFT": x, "RIGHT": 1 - x, "UPPER": y, "LOWER": 1 - y}
    return _coarse(
        distances[side] < np.stack([one for name, one in distances.items() if name != side]).min(0)
    )


def _side(side: str, part: float) -> NDArray[np.float64]:
    match side:
        case "LEFT":
            return _rectangle(0, 0, part, 1)
        case "RIGHT":
            return _rectangle(1 - part, 0, 1, 1)
        case "UPPER":
            return _rectangle(0, 0, 1, part)
        case _:
            return _rectangle(0, 1 - part, 1, 1)


def _rectangle(left: float, top: float, right: float, bottom: float) -> NDArray[np.float64]:
    """With sharp edges, as terminals draw them: on whole pixels."""
    pixels = np.zeros((HEIGHT, WIDTH))
    pixels[round(top * HEIGHT) : round(bottom * HEIGHT), round(left * WIDTH) : round(right * WIDTH)] = 1
    return pixels


def _point(name: str) -> tuple[float, float]:
    """X and y of, say, UPPER MIDDLE LEFT, from 0 to 1."""
    height, side = name.rsplit(" ", 1)
    return _SIDES[side], _HEIGHTS[height]


def _below(one: tuple[float, float], other: tuple[float, float]) -> NDArray[np.float64]:
    (left, begin), (right, end) = sorted((one, other))
    y, x = np.indices((HEIGHT * _FINE, WIDTH * _FINE)) + 0.5
    line = begin + (x / (WIDTH * _FINE) - left) / (right - left) * (end - begin)
    return _coarse(y / (HEIGHT * _FINE) > line)


def _coarse(points: NDArray[np.bool_]) -> NDArray[np.float64]:
    whole: NDArray[np.float64] = points.reshape(HEIGHT, _FINE, WIDTH, _FINE).mean((1, 3))
    return whole


def _sum(shapes: Iterable[NDArray[np.float64]]) -> NDArray[np.float64]:
    whole = np.zeros((HEIGHT, WIDTH))
    for one in shapes:
        whole += one
    return whole
