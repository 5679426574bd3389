"""A meadow in bloom: grass and flowers that grow larger towards the viewer."""

import math
import random

from PIL import Image, ImageDraw

from animus_tui.demo.painting.colours import NAMED, RGB, relit, tinted
from animus_tui.demo.painting.landscape import GRASS, paint_hills
from animus_tui.demo.painting.view import View
from animus_tui.demo.painting.words import BLOOMS


def paint_meadow(image: Image.Image, view: View) -> None:
    """Paint hills, then grass and flowers that grow larger towards the viewer, in place."""
    paint_hills(image, view, layers=3)
    paint_flowers(image, view)


def paint_flowers(image: Image.Image, view: View, start: float = 0.16) -> None:
    """Scatter grass and flowers on the ground, in place; `start` is where, as a share of it from the horizon."""
    rng = view.rng("meadow")
    width, height = image.size
    top = view.horizon + round((height - view.horizon) * start)
    layer = Image.new("RGBA", (width * 2, (height - top) * 2))
    draw = ImageDraw.Draw(layer)
    kinds = _bloom_colours(view, rng)
    for step in range(2400):
        near = (step / 2400) ** 1.3
        y = (height - top) * 2 * (0.02 + 1.04 * near)
        x = rng.random() * width * 2
        reach = (1.8 + 20 * near**1.7) * view.unit * rng.uniform(0.7, 1.25)
        if rng.random() < 0.5 + 0.3 * near:
            _blades(
                draw,
                rng,
                x,
                y,
                reach * 3,
                view.light.on(relit(GRASS, rng.uniform(0.5, 1.2)), 0.55 + 0.45 * near),
            )
        if rng.random() < 0.72:
            _flower(
                draw, rng, x, y - reach * 2.2, reach, view.light.on(rng.choice(kinds), 0.6 + 0.4 * near), near
            )
    small = layer.reduce(2)
    image.paste(small, (0, top), small)


def _bloom_colours(view: View, rng: random.Random) -> list[RGB]:
    named = view.scene.colour_of(BLOOMS)
    fields: tuple[tuple[str, RGB], ...] = (
        ("lavender", (150, 112, 206)),
        ("poppy", (226, 52, 40)),
        ("poppies", (226, 52, 40)),
        ("sunflower", (250, 196, 40)),
        ("sunflowers", (250, 196, 40)),
        ("rose", (214, 44, 78)),
        ("roses", (214, 44, 78)),
    )
    own = next((colour for word, colour in fields if word in view.scene.text.split()), None)
    main = named or own
    if main:
        return [main, relit(main, 1.12), relit(main, 0.85), tinted(main, (240, 120, 160), 0.25)]
    palettes: tuple[tuple[str, ...], ...] = (
        ("red", "pink", "white", "yellow"),
        ("violet", "lavender", "white", "pink"),
        ("yellow", "orange", "white", "scarlet"),
        ("blue", "violet", "white", "yellow"),
    )
    return [NAMED[name] for name in rng.choice(palettes)]


def _blades(
    draw: ImageDraw.ImageDraw, rng: random.Random, x: float, y: float, tall: float, colour: RGB
) -> None:
    for _ in range(3):
        foot, tip = x + rng.uniform(-0.5, 0.5) * tall, rng.uniform(-0.35, 0.35) * tall
        wide = max(0.7, tall * 0.045)
        draw.polygon(
            [(foot - wide, y), (foot + wide, y), (foot + tip, y - tall * rng.uniform(0.6, 1.15))], fill=colour
        )


def _flower(
    draw: ImageDraw.ImageDraw, rng: random.Random, x: float, y: float, reach: float, colour: RGB, near: float
) -> None:
    if near < 0.28:
        draw.ellipse((x - reach, y - reach * 0.7, x + reach, y + reach * 0.7), fill=colour)
        return
    turn, tilt = rng.random() * math.tau, rng.uniform(0.6, 0.85)
    petal, dark = reach * 0.56, relit(colour, 0.9)
    for index in range(5):
        angle = turn + index * math.tau / 5
        px, py = x + math.cos(angle) * reach * 0.62, y + math.sin(angle) * reach * 0.62 * tilt
        draw.ellipse(
            (px - petal, py - petal * tilt, px + petal, py + petal * tilt), fill=dark if index % 2 else colour
        )
    heart = reach * 0.3
    draw.ellipse(
        (x - heart, y - heart * tilt, x + heart, y + heart * tilt),
        fill=relit(colour, 0.62) if colour[0] > 225 and colour[1] > 170 else (244, 204, 92),
    )
