"""The sky: gradient, sun or moon, clouds, stars, the milky way and the northern lights."""

import math
import random

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from animus_tui.demo.painting.brushes import (
    Point,
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
from animus_tui.demo.painting.colours import RGB, mix
from animus_tui.demo.painting.light import Light


def paint_sky(size: Size, light: Light, sun: Point) -> Image.Image:
    """Return the bare sky down to the horizon, its lower edge, brightened around the sun."""
    image = gradient(size, light.sky)
    reach = math.hypot(*size)
    strength = 0.35 + 0.3 * (1 - light.day) if light.stars < 0.5 else 0.2
    glow(image, sun, reach * 0.75, light.glow, 1.7, strength * 0.85)
    glow(image, sun, reach * 0.3, light.glow, 1.4, strength * 0.6)
    return image


def paint_sun(image: Image.Image, sun: Point, radius: float, light: Light) -> None:
    """Draw the disc of the sun and its halo, in place."""
    if light.day > 0.7:
        glow(image, sun, radius * 9, light.sun, 2.2, 0.75)
        radius *= 0.55
    glow(image, sun, radius * 5.5, light.glow, 1.9, 0.6)
    glow(image, sun, radius * 2.2, light.sun, 1.9, 0.75)
    disc(image, sun, radius, light.sun)


def disc(image: Image.Image, centre: Point, radius: float, colour: RGB) -> None:
    """Draw an antialiased disc, in place."""
    side = math.ceil(radius) * 2 + 4
    mask = Image.new("L", (side * 4, side * 4))
    reach = radius * 4
    ImageDraw.Draw(mask).ellipse(
        (side * 2 - reach, side * 2 - reach, side * 2 + reach, side * 2 + reach), fill=255
    )
    x, y = round(centre[0] - side / 2), round(centre[1] - side / 2)
    image.paste(colour, (x, y, x + side, y + side), mask.reduce(4))


def paint_clouds(
    image: Image.Image, rng: random.Random, light: Light, sun: Point, cover: float, sharp: float = 0.5
) -> None:
    """Draw soft clouds in perspective, in place: `cover` 0..1 of the sky; lit from the sun's side."""
    size = image.size
    texture = noise(rng, (900, 640), (rng.randint(5, 8), rng.randint(11, 15)), 7, 0.56)
    drift = 7 if sun[0] < size[0] / 2 else -7
    rim = ImageChops.subtract(texture, ImageChops.offset(texture, -drift, 6), 0.45, 110)
    # The cloud deck is a floor seen from below: the horizon is its row 0, so turn it over.
    flat = floor_view(texture, size, 0.32).transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    edge = floor_view(rim, size, 0.32).transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    low = 0.74 - 0.5 * cover
    soft = 0.34 - 0.16 * sharp
    mask = between(flat, low, low + soft)
    thick = between(flat, low + soft * 0.55, low + soft * 2.1)
    mask = joined(mask, ramp(size, (0.78, 0.95, 1, 1, 0.95, 0.62)))
    near_sun = field(
        size,
        lambda x, y: (
            1.15
            * math.exp(
                -2.3 * math.hypot((x - sun[0] / size[0]) * size[0] / size[1], (y - sun[1] / size[1]) * 1.1)
            )
        ),
    )
    bright = ImageChops.lighter(faded(near_sun, 0.8 + 0.2 * light.day), faded(edge, 0.35 + 0.6 * light.day))
    bright = ImageChops.subtract(bright, faded(thick, 0.42 + 0.1 * (1 - light.day)))
    colours = Image.composite(Image.new("RGB", size, light.lit), Image.new("RGB", size, light.shade), bright)
    image.paste(colours, (0, 0), faded(mask, 0.9))
    add_light(image, joined(mask, ImageChops.invert(thick), near_sun), light.glow)


def paint_stars(image: Image.Image, rng: random.Random, amount: float, floor: float = 1.0) -> None:
    """Scatter stars, in place; `amount` 0..1; above `floor` (a share of the height) only."""
    width, height = image.size
    unit = max(width, height) / 1024
    layer = Image.new("RGB", image.size)
    draw = ImageDraw.Draw(layer)
    tints: tuple[RGB, ...] = ((255, 255, 255), (214, 226, 255), (255, 236, 214), (190, 210, 255))
    for _ in range(round(950 * amount * width * height / max(width, height) ** 2)):
        x, y = rng.random() * width, rng.random() ** 1.25 * height * floor
        power = rng.random() ** 5
        dim = (0.25 + 0.75 * power) * (1 - 0.75 * y / max(1.0, height * floor))
        colour = mix((0, 0, 0), rng.choice(tints), dim)
        reach = (0.4 + 1.1 * power) * unit
        draw.ellipse((x - reach, y - reach, x + reach, y + reach), fill=colour)
        if power > 0.62:
            glow(layer, (x, y), 14 * unit * power, colour, 1.9, 0.6)
    image.paste(ImageChops.screen(image, layer))


def paint_moon(image: Image.Image, rng: random.Random, centre: Point, radius: float, light: Light) -> None:
    """Draw the moon with its maria and a wide halo, in place."""
    glow(image, centre, radius * 7, light.glow, 2.0, 0.6)
    glow(image, centre, radius * 2.4, light.sun, 1.7, 0.5)
    side = max(8, round(radius * 2))
    maria = between(noise(rng, (side, side), (4, 4), 5, 0.6), 0.42, 0.78)
    face = Image.composite(
        Image.new("RGB", (side, side), mix(light.sun, light.glow, 0.45)),
        Image.new("RGB", (side, side), light.sun),
        faded(maria, 0.62),
    )
    mask = Image.new("L", (side * 4, side * 4))
    ImageDraw.Draw(mask).ellipse((4, 4, side * 4 - 5, side * 4 - 5), fill=255)
    image.paste(face, (round(centre[0] - side / 2), round(centre[1] - side / 2)), mask.reduce(4))


def paint_milky_way(image: Image.Image, rng: random.Random, strength: float = 1.0) -> None:
    """Draw the band of the galaxy across the sky, in place."""
    size = image.size
    lean, middle = rng.uniform(0.5, 1.1) * rng.choice((-1, 1)), rng.uniform(0.4, 0.6)
    wide = rng.uniform(0.1, 0.15)

    def band(x: float, y: float) -> float:
        away = (x - middle) * lean + (y - 0.45) * 0.8
        return math.exp(-((away / wide) ** 2)) * (1 - 0.55 * y)

    core = field(size, band)
    dust = between(noise(rng, size, (7, 7), 6, 0.62), 0.38, 0.72)
    fine = between(noise(rng, size, (16, 16), 5, 0.7), 0.3, 0.9)
    add_light(image, faded(joined(core, fine), 0.55 * strength), (120, 130, 210))
    add_light(image, faded(joined(core, core, dust), 0.8 * strength), (214, 178, 200))
    add_light(image, faded(joined(core, core, core, dust, fine), 0.9 * strength), (255, 226, 190))


def paint_aurora(image: Image.Image, rng: random.Random) -> None:
    """Draw northern lights, in place: curtains that hang from a wavering line."""
    width, height = image.size
    hues: tuple[tuple[RGB, RGB], ...] = (((70, 255, 160), (90, 90, 240)), ((60, 235, 190), (190, 70, 220)))
    low, high = rng.choice(hues)
    columns = 192
    for curtain in range(3):
        base, phase, waves = (
            0.42 + 0.14 * curtain + rng.uniform(-0.05, 0.05),
            rng.random() * 6.3,
            rng.uniform(0.7, 1.5),
        )
        rays = noise(rng, (columns, 1), (26, 2), 3, 0.6)
        strength = [value / 255 for value in rays.tobytes()]
        sheet = Image.new("L", (columns, 96))
        for column in range(columns):
            x = column / columns
            foot = (
                base + 0.1 * math.sin(phase + waves * 6.3 * x) + 0.045 * math.sin(phase * 2 + waves * 15 * x)
            )
            tall = 0.26 + 0.24 * strength[column]
            values = [_ray((row / 95 - foot) / tall) * (0.25 + 0.75 * strength[column]) for row in range(96)]
            sheet.paste(
                Image.frombytes("L", (1, 96), bytes(round(255 * value) for value in values)), (column, 0)
            )
        mask = sheet.filter(ImageFilter.GaussianBlur(2.2)).resize((width, height), Image.Resampling.BICUBIC)
        share = 0.95 - 0.25 * curtain
        top = ramp((width, height), [1.0, 0.9, 0.5, 0.15, 0.0, 0.0])
        add_light(image, faded(joined(mask, top), 0.9 * share), high)
        add_light(image, faded(mask, 0.85 * share), low)


def _ray(depth: float) -> float:
    """Return the light of an aurora ray: sharp at its foot (0), fading upwards to -1."""
    if depth > 0:
        return math.pow(max(0.0, 1 - depth * 4.5), 2)
    return math.pow(max(0.0, 1 + depth), 1.7)
