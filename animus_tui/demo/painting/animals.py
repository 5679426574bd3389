"""Silhouettes of animals: those that walk, with those that fly and swim, in the same box of 0..1 by 0..1."""

from functools import lru_cache

from PIL import Image, ImageDraw, ImageFilter

from animus_tui.demo.painting.beasts import BEASTS, Animal, Stroke
from animus_tui.demo.painting.brushes import between

SIDE = 512
"""The side of the square a silhouette is drawn in, before it is scaled, in pixels."""
ANIMALS: dict[str, Animal] = BEASTS | {
    "owl": Animal(
        body=(
            ((0.5, 0.52, 0.21), (0.5, 0.66, 0.19), (0.5, 0.82, 0.1), (0.5, 0.95, 0.045)),
            ((0.44, 0.32, 0.15), (0.56, 0.32, 0.15)),
        ),
        corners=(((0.3, 0.32), (0.3, 0.09), (0.5, 0.22)), ((0.7, 0.32), (0.7, 0.09), (0.5, 0.22))),
        own=(126, 96, 68),
        eyes=((0.42, 0.33, 0.06), (0.58, 0.33, 0.06)),
    ),
    "bird": Animal(
        body=(
            ((0.42, 0.52, 0.125), (0.52, 0.62, 0.11), (0.62, 0.74, 0.06), (0.76, 0.93, 0.022)),
            ((0.36, 0.36, 0.09), (0.38, 0.4, 0.09)),
        ),
        fine=(((0.47, 0.7, 0.012), (0.47, 0.86, 0.01)), ((0.53, 0.72, 0.012), (0.53, 0.86, 0.01))),
        corners=(((0.3, 0.31), (0.19, 0.375), (0.3, 0.4)),),
        own=(92, 110, 140),
        tall=0.34,
    ),
    "fish": Animal(
        body=(((0.8, 0.5, 0.07), (0.62, 0.5, 0.15), (0.45, 0.5, 0.14), (0.28, 0.5, 0.05)),),
        corners=(
            ((0.3, 0.5), (0.06, 0.3), (0.13, 0.5), (0.06, 0.7)),
            ((0.68, 0.38), (0.5, 0.2), (0.36, 0.42)),
            ((0.58, 0.62), (0.46, 0.78), (0.42, 0.6)),
        ),
        own=(244, 138, 54),
        tall=0.24,
    ),
    "whale": Animal(
        body=(
            (
                (0.84, 0.5, 0.1),
                (0.66, 0.48, 0.16),
                (0.46, 0.48, 0.13),
                (0.26, 0.42, 0.055),
                (0.14, 0.34, 0.026),
            ),
            ((0.6, 0.6, 0.045), (0.5, 0.74, 0.03), (0.46, 0.8, 0.012)),
        ),
        corners=(((0.16, 0.35), (0.0, 0.31), (0.06, 0.24), (0.13, 0.3), (0.17, 0.16), (0.22, 0.24)),),
        own=(44, 74, 112),
        tall=0.62,
    ),
    "dolphin": Animal(
        body=(
            (
                (0.86, 0.5, 0.045),
                (0.74, 0.38, 0.085),
                (0.58, 0.32, 0.1),
                (0.42, 0.38, 0.08),
                (0.26, 0.56, 0.036),
                (0.2, 0.68, 0.02),
            ),
            ((0.87, 0.51, 0.03), (0.93, 0.57, 0.018)),
        ),
        corners=(
            ((0.58, 0.25), (0.46, 0.13), (0.46, 0.33)),
            ((0.72, 0.44), (0.64, 0.6), (0.62, 0.42)),
            ((0.22, 0.66), (0.06, 0.7), (0.17, 0.76), (0.24, 0.88), (0.26, 0.7)),
        ),
        own=(96, 124, 152),
        tall=0.36,
    ),
    "dragon": Animal(
        body=(
            (
                (0.05, 0.86, 0.01),
                (0.13, 0.9, 0.016),
                (0.24, 0.85, 0.026),
                (0.34, 0.72, 0.042),
                (0.46, 0.62, 0.068),
                (0.57, 0.56, 0.082),
                (0.66, 0.46, 0.055),
                (0.72, 0.36, 0.042),
                (0.79, 0.31, 0.045),
                (0.87, 0.33, 0.032),
                (0.94, 0.36, 0.018),
            ),
        ),
        fine=(
            ((0.44, 0.66, 0.034), (0.4, 0.76, 0.02), (0.46, 0.8, 0.014), (0.5, 0.84, 0.006)),
            ((0.58, 0.62, 0.028), (0.6, 0.71, 0.016), (0.66, 0.73, 0.011), (0.7, 0.76, 0.005)),
            ((0.8, 0.38, 0.014), (0.87, 0.4, 0.011), (0.92, 0.41, 0.007)),
        ),
        corners=(
            (
                (0.6, 0.52),
                (0.5, 0.3),
                (0.47, 0.03),
                (0.36, 0.14),
                (0.06, 0.2),
                (0.19, 0.29),
                (0.12, 0.42),
                (0.28, 0.43),
                (0.27, 0.55),
                (0.42, 0.56),
                (0.5, 0.6),
            ),
            (
                (0.56, 0.5),
                (0.58, 0.2),
                (0.68, 0.02),
                (0.75, 0.12),
                (0.95, 0.14),
                (0.82, 0.2),
                (0.75, 0.24),
                (0.69, 0.3),
                (0.66, 0.42),
            ),
            ((0.78, 0.29), (0.68, 0.23), (0.8, 0.265)),
            ((0.81, 0.28), (0.74, 0.2), (0.83, 0.27)),
            ((0.08, 0.87), (0.0, 0.8), (0.02, 0.9), (0.06, 0.97)),
        ),
        own=(72, 112, 84),
        tall=0.62,
    ),
    "butterfly": Animal(
        body=(
            ((0.44, 0.36, 0.05), (0.28, 0.24, 0.13), (0.2, 0.3, 0.12)),
            ((0.56, 0.36, 0.05), (0.72, 0.24, 0.13), (0.8, 0.3, 0.12)),
            ((0.45, 0.5, 0.05), (0.33, 0.64, 0.1), (0.3, 0.72, 0.06)),
            ((0.55, 0.5, 0.05), (0.67, 0.64, 0.1), (0.7, 0.72, 0.06)),
        ),
        fine=(
            ((0.5, 0.3, 0.018), (0.5, 0.7, 0.012)),
            ((0.5, 0.3, 0.008), (0.42, 0.14, 0.008)),
            ((0.5, 0.3, 0.008), (0.58, 0.14, 0.008)),
        ),
        own=(240, 140, 40),
        tall=0.26,
    ),
}


@lru_cache(maxsize=32)
def silhouette(name: str) -> Image.Image:
    """Return the animal's mask, `SIDE` pixels square."""
    animal = ANIMALS[name]
    mask = Image.new("L", (SIDE, SIDE))
    draw = ImageDraw.Draw(mask)
    for stroke in animal.body:
        _taper(draw, stroke)
    # Blurring and hardening again melts the strokes into one body.
    mask = between(mask.filter(ImageFilter.GaussianBlur(SIDE / 60)), 0.38, 0.62)
    draw = ImageDraw.Draw(mask)
    for stroke in animal.fine:
        _taper(draw, stroke)
    for corner in animal.corners:
        draw.polygon([(x * SIDE, y * SIDE) for x, y in corner], fill=255)
    return between(mask.filter(ImageFilter.GaussianBlur(SIDE / 200)), 0.3, 0.7)


def _taper(draw: ImageDraw.ImageDraw, stroke: Stroke) -> None:
    """Draw a stroke through its points as a Catmull-Rom curve."""
    ends = (stroke[0], *stroke, stroke[-1])
    for before, start, end, after in zip(ends, ends[1:], ends[2:], ends[3:], strict=False):
        for step in range(25):
            t = step / 24
            x, y, r = (
                _between(p, q, u, v, t) * SIDE for p, q, u, v in zip(before, start, end, after, strict=True)
            )
            draw.ellipse((x - r, y - r, x + r, y + r), fill=255)


def _between(before: float, start: float, end: float, after: float, t: float) -> float:
    """Return the value of a Catmull-Rom curve between start (t = 0) and end (t = 1)."""
    slope = end - before
    bend = 2 * before - 5 * start + 4 * end - after
    twist = 3 * (start - end) + after - before
    return max(0.0, start + 0.5 * t * (slope + t * (bend + t * twist)))
