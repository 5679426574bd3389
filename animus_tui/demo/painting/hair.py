"""Hair: what falls behind a head, and the locks that frame the face."""

import random

from animus_tui.demo.painting.brushes import Point
from animus_tui.demo.painting.colours import relit
from animus_tui.demo.painting.easel import Easel, both, oval, path
from animus_tui.demo.painting.sitter import Sitter

BEHIND = {
    "short": "0,-0.84 0.34,-0.76 0.5,-0.42 0.5,0.08 0.42,0.2",
    "bun": "0,-0.84 0.36,-0.74 0.54,-0.36 0.53,0.1 0.4,0.34",
    "bob": "0,-0.88 0.38,-0.78 0.62,-0.36 0.67,0.14 0.66,0.56 0.5,0.72 0.2,0.66",
    "long": "0,-0.88 0.38,-0.79 0.62,-0.4 0.66,0.08 0.7,0.46 0.69,0.82 0.8,1.2 0.6,1.6 0.3,1.5",
}
"""The right half of the hair behind the face, from the crown down."""
CROPPED = (
    "-0.46,0.02 -0.445,-0.2 -0.4,-0.4 -0.2,-0.5 0.05,-0.46 0.24,-0.52 0.4,-0.4 0.445,-0.2 0.46,0.02",
    "-0.505,0.02 -0.53,-0.3 -0.47,-0.64 -0.24,-0.86 0.05,-0.92 0.26,-0.86 0.47,-0.64 0.53,-0.3 0.505,0.02",
)
"""Short hair over the forehead: its lower and its upper edge."""
DRAWN_BACK = (
    "0.22,-0.52 0.39,-0.3 0.455,-0.05 0.47,0.08",
    "0.3,-0.8 0.5,-0.5 0.545,-0.15 0.5,0.08",
)
"""One side of hair that is tied behind, from the parting: its inner and its outer edge."""
SHINE = "0.2,-0.72 0.42,-0.56 0.55,-0.3 0.5,-0.34 0.38,-0.52"


def paint_back_hair(easel: Easel, sitter: Sitter, rng: random.Random) -> None:
    """Paint the hair behind the face."""
    if sitter.style == "bun":
        easel.fill(oval((rng.uniform(-0.06, 0.06), -0.94), 0.25, 0.22), relit(sitter.hair, 0.82))
    easel.fill(both(path(BEHIND[sitter.style])), relit(sitter.hair, 0.66))


def paint_front_hair(easel: Easel, sitter: Sitter, rng: random.Random) -> None:
    """Paint the hair that frames the face, with strands in it."""
    if sitter.man:
        turn = rng.choice((-1, 1))
        _lock(easel, sitter, rng, path(CROPPED[0], turn), path(CROPPED[1], turn))
        return
    part = rng.uniform(0.06, 0.2) * rng.choice((-1, 1))
    for side in (-1, 1):
        if sitter.style == "bun":
            inner, outer = (path(line, side) for line in DRAWN_BACK)
        else:
            inner, outer = _falling(0.62 if sitter.style == "bob" else 1.34, rng.uniform(0.01, 0.07), side)
        _lock(easel, sitter, rng, [(part, -0.67), *inner], [(part, -0.86), *outer])


def _falling(end: float, wave: float, side: int) -> tuple[list[Point], list[Point]]:
    """Return the edges of hair that falls down one side to `end`, with a wave in it."""
    inner = [
        (0.26, -0.5),
        (0.41, -0.22),
        (0.445, 0.1),
        (0.41 - wave / 2, 0.42 * end + 0.12),
        (0.43 + wave, end * 0.8),
    ]
    outer = [
        (0.36, -0.82),
        (0.6, -0.46),
        (0.655, 0.02),
        (0.66 - wave, 0.42 * end + 0.08),
        (0.7 + wave, end * 0.8),
    ]
    inner.append((0.56 - wave / 2, end + 0.12))
    outer.append((0.6, end + 0.14))
    return [(side * x, y) for x, y in inner], [(side * x, y) for x, y in outer]


def _lock(
    easel: Easel,
    sitter: Sitter,
    rng: random.Random,
    inner: list[Point],
    outer: list[Point],
) -> None:
    """Paint a lock of hair between two curves, and strands that follow them."""
    outline = [*inner, *reversed(outer)]
    easel.fill([(x, y + 0.03) for x, y in outline], relit(sitter.skin, 0.5), 0.03, 0.4)
    easel.fill(outline, sitter.hair)
    inside = easel.mask(outline)
    for _ in range(34):
        share = rng.random()
        tone = rng.choice((0.72, 0.82, 1.16, 1.3))
        wide = rng.uniform(0.002, 0.009)
        points = [
            (
                a[0] + (b[0] - a[0]) * share,
                a[1] + (b[1] - a[1]) * share,
                wide * (0.3 if i in {0, len(inner) - 1} else 1),
            )
            for i, (a, b) in enumerate(zip(inner, outer, strict=True))
        ]
        easel.stroke(points, relit(sitter.hair, tone), 0.5, inside)
    for side in (-1, 1):
        shine = 1.45 if side == sitter.side else 1.15
        easel.fill(path(SHINE, side), relit(sitter.hair, shine), 0.045, 0.5, inside)
