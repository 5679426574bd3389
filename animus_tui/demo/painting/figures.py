"""The eight figures: seven of `drawings.txt`, and a tree that grows."""

import numpy as np

from animus_tui.demo.painting.canvas import F, Floats, Rng, rgb
from animus_tui.demo.painting.pen import Pen, Sprite, drawings

TREE = ("1.1", "0.66", "#6d8c3e")


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
        pen.disc((x, y, half), colour * F(max(0.25, bright)))
