"""Placing animals and things into a landscape: on a hill before the sun, in the air, on the water."""

import math
import random

from PIL import Image, ImageChops, ImageDraw

from animus_tui.demo.painting.animals import ANIMALS
from animus_tui.demo.painting.brushes import (
    Point,
    below,
    glow,
    joined,
    ramp,
    ridge,
)
from animus_tui.demo.painting.colours import relit, tinted
from animus_tui.demo.painting.creatures import (
    paint_animal,
    paint_butterflies,
    paint_flock,
    paint_leap,
    paint_perched,
    paint_shadow,
)
from animus_tui.demo.painting.things import THINGS, lamp, mirrored, place
from animus_tui.demo.painting.trees import palm
from animus_tui.demo.painting.vehicles import ROLLING, rocket
from animus_tui.demo.painting.view import View
from animus_tui.demo.painting.woods import paint_lone_tree, paint_rim
from animus_tui.demo.painting.words import STANDING

SWIMMERS = frozenset({"fish", "whale"})
FLOATERS = frozenset({"boat", "dolphin", "whale"})
PERCHED = frozenset({"owl", "bird"})


def paint_far_figures(image: Image.Image, view: View) -> None:
    """Paint what stands on or above the horizon, before the water mirrors it, in place."""
    rng = view.rng("far figures")
    width = view.size[0]
    aside = 1 if view.sun[0] < width / 2 else -1
    for name in view.scene.figures:
        if name == "balloon":
            _balloons(image, view, rng)
        elif name == "lighthouse":
            tall = 420 * view.unit
            at = (width * (0.5 + aside * rng.uniform(0.2, 0.3)), view.horizon + 14 * view.unit)
            place(image, THINGS[name](view, rng, tall), at)
            if view.light.day < 0.6:
                lamp(image, (at[0], at[1] - tall * 0.785), 120 * view.unit)
        elif name == "castle":
            at = (width * (0.5 + aside * rng.uniform(0.1, 0.24)), view.horizon + 10 * view.unit)
            _knoll(image, view, at, 330 * view.unit)
            place(
                image,
                THINGS[name](view, rng, 340 * view.unit),
                (at[0], at[1] - 24 * view.unit),
                view.light.haze,
                0.18,
            )
        elif name == "bridge":
            _bridge(image, view)
        elif name == "house" and view.is_wet:
            at = (width * (0.5 - aside * rng.uniform(0.08, 0.2)), view.horizon + 4 * view.unit)
            place(image, THINGS[name](view, rng, 170 * view.unit), at)
        elif name == "bird":
            paint_flock(image, view, rng)


def _bridge(image: Image.Image, view: View) -> None:
    """Paint a stone bridge that crosses the water from side to side, in place."""
    width, scale = image.width, 2
    tall, arches = round(150 * view.unit), 5
    mask = Image.new("L", (width * scale, tall * scale))
    draw = ImageDraw.Draw(mask)
    draw.rectangle((0, tall * 0.28 * scale, width * scale, tall * scale), fill=255)
    draw.rectangle((0, tall * 0.14 * scale, width * scale, tall * 0.2 * scale), fill=255)
    span = width * scale / arches
    for index in range(arches):
        draw.ellipse(
            (span * (index + 0.09), tall * 0.5 * scale, span * (index + 0.91), tall * 2.4 * scale), fill=0
        )
    for post in range(arches * 6 + 1):
        x = span * post / 6
        draw.rectangle((x - 2 * scale, tall * 0.14 * scale, x + 2 * scale, tall * 0.3 * scale), fill=255)
    stone = view.light.on(view.scene.colour_of(frozenset({"bridge"})) or (150, 138, 126), 0.85)
    shape = mask.reduce(scale)
    top = view.horizon - tall + round(8 * view.unit)
    image.paste(stone, (0, top), shape)
    lower = ImageChops.multiply(shape, ramp(shape.size, [0.0, 0.1, 0.5, 0.8]))
    image.paste(relit(stone, 0.6), (0, top), lower)


def paint_rockets(image: Image.Image, view: View) -> None:
    """Paint a rocket on its way through space, in place, when the words name one."""
    rng = view.rng("rockets")
    if "rocket" in view.scene.figures:
        at = (view.size[0] * rng.uniform(0.45, 0.68), view.size[1] * rng.uniform(0.48, 0.6))
        glow(
            image,
            (at[0] - 70 * view.unit, at[1] + 120 * view.unit),
            260 * view.unit,
            (255, 170, 90),
            1.6,
            0.5,
        )
        place(image, rocket(view, rng, 420 * view.unit), at)


def paint_near_figures(image: Image.Image, view: View) -> None:
    """Paint the animals and things in the foreground, in place."""
    rng = view.rng("near figures")
    # Who is at a window sits on its sill, in front of this scene.
    animals = [name for name in view.scene.figures if name in ANIMALS and not view.has("window")]
    if len(animals) == 1 and animals[0] in STANDING:
        animals *= view.scene.count
    for index, name in enumerate(animals):
        _near_animal(image, view, name, (index - (len(animals) - 1) / 2) * 0.3, rng)
    for name in view.scene.figures:
        if name not in ANIMALS and not (name == "tree" and PERCHED & set(animals)):
            _near_thing(image, view, name, rng)


def _aside(view: View) -> int:
    """The side away from the light: 1 is right, -1 left."""
    return 1 if view.sun[0] < view.size[0] / 2 else -1


def _over_water(view: View) -> bool:
    """Whether the foreground is water, so that who stands there stands at the very edge."""
    return view.has("sea", "lake") and not view.has("beach")


def _near_animal(image: Image.Image, view: View, name: str, shift: float, rng: random.Random) -> None:
    """Paint one animal, in place; `shift` moves it aside by a share of the width."""
    width, height = view.size
    aside = _aside(view)
    if name in FLOATERS:
        paint_leap(image, view, name, (width * (0.5 + aside * 0.12 + shift), view.horizon + 90 * view.unit))
    elif name in PERCHED:
        paint_perched(image, view, name, (width * (0.5 + aside * 0.16 + shift), height * 0.66))
    elif name == "butterfly":
        paint_butterflies(image, view, rng)
    elif name == "dragon":
        # Beside what stands far off on the other side, and whole: its wings reach up to the picture's edge.
        x = 0.5 - aside * (0.22 if "castle" in view.scene.figures else 0.02) + shift
        paint_animal(image, view, name, (width * x, height * 0.62), 0.85, grounded=False)
    else:
        foot = height * (0.93 if _over_water(view) else 0.9)
        # One stands aside of the light; several stand closer together and smaller, in no straight line.
        many = abs(shift) * 0.1 if shift else 0.0
        scale = max(0.66, 1.0 - abs(shift)) if shift else 1.0
        x = 0.5 + aside * (0.14 if not shift else 0.06) + shift
        paint_animal(image, view, name, (width * x, foot - height * many), scale)


def _near_thing(image: Image.Image, view: View, name: str, rng: random.Random) -> None:
    width, height = view.size
    aside = _aside(view)
    if name == "boat":
        _boats(image, view, rng)
    elif name in ROLLING:
        tall = (300 if name == "bicycle" else 220) * view.unit
        at = (width * (0.5 - aside * 0.03), height * (0.97 if _over_water(view) else 0.9))
        paint_shadow(image, view, at, tall * 1.8)
        place(image, ROLLING[name](view, rng, tall), at)
    elif name == "house" and not view.is_wet:
        across = width * (0.5 - aside * rng.uniform(0.08, 0.2))
        at = (across, view.horizon + (height - view.horizon) * (0.52 if view.has("forest") else 0.36))
        paint_shadow(image, view, at, 330 * view.unit)
        place(image, THINGS[name](view, rng, 230 * view.unit), at)
        if view.light.day < 0.6:
            glow(image, (at[0], at[1] - 70 * view.unit), 190 * view.unit, (255, 196, 110), 1.7, 0.45)
    elif name == "tree":
        at = (width * (0.5 + aside * rng.uniform(0.06, 0.2)), height * 0.86)
        paint_lone_tree(image, view, at, 620 * view.unit)
    elif name == "palm":
        _palms(image, view, rng)


def paint_stage(image: Image.Image, view: View) -> None:
    """Paint the hill that a figure stands on when the words name no place, in place."""
    rng = view.rng("stage")
    height = view.size[1]
    for index, (share, tall) in enumerate(((0.74, 0.1), (0.84, 0.08), (0.92, 0.09))):
        heights = ridge(rng, 120, 1.6, 3, 0.35)
        line = [height * (share - tall * (value - 0.5)) for value in heights]
        if index == 2:
            line = [
                y - height * 0.05 * math.exp(-(((i / 119 - 0.5) / 0.35) ** 2)) + height * 0.02
                for i, y in enumerate(line)
            ]
        own = (226, 234, 246) if view.weather("snow") else tinted((84, 110, 66), view.light.shade, 0.25)
        darker = 0.06 if view.weather("snow") else 0.28
        colour = view.light.on(relit(own, 0.95 - darker * index), 0.45 + 0.27 * index)
        mask = below(view.size, line)
        image.paste(colour, (0, 0), mask)
        fade = ramp(view.size, [max(0.0, (row / 31 - share) * 2.4) for row in range(32)])
        image.paste(relit(colour, 0.6), (0, 0), joined(mask, fade))


def _balloons(image: Image.Image, view: View, rng: random.Random) -> None:
    count = 4 if "balloons" in view.scene.text else 2
    for index in range(count):
        near = (index + 1) / count
        tall = (70 + 330 * near**1.4) * view.unit
        x = view.size[0] * ((index * 0.37 + rng.uniform(0.12, 0.3)) % 0.9 + 0.05)
        y = view.horizon * (0.92 - 0.2 * near + rng.uniform(-0.14, 0.02))
        place(image, THINGS["balloon"](view, rng, tall), (x, max(tall, y)), view.light.haze, 0.5 * (1 - near))


def _boats(image: Image.Image, view: View, rng: random.Random) -> None:
    aside = 1 if view.sun[0] < view.size[0] / 2 else -1
    spots = [
        (0.5 + aside * rng.uniform(0.12, 0.22), 0.2, 250.0),
        (0.5 - aside * rng.uniform(0.2, 0.34), 0.05, 90.0),
    ]
    for across, down, tall in spots[: rng.choice((1, 2, 2))]:
        drawn = THINGS["boat"](view, rng, tall * view.unit)
        at = (view.size[0] * across, view.horizon + (view.size[1] - view.horizon) * down)
        mirrored(image, drawn, at)
        place(image, drawn, at, view.light.haze, 0.35 if down < 0.1 else 0.06)


def _palms(image: Image.Image, view: View, rng: random.Random) -> None:
    aside = 1 if view.sun[0] < view.size[0] / 2 else -1
    mask = Image.new("L", (image.width * 2, image.height * 2))
    draw = ImageDraw.Draw(mask)
    for index in range(2):
        foot = (
            view.size[0] * (0.5 + aside * (0.4 - 0.1 * index)) * 2,
            image.height * (1.0 - 0.03 * index) * 2,
        )
        palm(draw, rng, foot, (720 - 170 * index) * view.unit * 2, -aside * rng.uniform(0.14, 0.3))
    small = mask.reduce(2)
    image.paste(view.light.on((46, 72, 44)), (0, 0), small)
    paint_rim(image, small, view, 0.8)


def _knoll(image: Image.Image, view: View, at: Point, reach: float) -> None:
    """Raise a hill under a castle, in place."""
    width = view.size[0]
    rough = ridge(view.rng("knoll"), 160, 14, 4, 0.5)
    line = [
        at[1]
        + 6 * view.unit
        - (90 * math.exp(-(((i / 159 * width - at[0]) / reach) ** 2)) * (0.8 + 0.3 * value)) * view.unit
        for i, value in enumerate(rough)
    ]
    mask = below(view.size, line)
    mask.paste(0, (0, view.horizon + 2, width, view.size[1]))
    image.paste(view.light.on(tinted((86, 104, 70), view.light.shade, 0.3), 0.6), (0, 0), mask)
