"""An easel: smooth shapes in the measure of a face, for portraits."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from animus_tui.demo.painting.brushes import Point, faded
from animus_tui.demo.painting.colours import RGB

Outline = Sequence[Point]
"""Points around a shape, in face widths from the point between the eyes."""


@dataclass(frozen=True, slots=True)
class Easel:
    """A picture, and how face widths become its pixels."""

    image: Image.Image
    centre: Point
    """Where the point between the eyes is, in pixels."""
    scale: float
    """Pixels to a face width."""
    tilt: float = 0.0
    """How far the head leans, in radians, around its chin."""

    def at(self, point: Point) -> Point:
        """Return the pixel a point of the head is at."""
        x, y = point
        pivot = 0.7
        x, y = (
            x * math.cos(self.tilt) - (y - pivot) * math.sin(self.tilt),
            x * math.sin(self.tilt) + (y - pivot) * math.cos(self.tilt) + pivot,
        )
        return self.centre[0] + x * self.scale, self.centre[1] + y * self.scale

    def mask(self, outline: Outline, soft: float = 0.0, smooth: bool = True) -> Image.Image:
        """Return the mask of a shape in the size of the picture; `soft` is its blur in face widths."""
        whole = Image.new("L", self.image.size)
        local, corner = self._local(outline, soft, smooth)
        whole.paste(local, corner)
        return whole

    def fill(
        self,
        outline: Outline,
        colour: RGB,
        soft: float = 0.0,
        strength: float = 1.0,
        within: Image.Image | None = None,
        smooth: bool = True,
    ) -> None:
        """Paint a shape on the picture, in place; only where the mask `within` lets it."""
        local, corner = self._local(outline, soft, smooth)
        if strength < 1.0:
            local = faded(local, strength)
        if within is not None:
            box = (*corner, corner[0] + local.width, corner[1] + local.height)
            local = ImageChops.multiply(local, within.crop(box))
        self.image.paste(colour, corner, local)

    def stroke(
        self,
        points: Sequence[tuple[float, float, float]],
        colour: RGB,
        strength: float = 1.0,
        within: Image.Image | None = None,
    ) -> None:
        """Paint a tapered line through points (x, y, half its width), in place."""
        curve = _curve([(x, y) for x, y, _ in points], closed=False)
        radii = [r for _, _, r in points]
        last = len(curve) - 1
        left: list[Point] = []
        right: list[Point] = []
        for index, (x, y) in enumerate(curve):
            ahead, behind = curve[min(last, index + 1)], curve[max(0, index - 1)]
            dx, dy = ahead[0] - behind[0], ahead[1] - behind[1]
            length = math.hypot(dx, dy) or 1.0
            place = index / last * (len(radii) - 1)
            low = min(len(radii) - 2, int(place))
            r = radii[low] + (radii[low + 1] - radii[low]) * (place - low)
            left.append((x - dy / length * r, y + dx / length * r))
            right.append((x + dy / length * r, y - dx / length * r))
        self.fill([*left, *reversed(right)], colour, 0.0, strength, within, smooth=False)

    def _local(self, outline: Outline, soft: float, smooth: bool) -> tuple[Image.Image, tuple[int, int]]:
        points = [self.at(point) for point in (_curve(outline, closed=True) if smooth else outline)]
        margin = soft * self.scale * 3 + 2
        left, top = (math.floor(min(p[axis] for p in points) - margin) for axis in (0, 1))
        right, bottom = (math.ceil(max(p[axis] for p in points) + margin) for axis in (0, 1))
        left, top = max(0, left), max(0, top)
        right, bottom = (
            min(self.image.width, max(left + 1, right)),
            min(self.image.height, max(top + 1, bottom)),
        )
        right, bottom = max(right, left + 1), max(bottom, top + 1)
        board = Image.new("L", ((right - left) * 3, (bottom - top) * 3))
        ImageDraw.Draw(board).polygon([((x - left) * 3, (y - top) * 3) for x, y in points], fill=255)
        local = board.reduce(3)
        if soft:
            local = local.filter(ImageFilter.GaussianBlur(soft * self.scale))
        return local, (left, top)


def path(line: str, across: float = 1.0) -> list[Point]:
    """Return the points of a line `x,y x,y …`; `across` widens it, and -1 mirrors it."""
    pairs = (pair.split(",") for pair in line.split())
    return [(float(x) * across, float(y)) for x, y in pairs]


def both(half: Iterable[Point]) -> list[Point]:
    """Return a symmetric outline from its right half, given from top to bottom."""
    right = list(half)
    return right + [(-x, y) for x, y in reversed(right) if x != 0]


def oval(centre: Point, across: float, down: float) -> list[Point]:
    """Return an ellipse as an outline; `across` and `down` are its radii."""
    turns = [index * math.tau / 12 for index in range(12)]
    return [(centre[0] + math.cos(t) * across, centre[1] + math.sin(t) * down) for t in turns]


def _curve(points: Outline, *, closed: bool, steps: int = 8) -> list[Point]:
    """Return points on the Catmull-Rom curve through the given ones."""
    count = len(points)
    ends = [*points[-1:], *points, *points[:2]] if closed else [points[0], *points, points[-1]]
    curve: list[Point] = []
    for index in range(count if closed else count - 1):
        (ax, ay), (bx, by), (cx, cy), (dx, dy) = ends[index : index + 4]
        for step in range(steps):
            t = step / steps
            curve.append((_bend(ax, bx, cx, dx, t), _bend(ay, by, cy, dy, t)))
    return curve if closed else [*curve, points[-1]]


def _bend(a: float, b: float, c: float, d: float, t: float) -> float:
    return b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))
