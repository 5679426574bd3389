"""Weather that falls between the viewer and the scene: snow, rain, fog; and the rainbow behind it."""

import math

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from animus_tui.demo.painting.brushes import add_light, faded, field, joined, noise, ramp
from animus_tui.demo.painting.colours import RGB, mix
from animus_tui.demo.painting.view import View

RAINBOW: tuple[RGB, ...] = (
    (190, 60, 60),
    (210, 130, 50),
    (200, 190, 70),
    (70, 160, 80),
    (60, 110, 190),
    (110, 70, 170),
)


def paint_weather(image: Image.Image, view: View) -> None:
    """Let everything fall that the words ask for, in place."""
    if view.weather("fog"):
        paint_fog(image, view)
    if view.weather("rain", "storm"):
        paint_rain(image, view)
    if view.weather("snow") and not view.has("underwater", "space"):
        paint_snowfall(image, view)


def paint_snowfall(image: Image.Image, view: View) -> None:
    """Paint falling snow, in place: many small flakes far away, a few large soft ones near."""
    rng = view.rng("snowfall")
    for count, low, high, blur, strength in (
        (620, 0.7, 1.6, 0.4, 0.6),
        (170, 1.6, 3.2, 1.0, 0.7),
        (26, 4, 8, 3.0, 0.5),
    ):
        layer = Image.new("L", image.size)
        draw = ImageDraw.Draw(layer)
        for _ in range(count):
            x, y, r = (
                rng.random() * image.width,
                rng.random() * image.height,
                rng.uniform(low, high) * view.unit,
            )
            draw.ellipse((x - r, y - r, x + r, y + r), fill=255)
        soft = layer.filter(ImageFilter.GaussianBlur(blur * view.unit))
        image.paste((255, 255, 255), (0, 0), faded(soft, strength))


def paint_rain(image: Image.Image, view: View) -> None:
    """Paint slanting rain and a veil of spray, in place."""
    rng = view.rng("rain")
    slant = rng.uniform(-0.2, 0.2)
    for count, long, wide, strength in ((700, 26, 1.0, 0.3), (220, 60, 1.8, 0.34)):
        layer = Image.new("L", image.size)
        draw = ImageDraw.Draw(layer)
        for _ in range(count):
            x, y = rng.uniform(-0.1, 1.1) * image.width, rng.uniform(-0.1, 1.0) * image.height
            reach = long * rng.uniform(0.6, 1.4) * view.unit
            draw.line(
                (x, y, x + slant * reach, y + reach),
                fill=rng.randint(120, 255),
                width=max(1, round(wide * view.unit)),
            )
        image.paste(
            mix(view.light.haze, (255, 255, 255), 0.4),
            (0, 0),
            faded(layer.filter(ImageFilter.GaussianBlur(0.7)), strength),
        )
    veil = ramp(image.size, [0.05, 0.12, 0.22, 0.16])
    image.paste(view.light.haze, (0, 0), veil)
    if view.weather("storm"):
        _lightning(image, view)


def _lightning(image: Image.Image, view: View) -> None:
    """Strike once, in place."""
    rng = view.rng("lightning")
    layer = Image.new("L", image.size)
    draw = ImageDraw.Draw(layer)
    x, y = image.width * rng.uniform(0.2, 0.8), 0.0
    while y < view.horizon:
        step = rng.uniform(14, 46) * view.unit
        nx, ny = x + rng.gauss(0, 26) * view.unit, y + step
        draw.line((x, y, nx, ny), fill=255, width=max(1, round(4 * view.unit)))
        if rng.random() < 0.2:
            draw.line(
                (nx, ny, nx + rng.gauss(0, 90) * view.unit, ny + 80 * view.unit),
                fill=150,
                width=max(1, round(2 * view.unit)),
            )
        x, y = nx, ny
    add_light(image, faded(layer.filter(ImageFilter.GaussianBlur(26 * view.unit)), 2.4), (150, 160, 255))
    add_light(image, layer.filter(ImageFilter.GaussianBlur(0.8)), (244, 244, 255))


def paint_fog(image: Image.Image, view: View) -> None:
    """Lay drifting fog over the middle and the lower parts, in place."""
    rng = view.rng("fog")
    drift = noise(rng, image.size, (3, 7), 5, 0.5)
    middle = view.horizon / image.height
    bank = field(image.size, lambda x, y: 0.25 + 0.75 * math.exp(-(((y - middle - 0.06) / 0.2) ** 2)), 24)
    veil = joined(bank, ImageChops.add(faded(drift, 0.6), Image.new("L", image.size, 90)))
    image.paste(mix(view.light.haze, view.light.lit, 0.45), (0, 0), faded(veil, 0.9))


def paint_rainbow(image: Image.Image, view: View) -> None:
    """Paint a faint rainbow opposite the sun, in place."""
    rng = view.rng("rainbow")
    width, height = image.size
    cx = width * (0.72 if view.sun[0] < width / 2 else 0.28) + rng.uniform(-40, 40) * view.unit
    reach, band = min(width, height) * 0.62, 15 * view.unit
    for index, colour in enumerate(RAINBOW):
        layer = Image.new("L", image.size)
        r = reach - index * band
        ImageDraw.Draw(layer).ellipse(
            (cx - r, view.horizon - r, cx + r, view.horizon + r), outline=255, width=max(1, round(band * 1.3))
        )
        layer.paste(0, (0, view.horizon, width, height))
        add_light(image, faded(layer.filter(ImageFilter.GaussianBlur(band * 0.5)), 0.5), colour)
