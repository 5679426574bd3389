"""What is near: the ground with its grass and flowers, and the figures on it, on the water and in the sky."""

from dataclasses import replace

import numpy as np
from PIL import Image, ImageDraw

from animus_tui.demo.painting.canvas import (
    F,
    Floats,
    blend,
    from_image,
    grid,
    lay,
    mix,
    noise,
    rgb,
    screen,
    smooth,
)
from animus_tui.demo.painting.figures import Sprite, drawn, inks, usual
from animus_tui.demo.painting.land import Relief, conifer, paint_relief, stamp
from animus_tui.demo.painting.scene import HUES, SETS, names_of
from animus_tui.demo.painting.view import View

ON_GROUND = ("tree", "house", "person", "fox", "cat")
"""What stands in the foreground, the rear ones first."""
LOOKING = frozenset({"boat", "fox", "bird", "tree"})
"""Figures that have two sides."""
BLOOM_COLOURS = ("red", "pink", "gold", "white", "purple")
FIRS = ((0.47, 0.62), (0.36, 0.36), (0.41, 0.25), (0.26, 0.18))
"""Where they stand beside the middle, in widths, and how high they are, in shorter sides."""


def paint_lighthouse(view: View, picture: Floats) -> None:
    """Put a lighthouse on a rock in the sea, before the water mirrors both."""
    unit, side = view.unit, view.far_side
    middle = view.width * (0.5 + side * 0.24)
    x = (np.arange(view.width, dtype=F) - middle) / unit
    hull = np.exp(-((x / 0.17) ** 2)) + 0.8 * np.exp(-(((x - (side * 0.2)) / 0.16) ** 2))
    rock = Relief(view.horizon + unit * 0.03, 0.0, 0.11, 0.3, 2.4, 0.4, 0.12)
    crest = paint_relief(view, picture, "rock", rock, "cliff", hull.astype(F))
    foot = float(np.max(crest[np.abs(x) < 0.02])) + unit * 0.012
    _set_figure(view, picture, "lighthouse", (middle, foot))
    if view.light.lamps > 0.4 or view.has("mist", "rain", "storm"):
        _shine(view, picture[:, : view.horizon], (middle, foot - unit * usual("lighthouse")[1] * 0.845))


def _shine(view: View, picture: Floats, lamp: tuple[float, float]) -> None:
    """Let the lighthouse's lamp glow and send two beams."""
    y, x = grid(*picture.shape[1:])
    across, down = (x - lamp[0]) / view.unit, (y - lamp[1]) / view.unit
    distance, tilt = np.hypot(across, down), (view.shape("beam").uniform(-0.16, 0.04))
    spread = np.abs(down - across * tilt) / (0.006 + 0.11 * np.abs(across))
    beam = np.exp(-(spread**2) - np.abs(across) * 1.6) * 0.6
    glow = np.exp(-distance * 16) * 0.8 + np.exp(-distance * 60)
    screen(picture, rgb("#ffe2a0"), (beam + glow) * (0.35 + 0.65 * view.light.lamps))


def paint_boats(view: View, picture: Floats) -> None:
    """Put boats on the water, the first one near."""
    rng, rows, side = view.shape("boats"), view.height - view.horizon, view.far_side
    number = max(view.scene.count, 3 if SETS["several"] & set(view.scene.text.split()) else 1)
    for share, near, size in ((0.17, 0.20, 1.0), (-0.22, 0.06, 0.42), (0.33, 0.02, 0.24))[number - 1 :: -1]:
        x = view.width * (0.5 + side * share) + float(rng.normal(0, 0.02)) * view.unit
        foot = view.horizon + rows * near + view.unit * 0.012
        _set_figure(view, picture, "boat", (x, foot), size, is_afloat=True)


def paint_near(view: View, picture: Floats) -> None:
    """Paint the foreground and who stands in it."""
    names = [*view.scene.figures, *(["person"] if view.scene.person else [])]
    standing = [name for name in ON_GROUND if name in names]
    crest = _paint_ground(view, picture, is_needed=bool(standing))
    rng, count = view.shape("standing"), view.scene.count
    for place, name in enumerate(standing):
        aside = 0.09 if len(standing) == 1 else 0.25 - 0.5 * place / (len(standing) - 1)
        for number in range(count):
            apart = (number - (count - 1) / 2) * 0.85 * usual(name)[1] + float(rng.normal(0, 0.02))
            x = view.width * (0.5 + view.far_side * aside) + apart * view.unit
            x = min(view.width - 1.0, max(0.0, x))
            foot = float(crest[int(x)]) + view.unit * (0.022 if name == "house" else 0.03)
            _set_figure(view, picture, name, (x, foot), 1 - 0.12 * (number % 2))
    if (standing and not view.has("beach", "desert")) or view.has("meadow"):
        _paint_grass(view, picture)
    if view.has("bird"):
        _paint_birds(view, picture)


def _paint_ground(view: View, picture: Floats, *, is_needed: bool) -> Floats:
    """Paint the near ground if somebody needs it or the place has one; return where one stands at each column."""
    crest = _ground_at(view, np.arange(view.width, dtype=F))
    is_shore = view.has("lake") and (view.has("mountains", "forest") or len(view.scene.places) == 1)
    if view.has("beach"):
        _paint_beach(view, picture)
    elif is_needed or view.has("meadow") or is_shore:
        crest = _paint_bank(view, picture, crest, is_shore=is_shore and not is_needed)
    return crest


def _ground_at(view: View, x: Floats) -> Floats:
    """Return the rows of the near ground's edge at these columns."""
    low = view.height - view.unit * (0.13 if view.has("beach") else 0.155)
    rows: Floats = low + (view.unit * 0.02) * np.sin(x / (view.width / 4) + (view.layout % 7))
    return rows


def _paint_bank(view: View, picture: Floats, crest: Floats, *, is_shore: bool) -> Floats:
    """Paint a bank, a shore low and with firs at one side; return the row of its edge at each column."""
    unit, light = view.unit, view.light
    if is_shore:
        lean = smooth(0.1, 0.9, np.abs(np.arange(view.width, dtype=F) - view.sun[0]) / view.width)
        crest = view.height - unit * (0.015 + 0.13 * lean) - (crest - crest.mean())
    if light.lamps > 0:
        light = replace(light, ambient=light.ambient * 0.8, direct=light.direct * 0.55)
    near = replace(view, light=light, sea_level=view.height)
    relief = Relief(view.height + unit * 0.06, 0.0, 0.5, 0.35, 2.6, 0.0, 0.0, 0.03)
    hull = (relief.foot - crest) / (unit * 0.25)
    top = paint_relief(near, picture, "bank", relief, "sand" if view.has("desert") else "grass", hull)
    rng = view.shape("firs")
    for share, size in FIRS[: int(rng.integers(2, 5)) if is_shore else 0]:
        x = view.width * (0.5 + view.far_side * (share + rng.normal(0, 0.012)))
        needles = mix(rgb("#2f4a33"), rgb("#f2f6ff"), 0.35 if view.has("snow") else 0)
        tree = conifer(rng, int(unit * size * rng.uniform(0.9, 1.1)))
        foot = float(top[int(np.clip(x, 0, view.width - 1))]) + unit * 0.03
        stamp(near, picture, tree, (x, foot), light.on(needles, 0.14))
    return top


def _paint_beach(view: View, picture: Floats) -> None:
    """Lay a beach at the lower edge, with foam where the sea ends."""
    unit, light = view.unit, view.light
    x = np.linspace(0, 1, view.width, dtype=F)
    curve = np.sin(x * 5.2 + (view.shape("beach").uniform(0, 6))) * 0.012 + np.sin(x * 17) * 0.003
    edge = view.height - unit * (0.17 + (x - 0.5) * (view.far_side * 0.13) + curve)
    under = (np.arange(view.height, dtype=F)[:, None] - edge) / unit
    grain = view.chance("sand").standard_normal((view.height, view.width), dtype=F)
    wet = smooth(0.075, 0.0, under)
    sand = light.on(rgb("#dcb98c"), 0.3)[:, None, None] * (1 - 0.42 * wet + grain * 0.02)
    blend(picture, sand + light.sky[3][:, None, None] * wet * 0.16, np.clip(under * (unit * 0.4), 0, 1))
    froth = smooth(0.012, 0.002, np.abs(under)) * (0.75 + 0.25 * np.clip(grain, -1, 1))
    froth = froth + smooth(0.006, 0.001, np.abs(under + 0.035 + curve)) * 0.4
    blend(picture, mix(light.on(rgb("#ffffff"), 0.6), light.sky[4], 0.3), np.clip(froth, 0, 1))


def _paint_grass(view: View, picture: Floats) -> None:
    """Let blades of grass, and in a meadow flowers, stand at the lower edge."""
    rng, unit, top = view.shape("grass"), view.unit, int(view.height - view.unit * 0.26)
    size = (view.width * 2, (view.height - top) * 2)
    blades, blooms = Image.new("L", size), Image.new("RGBA", size)
    pen, brush = ImageDraw.Draw(blades), ImageDraw.Draw(blooms)
    count = 60 if view.has("snow") else int(1300 * view.width / unit)
    x, near = rng.uniform(0, view.width, count), np.sort(rng.random(count))
    tall = unit * rng.uniform(0.014, 0.035, count) * (1 + near)
    foot, half = _ground_at(view, x) + unit * (0.035 + 0.17 * near) - top, max(1.4, unit * 0.0044)
    tips = np.stack([x + rng.normal(0, 0.35, count) * tall, foot - tall], 1) * 2
    outlines = np.column_stack([2 * x - half, 2 * foot, tips, 2 * x + half, 2 * foot]).tolist()
    shades = rng.integers(90, 235, count).tolist()
    named = view.scene.colour_of(SETS["blooms"])
    hues = np.stack([rgb(HUES[name]) for name in ([named] if named else BLOOM_COLOURS)])
    colours = hues[rng.integers(len(hues), size=count)] * rng.uniform(1.0, 1.35, (count, 1))
    petals, hearts = (inks(view.light.on(colours, 0.75) * shade) for shade in (1.0, 0.45))
    wide = (unit * (0.0044 + 0.0124 * near) * rng.uniform(0.7, 1.2, count))[:, None] * (-1, -0.75, 1, 0.75)
    boxes = [(np.tile(tips, 2) + wide * part).tolist() for part in (1.0, 0.33)]
    is_flower = (rng.random(count) < 0.62) & view.has("meadow")
    for number in range(count):
        pen.polygon(outlines[number], fill=shades[number])
        if is_flower[number]:
            brush.ellipse(boxes[0][number], fill=petals[number])
            brush.ellipse(boxes[1][number], fill=hearts[number])
    green = rgb("#c79a4a") if view.has("autumn") else rgb("#7d9a48")
    blend(picture[:, top:], view.light.on(green * 0.8, 0.28), from_image(blades.reduce(2)))
    if is_flower.any():
        flowers = from_image(blooms.reduce(2))
        blend(picture[:, top:], flowers[:3], flowers[3])


def _paint_birds(view: View, picture: Floats) -> None:
    """Put a flock into the sky, and a bird on a branch into the foreground, unless only the flock was asked for."""
    rng, unit = view.shape("birds"), view.unit
    pen = ImageDraw.Draw(image := Image.new("L", (view.width * 3, view.horizon * 3)))
    start, high = view.width * (0.5 - view.far_side * 0.06), view.horizon * rng.uniform(0.3, 0.5)
    for number in range(int(rng.integers(9, 15))):
        x = start + ((number % 2 - 0.5) * number * 0.045 + rng.normal(0, 0.012)) * unit
        y = high + (number * 0.012 + rng.normal(0, 0.012)) * unit
        wing = unit * rng.uniform(0.02, 0.04)
        lift = wing * rng.uniform(0.3, 0.65)
        wings = np.array([(0, 0), (0.45, -lift), (1, -lift * 0.45), (0.5, -lift * 0.68), (0, wing * 0.13)])
        for side in (-wing, wing):
            pen.polygon(((wings * (side, 1) + (x, y)) * 3).ravel().tolist(), fill=235)
    blend(picture[:, : view.horizon], view.light.on(rgb("#33323c"), 0.1), from_image(image.reduce(3)))
    if SETS["flocks"].isdisjoint(view.scene.text.split()):
        tall = view.unit * usual("bird")[1]
        x = view.width / 2 + view.far_side * (view.width / 2 - tall * 0.74)
        _set_figure(view, picture, "bird", (x, view.horizon + tall * 0.62), is_turned=view.far_side > 0)


def _set_figure(
    view: View,
    picture: Floats,
    name: str,
    place: tuple[float, float],
    size: float = 1.0,
    *,
    is_afloat: bool = False,
    is_turned: bool | None = None,
) -> None:
    """Set a figure into the picture in the light of its hour. `place`: its column and the row of its foot."""
    _, share, own = usual(name)
    if name == "tree" and view.has("autumn"):
        own = "#d3782f"
    colour = rgb(HUES.get(view.scene.colour_of(names_of(name)), own))
    sprite = drawn(name, max(8, round(view.unit * share * size)), colour, view.shape(name))
    if name in LOOKING and (view.sun[0] < place[0] if is_turned is None else is_turned):
        sprite = sprite.turned()
    lit, (height, width) = _in_light(view, sprite, place[0], has_rim=name != "tree"), sprite.mask.shape
    top, left = round(place[1]) - height, round(place[0] - width / 2)
    if is_afloat:
        _mirror(view, picture, lit, sprite.mask, (top + height, left))
    lay(picture, lit, sprite.mask, (top, left))
    lamps = sprite.lamps * float(np.clip(view.light.lamps * 1.6 - 0.3, 0, 1))
    if np.max(lamps) > 0:
        lay(picture, rgb("#ffd88c")[:, None, None] * np.ones_like(lamps), lamps, (top, left))
    if name == "house" and np.max(lamps) > 0.1:
        y, x = grid(view.height, view.width)
        distance = np.hypot((x - place[0]) / 1.5, y - (top + height * 0.72)) / view.unit
        screen(picture, rgb("#ffb45c"), np.exp(-distance * 13) * (0.42 * view.light.lamps))


def _in_light(view: View, sprite: Sprite, x: float, *, has_rim: bool) -> Floats:
    """Return the colours of a sprite: the side towards the sun is lighter, and its edge shines."""
    light, mask, toward = view.light, sprite.mask, 1 if view.sun[0] > x else -1
    facing = 0.3 + (0.3 * toward) * np.linspace(-1, 1, mask.shape[1], dtype=F)
    facing = facing * (0.55 if light.is_low else 1)
    # Pale cloth lets light pass.
    facing = facing + np.clip(sprite.colour.min(0) - 0.6, 0, 1) * (0.9 if light.is_low else 0.2)
    body: Floats = sprite.colour * (light.ambient[:, None, None] + light.direct[:, None, None] * facing)
    if has_rim:
        reach = max(1, round(mask.shape[0] * 0.014))
        rim = np.clip(mask - np.roll(mask, (round(reach * 0.6), -toward * reach), (0, 1)), 0, 1)
        screen(body, light.sun * mix(light.sky[4], light.sun, 0.3), rim * (0.75 if light.is_low else 0.5))
    return body


def _mirror(view: View, picture: Floats, lit: Floats, mask: Floats, place: tuple[int, int]) -> None:
    """Lay the broken reflection of a boat on the water below it."""
    height, width = mask.shape
    ripples = noise(view.chance("reflection"), (height, width), height * 0.12, 1.5, (1, 0.25))
    sway = ripples * np.linspace(0.0045, 0.027, height, dtype=F)[:, None] * height
    columns = (np.arange(width)[None] + sway.astype(int)).clip(0, width - 1)
    soft = np.take_along_axis(mask[::-1], columns, 1) * np.linspace(0.62, 0.05, height, dtype=F)[:, None]
    colours = np.stack([np.take_along_axis(channel[::-1], columns, 1) for channel in lit])
    lay(picture, colours * 0.8, soft, place)
