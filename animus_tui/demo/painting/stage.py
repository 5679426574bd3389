"""Setting figures into the picture, in its light: on the ground, on the water and in the sky."""

from collections.abc import Iterator

import numpy as np
from PIL import Image, ImageDraw

from animus_tui.demo.painting.canvas import F, Floats, blend, from_image, grid, mix, noise, rgb, screen
from animus_tui.demo.painting.figures import Sprite, drawn, usual
from animus_tui.demo.painting.foreground import paint_foreground, paint_grass
from animus_tui.demo.painting.land import Relief, paint_relief
from animus_tui.demo.painting.scene import HUES, SETS, names_of
from animus_tui.demo.painting.view import View

ON_GROUND = ("tree", "house", "person", "fox", "cat")
"""What stands in the foreground, the rear ones first."""


def paint_lighthouse(view: View, picture: Floats) -> None:
    """Put a lighthouse on a rock in the sea, before the water mirrors both."""
    unit, side = view.unit, view.far_side
    middle = view.width * (0.5 + side * 0.24)
    x = (np.arange(view.width, dtype=F) - middle) / unit
    hull = np.exp(-((x / 0.17) ** 2)) + 0.8 * np.exp(-(((x - (side * 0.2)) / 0.16) ** 2))
    rock = Relief(view.horizon + unit * 0.03, 0.0, 0.11, 0.3, 2.4, 0.4, 0.12)
    crest = paint_relief(view, picture, "rock", rock, "cliff", hull.astype(F))
    foot = float(np.max(crest[np.abs(x) < 0.02])) + unit * 0.012
    set_figure(view, picture, "lighthouse", (middle, foot))
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
        set_figure(view, picture, "boat", (x, foot), size, is_afloat=True)


def paint_near(view: View, picture: Floats) -> None:
    """Paint the foreground and who stands in it."""
    names = [*view.scene.figures, *(["person"] if view.scene.person else [])]
    standing = [name for name in ON_GROUND if name in names]
    crest = paint_foreground(view, picture, is_needed=bool(standing))
    rng, count = view.shape("standing"), view.scene.count
    for place, name in enumerate(standing):
        aside = 0.09 if len(standing) == 1 else 0.25 - 0.5 * place / (len(standing) - 1)
        for number in range(count):
            apart = (number - (count - 1) / 2) * 0.85 * usual(name)[1] + float(rng.normal(0, 0.02))
            x = min(
                view.width - 1.0, max(0.0, view.width * (0.5 + view.far_side * aside) + apart * view.unit)
            )
            foot = float(crest[int(x)]) + view.unit * (0.022 if name == "house" else 0.03)
            set_figure(view, picture, name, (x, foot), 1 - 0.12 * (number % 2))
    if (standing and not view.has("beach", "desert")) or view.has("meadow"):
        paint_grass(view, picture)
    if view.has("bird"):
        _paint_birds(view, picture)


def _paint_birds(view: View, picture: Floats) -> None:
    """Put a flock into the sky, and a bird on a branch into the foreground, unless only the flock was asked for."""
    image = Image.new("L", (view.width * 3, view.horizon * 3))
    for outline in _flock(view):
        ImageDraw.Draw(image).polygon([(x * 3, y * 3) for x, y in outline], fill=235)
    blend(picture[:, : view.horizon], view.light.on(rgb("#33323c"), 0.1), from_image(image.reduce(3)))
    if SETS["flocks"].isdisjoint(view.scene.text.split()):
        tall = view.unit * usual("bird")[1]
        x = view.width / 2 + view.far_side * (view.width / 2 - tall * 0.74)
        set_figure(view, picture, "bird", (x, view.horizon + tall * 0.62), is_turned=view.far_side > 0)


def _flock(view: View) -> Iterator[list[tuple[float, float]]]:
    """Yield the outlines of the wings of birds that fly in a wedge."""
    rng, unit = view.shape("birds"), view.unit
    start, high = view.width * (0.5 - view.far_side * 0.06), view.horizon * rng.uniform(0.3, 0.5)
    for number in range(int(rng.integers(9, 15))):
        x = start + ((number % 2 - 0.5) * number * 0.045 + rng.normal(0, 0.012)) * unit
        y = high + (number * 0.012 + rng.normal(0, 0.012)) * unit
        wing = unit * rng.uniform(0.02, 0.04)
        lift = wing * rng.uniform(0.3, 0.65)
        for side in (-wing, wing):
            tip, bend = (x + side, y - lift * 0.45), (x + side * 0.45, y - lift)
            yield [(x, y), bend, tip, (x + side * 0.5, y - lift * 0.68), (x, y + wing * 0.13)]


def set_figure(
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
    if (view.sun[0] < place[0] if is_turned is None else is_turned) and name in {
        "boat",
        "fox",
        "bird",
        "tree",
    }:
        sprite = Sprite(sprite.colour[:, :, ::-1], sprite.mask[:, ::-1], sprite.lamps[:, ::-1])
    lit, (height, width) = _in_light(view, sprite, place[0], has_rim=name != "tree"), sprite.mask.shape
    top, left = round(place[1]) - height, round(place[0] - width / 2)
    if is_afloat:
        _mirror(view, picture, lit, sprite.mask, (top + height, left))
    lay(picture, lit, sprite.mask, (top, left))
    lamps = sprite.lamps * float(np.clip(view.light.lamps * 1.6 - 0.3, 0, 1))
    lay(picture, rgb("#ffd88c")[:, None, None] * np.ones_like(lamps), lamps, (top, left))
    if name == "house" and np.max(lamps) > 0.1:
        y, x = grid(view.height, view.width)
        distance = np.hypot((x - place[0]) / 1.5, y - (top + height * 0.72)) / view.unit
        screen(picture, rgb("#ffb45c"), np.exp(-distance * 13) * (0.42 * view.light.lamps))


def lay(picture: Floats, colours: Floats, mask: Floats, place: tuple[int, int]) -> None:
    """Lay a smaller picture over the picture, as far as it lies within it. `place`: its upper row and left column."""
    (top, left), (height, width) = place, mask.shape
    y0, x0 = max(0, top), max(0, left)
    y1, x1 = min(picture.shape[1], top + height), min(picture.shape[2], left + width)
    if y0 < y1 and x0 < x1:
        cut = slice(y0 - top, y1 - top), slice(x0 - left, x1 - left)
        blend(picture[:, y0:y1, x0:x1], colours[:, *cut], mask[cut])


def _in_light(view: View, sprite: Sprite, x: float, *, has_rim: bool) -> Floats:
    """Return the colours of a sprite: the side towards the sun is lighter, and its edge shines."""
    light, mask, toward = view.light, sprite.mask, 1 if view.sun[0] > x else -1
    facing = (0.3 + (0.3 * toward) * np.linspace(-1, 1, mask.shape[1], dtype=F)) * (
        0.55 if light.is_low else 1
    )
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
