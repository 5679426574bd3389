"""The eight figures as sprites: seven of `drawings.txt`, and a tree that grows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from PIL import Image, ImageDraw

from animus_tui.demo.painting.canvas import Floats, Rng, from_image, mix, rgb

FINE = 3
"""Pixels drawn for each one that is kept, across and down."""
TREE = ("1.1", "0.66", "#6d8c3e")
"""Width, height and colour, as in `drawings.txt`."""
Point = tuple[float, ...]
"""x from the middle and y from the foot, perhaps half a width, in heights of the sprite."""
Bend = Callable[[Point], Point]


@dataclass(frozen=True, slots=True)
class Sprite:
    """A figure to be set into a picture: its colours before any light, its mask, and what of it shines in the dark."""

    colour: Floats
    mask: Floats
    lamps: Floats


@cache
def drawings() -> dict[str, tuple[list[str], list[str]]]:
    """Return what stands behind each name of `drawings.txt`, and its lines."""
    found: dict[str, tuple[list[str], list[str]]] = {}
    for line in (files("animus_tui.demo.painting") / "drawings.txt").read_text("utf-8").splitlines():
        if line.startswith("["):
            name, _, rest = line[1:].partition("]")
            found[name] = (rest.split(), [])
        elif line and not line.startswith("#"):
            found[name][1].append(line)
    return found


class Pen:
    """Draws a sprite of so many pixels; `wide` is its width in heights."""

    def __init__(self, height: int, wide: float, rng: Rng) -> None:
        self._size = (max(4, round(height * wide)), max(4, height))
        self._scale, self._rng = self._size[1] * FINE, rng
        fine = (self._size[0] * FINE, self._size[1] * FINE)
        self._image, self._lamps = Image.new("RGBA", fine), Image.new("L", fine)
        self._draw, self._lamp = ImageDraw.Draw(self._image), ImageDraw.Draw(self._lamps)

    def drawing(self, name: str, colours: Mapping[str, Floats], bend: Bend = lambda point: point) -> None:
        """Draw what `drawings.txt` has under a name, each point moved by `bend`."""
        for line in drawings()[name][1]:
            verb, ink, *numbers = line.split()
            base, _, factor = ink.partition("*")
            colour = (colours[base] if base in colours else rgb(base)) * float(factor or 1)
            points = [
                bend(tuple(int(float(n) * 10) / 10_000 for n in each.split(",")))
                for each in numbers
                if each != "/"
            ]
            kind = verb.strip("|!")
            if kind == "line":
                self.limb(points, colour)
            elif kind == "disc":
                self.disc(points[0], colour)
            elif kind == "hair":
                self._strands(points[: numbers.index("/")], points[numbers.index("/") :], colour)
            else:
                points += [(-x, y) for x, y in reversed(points)] if "|" in verb else []
                self.fill(
                    spline([points[-1], *points, *points[:2]]) if kind == "curve" else points,
                    colour,
                    is_lamp="!" in verb,
                )

    def fill(self, points: Sequence[Point], colour: Floats, *, is_lamp: bool = False) -> None:
        """Fill a closed outline."""
        placed = [self._place(point) for point in points]
        self._draw.polygon(placed, fill=ink(colour))
        self._lamp.polygon(placed, fill=255 * is_lamp)

    def limb(self, points: Sequence[Point], colour: Floats) -> None:
        """Draw a curve through points, each with half the curve's width there."""
        fill = ink(colour)
        for point in spline([points[0], *points, points[-1]]):
            self._dot(point, fill)

    def disc(self, point: Point, colour: Floats) -> None:
        """Fill a circle: its middle and half its width."""
        self._dot(point, ink(colour))

    def _dot(self, point: Point, fill: tuple[int, ...]) -> None:
        (x, y), half = self._place(point), point[2] * self._scale
        self._draw.ellipse((x - half, y - half, x + half, y + half), fill=fill)

    def sprite(self) -> Sprite:
        """Return what was drawn."""
        whole = from_image(self._image.reduce(FINE))
        return Sprite(whole[:3], whole[3], from_image(self._lamps.reduce(FINE)))

    def _strands(self, outer: list[Point], inner: list[Point], hair: Floats) -> None:
        self.fill([*_even(outer, 60), *_even(inner, 60)[::-1]], hair)
        one, two = np.array(_even(outer, 12)), np.array(_even(inner, 12))
        for number in range(34):
            line = one + (two - one) * (0.03 + 0.94 * (number + self._rng.random()) / 34)
            line[1:-1] += self._rng.normal(0, 0.004, (10, 2))
            dark, pale = (
                hair * self._rng.uniform(0.66, 0.9),
                mix(hair, rgb("#fff2dc"), self._rng.uniform(0.08, 0.26)),
            )
            half = self._rng.uniform(0.0015, 0.0042) * np.sin(np.pi * (np.arange(12) + 0.6) / 13)
            self.limb(
                [tuple(point) for point in np.column_stack([line, half]).tolist()],
                dark if number % 3 else pale,
            )

    def _place(self, point: Point) -> tuple[float, float]:
        return (point[0] * self._scale + self._image.width / 2, (1 - point[1]) * self._scale)


def spline(points: Sequence[Point], parts: int = 20) -> list[Point]:
    """Return a curve through all points but the first and the last, which give its direction (Catmull-Rom)."""
    places, t = np.array(points, float), np.linspace(0, 1, parts, endpoint=False)[:, None]
    before, here, there, after = places[:-3, None], places[1:-2, None], places[2:-1, None], places[3:, None]
    bent = (2 * before - 5 * here + 4 * there - after) * t**2 + (3 * here - before - 3 * there + after) * t**3
    curve = 0.5 * (2 * here + (there - before) * t + bent)
    return [tuple(point) for point in [*curve.reshape(-1, places.shape[1]).tolist(), places[-2].tolist()]]


def _even(line: list[Point], count: int) -> list[Point]:
    """Return so many points at even distances along a curve through the points."""
    curve = np.array(spline([line[0], *line, line[-1]]))
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(curve, axis=0).T))])
    at = np.linspace(0, along[-1], count)
    return [
        tuple(point) for point in np.column_stack([np.interp(at, along, axis) for axis in curve.T]).tolist()
    ]


def ink(colour: Floats) -> tuple[int, ...]:
    """Return a colour as Pillow takes it, opaque."""
    return (*(int(value * 255) for value in np.clip(colour, 0, 1)), 255)


def usual(name: str) -> tuple[float, float, str]:
    """Return a figure's width in heights, its height as a share of the picture's shorter side, and its colour."""
    wide, tall, colour = TREE if name == "tree" else drawings()[name][0]
    return float(wide), float(tall), colour


def drawn(name: str, height: int, colour: Floats, rng: Rng) -> Sprite:
    """Return a figure, its height in pixels."""
    pen = Pen(height, usual(name)[0], rng)
    if name == "tree":
        _grow_tree(pen, colour, rng)
    else:
        pen.drawing(name, {"own": colour})
    return pen.sprite()


def _grow_tree(pen: Pen, colour: Floats, rng: Rng) -> None:
    """Draw a broad old tree: branches that fork, and a crown of leaves, lighter above."""
    bark, tips = rgb("#4a3a30"), []

    def grow(x: float, y: float, angle: float, length: float, half: float) -> None:
        end_x, end_y = x + np.sin(angle) * length, y + np.cos(angle) * length
        middle = ((x + end_x) / 2 + rng.normal(0, length * 0.08), (y + end_y) / 2, half * 0.8)
        pen.limb([(x, y, half), middle, (end_x, end_y, half * 0.6)], bark)
        if length < 0.062:
            tips.append((end_x, end_y))
            return
        for side in (-1, 1):
            turn, shorter = side * rng.uniform(0.3, 0.72), rng.uniform(0.72, 0.86)
            grow(end_x, end_y, angle + turn, length * shorter, half * 0.6)

    pen.limb([(-0.055, 0.0, 0.012), (0.0, 0.05, 0.034), (0.004, 0.26, 0.026)], bark)
    pen.limb([(0.06, 0.0, 0.010), (0.004, 0.06, 0.032), (0.004, 0.26, 0.026)], bark)
    grow(0.004, 0.24, float(rng.normal(0, 0.08)), 0.165, 0.027)
    spread = rng.uniform((-0.07, -0.05, 0.005), (0.07, 0.055, 0.014), (len(tips), 58, 3))
    leaves = (spread + np.pad(np.array(tips), ((0, 0), (0, 1)))[:, None]).reshape(-1, 3)
    middle = leaves[:, 1].mean()
    for x, y, half in leaves[np.argsort(leaves[:, 1] + leaves[:, 2] * 8 * rng.random(len(leaves)))].tolist():
        bright = 0.72 + 1.1 * (y - middle) + rng.normal(0, 0.10)
        pen.disc((x, y, half), colour * max(0.25, bright))
