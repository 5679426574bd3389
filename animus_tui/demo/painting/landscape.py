"""Land: mountains, hills, dunes, meadows, beaches and snowfields, each fading with distance."""

import random

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from animus_tui.demo.painting.brushes import (
    Size,
    below,
    between,
    faded,
    floor_view,
    joined,
    noise,
    ramp,
    ridge,
)
from animus_tui.demo.painting.colours import RGB, mix, relit, tinted
from animus_tui.demo.painting.view import View

ROCK: RGB = (106, 104, 112)
SNOW: RGB = (246, 249, 255)
GRASS: RGB = (92, 140, 62)
SAND: RGB = (232, 200, 150)
DUNE: RGB = (226, 164, 96)
AUTUMN: tuple[RGB, ...] = ((196, 84, 36), (222, 142, 46), (160, 52, 40), (206, 170, 62))


def relief(rng: random.Random, size: Size, cells: Size, sun_left: bool, strength: float = 0.3) -> Image.Image:
    """Return the light on rough ground: 128 is flat, brighter faces the sun."""
    rough = noise(rng, size, cells, 5, 0.46)
    step = max(2, size[0] // 170)
    drift = step if sun_left else -step
    return ImageChops.subtract(rough, ImageChops.offset(rough, drift, round(step * 0.7)), strength, 128)


def paint_mountains(image: Image.Image, view: View) -> None:
    """Paint ranges of mountains behind each other, in place, their feet in haze at the horizon."""
    rng = view.rng("mountains")
    width, height = image.size
    ranges = rng.randint(3, 4)
    capped = view.weather("snow") or rng.random() < 0.75
    for index in range(ranges):
        near = index / (ranges - 1)
        tall = view.horizon * (0.62 - 0.4 * near) * rng.uniform(0.86, 1.08)
        base = view.horizon * (1.0 + 0.03 * near)
        heights = ridge(rng, 360, rng.uniform(2.2, 3.2) + 1.6 * near, 6, 0.5, sharp=True)
        line = [base - tall * (0.12 + 0.88 * value) for value in heights]
        mask = below((width, height), line)
        lights = relief(rng, (width, height), (6 + 3 * index, 4 + 2 * index), view.sun[0] < width / 2)
        rock = tinted(ROCK, view.light.sky[1][1], 0.25 + 0.3 * (1 - near))
        nearness = 0.4 + 0.6 * near
        _face(
            image,
            mask,
            lights,
            view.light.on(relit(rock, 1.25), nearness),
            view.light.on(relit(rock, 0.62), nearness),
        )
        if capped and near < 0.7:
            melt = ridge(rng, 360, 34, 4, 0.6)
            limit = base - tall * (0.5 if not view.weather("snow") else 0.25)
            lower = [y + max(0.0, limit - y) * (0.25 + 1.1 * m) for y, m in zip(line, melt, strict=True)]
            cap = ImageChops.subtract(mask, below((width, height), lower))
            white = tinted(SNOW, view.light.glow, 0.35 * (1 - view.light.day))
            shade = mix(view.light.shade, view.light.on((150, 170, 205)), 0.6)
            _face(
                image,
                cap,
                lights,
                mix(
                    view.light.haze,
                    white,
                    0.5 + 0.5 * max(view.light.day, 0.25 if view.light.stars < 0.5 else 0.0),
                ),
                shade,
            )
        _foot_haze(image, mask, view, min(line), base, 0.75 - 0.3 * near)


def _face(
    image: Image.Image, mask: Image.Image, lights: Image.Image, bright: RGB, dark: RGB, hard: float = 0.2
) -> None:
    """Paint a masked surface in two colours, in place, shared out by the light that falls on it."""
    size = image.size
    colours = Image.composite(
        Image.new("RGB", size, bright), Image.new("RGB", size, dark), between(lights, hard, 1.0 - hard)
    )
    image.paste(colours, (0, 0), mask)


def _foot_haze(
    image: Image.Image, mask: Image.Image, view: View, top: float, base: float, strength: float
) -> None:
    """Let haze rise over the lower part of a masked layer, in place."""
    width, height = image.size
    rows = [
        max(0.0, min(1.0, (row / 63 * height - top) / max(1.0, base - top))) ** 1.6 * strength
        for row in range(64)
    ]
    image.paste(view.light.haze, (0, 0), joined(mask, ramp((width, height), rows)))


def paint_hills(image: Image.Image, view: View, own: RGB = GRASS, layers: int = 4) -> None:
    """Paint rolling hills from the horizon down to the lower edge, in place."""
    rng = view.rng("hills")
    width, height = image.size
    for index in range(layers):
        near = (index + 1) / layers
        base = view.horizon + (height - view.horizon) * (0.72 * index / layers) ** 1.2
        tall = (0.1 + 0.1 * near) * (height - view.horizon)
        heights = ridge(rng, 200, rng.uniform(1.2, 2.4), 3, 0.32)
        line = [base - tall * (value - 0.25) for value in heights]
        mask = below((width, height), line)
        colour = _grown(own, view, rng)
        bright, dark = (
            view.light.on(relit(colour, 1.02 if view.weather("snow") else 1.18), 0.35 + 0.65 * near),
            view.light.on(relit(colour, 0.93 if view.weather("snow") else 0.7), 0.4 + 0.6 * near),
        )
        texture = noise(rng, (width, height), (4 + index, 14 + 5 * index), 6, 0.5)
        _face(image, mask, texture, bright, dark, -0.45)
        if near < 0.9:
            _copses(image, view, rng, line, 0.3 + 0.6 * near, 26 + 34 * near)
        crest = ImageChops.subtract(
            mask, below((width, height), [y + (6 + 26 * near) * view.unit for y in line])
        )
        soft = faded(
            crest.filter(ImageFilter.GaussianBlur(5 * view.unit * (1 + near))),
            0.5 if view.light.day > 0.2 else 0.2,
        )
        image.paste(mix(bright, view.light.glow, 0.45), (0, 0), joined(soft, mask))
        _foot_haze(image, mask, view, base, base + tall * 3, 0.22 * (1 - near))


def _copses(
    image: Image.Image, view: View, rng: random.Random, line: list[float], nearness: float, tall: float
) -> None:
    """Stand a few clumps of small trees on a hill, in place; `tall` in units."""
    width = image.width
    top = max(0, round(min(line) - tall * 2 * view.unit))
    bottom = min(image.height, round(max(line) + tall * view.unit))
    if bottom - top < 2:
        return
    colour = relit(_grown((62, 112, 60), view, rng), 0.74)
    dark, bright = view.light.on(colour, nearness), view.light.on(relit(colour, 1.3), nearness)
    layer = Image.new("RGBA", (width * 2, (bottom - top) * 2), (*dark, 0))
    draw = ImageDraw.Draw(layer)
    aside = -0.2 if view.sun[0] < width / 2 else 0.2
    for _ in range(rng.randint(2, 4)):
        middle = rng.random() * width
        for _ in range(rng.randint(2, 7)):
            x = min(width - 1.0, max(0.0, middle + rng.gauss(0, 1) * tall * view.unit))
            y = line[round(x / width * (len(line) - 1))] - top + 3 * view.unit
            reach = tall * rng.uniform(0.3, 0.55) * view.unit
            for tone, size, lift in ((dark, 0.62, 0.0), (bright, 0.42, 0.22)):
                for _ in range(6):
                    cx = x + (rng.uniform(-0.45, 0.45) + aside * lift * 3) * reach
                    cy = y - reach * (rng.uniform(0.45, 1.3) + lift)
                    r = reach * size * rng.uniform(0.6, 1.0)
                    draw.ellipse(((cx - r) * 2, (cy - r) * 2, (cx + r) * 2, (cy + r) * 2), fill=(*tone, 255))
    small = layer.reduce(2)
    image.paste(small, (0, top), small)


def _grown(own: RGB, view: View, rng: random.Random) -> RGB:
    """Return the colour of what grows here in this season."""
    if view.weather("autumn"):
        return mix(own, rng.choice(AUTUMN), 0.65)
    if view.weather("snow"):
        return mix(own, (226, 234, 246), 0.94)
    return tinted(own, rng.choice(((110, 140, 40), (50, 130, 90), (120, 130, 50))), 0.45)


def paint_dunes(image: Image.Image, view: View) -> None:
    """Paint sand dunes to the lower edge, in place: a bright side, a shadow side, wind ripples."""
    rng = view.rng("dunes")
    width, height = image.size
    sun_left = view.sun[0] < width / 2
    sand = view.scene.colour_of(frozenset({"sand", "dune", "dunes", "desert"})) or DUNE
    for index in range(5):
        near = (index + 1) / 5
        base = view.horizon + (height - view.horizon) * 0.82 * (index / 5) ** 1.25
        tall = (0.16 + 0.24 * near) * (height - view.horizon)
        crest = ridge(rng, 240, rng.uniform(1.0, 2.0), 2, 0.3)
        line = [base - tall * (value - 0.3) for value in crest]
        mask = below((width, height), line)
        bright = view.light.on(relit(sand, 1.12), 0.3 + 0.7 * near)
        bright = mix(bright, view.light.glow, 0.35 * (1 - view.light.day))
        dark = mix(view.light.on(relit(sand, 0.5), 0.35 + 0.65 * near), view.light.shade, 0.3)
        ripples = floor_view(noise(rng, (900, 700), (30, 230), 3, 0.5), (width, height), 0.25)
        _face(image, mask, between(ripples, -0.6, 1.15), relit(bright, 1.04), relit(bright, 0.86))
        lean = [value - crest[max(0, place - 6)] for place, value in enumerate(crest)]
        turned = [-slope if sun_left else slope for slope in lean]
        lower = [y + tall * max(0.0, 9 * slope) * 0.9 for y, slope in zip(line, turned, strict=True)]
        shadow = ImageChops.subtract(mask, below((width, height), lower))
        image.paste(dark, (0, 0), faded(shadow.filter(ImageFilter.GaussianBlur(2.2 * view.unit)), 0.8))
        _foot_haze(image, mask, view, base, base + tall * 2.5, 0.3 * (1 - near))


def paint_beach(image: Image.Image, view: View) -> None:
    """Paint a strip of sand along the lower edge, in place, with wet sand and a line of foam."""
    rng = view.rng("beach")
    width, height = image.size
    size = (width, height)
    depth = (height - view.horizon) * rng.uniform(0.36, 0.46)
    slope = rng.choice((-1, 1)) * rng.uniform(0.25, 0.6)
    wave = ridge(rng, 160, 2.2, 4, 0.42)
    edge = [
        height - depth * (1 + slope * (i / 159 - 0.5)) + depth * 0.22 * (value - 0.5)
        for i, value in enumerate(wave)
    ]
    dry = [y + depth * 0.3 + depth * 0.08 * value for y, value in zip(edge, reversed(wave), strict=True)]
    bright, dark = view.light.on(relit(SAND, 1.04)), view.light.on(relit(SAND, 0.78))
    wet = below(size, edge)
    image.paste(
        mix(dark, view.light.haze, 0.25),
        (0, 0),
        faded(wet.filter(ImageFilter.GaussianBlur(3 * view.unit)), 0.62),
    )
    grain = noise(rng, size, (60, 60), 4, 0.8)
    sand = Image.composite(
        Image.new("RGB", size, bright), Image.new("RGB", size, dark), between(grain, -0.9, 1.6)
    )
    image.paste(sand, (0, 0), below(size, dry).filter(ImageFilter.GaussianBlur(7 * view.unit)))
    foam_white = mix(view.light.lit, (255, 255, 255), 0.55 if view.light.stars < 0.5 else 0.1)
    for shift, thick, strength in ((0.0, 0.055, 0.9), (-0.24, 0.03, 0.55), (-0.5, 0.02, 0.35)):
        ripple = ridge(rng, 160, 7, 4, 0.5)
        upper = [y + depth * (shift + 0.07 * (value - 0.5)) for y, value in zip(edge, ripple, strict=True)]
        lower = [
            y + depth * thick * (0.4 + 1.6 * value) for y, value in zip(upper, reversed(ripple), strict=True)
        ]
        foam = ImageChops.subtract(below(size, upper), below(size, lower))
        lace = between(noise(rng, size, (40, 60), 4, 0.7), 0.15, 0.6)
        image.paste(
            foam_white,
            (0, 0),
            faded(joined(foam.filter(ImageFilter.GaussianBlur(1.2 * view.unit)), lace), strength),
        )
