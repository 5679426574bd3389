"""Abstract pictures for words the painter does not know: flowing bands whose colours come from the words."""

import math

from PIL import Image, ImageChops, ImageFilter

from animus_tui.demo.painting.brushes import (
    add_light,
    below,
    dice,
    faded,
    field,
    glow,
    gradient,
    joined,
    noise,
    ramp,
)
from animus_tui.demo.painting.colours import NAMED, RGB, from_oklab, mix, relit
from animus_tui.demo.painting.sky import disc
from animus_tui.demo.painting.view import View


def paint_abstract(image: Image.Image, view: View) -> None:
    """Paint layered bands under a disc of light over the whole picture, in place."""
    rng = view.rng("abstract")
    size = image.size
    width, height = size
    colours = word_colours(view)
    dark, light = relit(colours[0], 0.42), mix(relit(colours[-1], 1.15), (255, 246, 230), 0.45)
    image.paste(
        gradient(size, ((0, relit(colours[0], 0.7)), (0.45, mix(colours[0], colours[1], 0.6)), (0.85, light)))
    )
    sun = (width * rng.uniform(0.3, 0.7), height * rng.uniform(0.26, 0.4))
    reach = min(size) * rng.uniform(0.1, 0.17)
    glow(image, sun, reach * 4.5, light, 1.7, 0.7)
    disc(image, sun, reach, mix(light, (255, 255, 255), 0.4))
    layers = rng.randint(6, 8)
    waves = [(rng.uniform(0.5, 1.4), rng.random() * 6.3, rng.uniform(0.5, 1.0)) for _ in range(3)]
    for index in range(layers):
        near = index / (layers - 1)
        base = height * (0.42 + 0.56 * near)
        tall = height * (0.13 - 0.04 * near)
        phase = index * rng.uniform(0.5, 1.1)
        line = [
            base
            - tall
            * sum(power * math.sin(math.tau * rate * x / 199 + start + phase) for rate, start, power in waves)
            / 2.2
            for x in range(200)
        ]
        own = mix(colours[index % len(colours)], dark, 0.75 * near)
        own = mix(light, own, 0.35 + 0.65 * near)
        mask = below(size, line)
        shadow = ImageChops.offset(mask, 0, -round(14 * view.unit)).filter(
            ImageFilter.GaussianBlur(14 * view.unit)
        )
        image.paste(relit(own, 0.5), (0, 0), faded(shadow, 0.32))
        sheen = gradient(
            size, ((0, relit(own, 1.2)), (min(0.98, base / height), relit(own, 1.12)), (1, relit(own, 0.7)))
        )
        image.paste(sheen, (0, 0), mask)
        rim = ImageChops.subtract(mask, ImageChops.offset(mask, 0, max(1, round(4 * view.unit))))
        near_sun = field(size, lambda x, y: math.exp(-3.2 * abs(x - sun[0] / width)), 24)
        add_light(image, faded(joined(rim, near_sun), 0.8 * (1 - near)), light)
        silk = noise(rng, size, (3, 22), 4, 0.5)
        add_light(image, faded(joined(mask, silk, near_sun, ramp(size, [1.0, 0.8])), 0.16), light)


def word_colours(view: View) -> list[RGB]:
    """Return three or more colours: those the words name, or harmonious ones that depend on the words and the seed."""
    named = [NAMED[colour] for colour, _ in view.scene.colours]
    rng = dice(view.key, "colours")
    start = rng.random() * math.tau
    spread = rng.choice((0.5, 0.8, 2.1, 2.6))
    free: list[RGB] = []
    for index, lightness in enumerate((0.42, 0.58, 0.7, 0.82)):
        angle = start + index * spread / 2
        free.append(from_oklab(lightness, 0.13 * math.cos(angle), 0.13 * math.sin(angle)))
    return (named + free)[: max(4, len(named))]
