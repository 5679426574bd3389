"""The eight figures as sprites: seven of `drawings.txt`, and a tree that grows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from PIL import Image, ImageDraw

from animus_tui.demo.painting.canvas import Floats, Rng, from_image, mix, rgb

FINE, FINE_OF_LARGE, LARGE = 3, 2, 500
"""Pixels drawn for each one that is kept, across and down; fewer where the sprite is higher than so many pixels."""
TREE = ("1.1", "0.66", "#6d8c3e")
"""Width, height and colour, as in `drawings.txt`."""
STRANDS = 34
"""Of hair."""
Points = Floats
"""Rows of x from the middle and y from the foot, perhaps half a width, in heights of the sprite."""
Bend = Callable[[Points], Points]


@dataclass(frozen=True, slots=True)
class Sprite:
    """A figure to be set into a picture: its colours before any light, its mask, and what of it shines in the dark."""

    colour: Floats
    mask: Floats
    lamps: Floats

    def turned(self) -> "Sprite":
        """Return the sprite looking to the other side."""
        return Sprite(self.colour[:, :, ::-1], self.mask[:, ::-1], self.lamps[:, ::-1])


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
        self._fine = FINE_OF_LARGE if height > LARGE else FINE
        size = (max(4, round(height * wide)) * self._fine, max(4, height) * self._fine)
        self._scale, self._rng = size[1], rng
        self._image, self._lamps = Image.new("RGBA", size), Image.new("L", size)
        self._draw, self._lamp = ImageDraw.Draw(self._image), ImageDraw.Draw(self._lamps)

    def sprite(self) -> Sprite:
        """Return what was drawn."""
        whole = from_image(self._image.reduce(self._fine))
        return Sprite(whole[:3], whole[3], from_image(self._lamps.reduce(self._fine)))

    def drawing(self, name: str, colours: Mapping[str, Floats], bend: Bend = lambda points: points) -> None:
        """Draw what `drawings.txt` has under a name, its points moved by `bend`."""
        for line in drawings()[name][1]:
            verb, ink, *numbers = line.split()
            base, _, factor = ink.partition("*")
            colour = (colours[base] if base in colours else rgb(base)) * float(factor or 1)
            points = bend(_read([each for each in numbers if each != "/"]))
            match verb.strip("|!"):
                case "line":
                    self.limb(points, colour)
                case "disc":
                    self.discs(points, [inked(colour)])
                case "hair":
                    self._strands(points[: numbers.index("/")], points[numbers.index("/") :], colour)
                case kind:
                    if "|" in verb:
                        points = np.concatenate([points, points[::-1] * (-1, 1)])
                    closed = spline(np.concatenate([points[-1:], points, points[:2]]))
                    self._fill(closed if kind == "curve" else points, colour, is_lamp="!" in verb)

    def limb(self, points: Points, colour: Floats, parts: int = 20) -> None:
        """Draw a curve through points, each with half the curve's width there."""
        curve = spline(np.concatenate([points[:1], points, points[-1:]]), parts)
        self.discs(curve, [inked(colour)] * len(curve))

    def discs(self, points: Points, inks: Sequence[tuple[int, ...]]) -> None:
        """Fill circles, each in its own ink: their middles and half their widths."""
        boxes = np.concatenate([self._placed(points)] * 2, 1)
        boxes += points[:, 2:3] * self._scale * (-1, -1, 1, 1)
        for box, ink in zip(boxes.tolist(), inks, strict=True):
            self._draw.ellipse(box, fill=ink)

    def _fill(self, points: Points, colour: Floats, *, is_lamp: bool = False) -> None:
        """Fill a closed outline."""
        outline = self._placed(points).ravel().tolist()
        self._draw.polygon(outline, fill=inked(colour))
        self._lamp.polygon(outline, fill=255 * is_lamp)

    def _strands(self, outer: Points, inner: Points, hair: Floats) -> None:
        """Fill hair between two edges, and draw strands that taper from the one end to the other."""
        self._fill(np.concatenate([_even(outer, 60), _even(inner, 60)[::-1]]), hair)
        one, two, along = (
            _even(outer, 12),
            _even(inner, 12),
            np.sin(np.pi * (np.linspace(0, 11, 60) + 0.6) / 13),
        )
        for number in range(STRANDS):
            line = one + (two - one) * (0.03 + 0.94 * (number + self._rng.random()) / STRANDS)
            line[1:-1] += self._rng.normal(0, 0.004, (10, 2))
            dark, pale = self._rng.uniform(0.66, 0.9), self._rng.uniform(0.08, 0.26)
            curve = _even(line, 60)
            steps = np.gradient(curve, axis=0)
            aside = steps[:, ::-1] * (-1, 1) / (np.hypot(*steps.T)[:, None] + 1e-9)
            aside *= (self._rng.uniform(0.0015, 0.0042) * along)[:, None]
            colour = hair * dark if number % 3 else mix(hair, rgb("#fff2dc"), pale)
            self._fill(np.concatenate([curve + aside, (curve - aside)[::-1]]), colour)

    def _placed(self, points: Points) -> Floats:
        """Return the columns and rows of points, in pixels drawn."""
        return points[:, :2] * (self._scale, -self._scale) + (self._image.width / 2, self._scale)


def _read(numbers: Sequence[str]) -> Points:
    """Return points as they are written: thousandths of the height, to a tenth."""
    return np.array([[int(float(n) * 10) / 10_000 for n in each.split(",")] for each in numbers])


def spline(points: Points, parts: int = 20) -> Points:
    """Return a curve through all points but the first and the last, which give its direction (Catmull-Rom)."""
    t = np.linspace(0, 1, parts, endpoint=False)[:, None]
    before, here, there, after = points[:-3, None], points[1:-2, None], points[2:-1, None], points[3:, None]
    bent = (2 * before - 5 * here + 4 * there - after) * t**2 + (3 * here - before - 3 * there + after) * t**3
    curve = 0.5 * (2 * here + (there - before) * t + bent)
    return np.concatenate([curve.reshape(-1, points.shape[1]), points[-2:-1]])


def _even(line: Points, count: int) -> Points:
    """Return so many points at even distances along a curve through the points."""
    curve = spline(np.concatenate([line[:1], line, line[-1:]]))
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(curve, axis=0).T))])
    at = np.linspace(0, along[-1], count)
    return np.column_stack([np.interp(at, along, axis) for axis in curve.T])


def inked(colour: Floats) -> tuple[int, ...]:
    """Return a colour as Pillow takes it, opaque."""
    return inks(colour[None])[0]


def inks(colours: Floats) -> list[tuple[int, ...]]:
    """Return colours, one a row, as Pillow takes them."""
    whole = (np.clip(colours, 0, 1) * 255).astype(int).tolist()
    return [(*colour, 255) for colour in whole]


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
        pen.limb(np.array([(x, y, half), middle, (end_x, end_y, half * 0.6)]), bark, 10)
        if length < 0.062:
            tips.append((end_x, end_y, 0.0))
            return
        for side in (-1, 1):
            turn, shorter = side * rng.uniform(0.3, 0.72), rng.uniform(0.72, 0.86)
            grow(end_x, end_y, angle + turn, length * shorter, half * 0.6)

    pen.limb(np.array([(-0.055, 0.0, 0.012), (0.0, 0.05, 0.034), (0.004, 0.26, 0.026)]), bark)
    pen.limb(np.array([(0.06, 0.0, 0.010), (0.004, 0.06, 0.032), (0.004, 0.26, 0.026)]), bark)
    grow(0.004, 0.24, float(rng.normal(0, 0.08)), 0.165, 0.027)
    spread = rng.uniform((-0.07, -0.05, 0.005), (0.07, 0.055, 0.014), (len(tips), 58, 3))
    leaves = (spread + np.array(tips)[:, None]).reshape(-1, 3)
    leaves = leaves[np.argsort(leaves[:, 1] + leaves[:, 2] * 8 * rng.random(len(leaves)))]
    bright = 0.72 + 1.1 * (leaves[:, 1] - leaves[:, 1].mean()) + rng.normal(0, 0.10, len(leaves))
    pen.discs(leaves, inks(colour * np.maximum(0.25, bright)[:, None]))
