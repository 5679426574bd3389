"""The near ground: a bank of grass, a shore with firs, a beach, a meadow in flower."""

from dataclasses import replace

import numpy as np
from PIL import Image, ImageDraw

from animus_tui.demo.painting.canvas import F, Floats, blend, from_image, mix, rgb, smooth
from animus_tui.demo.painting.figures import ink
from animus_tui.demo.painting.land import Relief, conifer, paint_relief, stamp
from animus_tui.demo.painting.scene import HUES, SETS
from animus_tui.demo.painting.view import View

BLOOM_COLOURS = ("red", "pink", "gold", "white", "purple")
FIRS = ((0.47, 0.62), (0.36, 0.36), (0.41, 0.25), (0.26, 0.18))
"""Where they stand beside the middle, in widths, and how high they are, in shorter sides."""


def paint_foreground(view: View, picture: Floats, *, is_needed: bool) -> Floats:
    """Paint the near ground if somebody needs it or the place has one; return where one stands at each column."""
    crest = _ground(view, np.arange(view.width, dtype=F))
    is_shore = view.has("lake") and (view.has("mountains", "forest") or len(view.scene.places) == 1)
    if view.has("beach"):
        _paint_beach(view, picture)
    elif is_needed or view.has("meadow") or is_shore:
        crest = _paint_bank(view, picture, crest, is_shore=is_shore and not is_needed)
    return crest


def _ground(view: View, x: Floats) -> Floats:
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


def paint_grass(view: View, picture: Floats) -> None:
    """Let blades of grass, and in a meadow flowers, stand at the lower edge."""
    rng, unit, top = view.shape("grass"), view.unit, int(view.height - view.unit * 0.26)
    size = (view.width * 2, (view.height - top) * 2)
    blades, blooms = Image.new("L", size), Image.new("RGBA", size)
    pen, brush = ImageDraw.Draw(blades), ImageDraw.Draw(blooms)
    named = view.scene.colour_of(SETS["blooms"])
    count = 60 if view.has("snow") else int(1300 * view.width / unit)
    columns = rng.uniform(0, view.width, count)
    for x, ground, near in zip(columns, _ground(view, columns), np.sort(rng.random(count)), strict=True):
        foot, tall = (
            ground + unit * (0.035 + 0.17 * near) - top,
            unit * rng.uniform(0.014, 0.035) * (1 + near),
        )
        tip, half = (2 * (x + rng.normal(0, 0.35) * tall), 2 * (foot - tall)), max(1.4, unit * 0.0044)
        pen.polygon([(2 * x - half, 2 * foot), tip, (2 * x + half, 2 * foot)], fill=int(rng.uniform(90, 235)))
        if view.has("meadow") and rng.random() < 0.62:
            name = named or BLOOM_COLOURS[int(rng.integers(len(BLOOM_COLOURS)))]
            colour = view.light.on(rgb(HUES[name]) * rng.uniform(1.0, 1.35), 0.75)
            wide = unit * (0.0044 + 0.0124 * near) * rng.uniform(0.7, 1.2)
            for part, shade in ((1.0, 1.0), (0.33, 0.45)):
                box = (
                    tip[0] - wide * part,
                    tip[1] - wide * part * 0.75,
                    tip[0] + wide * part,
                    tip[1] + wide * part * 0.75,
                )
                brush.ellipse(box, fill=ink(colour * shade))
    green = rgb("#c79a4a") if view.has("autumn") else rgb("#7d9a48")
    blend(picture[:, top:], view.light.on(green * 0.8, 0.28), from_image(blades.reduce(2)))
    flowers = from_image(blooms.reduce(2))
    blend(picture[:, top:], flowers[:3], flowers[3])
