"""Manners of painting: what a style word does to a finished scene."""

import math
import random
from collections.abc import Callable

from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from animus_tui.demo.painting.brushes import between, faded, field, joined, noise
from animus_tui.demo.painting.colours import RGB

PAPER: RGB = (248, 243, 232)


def in_manner(image: Image.Image, style: str, rng: random.Random) -> Image.Image:
    """Return the picture in a style, a key of `words.STYLES`."""
    return MANNERS[style](image, rng)


def watercolour(image: Image.Image, rng: random.Random) -> Image.Image:
    """Return washes of thin paint with darker rims, on rough paper that stays white at the edge."""
    size = image.size
    unit = min(size) / 1000
    flow = noise(rng, size, (9, 9), 5, 0.6)
    wash = image.filter(ImageFilter.GaussianBlur(3 * unit))
    ran = ImageChops.offset(wash, round(10 * unit), round(-7 * unit))
    wash = Image.composite(wash, ran, between(flow, 0.3, 0.7))
    flat = (
        wash.quantize(26, dither=Image.Dither.NONE)
        .convert("RGB")
        .filter(ImageFilter.GaussianBlur(1.2 * unit))
    )
    wash = Image.blend(wash, flat, 0.6)
    rims = flat.convert("L").filter(ImageFilter.FIND_EDGES).filter(ImageFilter.GaussianBlur(1.2 * unit))
    wash.paste((60, 56, 84), (0, 0), faded(rims, 0.8))
    wash = ImageEnhance.Color(Image.blend(wash, Image.new("RGB", size, PAPER), 0.12)).enhance(1.4)
    grain = noise(rng, size, (200, 200), 3, 0.9)
    wash.paste(PAPER, (0, 0), faded(between(grain, 0.5, 1.0), 0.2))
    wash.paste(PAPER, (0, 0), faded(between(flow, 0.6, 0.95), 0.3))
    edge = field(size, lambda x, y: 14 * min(x, y, 1 - x, 1 - y), 60)
    torn = between(ImageChops.add(faded(edge, 0.7), faded(flow, 0.42)), 0.42, 0.58)
    return Image.composite(wash, Image.new("RGB", size, PAPER), torn)


def oil(image: Image.Image, rng: random.Random) -> Image.Image:
    """Return the picture in brush strokes, broad ones first, with the light on the thick paint."""
    size = image.size
    unit = min(size) / 1000
    canvas = image.filter(ImageFilter.GaussianBlur(6 * unit))
    pixels = image.filter(ImageFilter.GaussianBlur(2 * unit)).tobytes()
    turns = noise(rng, (64, 64), (4, 4), 3, 0.5).tobytes()
    draw = ImageDraw.Draw(canvas)
    for count, long, wide in ((1500, 46, 17), (4200, 28, 9), (6500, 15, 5)):
        for _ in range(count):
            x, y = rng.randrange(size[0]), rng.randrange(size[1])
            angle = turns[y * 64 // size[1] * 64 + x * 64 // size[0]] / 255 * 2.6 - 1.3
            dx, dy = math.cos(angle) * long * unit / 2, math.sin(angle) * long * unit / 2
            shade, at = rng.uniform(0.92, 1.08), 3 * (y * size[0] + x)
            red, green, blue = (min(255, round(channel * shade)) for channel in pixels[at : at + 3])
            draw.line(
                (x - dx, y - dy, x + dx, y + dy), fill=(red, green, blue), width=max(1, round(wide * unit))
            )
    grey = canvas.convert("L")
    thick = ImageChops.subtract(grey, ImageChops.offset(grey, 1, 1), 0.6, 128)
    shine = Image.merge("RGB", [thick] * 3)
    return ImageEnhance.Color(Image.blend(canvas, ImageChops.overlay(canvas, shine), 0.6)).enhance(1.18)


def monochrome(image: Image.Image, _rng: random.Random) -> Image.Image:
    """Return a black and white photograph with deep blacks."""
    grey = ImageOps.autocontrast(image.convert("L"), cutoff=0.4)
    return Image.merge("RGB", [between(grey, -0.12, 1.06)] * 3)


def sketch(image: Image.Image, rng: random.Random) -> Image.Image:
    """Return a pencil drawing: lines where tones meet, hatching in the shadows."""
    size = image.size
    unit = min(size) / 1000
    grey = ImageOps.autocontrast(image.convert("L"), cutoff=1)
    soft = grey.filter(ImageFilter.GaussianBlur(5 * unit))
    lines = ImageChops.add(ImageChops.subtract(soft, grey, 0.16), ImageChops.subtract(grey, soft, 0.5))
    side = round(max(size) * 1.45)
    turned = noise(rng, (side, side), (11, 370), 3, 0.7).rotate(38, Image.Resampling.BICUBIC)
    left, top = (side - size[0]) // 2, (side - size[1]) // 2
    hatch = turned.crop((left, top, left + size[0], top + size[1]))
    tone = joined(ImageChops.invert(soft), between(hatch, 0.25, 0.8))
    ink = ImageChops.add(faded(lines, 0.95), faded(tone, 0.72))
    tooth = noise(rng, size, (120, 120), 3, 0.9)
    drawing = Image.new("RGB", size, PAPER)
    drawing.paste((44, 42, 48), (0, 0), joined(ink, between(tooth, -0.35, 0.5)))
    return drawing


def neon(image: Image.Image, _rng: random.Random) -> Image.Image:
    """Return the picture in the colours of night advertising: indigo, magenta, cyan."""
    toned = ImageOps.colorize(image.convert("L"), (8, 4, 30), (196, 250, 255), (190, 40, 170), midpoint=118)
    mixed = Image.blend(image, toned, 0.42)
    small = (max(1, image.width // 8), max(1, image.height // 8))
    bloom = mixed.resize(small).point([max(0, (v - 110) * 2) if v > 110 else 0 for v in range(256)] * 3)
    bloom = bloom.filter(ImageFilter.GaussianBlur(3)).resize(image.size, Image.Resampling.BICUBIC)
    return ImageEnhance.Color(
        ImageChops.screen(mixed, bloom.point([v // 2 for v in range(256)] * 3))
    ).enhance(1.3)


def minimalist(image: Image.Image, _rng: random.Random) -> Image.Image:
    """Return the picture in a few flat shapes."""
    half = image.resize((max(1, image.width // 2), max(1, image.height // 2)), Image.Resampling.BICUBIC)
    soft = half.filter(ImageFilter.GaussianBlur(min(half.size) / 150)).filter(ImageFilter.MedianFilter(9))
    flat = soft.quantize(9, dither=Image.Dither.NONE).convert("RGB").filter(ImageFilter.ModeFilter(9))
    return flat.resize(image.size, Image.Resampling.BICUBIC)


def pastel(image: Image.Image, _rng: random.Random) -> Image.Image:
    """Return the picture in light, chalky colours."""
    return ImageEnhance.Color(
        Image.blend(image, Image.new("RGB", image.size, (255, 246, 242)), 0.42)
    ).enhance(1.06)


def vintage(image: Image.Image, rng: random.Random) -> Image.Image:
    """Return an old print: brownish, faded blacks, dark corners, specks."""
    brown = ImageOps.colorize(image.convert("L"), (46, 30, 24), (250, 232, 196), (158, 118, 84))
    aged = Image.blend(ImageEnhance.Color(image).enhance(0.6), brown, 0.62)
    corners = field(image.size, lambda x, y: 1.7 * (math.hypot(x - 0.5, y - 0.5) - 0.34), 32)
    aged.paste((38, 24, 18), (0, 0), faded(corners, 0.8))
    specks = between(noise(rng, image.size, (200, 200), 2, 0.9), 0.9, 1.0)
    aged.paste((255, 244, 220), (0, 0), faded(specks, 0.35))
    return aged


def pixel(image: Image.Image, _rng: random.Random) -> Image.Image:
    """Return the picture in large square pixels and 40 colours."""
    share = 96 / max(image.size)
    small = image.resize(
        (max(1, round(image.width * share)), max(1, round(image.height * share))), Image.Resampling.BOX
    )
    return (
        small.quantize(40, dither=Image.Dither.NONE)
        .convert("RGB")
        .resize(image.size, Image.Resampling.NEAREST)
    )


MANNERS: dict[str, Callable[[Image.Image, random.Random], Image.Image]] = {
    "watercolour": watercolour,
    "oil": oil,
    "monochrome": monochrome,
    "sketch": sketch,
    "neon": neon,
    "minimalist": minimalist,
    "pastel": pastel,
    "vintage": vintage,
    "pixel": pixel,
}
