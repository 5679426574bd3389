"""A grove of broad leaves seen from within: trunks in depth, foliage, beams of light."""

import math
import random

from PIL import Image, ImageChops, ImageDraw, ImageOps

from animus_tui.demo.painting.brushes import (
    Size,
    add_light,
    between,
    faded,
    field,
    floor_view,
    glow,
    gradient,
    joined,
    noise,
    ramp,
)
from animus_tui.demo.painting.colours import RGB, mix, relit, tinted
from animus_tui.demo.painting.landscape import AUTUMN
from animus_tui.demo.painting.view import View

NEEDLES: RGB = (44, 92, 62)
LEAVES: RGB = (86, 136, 58)
BLOSSOM: RGB = (246, 176, 202)
BARK: RGB = (92, 74, 62)


def paint_grove(image: Image.Image, view: View) -> None:
    """Paint the inside of a wood over the whole picture, in place."""
    rng = view.rng("grove")
    size = image.size
    height = size[1]
    light = view.light
    leaf = tree_colour(view, rng, broad=True)
    bright = mix(mix(light.haze, light.glow, 0.6), light.on(relit(leaf, 1.3)), 0.4)
    far_leaf = mix(light.on(leaf, 0.6), bright, 0.35)
    floor = view.horizon + round(height * 0.06)
    image.paste(
        gradient(
            size, ((0, far_leaf), (0.35, mix(far_leaf, bright, 0.6)), (floor / height, bright), (1, bright))
        )
    )
    sun = (view.sun[0], floor - height * 0.16)
    glow(image, sun, height * 0.5, light.sun, 1.3, 0.35 + 0.45 * min(1.0, light.day * 2))
    _litter(image, view, rng, floor, leaf)
    layers = 5
    for index in range(layers):
        near = index / (layers - 1)
        foot = floor + (height - floor) * 0.85 * near**1.7
        wood = _trunks(size, rng, foot, near, view.unit)
        bark = mix(bright, light.on(relit(BARK, 0.62)), 0.3 + 0.68 * near)
        image.paste(bark, (0, 0), wood)
        if near > 0.4:
            _sunny_side(image, wood, view, near)
        _foliage(image, view, rng, near, _leaf_of_layer(view, rng, leaf), bright)
    if not light.stars:
        sunbeams(image, view, rng)
    glow(image, sun, height * 0.3, light.glow, 1.5, 0.3)


def _litter(image: Image.Image, view: View, rng: random.Random, floor: int, leaf: RGB) -> None:
    """Paint the ground of the wood, in place."""
    size = (image.width, image.height - floor)
    own = leaf if view.weather("autumn") else mix(leaf, (96, 92, 48), 0.45)
    if view.weather("snow"):
        own = (226, 234, 246)
    patches = floor_view(noise(rng, (1000, 800), (60, 150), 5, 0.7), size, 0.14)
    dark, bright = view.light.on(relit(own, 0.42)), view.light.on(relit(own, 1.02))
    across = view.sun[0] / size[0]
    lane = field(size, lambda x, y: math.exp(-(((x - across) / (0.12 + 0.3 * y)) ** 2)) * (1 - 0.5 * y))
    lights = ImageChops.add(faded(patches, 0.55), faded(joined(lane, patches), 0.9))
    ground = Image.composite(Image.new("RGB", size, bright), Image.new("RGB", size, dark), lights)
    add_light(ground, faded(joined(lane, ramp(size, [1, 0.6, 0.2, 0])), 0.6), view.light.glow)
    image.paste(ground, (0, floor), ramp(size, [0.0, 0.75, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]))


def _trunks(size: Size, rng: random.Random, foot: float, near: float, unit: float) -> Image.Image:
    """Return the mask of a row of trunks that rise out of the picture."""
    mask = Image.new("L", (size[0] * 2, size[1] * 2))
    draw = ImageDraw.Draw(mask)
    count = round((22 - 18 * near**0.7) * max(1.0, size[0] / size[1]))
    for index in range(count):
        x = size[0] * (index + rng.uniform(0.0, 1.0)) / count
        if near > 0.7 and 0.32 < x / size[0] < 0.68:
            continue
        wide = (5 + 34 * near**1.5) * unit * rng.uniform(0.7, 1.3)
        lean = rng.gauss(0, 0.03) * size[1]
        y = foot + rng.uniform(-6, 14) * unit * (1 + 2 * near)
        line = [
            (x + lean * s + math.sin(s * 7 + index) * wide * 0.25, y * (1 - s))
            for s in (0, 0.1, 0.25, 0.45, 0.7, 1)
        ]
        swell = [1.7, 1.08, 0.95, 0.88, 0.8, 0.7]
        left = [((px - wide * w / 2) * 2, py * 2) for (px, py), w in zip(line, swell, strict=True)]
        right = [((px + wide * w / 2) * 2, py * 2) for (px, py), w in zip(line, swell, strict=True)]
        draw.polygon([*left, *reversed(right)], fill=255)
        for _ in range(3):
            px, py = line[rng.randint(2, 4)]
            side = rng.choice((-1, 1))
            tip = (px + side * wide * rng.uniform(3, 7), py - wide * rng.uniform(2, 6))
            draw.line((px * 2, py * 2, tip[0] * 2, tip[1] * 2), fill=255, width=max(1, round(wide * 0.4)))
    return mask.reduce(2)


def _sunny_side(image: Image.Image, wood: Image.Image, view: View, near: float) -> None:
    """Light the trunks' edges, in place: each on the side where the sun stands."""
    step = max(1, round(5 * view.unit * (0.5 + near)))
    split = round(view.sun[0])
    for box, away in (((0, 0, split, image.height), -step), ((split, 0, image.width, image.height), step)):
        part = wood.crop(box)
        if part.width < 2:
            continue
        edge = ImageChops.subtract(part, ImageChops.offset(part, away, 0))
        add_light(image, faded(joined(edge, part), 0.42), view.light.glow, box[:2])


def _foliage(image: Image.Image, view: View, rng: random.Random, near: float, leaf: RGB, bright: RGB) -> None:
    """Hang leaves into the picture from above and from the sides, in place."""
    size = image.size
    if view.weather("snow"):
        leaf = (214, 224, 240)
    middle = view.sun[0] / size[0]
    reach = 0.3 + 0.1 * near

    def crown(x: float, y: float) -> float:
        aside = abs(x - middle)
        return 0.5 + 0.5 * (reach + 0.55 * aside * (0.4 + near) - y * (1.15 + 0.35 * (1 - aside)))

    cells = round(64 - 28 * near)
    clumps = leaves(rng, size, cells)
    mask = between(ImageChops.add(faded(clumps, 0.55), faded(field(size, crown), 0.9), 1.0, -70), 0.46, 0.52)
    nearness = 0.45 + 0.5 * near
    lights = field(size, lambda x, y: math.exp(-2.2 * math.hypot(x - middle, y - 0.42)))
    sparkle = between(leaves(rng, size, cells), 0.36, 0.7)
    dark = mix(bright, view.light.on(relit(leaf, 0.6 - 0.14 * near)), nearness)
    warm = tinted(relit(leaf, 1.22), (250, 200, 60), 0.4)
    lit = mix(bright, mix(view.light.on(warm), view.light.glow, 0.2), nearness)
    tone = Image.composite(
        Image.new("RGB", size, lit),
        Image.new("RGB", size, dark),
        ImageChops.add(faded(sparkle, 0.5), faded(joined(lights, sparkle), 0.8)),
    )
    image.paste(tone, (0, 0), mask)


def leaves(rng: random.Random, size: Size, cells: int) -> Image.Image:
    """Return noise that looks like foliage; it lies aslant, so that its grid is not seen."""
    side = round(max(size) * 0.75)
    flat = noise(rng, (side, side), (cells, cells), 4, 1.0).rotate(
        rng.uniform(25, 65), Image.Resampling.BILINEAR
    )
    inner = round(side * 0.15)
    return ImageOps.autocontrast(
        flat.crop((inner, inner, side - inner, side - inner)).resize(size, Image.Resampling.BICUBIC),
        cutoff=0.5,
    )


def _leaf_of_layer(view: View, rng: random.Random, leaf: RGB) -> RGB:
    """Return the colour of one layer of leaves: neighbours differ, in autumn very much."""
    other = (
        rng.choice(AUTUMN)
        if view.weather("autumn")
        else tinted(leaf, rng.choice(((150, 170, 40), (40, 130, 90))), 0.5)
    )
    return relit(mix(leaf, other, 0.6), rng.uniform(0.92, 1.12))


def tree_colour(view: View, rng: random.Random, broad: bool) -> RGB:
    """Return the colour of leaves or needles here, in this season, or as the words have it."""
    named = view.scene.colour_of(
        frozenset({"tree", "trees", "leaves", "forest", "woods", "foliage", "blossoms", "blossom"})
    )
    if named:
        return named
    if view.weather("autumn") and broad:
        return rng.choice(AUTUMN)
    if view.weather("spring") and broad:
        return mix(BLOSSOM, LEAVES, rng.choice((0.0, 0.1, 0.55)))
    return mix(LEAVES, NEEDLES, rng.random() * 0.5) if broad else mix(NEEDLES, LEAVES, rng.random() * 0.25)


def sunbeams(image: Image.Image, view: View, rng: random.Random) -> None:
    """Let beams of light fall from the sun through the trees, in place."""
    width, height = image.size
    sx, sy = view.sun[0] / width, view.sun[1] / height
    phases = [(rng.uniform(5, 18), rng.random() * 6.3) for _ in range(3)]

    def beam(x: float, y: float) -> float:
        angle = math.atan2(x - sx, y - sy + 0.12)
        shine = sum(math.sin(angle * rate + phase) for rate, phase in phases) / 3
        return max(0.0, shine) * max(0.0, 1 - math.hypot(x - sx, y - sy) * 1.25)

    add_light(image, faded(field(image.size, beam, 72), 0.3), view.light.glow)
