"""A city: towers behind each other, windows at night, and the glow over the streets."""

import random
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from animus_tui.demo.painting.brushes import add_light, faded, glow, gradient, joined, ramp
from animus_tui.demo.painting.colours import NAMED, RGB, mix, relit, tinted
from animus_tui.demo.painting.view import View

CONCRETE: RGB = (120, 126, 138)
WINDOWS: tuple[RGB, ...] = ((255, 214, 140), (255, 196, 110), (255, 232, 190), (200, 224, 255))
NEON: tuple[RGB, ...] = ((255, 60, 170), (60, 230, 255), (150, 90, 255), (255, 150, 60))


@dataclass(frozen=True, slots=True)
class Tower:
    """One building: left, top, right in pixels, and the form of its roof."""

    left: float
    top: float
    right: float
    roof: str


def paint_city(image: Image.Image, view: View, foot: int) -> None:
    """Paint a skyline that stands on the row `foot`, in place."""
    rng = view.rng("city")
    neon = "neon" in view.scene.styles
    if neon or view.light.stars:
        low = NEON[rng.randrange(2)] if neon else (255, 170, 110)
        glow(
            image,
            (image.width * rng.uniform(0.3, 0.7), foot),
            image.height * 0.7,
            low,
            1.3,
            0.6 if neon else 0.35,
        )
    rows = 4
    for index in range(rows):
        near = index / (rows - 1)
        towers = _row(view, rng, near, foot)
        mask = Image.new("L", (image.width * 2, image.height * 2))
        draw = ImageDraw.Draw(mask)
        for tower in towers:
            _outline(draw, tower, foot)
        small = mask.reduce(2)
        nearness = 0.3 + 0.65 * near
        wall = tinted(CONCRETE, view.light.sky[0][1], 0.5)
        top, bottom = (
            view.light.on(relit(wall, 0.72 + 0.2 * view.light.day), nearness),
            view.light.on(relit(wall, 0.5), nearness),
        )
        image.paste(
            gradient(
                image.size,
                (
                    (0, top),
                    (foot / image.height, mix(bottom, view.light.haze, 0.25 * (1 - near))),
                    (1, bottom),
                ),
            ),
            (0, 0),
            small,
        )
        _sides(image, towers, view, foot, nearness)
        _windows(image, small, towers, view, rng, foot, near)
        if neon and near > 0.3:
            _signs(image, towers, rng, foot, view.unit)


def _row(view: View, rng: random.Random, near: float, foot: int) -> list[Tower]:
    """Return the towers of one row, from left to right, highest around one centre."""
    width = view.size[0]
    centre = rng.uniform(0.3, 0.7)
    towers = []
    x = -20 * view.unit
    while x < width:
        wide = rng.uniform(34, 84) * view.unit * (0.75 + 0.5 * near)
        bulk = max(0.0, 1 - abs((x + wide / 2) / width - centre) * 1.7)
        tall = foot * (0.16 + 0.5 * bulk * rng.uniform(0.35, 1.0)) * (1.05 - 0.42 * near)
        roof = rng.choice(("flat", "flat", "step", "spire", "slant"))
        towers.append(Tower(x, foot - tall, x + wide, roof))
        x += wide * rng.uniform(0.85, 1.35)
    return towers


def _outline(draw: ImageDraw.ImageDraw, tower: Tower, foot: int) -> None:
    left, top, right = tower.left * 2, tower.top * 2, tower.right * 2
    wide = right - left
    draw.rectangle((left, top, right, foot * 2), fill=255)
    middle = (left + right) / 2
    if tower.roof == "step":
        draw.rectangle((left + wide * 0.18, top - wide * 0.22, right - wide * 0.18, top), fill=255)
        draw.rectangle((left + wide * 0.34, top - wide * 0.4, right - wide * 0.34, top), fill=255)
    elif tower.roof == "spire":
        draw.polygon(
            [(left + wide * 0.2, top), (middle, top - wide * 0.75), (right - wide * 0.2, top)], fill=255
        )
        draw.rectangle((middle - wide * 0.02, top - wide * 1.3, middle + wide * 0.02, top), fill=255)
    elif tower.roof == "slant":
        draw.polygon([(left, top), (right, top - wide * 0.35), (right, top)], fill=255)


def _sides(image: Image.Image, towers: list[Tower], view: View, foot: int, nearness: float) -> None:
    """Light the walls that face the sun, in place."""
    lights = Image.new("L", image.size)
    draw = ImageDraw.Draw(lights)
    for tower in towers:
        wide = (tower.right - tower.left) * 0.3
        middle = (tower.left + tower.right) / 2
        if middle < view.sun[0]:
            draw.rectangle((tower.right - wide, tower.top, tower.right, foot), fill=255)
        else:
            draw.rectangle((tower.left, tower.top, tower.left + wide, foot), fill=255)
    height = image.height
    rows = ramp(image.size, [max(0.0, 1 - 0.75 * row / 31 * height / foot) for row in range(32)])
    add_light(image, faded(joined(lights, rows), 0.32 * nearness), view.light.glow)


def _windows(
    image: Image.Image,
    mask: Image.Image,
    towers: list[Tower],
    view: View,
    rng: random.Random,
    foot: int,
    near: float,
) -> None:
    """Light the windows, in place: most at night, few by day."""
    share = (
        0.5 if view.light.stars > 0.5 else 0.34 if view.light.stars else 0.2 if view.light.day < 0.4 else 0.0
    )
    panes = Image.new("RGB", image.size)
    draw = ImageDraw.Draw(panes)
    wide = (3.2 + 2.8 * near) * view.unit
    neon = "neon" in view.scene.styles
    for tower in towers:
        tint = rng.choice(NEON) if neon and rng.random() < 0.35 else rng.choice(WINDOWS)
        rows = max(1, int((foot - tower.top) / (wide * 2.6)))
        columns = max(1, int((tower.right - tower.left) / (wide * 2.2)))
        lit = share * rng.uniform(0.3, 1.3)
        for row in range(rows):
            floor_lit = lit * rng.choice((0.4, 1.0, 1.0, 1.6))
            for column in range(columns):
                if rng.random() < floor_lit:
                    x, y = tower.left + (column + 0.6) * wide * 2.2, tower.top + (row + 0.5) * wide * 2.6
                    power = rng.uniform(0.4, 1.0) * (0.5 + 0.5 * near)
                    draw.rectangle((x, y, x + wide, y + wide * 1.3), fill=mix((0, 0, 0), tint, power))
    if not share:
        _glass(image, mask, towers, view, foot, near)
        return
    panes = Image.composite(panes, Image.new("RGB", image.size), mask)
    bloom = (
        panes.resize((image.width // 4, image.height // 4))
        .filter(ImageFilter.GaussianBlur(2.2))
        .resize(image.size)
    )
    image.paste(ImageChops.screen(ImageChops.screen(image, panes), bloom))


def _glass(
    image: Image.Image, mask: Image.Image, towers: list[Tower], view: View, foot: int, near: float
) -> None:
    """Draw the faint lines of floors by day, in place."""
    lines = Image.new("L", image.size)
    draw = ImageDraw.Draw(lines)
    step = (7 + 7 * near) * view.unit
    for tower in towers:
        y = tower.top + step
        while y < foot:
            draw.rectangle((tower.left + step * 0.4, y, tower.right - step * 0.4, y + step * 0.38), fill=150)
            y += step
    image.paste(
        mix(view.light.sky[1][1], view.light.haze, 0.4), (0, 0), faded(joined(lines, mask), 0.35 + 0.3 * near)
    )


def _signs(image: Image.Image, towers: list[Tower], rng: random.Random, foot: int, unit: float) -> None:
    """Hang glowing signs on some towers, in place."""
    layer = Image.new("RGB", image.size)
    draw = ImageDraw.Draw(layer)
    for tower in towers:
        if rng.random() > 0.5:
            continue
        colour = rng.choice(NEON)
        x = rng.uniform(tower.left, tower.right)
        y = rng.uniform(tower.top, (tower.top + foot) / 2)
        tall, wide = rng.uniform(30, 90) * unit, rng.uniform(5, 12) * unit
        draw.rectangle((x, y, x + wide, y + tall), fill=colour)
        draw.line(
            (tower.left, tower.top, tower.right, tower.top), fill=colour, width=max(1, round(2.5 * unit))
        )
    small = (max(1, image.width // 6), max(1, image.height // 6))
    bloom = layer.resize(small).filter(ImageFilter.GaussianBlur(3)).resize(image.size)
    image.paste(ImageChops.screen(ImageChops.screen(image, layer), ImageChops.add(bloom, bloom)))


def paint_street(image: Image.Image, view: View, foot: int) -> None:
    """Paint the dark near shore under a skyline that stands at no water, in place."""
    low = view.light.on((66, 70, 78), 0.9)
    hue = NAMED["magenta"] if "neon" in view.scene.styles else view.light.glow
    size = (image.width, image.height - foot)
    ground = gradient(size, ((0, mix(low, hue, 0.3)), (0.3, low), (1, relit(low, 0.6))))
    above = image.crop((0, max(0, foot - size[1]), image.width, foot))
    shine = above.transpose(Image.Transpose.FLIP_TOP_BOTTOM).resize(size)
    shine = shine.filter(ImageFilter.GaussianBlur(max(2, image.width / 70)))
    wet = 0.62 if view.weather("rain") else 0.36
    ground.paste(shine, (0, 0), ramp(size, [wet, wet * 0.8, wet * 0.4, 0.0]))
    image.paste(ground, (0, foot))
