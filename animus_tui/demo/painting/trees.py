"""Silhouettes of trees: conifers, broadleaf trees, palms, trunks. They draw on "L" masks."""

import math
import random
from collections.abc import Sequence
from itertools import pairwise

from PIL import Image, ImageDraw

from animus_tui.demo.painting.brushes import Point, Size


def conifers(size: Size, rng: random.Random, line: Sequence[float], tall: float, near: float) -> Image.Image:
    """Return the mask of a row of conifers standing on a line."""
    mask = Image.new("L", (size[0] * 2, size[1] * 2))
    draw = ImageDraw.Draw(mask)
    count = max(3, round(size[0] / tall * (5.2 - 2.4 * near)))
    for index in range(count):
        x = size[0] * (index + rng.uniform(-0.4, 1.4)) / count
        foot = line[min(len(line) - 1, max(0, round(x / size[0] * (len(line) - 1))))]
        high = tall * rng.uniform(0.5, 1.1)
        if near > 0.9 and 0.3 < x / size[0] < 0.7:
            high *= 0.45
        conifer(draw, rng, (x * 2, foot * 2 + 4), high * 2)
    return mask.reduce(2)


def conifer(draw: ImageDraw.ImageDraw, rng: random.Random, foot: Point, tall: float) -> None:
    """Draw a conifer's silhouette on a mask; `foot` and `tall` in the mask's pixels."""
    x, y = foot
    tiers = 9
    half = tall * rng.uniform(0.15, 0.2)
    left: list[Point] = []
    right: list[Point] = []
    for tier in range(1, tiers + 1):
        share = tier / tiers
        level = y - tall * (1 - share * 0.94)
        reach = half * share**0.9
        left += [(x - reach * rng.uniform(0.85, 1.15), level), (x - reach * 0.5, level - tall * 0.022)]
        right += [(x + reach * rng.uniform(0.85, 1.15), level), (x + reach * 0.5, level - tall * 0.022)]
    draw.polygon([(x, y - tall), *right, *reversed(left)], fill=255)
    draw.rectangle((x - half * 0.08, y - tall * 0.08, x + half * 0.08, y), fill=255)


def trunk(draw: ImageDraw.ImageDraw, rng: random.Random, foot: Point, tall: float) -> None:
    """Draw the trunk and the boughs of a broadleaf tree on a mask; `foot` and `tall` in its pixels."""
    x, y = foot
    stem = tall * 0.035
    root = [(x - stem * 2.2, y), (x - stem * 0.9, y - tall * 0.1), (x - stem * 0.55, y - tall * 0.6)]
    draw.polygon([*root, *((2 * x - px, py) for px, py in reversed(root))], fill=255)
    for bough in range(7):
        side = -1 if bough % 2 else 1
        start = (x, y - tall * (0.28 + 0.05 * bough))
        tip = (x + side * tall * rng.uniform(0.1, 0.28), y - tall * rng.uniform(0.55, 0.85))
        draw.line((start, tip), fill=255, width=max(1, round(stem * (0.9 - 0.09 * bough))))


def crown(draw: ImageDraw.ImageDraw, rng: random.Random, foot: Point, tall: float) -> None:
    """Draw the clumps of leaves of a broadleaf tree on a mask; `foot` and `tall` in its pixels."""
    x, y = foot
    for _ in range(22):
        angle, away = rng.random() * math.tau, rng.random() ** 0.6
        cx = x + math.cos(angle) * away * tall * 0.34
        cy = y - tall * 0.69 + math.sin(angle) * away * tall * 0.24
        reach = tall * rng.uniform(0.08, 0.15)
        draw.ellipse((cx - reach, cy - reach * 0.72, cx + reach, cy + reach * 0.72), fill=255)


def palm(draw: ImageDraw.ImageDraw, rng: random.Random, foot: Point, tall: float, lean: float) -> None:
    """Draw a palm's silhouette on a mask; `lean` is how far the crown is from above the foot, in heights."""
    x, y = foot
    stem = [(x + lean * tall * (step / 12) ** 1.7, y - tall * step / 12) for step in range(13)]
    for step, (start, end) in enumerate(pairwise(stem)):
        draw.line((start, end), fill=255, width=max(2, round(tall * (0.042 - 0.0016 * step))))
    top_x, top_y = stem[-1]
    for frond in range(11):
        angle = math.pi * (1.12 - 1.24 * frond / 10) + rng.uniform(-0.12, 0.12)
        reach = tall * rng.uniform(0.32, 0.46)
        spine = []
        for step in range(11):
            away = step / 10
            spine.append(
                (
                    top_x + math.cos(angle) * reach * away,
                    top_y - math.sin(angle) * reach * away * 0.75 + reach * 0.62 * away * away,
                )
            )
        for step in range(1, 11):
            px, py = spine[step]
            leaf = reach * 0.24 * math.sin(math.pi * (0.12 + 0.8 * step / 10))
            draw.polygon([spine[step - 1], (px, py), (px - leaf * 0.25, py + leaf)], fill=255)
            draw.polygon([spine[step - 1], (px, py), (px + leaf * 0.35, py + leaf * 0.7)], fill=255)
