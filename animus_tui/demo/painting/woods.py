"""Trees: rows of conifers and broadleaf trees in depth, a lone tree, palms, and a near bank."""

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from animus_tui.demo.painting.brushes import (
    Point,
    add_light,
    below,
    between,
    faded,
    gradient,
    joined,
    noise,
    ramp,
    ridge,
)
from animus_tui.demo.painting.colours import mix, relit
from animus_tui.demo.painting.grove import BLOSSOM, leaves, sunbeams, tree_colour
from animus_tui.demo.painting.trees import conifer, conifers, crown, trunk
from animus_tui.demo.painting.view import View


def is_grove(view: View) -> bool:
    """Whether the forest is one of broad leaves, seen from within."""
    if set(view.scene.text.split()) & {
        "pine",
        "pines",
        "fir",
        "firs",
        "spruce",
        "spruces",
        "conifers",
        "redwoods",
    }:
        return False
    if set(view.scene.text.split()) & {"jungle", "jungles", "rainforest", "rainforests"}:
        return True
    alone = not view.has("mountains", "lake", "sea", "city")
    return alone and (
        view.weather("autumn", "spring") or (not view.weather("snow") and view.rng("grove?").random() < 0.55)
    )


def paint_forest(image: Image.Image, view: View) -> None:
    """Paint rows of trees behind each other, in place, with mist and light between them."""
    rng = view.rng("forest")
    size = image.size
    width, height = size
    rows = 5
    for index in range(rows):
        near = index / (rows - 1)
        foot = view.horizon + (height - view.horizon) * (0.02 + 0.98 * near**1.5)
        roll = ridge(rng, 120, 2.0, 3, 0.4)
        line = [foot - (20 + 60 * near) * view.unit * value for value in roll]
        tall = (110 + 420 * near**1.25) * view.unit * min(1.6, height / width if height > width else 1.0)
        mask = conifers(size, rng, line, tall, near)
        ground = below(size, [y - 2 * view.unit for y in line])
        mask = ImageChops.lighter(mask, ground)
        colour = tree_colour(view, rng, broad=False)
        nearness = 0.3 + 0.7 * near
        dark, bright = (
            view.light.on(relit(colour, 0.5), nearness),
            view.light.on(relit(colour, 1.08), nearness),
        )
        light = between(noise(rng, size, (26, 30), 4, 0.6), 0.35, 0.85)
        top_light = ramp(size, [0.9, 0.8, 0.6, 0.4, 0.15, 0.0])
        tone = Image.composite(
            Image.new("RGB", size, bright), Image.new("RGB", size, dark), joined(light, top_light)
        )
        image.paste(tone, (0, 0), mask)
        if view.weather("snow"):
            _snow_on(image, mask, view, nearness)
            image.paste(view.light.on((226, 234, 246), nearness), (0, 0), ground)
        if index < rows - 1:
            mist = ramp(
                size,
                [
                    max(0.0, 1 - abs(row / 95 * height - foot) / ((60 + 130 * near) * view.unit)) ** 1.4
                    * (0.62 - 0.3 * near)
                    for row in range(96)
                ],
            )
            image.paste(mix(view.light.haze, view.light.glow, 0.25), (0, 0), mist)
    if not view.light.stars and view.hour != "noon":
        sunbeams(image, view, rng)


def _snow_on(image: Image.Image, mask: Image.Image, view: View, nearness: float) -> None:
    """Whiten what faces upwards, in place."""
    drop = round(7 * view.unit) + 1
    upper = ImageChops.subtract(mask, ImageChops.offset(mask, round(drop * 0.4), drop))
    image.paste(view.light.on((236, 242, 252), nearness), (0, 0), faded(upper, 0.75))


def paint_tree_line(image: Image.Image, view: View) -> None:
    """Paint a distant wooded shore on the horizon, in place."""
    rng = view.rng("tree line")
    size = image.size
    rise = ridge(rng, 90, 2.4, 4, 0.5)
    line = [view.horizon + 2 - (6 + 34 * value) * view.unit for value in rise]
    mask = ImageChops.lighter(conifers(size, rng, line, 62 * view.unit, 0.0), below(size, line))
    mask.paste(0, (0, view.horizon, size[0], size[1]))
    colour = tree_colour(view, rng, broad=False)
    image.paste(
        gradient(size, ((0, view.light.on(colour, 0.5)), (1, view.light.on(colour, 0.6)))), (0, 0), mask
    )


def paint_bank(image: Image.Image, view: View) -> None:
    """Paint a dark near bank with grass and a few conifers along the lower edge, in place."""
    rng = view.rng("bank")
    size = image.size
    width, height = size
    side = 1 if view.sun[0] < width / 2 else -1
    rise = ridge(rng, 120, 3, 3, 0.4)
    line = [
        height - (26 + 30 * value + 120 * max(0.0, side * (2 * i / 119 - 1)) ** 2) * view.unit
        for i, value in enumerate(rise)
    ]
    mask = Image.new("L", (width * 2, height * 2))
    draw = ImageDraw.Draw(mask)
    for _ in range(300):
        x = rng.random() * width
        y = line[min(119, round(x / width * 119))]
        tall = rng.uniform(10, 42) * view.unit
        tip = x + rng.uniform(-0.3, 0.3) * tall
        draw.polygon(
            [
                (x * 2 - 2 * view.unit, y * 2 + 4),
                (x * 2 + 2 * view.unit, y * 2 + 4),
                (tip * 2, (y - tall) * 2),
            ],
            fill=255,
        )
    for _ in range(rng.randint(2, 4)):
        x = width * (0.5 + side * rng.uniform(0.28, 0.5))
        y = line[min(119, max(0, round(x / width * 119)))]
        conifer(draw, rng, (x * 2, y * 2 + 8), rng.uniform(260, 560) * view.unit * 2)
    whole = ImageChops.lighter(mask.reduce(2), below(size, line))
    image.paste(view.light.on((38, 60, 44)) if view.light.day > 0.5 else view.light.ground, (0, 0), whole)


def paint_lone_tree(image: Image.Image, view: View, foot: Point, tall: float) -> None:
    """Paint one large broadleaf tree, in place, lit from the sun's side."""
    rng = view.rng("lone tree")
    size = image.size
    double = (foot[0] * 2, foot[1] * 2)
    wood, clumps = Image.new("L", (size[0] * 2, size[1] * 2)), Image.new("L", (size[0] * 2, size[1] * 2))
    trunk(ImageDraw.Draw(wood), rng, double, tall * 2)
    crown(ImageDraw.Draw(clumps), rng, double, tall * 2)
    bark = wood.reduce(2)
    image.paste(view.light.on((74, 58, 50)), (0, 0), bark)
    paint_rim(image, bark, view, 0.6)
    soft = clumps.reduce(2).filter(ImageFilter.GaussianBlur(tall / 34))
    mask = between(ImageChops.add(faded(soft, 0.62), faded(leaves(rng, size, 90), 0.46)), 0.44, 0.56)
    colour = BLOSSOM if "cherry" in view.scene.text else tree_colour(view, rng, broad=True)
    image.paste(view.light.on(relit(colour, 0.72 if colour == BLOSSOM else 0.5)), (0, 0), mask)
    aside = 1 if view.sun[0] < foot[0] else -1
    shaded = ImageChops.offset(soft, round(aside * tall / 12), round(tall / 9))
    lit = ImageChops.add(ImageChops.invert(shaded), Image.new("L", size, 60))
    sparkle = between(leaves(rng, size, 80), 0.3, 0.72)
    image.paste(view.light.on(relit(colour, 0.86)), (0, 0), faded(joined(mask, sparkle), 0.9))
    warm = mix(view.light.on(relit(colour, 1.2)), view.light.glow, 0.25)
    image.paste(warm, (0, 0), joined(mask, lit, sparkle))
    paint_rim(image, mask, view, 0.35)


def paint_rim(image: Image.Image, mask: Image.Image, view: View, strength: float = 0.9) -> None:
    """Light the edge of a silhouette that faces the sun or the moon, in place."""
    away = 1 if view.sun[0] < image.width / 2 else -1
    step = max(1, round(4 * view.unit))
    edge = ImageChops.subtract(mask, ImageChops.offset(mask, away * step, round(step * 0.7)))
    soft = edge.filter(ImageFilter.GaussianBlur(1.3 * view.unit))
    add_light(image, faded(joined(soft, mask), strength), view.light.glow)
