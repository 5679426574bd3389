"""Deep space and the deep sea: two places without a horizon."""

import math
import random
from functools import partial

from PIL import Image, ImageChops, ImageDraw

from animus_tui.demo.painting.brushes import (
    Point,
    add_light,
    between,
    faded,
    field,
    glow,
    gradient,
    joined,
    noise,
    ramp,
)
from animus_tui.demo.painting.colours import NAMED, NEUTRAL, RGB, mix, relit
from animus_tui.demo.painting.sky import paint_stars
from animus_tui.demo.painting.view import View

NEBULAE: tuple[tuple[RGB, RGB, RGB], ...] = (
    ((60, 90, 220), (200, 60, 170), (255, 190, 130)),
    ((30, 140, 180), (120, 70, 210), (255, 150, 190)),
    ((200, 70, 60), (90, 50, 180), (255, 210, 140)),
)


def paint_space(image: Image.Image, view: View) -> None:
    """Paint nebulae, stars and a planet or a spiral galaxy over the whole picture, in place."""
    rng = view.rng("space")
    size = image.size
    hues = rng.choice(NEBULAE)
    named = [NAMED[colour] for colour, _ in view.scene.colours if colour not in NEUTRAL]
    first, second, third, *_ = [*named, *hues]
    hues = (first, second, third)
    image.paste(gradient(size, ((0, (6, 6, 20)), (0.5, mix((8, 8, 26), hues[0], 0.14)), (1, (8, 6, 22)))))
    lean, middle = rng.uniform(-1.2, 1.2), rng.uniform(0.35, 0.65)
    for index, hue in enumerate(hues):
        shift = rng.uniform(-0.16, 0.16)
        band = field(size, partial(_band, lean, middle + shift))
        cloud = between(noise(rng, size, (4, 4), 7, 0.55), 0.34, 0.86)
        wisps = between(noise(rng, size, (7, 7), 6, 0.6), 0.3, 0.8)
        add_light(image, faded(joined(band, cloud), 0.85 - 0.1 * index), hue)
        add_light(image, faded(joined(band, band, cloud, wisps), 0.8), mix(hue, (255, 240, 230), 0.5))
    dust = between(noise(rng, size, (6, 6), 6, 0.6), 0.55, 0.85)
    image.paste((5, 5, 16), (0, 0), faded(dust, 0.6))
    paint_stars(image, rng, 1.0, 2.2)
    if "galaxy" in view.scene.text or "spiral" in view.scene.text:
        _spiral(image, rng, hues)
    else:
        _planet(image, view, rng, hues[1])


def _band(lean: float, middle: float, x: float, y: float) -> float:
    return math.exp(-((((x - 0.5) * lean + y - middle) / 0.3) ** 2))


def _spiral(image: Image.Image, rng: random.Random, hues: tuple[RGB, RGB, RGB]) -> None:
    """Paint a spiral galaxy seen at a slant, in place."""
    size = image.size
    aspect = size[0] / size[1]
    turn, tilt, lean = rng.uniform(0, 6.3), rng.uniform(0.42, 0.62), rng.uniform(-0.6, 0.6)
    cx, cy = rng.uniform(0.42, 0.58), rng.uniform(0.42, 0.55)
    wide = 0.46 if aspect >= 1 else 0.46 * aspect

    def polar(x: float, y: float) -> tuple[float, float]:
        dx, dy = (x - cx) * aspect, y - cy
        u, v = dx * math.cos(lean) + dy * math.sin(lean), (dy * math.cos(lean) - dx * math.sin(lean)) / tilt
        return math.hypot(u, v) / wide, math.atan2(v, u)

    def arms(x: float, y: float) -> float:
        away, angle = polar(x, y)
        wave = math.cos(2 * angle - 7.5 * math.log(away + 0.07) + turn)
        return math.pow(0.5 + 0.5 * wave, 1.8) * math.exp(-1.5 * away * away) * min(1.0, away * 6)

    def core(x: float, y: float) -> float:
        return math.exp(-((polar(x, y)[0] / 0.22) ** 2))

    arm = field(size, arms, 110)
    knots = between(noise(rng, size, (26, 26), 5, 0.75), 0.3, 0.85)
    halo = field(size, lambda x, y: math.exp(-3 * polar(x, y)[0]), 60)
    add_light(image, faded(halo, 0.55), hues[0])
    add_light(image, arm, mix(hues[0], (190, 210, 255), 0.45))
    add_light(image, joined(arm, knots), mix(hues[1], (255, 220, 230), 0.45))
    add_light(image, field(size, core, 60), (255, 232, 196))


def _planet(image: Image.Image, view: View, rng: random.Random, hue: RGB) -> None:
    """Paint a banded planet lit from one side, in place; sometimes with a ring."""
    width, height = image.size
    reach = min(width, height) * rng.uniform(0.15, 0.24)
    centre: Point = (
        width * rng.choice((rng.uniform(0.25, 0.36), rng.uniform(0.64, 0.75))),
        height * rng.uniform(0.34, 0.66),
    )
    side = round(reach * 2)
    bands = noise(rng, (side, side), (2, 9), 5, 0.5)
    own = rng.choice(((222, 178, 128), mix(hue, (200, 190, 200), 0.5), (120, 160, 210), (206, 120, 88)))
    body = Image.composite(
        Image.new("RGB", (side, side), relit(own, 1.12)),
        Image.new("RGB", (side, side), relit(own, 0.66)),
        bands,
    )
    aside = -1 if centre[0] > width / 2 else 1
    lit = field((side, side), lambda x, y: 1.32 - 1.75 * math.hypot(x - 0.5 - 0.26 * aside, y - 0.32), 32)
    body = Image.composite(body, Image.new("RGB", (side, side), (6, 6, 18)), lit)
    mask = Image.new("L", (side * 3, side * 3))
    ImageDraw.Draw(mask).ellipse((3, 3, side * 3 - 4, side * 3 - 4), fill=255)
    glow(image, centre, reach * 1.9, relit(own, 1.1), 1.9, 0.55)
    at = (round(centre[0] - reach), round(centre[1] - reach))
    ringed = "saturn" in view.scene.text or "ring" in view.scene.text or rng.random() < 0.5
    if ringed:
        _ring(image, centre, reach, mix(own, (255, 244, 226), 0.5), front=False)
    image.paste(body, at, mask.reduce(3))
    if ringed:
        _ring(image, centre, reach, mix(own, (255, 244, 226), 0.5), front=True)


def _ring(image: Image.Image, centre: Point, reach: float, colour: RGB, *, front: bool) -> None:
    """Draw one half of a planet's ring, in place."""
    wide, tall = round(reach * 4.6), round(reach * 1.3)
    mask = Image.new("L", (wide * 2, tall * 2))
    draw = ImageDraw.Draw(mask)
    for share, strength in ((1.0, 120), (0.93, 200), (0.84, 60), (0.82, 170), (0.7, 110), (0.6, 0)):
        x, y = wide * share, tall * share
        draw.ellipse((wide - x, tall - y, wide + x, tall + y), fill=strength)
    draw.rectangle((0, 0, wide * 2, tall) if front else (0, tall, wide * 2, tall * 2), fill=0)
    small = mask.reduce(2).rotate(14, Image.Resampling.BICUBIC, expand=True)
    image.paste(colour, (round(centre[0] - small.width / 2), round(centre[1] - small.height / 2)), small)


def paint_deep(image: Image.Image, view: View) -> None:
    """Paint the sea from below over the whole picture, in place: beams, bubbles, a sea floor."""
    rng = view.rng("deep")
    size = image.size
    width, height = size
    night = view.light.stars > 0.5
    stops = ((0, (120, 222, 226)), (0.25, (40, 160, 190)), (0.65, (14, 86, 140)), (1, (8, 40, 86)))
    image.paste(
        gradient(size, tuple((place, relit(colour, 0.5 if night else 1.0)) for place, colour in stops))
    )
    source = rng.uniform(0.3, 0.7)
    phases = [(rng.uniform(9, 26), rng.random() * 6.3) for _ in range(4)]

    def beam(x: float, y: float) -> float:
        angle = math.atan2(x - source, y + 0.35)
        shine = sum(math.sin(angle * rate + phase) for rate, phase in phases) / 4
        return max(0.0, 0.18 + shine) * math.pow(max(0.0, 1 - y * 1.05), 1.3) * math.exp(-2.2 * abs(angle))

    add_light(image, faded(field(size, beam, 96), 0.85), (190, 250, 240))
    glow(image, (source * width, -height * 0.05), height * 0.5, (210, 255, 246), 1.4, 0.7)
    for index in range(3):
        near = index / 2
        rocks = noise(rng, (size[0], 2), (8, 2), 5, 0.55).crop((0, 0, size[0], 1)).tobytes()
        line = [
            height * (0.86 + 0.05 * near) + (0.5 - value / 255) * height * (0.16 + 0.05 * near)
            for value in rocks[:: max(1, width // 200)]
        ]
        _sea_floor(image, line, mix((20, 104, 146), (6, 26, 52), 0.3 + 0.7 * near))
    for _ in range(70):
        x, y, r = (
            rng.random() * width,
            rng.random() * height,
            rng.uniform(1, 6) * view.unit * rng.choice((1, 1, 2)),
        )
        ImageDraw.Draw(image).ellipse(
            (x - r, y - r, x + r, y + r), outline=(196, 240, 244), width=max(1, round(view.unit))
        )


def _sea_floor(image: Image.Image, line: list[float], colour: RGB) -> None:
    step = image.width / (len(line) - 1)
    points = [(index * step, y) for index, y in enumerate(line)]
    mask = Image.new("L", (image.width * 2, image.height * 2))
    ImageDraw.Draw(mask).polygon(
        [(0, image.height * 2), *((x * 2, y * 2) for x, y in points), (image.width * 2, image.height * 2)],
        fill=255,
    )
    image.paste(colour, (0, 0), joined(mask.reduce(2), ImageChops.invert(ramp(image.size, [0.2, 0.1, 0.0]))))
