"""Brushes: gradients, fields, noise, light and masks, on Pillow images.

Masks are "L" images, 0 lets nothing through and 255 everything; pictures are "RGB".
"""

import math
import random
from collections.abc import Callable, Sequence
from itertools import pairwise

from PIL import Image, ImageChops, ImageDraw, ImageOps

from animus_tui.demo.painting.colours import RGB, mix

Size = tuple[int, int]
"""Width and height in pixels."""
Point = tuple[float, float]
"""x and y in pixels, y grows downwards."""
Stops = Sequence[tuple[float, RGB]]
"""A gradient: positions 0..1 in rising order, and their colours."""


def dice(*parts: object) -> random.Random:
    """Return a random stream that depends only on these parts, the same in every process."""
    return random.Random(":".join(map(str, parts)))  # noqa: S311 - a picture, not a secret


def colour_at(stops: Stops, position: float) -> RGB:
    """Return the gradient's colour at a position 0..1."""
    if position <= stops[0][0]:
        return stops[0][1]
    for (start, first), (end, second) in pairwise(stops):
        if position <= end:
            share = (position - start) / max(1e-6, end - start)
            return mix(first, second, share * share * (3 - 2 * share) * 0.5 + share * 0.5)
    return stops[-1][1]


def gradient(size: Size, stops: Stops) -> Image.Image:
    """Return a picture that runs through the stops from top to bottom."""
    rows = max(2, min(160, size[1]))
    column = Image.new("RGB", (1, rows))
    column.putdata([colour_at(stops, row / (rows - 1)) for row in range(rows)])
    return column.resize(size, Image.Resampling.BICUBIC)


def field(size: Size, value: Callable[[float, float], float], cells: int = 40) -> Image.Image:
    """Return a smooth mask: `value(x, y)` gives 0..1 for x, y in 0..1, left to right, top to bottom."""
    steps = [index / (cells - 1) for index in range(cells)]
    data = bytes(round(255 * min(1.0, max(0.0, value(x, y)))) for y in steps for x in steps)
    return Image.frombytes("L", (cells, cells), data).resize(size, Image.Resampling.BICUBIC)


def ramp(size: Size, values: Sequence[float]) -> Image.Image:
    """Return a mask whose rows run through these values (0..1) from top to bottom."""
    column = Image.frombytes("L", (1, len(values)), bytes(round(255 * min(1.0, max(0.0, v))) for v in values))
    return column.resize(size, Image.Resampling.BILINEAR)


def noise(rng: random.Random, size: Size, cells: Size, octaves: int = 5, gain: float = 0.5) -> Image.Image:
    """Return fractal noise that uses the whole range 0..255; `cells` is how many blobs lie across and down."""
    across, down = (max(2, count) for count in cells)
    cloud = Image.frombytes("L", (across, down), rng.randbytes(across * down))
    share = gain
    for _ in range(octaves - 1):
        across, down = min(across * 2, size[0]), min(down * 2, size[1])
        grain = Image.frombytes("L", (across, down), rng.randbytes(across * down))
        cloud = Image.blend(
            cloud.resize((across, down), Image.Resampling.BICUBIC), grain, share / (1 + share)
        )
        share *= gain
    return ImageOps.autocontrast(cloud.resize(size, Image.Resampling.BICUBIC), cutoff=0.5)


def between(mask: Image.Image, low: float, high: float, power: float = 1.0) -> Image.Image:
    """Return the mask stretched so that `low` (0..1) becomes 0 and `high` becomes 255; they may be swapped."""
    span = high - low

    def curve(value: int) -> int:
        share = min(1.0, max(0.0, (value / 255 - low) / span))
        return round(255 * math.pow(share * share * (3 - 2 * share), power))

    return mask.point([curve(value) for value in range(256)])


def faded(mask: Image.Image, strength: float) -> Image.Image:
    """Return the mask with every value multiplied by the strength (0..1, or more)."""
    return mask.point([min(255, round(value * strength)) for value in range(256)])


def joined(*masks: Image.Image) -> Image.Image:
    """Return the product of the masks: what all of them let through."""
    product = masks[0]
    for mask in masks[1:]:
        product = ImageChops.multiply(product, mask)
    return product


def add_light(image: Image.Image, mask: Image.Image, colour: RGB, at: tuple[int, int] = (0, 0)) -> None:
    """Shine coloured light on the picture, in place, where the mask is bright; `at` is the mask's corner."""
    box = (
        max(0, at[0]),
        max(0, at[1]),
        min(image.width, at[0] + mask.width),
        min(image.height, at[1] + mask.height),
    )
    if box[0] >= box[2] or box[1] >= box[3]:
        return
    mask = mask.crop((box[0] - at[0], box[1] - at[1], box[2] - at[0], box[3] - at[1]))
    light = Image.merge("RGB", [faded(mask, channel / 255) for channel in colour])
    image.paste(ImageChops.screen(image.crop(box), light), box[:2])


def glow(
    image: Image.Image, centre: Point, radius: float, colour: RGB, falloff: float = 1.4, strength: float = 1.0
) -> None:
    """Shine a round light, in place: full in the centre, gone at the radius (pixels)."""
    side = max(2, round(radius * 2))
    # Pillow's radial gradient reaches 181 in the middle of each side, 255 only in the corners.
    light = Image.radial_gradient("L").point(
        [round(255 * strength * max(0.0, 1 - v / 180) ** falloff) for v in range(256)]
    )
    x, y = round(centre[0] - side / 2), round(centre[1] - side / 2)
    add_light(image, light.resize((side, side), Image.Resampling.BICUBIC), colour, (x, y))


def shape(size: Size, points: Sequence[Point], scale: int = 2) -> Image.Image:
    """Return the antialiased mask of a polygon."""
    mask = Image.new("L", (size[0] * scale, size[1] * scale))
    ImageDraw.Draw(mask).polygon([(x * scale, y * scale) for x, y in points], fill=255)
    return mask.reduce(scale)


def ridge(
    rng: random.Random, count: int, bumps: float, octaves: int = 5, gain: float = 0.5, sharp: bool = False
) -> list[float]:
    """Return a line of `count` heights 0..1: fractal noise with about `bumps` hills; sharp ones are peaks."""
    heights = [0.0] * count
    share, total = 1.0, 0.0
    for _ in range(octaves):
        knots = [rng.random() for _ in range(int(bumps) + 3)]
        shift = rng.random()
        for index in range(count):
            place = index / max(1, count - 1) * bumps + shift
            left = int(place)
            t = place - left
            t = t * t * (3 - 2 * t)
            value = knots[left] * (1 - t) + knots[left + 1] * t
            heights[index] += share * (1 - abs(2 * value - 1) if sharp else value)
        total += share
        share *= gain
        bumps *= 2
    low, high = min(heights), max(heights)
    return [(height - low) / max(1e-6, high - low) for height in heights]


def below(size: Size, line: Sequence[float]) -> Image.Image:
    """Return the antialiased mask of everything below a line; `line` holds y in pixels, spread over the width."""
    top = max(0, math.floor(min(line)) - 1)
    mask = Image.new("L", size)
    if top >= size[1]:
        return mask
    step = size[0] / (len(line) - 1)
    points = [(index * step, y - top) for index, y in enumerate(line)]
    height = size[1] - top
    mask.paste(shape((size[0], height), [(0, height), *points, (size[0], height)]), (0, top))
    return mask


def floor_view(texture: Image.Image, size: Size, far: float = 0.07) -> Image.Image:
    """Lay a texture on the ground and look along it: row 0 is the horizon, where its whole width is seen.

    The smaller `far`, the more distant the horizon and the larger what lies at the lower edge.
    """
    width, height = size
    span = far * height
    # Depth falls as 1 / (y + span), and both texture axes are proportional to depth.
    spread = 0.98 * texture.width / width
    middle = texture.width / 2
    coefficients = (
        spread,
        middle / span,
        middle - spread * width / 2,
        0.0,
        0.0,
        texture.height * 0.98,
        0.0,
        1 / span,
    )
    return texture.transform(size, Image.Transform.PERSPECTIVE, coefficients, Image.Resampling.BILINEAR)
