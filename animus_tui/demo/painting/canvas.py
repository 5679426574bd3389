"""Operations on pictures: noise, blending, sampling, blurring, and the tones and the finish of a whole picture.

A picture is a float32 array of 3×height×width (red, green, blue, sRGB, 0..1); a mask is height×width, 0..1.
"""

import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

Floats = NDArray[np.floating[Any]]
Rng = np.random.Generator
F = np.float32
TILE = 512
"""Side of the noise that clouds and waves are read from, a power of two."""
LUMA = np.array((0.299, 0.587, 0.114), F)


def dice(*parts: object) -> Rng:
    """Return a random stream that depends only on these parts, the same in every process."""
    return np.random.default_rng([zlib.crc32(repr(part).encode()) for part in parts])


def rgb(colour: str) -> Floats:
    """Return `#rrggbb` as three numbers 0..1."""
    return np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)], F)


def mix(first: Floats, second: Floats, share: float) -> Floats:
    """Return the colour `share` (0..1) of the way from the first to the second."""
    return (first + (second - first) * share).astype(F)


def smooth(low: float, high: float, value: Floats) -> Floats:
    """Return 0 below `low`, 1 above `high`, and an S-curve between; `low` may be the larger one."""
    t: Floats = np.clip((value - low) / (high - low), 0, 1).astype(F)
    return t * t * (3 - 2 * t)


def noise(
    rng: Rng,
    shape: tuple[int, int],
    cell: float,
    slope: float = 1.8,
    step: tuple[float, float] = (1, 1),
    finest: float = 0.0,
) -> Floats:
    """Return fractal noise with mean 0 and standard deviation 1, which repeats without a seam.

    `cell`: pixels of the largest features. `slope`: how fast the finer ones fade; 1.4 is rough, 2.5 smooth.
    `step`: pixels down and across between two samples; below 1 it stretches the features. What is smaller than
    `finest` pixels is left out.
    """
    down = np.fft.fftfreq(shape[0]).astype(F)[:, None] / step[0]
    across = np.fft.rfftfreq(shape[1]).astype(F)[None] / step[1]
    spectrum = rng.standard_normal((2, shape[0], across.shape[1]), dtype=F)
    squares = down**2 + across**2
    amplitude = (squares + (1 / cell) ** 2) ** (-slope / 2) * np.exp(squares * (-(finest**2)))
    amplitude[0, 0] = 0
    waves = np.fft.irfft2((spectrum[0] + 1j * spectrum[1]) * amplitude, s=shape).astype(F)
    return waves * (1 / (float(waves.std()) + 1e-9))


def grid(height: int, width: int, step: int = 1) -> tuple[Floats, Floats]:
    """Return the row and the column of each pixel, or of each `step`-th one."""
    y, x = np.mgrid[0:height:step, 0:width:step].astype(F)
    return y, x


def sample(tile: Floats, y: Floats, x: Floats) -> Floats:
    """Return the repeating tile at these places, interpolated; its sides must be powers of two."""
    height, width = tile.shape
    top, left = np.floor(y).astype(np.int32), np.floor(x).astype(np.int32)
    fy, fx = (y - top).astype(F), (x - left).astype(F)
    rows, below = (top & (height - 1)) * width, ((top + 1) & (height - 1)) * width
    columns, beside = left & (width - 1), (left + 1) & (width - 1)
    flat = tile.ravel()
    first = flat.take(rows + columns) * (1 - fx) + flat.take(rows + beside) * fx
    second = flat.take(below + columns) * (1 - fx) + flat.take(below + beside) * fx
    values: Floats = first + (second - first) * fy
    return values.astype(F)


def blend(picture: Floats, colour: Floats, mask: Floats) -> None:
    """Lay a colour, or another picture, over the picture where the mask lets it through."""
    layer = colour[:, None, None] if colour.ndim == 1 else colour
    picture += (layer - picture) * mask


def lay(picture: Floats, colours: Floats, mask: Floats, place: tuple[int, int]) -> None:
    """Lay a smaller picture over the picture, as far as it lies within it. `place`: its upper row and left column."""
    (top, left), (height, width) = place, mask.shape
    y0, x0 = max(0, top), max(0, left)
    y1, x1 = min(picture.shape[1], top + height), min(picture.shape[2], left + width)
    if y0 < y1 and x0 < x1:
        cut = slice(y0 - top, y1 - top), slice(x0 - left, x1 - left)
        blend(picture[:, y0:y1, x0:x1], colours[:, *cut], mask[cut])


def screen(picture: Floats, colour: Floats, mask: Floats) -> None:
    """Add light of a colour: it brightens, and never beyond white."""
    for channel, value in zip(picture, colour, strict=True):
        channel += (1 - channel) * (mask * value)


def resized(plane: Floats, shape: tuple[int, int]) -> Floats:
    """Return a plane, or each of a picture's, in another size."""
    if plane.ndim == 3:
        return np.stack([resized(channel, shape) for channel in plane])
    return np.asarray(Image.fromarray(plane.astype(F)).resize(shape[::-1], Image.Resampling.BICUBIC), F)


def blurred(picture: Floats, radius: float) -> Floats:
    """Return a picture blurred by a radius in pixels."""
    less = max(1, int(radius / 3))
    small = to_image(picture[:, less // 2 :: less, less // 2 :: less])
    small = small.filter(ImageFilter.GaussianBlur(radius / less))
    return from_image(small.resize((picture.shape[2], picture.shape[1]), Image.Resampling.BICUBIC))


def to_image(picture: Floats) -> Image.Image:
    """Return the picture as Pillow's RGB image."""
    values = np.empty((*picture.shape[1:], 3), np.uint8)
    for number, channel in enumerate(picture):
        values[:, :, number] = np.clip(channel * 255 + 0.5, 0, 255)
    return Image.fromarray(values)


def from_image(image: Image.Image) -> Floats:
    """Return an RGB, RGBA or grey image as floats, channels first."""
    if len(image.getbands()) > 1:
        return np.stack([from_image(band) for band in image.split()])
    return np.asarray(image, F) * (1 / 255)


def _grey(picture: Floats) -> Floats:
    grey: Floats = picture[0] * LUMA[0] + picture[1] * LUMA[1] + picture[2] * LUMA[2]
    return grey


def saturated(picture: Floats, factor: float) -> Floats:
    """Return the picture with so many times its colour; 0 leaves greys."""
    grey = _grey(picture)
    return (grey + (picture - grey) * factor).astype(F)


def in_tone(picture: Floats, tone: str) -> Floats:
    """Return the picture changed by one tone, a key of the vocabulary's tones."""
    picture = np.clip(picture, 0, 1)
    match tone:
        case "vibrant" | "muted" | "monochrome":
            return saturated(picture, {"vibrant": 1.5, "muted": 0.5, "monochrome": 0.0}[tone])
        case "brighter" | "darker":
            return picture ** (0.70 if tone == "brighter" else 1.5)
        case "warmer" | "colder":
            weights = (1.10, 1.02, 0.84) if tone == "warmer" else (0.86, 0.99, 1.12)
            return picture * np.array(weights, F)[:, None, None]
        case "contrast":
            return smooth(0.0, 1.0, picture) * 0.75 + picture * 0.25
        case _:
            return picture * 0.4 + blurred(picture, min(picture.shape[1:]) / 90) * 0.65


def finished(picture: Floats, rng: Rng) -> Floats:
    """Return the picture with a glow around what is bright, darker corners, and a grain that hides banding."""
    height, width = picture.shape[1:]
    small = np.clip(picture[:, ::2, ::2], 0, 1)
    glow = blurred(small * smooth(0.62, 1.0, _grey(small)), min(height, width) / 56) * 0.30
    y, x = np.linspace(-1, 1, height, dtype=F)[:, None] ** 2, np.linspace(-1, 1, width, dtype=F)[None] ** 2
    corners = 1 - 0.055 * (y + x) ** 2
    grain = rng.standard_normal((height, width), dtype=F) * 0.0032
    for channel, light in zip(picture, resized(glow, (height, width)), strict=True):
        channel += (1 - channel) * light
        channel *= corners
        channel += grain
    return picture
