"""Animals in a picture: standing in the light, perched, in flight, leaping, under water."""

import math
import random

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from animus_tui.demo.painting.animals import ANIMALS, silhouette
from animus_tui.demo.painting.brushes import (
    Point,
    add_light,
    between,
    faded,
    field,
    glow,
    joined,
)
from animus_tui.demo.painting.colours import NAMED, RGB, mix, relit
from animus_tui.demo.painting.sky import disc
from animus_tui.demo.painting.view import View
from animus_tui.demo.painting.woods import paint_rim


def paint_animal(
    image: Image.Image, view: View, name: str, foot: Point, scale: float = 1.0, grounded: bool = True
) -> None:
    """Paint an animal that stands on a point, in place, with the light behind it."""
    animal = ANIMALS[name]
    side = round(animal.tall * scale * min(view.size) * 1.05)
    shape = silhouette(name).resize((side, side), Image.Resampling.LANCZOS)
    if view.sun[0] < foot[0] and name != "cat":
        shape = shape.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    x, y = round(foot[0] - side / 2), round(foot[1] - side * 0.985)
    mask = Image.new("L", image.size)
    mask.paste(shape, (x, y))
    own = view.scene.colour_of(frozenset({name, name + "s", "fur"})) or animal.own
    if grounded:
        paint_shadow(image, view, foot, side)
    coat = relit(view.light.on(own), 0.62 + 0.38 * view.light.day)
    body = Image.new("RGB", image.size, relit(coat, 0.72))
    away = 1 if view.sun[0] < foot[0] else -1
    inner = ImageChops.offset(mask.filter(ImageFilter.GaussianBlur(side / 12)), away * side // 14, side // 10)
    body.paste(relit(coat, 1.3), (0, 0), joined(mask, ImageChops.invert(inner)))
    image.paste(body, (0, 0), mask)
    paint_rim(image, mask, view, 1.0)
    for ex, ey, reach in animal.eyes:
        _eye(image, (x + ex * side, y + ey * side), reach * side)


def _eye(image: Image.Image, centre: Point, reach: float) -> None:
    glow(image, centre, reach * 2, (255, 200, 90), 1.6, 0.5)
    disc(image, centre, reach, (250, 196, 84))
    disc(image, centre, reach * 0.52, (22, 16, 18))
    disc(image, (centre[0] + reach * 0.2, centre[1] - reach * 0.22), reach * 0.16, (255, 250, 236))


def paint_shadow(image: Image.Image, view: View, foot: Point, side: float) -> None:
    """Lay a soft shadow on the ground, away from the light, in place."""
    wide, tall = round(side * 0.95), max(4, round(side * 0.12))
    away = 0.12 if view.sun[0] < foot[0] else -0.12
    soft = (
        Image.radial_gradient("L")
        .point([max(0, 255 - round(v * 1.42)) for v in range(256)])
        .resize((wide, tall))
    )
    image.paste(
        relit(view.light.ground, 0.6),
        (round(foot[0] - wide / 2 + away * side), round(foot[1] - tall * 0.62)),
        faded(soft, 0.75),
    )


def paint_perched(image: Image.Image, view: View, name: str, foot: Point) -> None:
    """Paint a bird on a branch that reaches in from the side, in place."""
    rng = view.rng("branch")
    mask = Image.new("L", (image.width * 2, image.height * 2))
    draw = ImageDraw.Draw(mask)
    start = image.width + 10.0 if foot[0] > image.width / 2 else -10.0
    end = foot[0] + (foot[0] - start) * 0.4

    def level(share: float) -> float:
        return (
            foot[1]
            + (34 * math.sin(share * 3.4) - 12 * math.sin(share * 9) - (share - 0.75) * 60) * view.unit
        )

    for step in range(60):
        share = step / 59
        x, y, r = start + (end - start) * share, level(share), (24 - 20 * share) * view.unit
        draw.ellipse(((x - r) * 2, (y - r) * 2, (x + r) * 2, (y + r) * 2), fill=255)
        if step in {14, 24, 50}:
            _twig(draw, rng, (x, y), 1 if end > start else -1, view.unit)
    wood = mask.reduce(2)
    image.paste(view.light.on((70, 56, 46)), (0, 0), wood)
    paint_rim(image, wood, view, 0.6)
    down = 8 if name == "owl" else 44
    top = level((foot[0] - start) / (end - start)) + down * view.unit
    paint_animal(image, view, name, (foot[0], top), grounded=False)


def _twig(draw: ImageDraw.ImageDraw, rng: random.Random, foot: Point, outward: int, unit: float) -> None:
    """Draw a twig with pointed leaves on a mask of twice the picture's size."""
    tall, lean = rng.choice((-1, 1)) * rng.uniform(70, 120) * unit, outward * rng.uniform(40, 90) * unit
    tip = (foot[0] + lean, foot[1] + tall)
    draw.line((foot[0] * 2, foot[1] * 2, tip[0] * 2, tip[1] * 2), fill=255, width=max(2, round(7 * unit)))
    angle = math.atan2(tall, lean)
    for leaf in range(5):
        share = 0.4 + 0.15 * leaf
        x, y = foot[0] + lean * share, foot[1] + tall * share
        turn = angle + (0.8 if leaf % 2 else -0.8) * (leaf < 4)
        long, wide = rng.uniform(34, 52) * unit, 9 * unit
        mid = (x + math.cos(turn) * long / 2, y + math.sin(turn) * long / 2)
        aside = (-math.sin(turn) * wide, math.cos(turn) * wide)
        end = (x + math.cos(turn) * long, y + math.sin(turn) * long)
        leaf_shape = [
            (x, y),
            (mid[0] + aside[0], mid[1] + aside[1]),
            end,
            (mid[0] - aside[0], mid[1] - aside[1]),
        ]
        draw.polygon([(px * 2, py * 2) for px, py in leaf_shape], fill=255)


def paint_flock(image: Image.Image, view: View, rng: random.Random) -> None:
    """Paint birds in flight, in place: small, dark, wings raised."""
    layer = Image.new("L", (image.width * 2, image.height * 2))
    draw = ImageDraw.Draw(layer)
    cx, cy = view.size[0] * rng.uniform(0.35, 0.65), view.horizon * rng.uniform(0.3, 0.55)
    for _ in range(rng.randint(7, 12)):
        x, y = rng.gauss(cx, 120 * view.unit) * 2, rng.gauss(cy, 60 * view.unit) * 2
        span, lift = rng.uniform(18, 42) * view.unit * 2, rng.uniform(0.15, 0.5)
        for side in (-1, 1):
            wing = [
                (x, y),
                (x + side * span * 0.45, y - span * lift),
                (x + side * span, y - span * lift * 0.45),
                (x + side * span * 0.5, y - span * lift * 0.72),
            ]
            draw.polygon([*wing, (x, y + span * 0.12)], fill=255)
    image.paste(mix(view.light.ground, view.light.haze, 0.2), (0, 0), layer.reduce(2))


def paint_leap(image: Image.Image, view: View, name: str, at: Point) -> None:
    """Paint a dolphin or a whale that comes out of the water, in place, with spray where it left."""
    if name == "dolphin":
        paint_animal(image, view, name, (at[0], at[1] - 20 * view.unit), grounded=False)
    else:
        before = image.crop((0, round(at[1]), image.width, image.height))
        paint_animal(image, view, name, (at[0], at[1] + 210 * view.unit), 0.95, grounded=False)
        image.paste(before, (0, round(at[1])))
    rng = view.rng("spray")
    spray = Image.new("L", image.size)
    draw = ImageDraw.Draw(spray)
    for _ in range(160):
        x, y = rng.gauss(at[0], 80 * view.unit), at[1] - abs(rng.gauss(0, 20)) * view.unit
        r = rng.uniform(1, 5) * view.unit
        draw.ellipse((x - r, y - r, x + r, y + r), fill=200)
    add_light(
        image,
        spray.filter(ImageFilter.GaussianBlur(1.2 * view.unit)),
        mix(view.light.lit, (255, 255, 255), 0.4),
    )


def paint_butterflies(image: Image.Image, view: View, rng: random.Random) -> None:
    """Paint butterflies, in place: one large, some small, each with its own turn and colour."""
    colours = [
        view.scene.colour_of(frozenset({"butterfly", "butterflies"})) or NAMED[name]
        for name in ("orange", "violet", "cyan", "yellow")
    ]
    for index, own in enumerate(colours):
        side = round((300 if index == 0 else rng.uniform(70, 130)) * view.unit)
        shape = silhouette("butterfly").resize((side, side), Image.Resampling.LANCZOS)
        wings = Image.composite(
            Image.new("RGB", (side, side), relit(own, 1.05)),
            Image.new("RGB", (side, side), (34, 24, 30)),
            _wing_pattern(shape, side),
        )
        turn = rng.uniform(-35, 35)
        x = view.size[0] * (rng.uniform(0.36, 0.6) if index == 0 else rng.uniform(0.1, 0.9))
        y = view.size[1] * (rng.uniform(0.42, 0.52) if index == 0 else rng.uniform(0.25, 0.7))
        turned = shape.rotate(turn, Image.Resampling.BICUBIC)
        image.paste(
            wings.rotate(turn, Image.Resampling.BICUBIC), (round(x - side / 2), round(y - side / 2)), turned
        )


def _wing_pattern(shape: Image.Image, side: int) -> Image.Image:
    """Return where a butterfly's wings are coloured: inside, away from the dark rim and the veins."""
    inner = shape.filter(ImageFilter.GaussianBlur(side / 26)).point(
        [255 if v > 200 else 0 for v in range(256)]
    )
    draw = ImageDraw.Draw(inner)
    for angle in range(0, 360, 18):
        end = (
            side / 2 + math.cos(math.radians(angle)) * side,
            side * 0.42 + math.sin(math.radians(angle)) * side,
        )
        draw.line((side / 2, side * 0.42, *end), fill=0, width=max(1, side // 110))
    return inner.filter(ImageFilter.GaussianBlur(side / 160))


def paint_school(image: Image.Image, view: View) -> None:
    """Paint fish, whales and dolphins under water, in place: the far ones small and blue."""
    rng = view.rng("school")
    names = [name for name in view.scene.figures if name in {"fish", "whale", "dolphin"}] or ["fish"]
    for name in names:
        count = 9 if name == "fish" else 1
        for index in range(count):
            near = (index + 1) / count
            own = (
                ANIMALS[name].own
                if name != "fish"
                else NAMED[rng.choice(("orange", "yellow", "cyan", "magenta"))]
            )
            own = view.scene.colour_of(frozenset({name})) or own
            side = round(ANIMALS[name].tall * min(view.size) * (0.25 + 0.75 * near**1.5) * 1.1)
            body, shape = _swimmer(name, own, side, 0.4 + 0.6 * near)
            if rng.random() < 0.5:
                body = body.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
                shape = shape.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
            first = index == count - 1
            x = view.size[0] * (rng.uniform(0.42, 0.58) if first else rng.uniform(0.08, 0.92)) - side / 2
            y = view.size[1] * (rng.uniform(0.42, 0.52) if first else rng.uniform(0.18, 0.75)) - side / 2
            image.paste(body, (round(x), round(y)), shape)


def _swimmer(name: str, own: RGB, side: int, nearness: float) -> tuple[Image.Image, Image.Image]:
    """Return a swimming animal's colours and its mask, both `side` pixels square."""
    shape = silhouette(name).resize((side, side), Image.Resampling.LANCZOS)
    size = (side, side)
    back, belly = (
        (relit(own, 1.2), relit(own, 0.62)) if name == "fish" else (relit(own, 0.9), relit(own, 1.75, 0.6))
    )
    start, end = (0.3, 0.65) if name == "fish" else (0.46, 0.62)
    tone = between(field(size, lambda _x, y: y, 16), start, end)
    far: RGB = (30, 120, 165)
    under, over = (Image.new("RGB", size, mix(far, colour, nearness)) for colour in (belly, back))
    body = Image.composite(under, over, tone)
    inner = ImageChops.offset(shape.filter(ImageFilter.GaussianBlur(side / 16)), 0, side // 14)
    add_light(body, faded(joined(shape, ImageChops.invert(inner)), 0.5), (190, 240, 240))
    draw = ImageDraw.Draw(body)
    if name == "fish":
        draw.ellipse((side * 0.755, side * 0.43, side * 0.805, side * 0.48), fill=(250, 250, 244))
        draw.ellipse((side * 0.77, side * 0.44, side * 0.8, side * 0.47), fill=(16, 20, 30))
    else:
        at = (0.83, 0.47) if name == "whale" else (0.79, 0.4)
        draw.ellipse(
            (side * at[0], side * at[1], side * (at[0] + 0.012), side * (at[1] + 0.012)), fill=(14, 20, 30)
        )
    return body, shape
