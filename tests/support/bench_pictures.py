"""A fixed set of pictures to judge drawing by: scenes, a portrait, things in front of each other, writing, …

All are made here or painted by the demo server, the same in each run.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from io import BytesIO

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from animus_tui.demo.painter import paint

SIDE = 1024
"""Pixels."""


def pictures() -> dict[str, Image.Image]:
    """RGB pictures of SIDE×SIDE pixels by what they show."""
    return {name: picture(name) for name in _PICTURES}


@cache
def picture(name: str) -> Image.Image:
    """One of them."""
    return _PICTURES[name]()


def _painted(prompt: str, seed: int) -> Image.Image:
    picture: Image.Image = Image.open(BytesIO(paint(prompt, width=SIDE, height=SIDE, seed=seed)))
    return picture.convert("RGB")


def _leaves() -> Image.Image:
    """Discs in front of each other, a few large and many small ones: edges are spread as in photographs.

    Lee, Mumford, Huang, "Occlusion models for natural images", International Journal of Computer Vision 41, 2001.
    """
    dice = np.random.default_rng(1)
    picture = Image.new("RGB", (SIDE, SIDE), (90, 100, 110))
    pencil = ImageDraw.Draw(picture)
    for radius in 10 ** dice.uniform(0.6, 2.2, 6000):
        x, y = dice.uniform(0, SIDE, 2)
        red, green, blue = dice.normal(dice.uniform(20, 235), 25, 3).clip(0, 255).astype(int).tolist()
        pencil.ellipse((x - radius, y - radius, x + radius, y + radius), fill=(red, green, blue))
    return picture


def _gradient() -> Image.Image:
    """Hues that run into each other, and a dark spot with a soft edge."""
    y, x = np.indices((SIDE, SIDE)) / SIDE
    hues = np.stack((x, y, 1 - (x + y) / 2), -1) * 255
    spot = (np.hypot(x - 0.25, y - 0.75) * 3).clip(0, 1)[:, :, None] * np.array((255, 180, 90))
    corner = ((x < 0.5) & (y > 0.5))[:, :, None]
    return Image.fromarray(np.where(corner, spot, hues).astype(np.uint8))


def _writing() -> Image.Image:
    """Lines of several sizes in Pillow's own typeface."""
    picture = Image.new("RGB", (SIDE, SIDE), (250, 248, 240))
    pencil = ImageDraw.Draw(picture)
    top = 20.0
    for size, line in (
        (150, "Harbour"),
        (100, "lights at dusk"),
        (70, "No reply, 42 m"),
        (50, "Where the quay ends, turn left"),
        (50, "and follow it: 0123456789"),
        (36, "Mind the step; the door is low, and the"),
        (36, "lamp over it has not been lit for years."),
        (90, "AaBbCc"),
        (60, "EXIT / Gate 7"),
    ):
        pencil.text((30, top), line, font=ImageFont.load_default(size), fill=(20, 25, 40))
        top += size * 1.35
    return picture


def _texture() -> Image.Image:
    """A weave under clouds (noise of 1/f)."""
    noise = np.random.default_rng(2).normal(size=(SIDE, SIDE))
    frequency = np.hypot(np.fft.fftfreq(SIDE)[:, None], np.fft.rfftfreq(SIDE)[None])
    frequency[0, 0] = 1
    clouds = np.fft.irfft2(np.fft.rfft2(noise) / frequency)
    clouds = (clouds - clouds.mean()) / clouds.std()
    y, x = np.indices((SIDE, SIDE)) / 9
    weave = np.sin(x + 2 * clouds) * np.sin(y - clouds)
    colours = np.stack(
        (120 + 45 * clouds + 45 * weave, 110 + 45 * clouds + 30 * weave, 80 + 35 * clouds + 15 * weave), -1
    )
    return Image.fromarray(colours.clip(0, 255).astype(np.uint8))


_PICTURES: dict[str, Callable[[], Image.Image]] = {
    "harbour": partial(_painted, "a lighthouse over a stormy harbour at sunset", 1),
    "forest": partial(_painted, "a forest with mountains and a lake", 2),
    "portrait": partial(_painted, "portrait of a woman with red hair", 1),
    "leaves": _leaves,
    "gradient": _gradient,
    "writing": _writing,
    "texture": _texture,
}
