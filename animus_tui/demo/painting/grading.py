"""Grading: tone and colour of a whole picture, grain, corners, and the mark."""

import math
import random

from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter, ImageFont, ImageOps

from animus_tui.demo.painting.brushes import faded, field
from animus_tui.demo.painting.colours import RGB, relit

USUAL_STEPS, USUAL_GUIDANCE = 20, 7.5
"""What the service takes when a request names none."""
MARK = "demo"
"""What every picture says of itself in its lower right corner."""


def graded(image: Image.Image, adjustment: str) -> Image.Image:
    """Return the picture changed by one adjustment, a key of `words.ADJUSTMENTS`."""
    match adjustment:
        case "vibrant":
            return ImageEnhance.Contrast(ImageEnhance.Color(image).enhance(1.55)).enhance(1.05)
        case "muted":
            return ImageEnhance.Color(image).enhance(0.5)
        case "brighter":
            return _toned(image, 0.72)
        case "darker":
            return _toned(image, 1.5)
        case "warmer":
            return _weighed(image, (1.1, 1.02, 0.84))
        case "colder":
            return _weighed(image, (0.86, 0.99, 1.12))
        case "contrast":
            return ImageEnhance.Contrast(image).enhance(1.32)
        case "softer":
            soft = image.filter(ImageFilter.GaussianBlur(min(image.size) / 110))
            return Image.blend(Image.blend(image, soft, 0.55), ImageChops.screen(image, soft), 0.18)
        case "sharper":
            return image.filter(ImageFilter.UnsharpMask(min(image.size) / 400, 130, 1))
        case _:
            return ImageOps.mirror(image)


def _toned(image: Image.Image, gamma: float) -> Image.Image:
    return image.point([round(255 * (value / 255) ** gamma) for value in range(256)] * 3)


def _weighed(image: Image.Image, weights: tuple[float, float, float]) -> Image.Image:
    return image.point([min(255, round(value * weight)) for weight in weights for value in range(256)])


def developed(image: Image.Image, steps: int | None, guidance: float | None) -> Image.Image:
    """Return the picture as a model leaves it after so many steps: vague after few, crisp after many.

    The stronger the guidance, the louder the colours. `USUAL_STEPS` and `USUAL_GUIDANCE` change nothing.
    """
    if steps is not None and steps < USUAL_STEPS:
        vague = (USUAL_STEPS - steps) / USUAL_STEPS * min(image.size) / 80
        image = image.filter(ImageFilter.GaussianBlur(vague))
    elif steps is not None and steps > USUAL_STEPS:
        image = image.filter(ImageFilter.UnsharpMask(1.2, min(120, 2 * (steps - USUAL_STEPS)), 1))
    if guidance is None or guidance == USUAL_GUIDANCE:
        return image
    loud = max(0.6, min(1.6, 1 + (guidance - USUAL_GUIDANCE) * 0.04))
    return ImageEnhance.Contrast(ImageEnhance.Color(image).enhance(loud)).enhance(1 + (loud - 1) / 2)


def dyed(image: Image.Image, hue: RGB, share: float) -> Image.Image:
    """Return the picture turned towards a hue, its lights and darks kept."""
    toned = ImageOps.colorize(image.convert("L"), relit(hue, 0.16), relit(hue, 2.4, 0.35), hue, midpoint=128)
    return Image.blend(image, toned, share)


def finished(
    image: Image.Image, rng: random.Random, tint: RGB, vignette: float, grain: int = 5
) -> Image.Image:
    """Return the picture with corners turned to a tint, and a fine grain that also hides banding."""
    corners = field(image.size, lambda x, y: 1.5 * (math.hypot(x - 0.5, y - 0.5) - 0.36), 32)
    image = image.copy()
    image.paste(tint, (0, 0), faded(corners, vignette))
    side = 256
    speck = Image.frombytes("L", (side, side), rng.randbytes(side * side)).point(
        [128 + round((v - 127.5) / 255 * grain) for v in range(256)]
    )
    film = Image.new("L", image.size)
    for x in range(0, image.width, side):
        for y in range(0, image.height, side):
            film.paste(speck.rotate(90 * rng.randrange(4)), (x, y))
    return ImageChops.add(image, Image.merge("RGB", [film] * 3), 1.0, -128)


def marked(image: Image.Image) -> Image.Image:
    """Return the picture with the small mark that says what painted it."""
    size = max(8.0, min(image.size) / 62)
    font = ImageFont.load_default(size)
    _, _, right, bottom = font.getbbox(MARK)
    margin = size * 0.7
    at = (image.width - right - margin, image.height - bottom - margin)
    box = (max(0, round(at[0])), max(0, round(at[1])), image.width, image.height)
    dark = ImageOps.grayscale(image.crop(box)).resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))
    ink = (255, 255, 255) if isinstance(dark, (int, float)) and dark < 140 else (20, 20, 24)
    layer = Image.new("L", image.size)
    ImageDraw.Draw(layer).text(at, MARK, fill=115, font=font)
    image = image.copy()
    image.paste(ink, (0, 0), layer)
    return image
