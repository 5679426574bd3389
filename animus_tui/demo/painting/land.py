"""Land: height maps that are lit and seen from the front, the trees on them, and the places that are made of them."""

from dataclasses import dataclass

import numpy as np

from animus_tui.demo.painting.canvas import (
    F,
    Floats,
    Rng,
    blend,
    grid,
    lay,
    mix,
    noise,
    resized,
    rgb,
    screen,
    smooth,
)
from animus_tui.demo.painting.view import View

SLICES = 232
"""Rows of a height map, from near to far."""
GRASS, MOSS, ROCK, SAND, SNOW = map(rgb, ("#7f9a4c", "#4f6b3c", "#8b8681", "#dcae76", "#f2f6ff"))
AUTUMN = tuple(map(rgb, ("#c8602a", "#dba040", "#9c3d26", "#b57a34")))
LARGEST_CROWN = 140
"""Pixels; a leafy tree that is higher is enlarged."""


@dataclass(frozen=True, slots=True)
class Relief:
    """How a layer of land is shaped. Lengths are shares of the picture's shorter side."""

    foot: float
    """The row of its lower edge, in pixels."""
    rise: float
    """How far its ground climbs from the lower edge to its back."""
    peak: float
    """How high its features stand out."""
    cell: float
    """The size of its largest features."""
    slope: float
    """How smooth it is; see `noise`."""
    ridged: float
    """0 is rolling, 1 has sharp crests."""
    far: float
    """How much of it haze hides, 0..1."""
    rough: float = 0.26
    """How much its surface rises and falls, in peaks."""


def paint_relief(
    view: View, picture: Floats, name: str, relief: Relief, ground: str, hull: Floats | None = None
) -> Floats:
    """Paint a height map, and return the row of its upper edge at each column.

    `hull` lowers the heights along the width, 0..1 a column; without it the land opens towards the sun.
    """
    unit, width = view.unit, view.width
    rng, is_steep = view.shape(name), relief.ridged > 0.8
    cell = relief.cell * unit
    step = cell * 1.25 / SLICES
    shape, folds = (
        noise(rng, (SLICES, width), cell, relief.slope, (step, 1), step * blunt) for blunt in (1.0, 1.5)
    )
    crests = 1.1 - np.sqrt(folds * folds + 0.02) * 0.75 + shape * 0.1
    rolling = shape * relief.rough + 0.45
    heights = np.clip(rolling + (crests - rolling) * relief.ridged, -0.2, 1.3)
    if hull is None:
        aside = np.abs(np.arange(width, dtype=F) - view.sun[0]) / width
        hull = 0.62 + 0.38 * smooth(0.0, 0.55, aside) if is_steep else np.ones(width, F)
    near = np.linspace(0, 1, SLICES, dtype=F)[:, None]
    heights = heights * hull * (smooth(0, 0.75, near) if is_steep else smooth(-0.3, 0.5, near))
    rows = relief.foot - (relief.rise * unit) * near - heights * (relief.peak * unit)
    rows = rows + (hull <= 0.01) * (unit * 0.2)
    crest = np.minimum.accumulate(rows, 0)
    upper: Floats = crest[-1]
    top, bottom = max(0, int(np.min(upper))), view.sea_level
    if bottom - top < 2:
        return upper
    # At each pixel the nearest slice is seen that reaches up to it: as many as do not are counted row by row.
    seen = np.clip(np.ceil(crest).astype(np.int32) - top, 0, bottom - top)
    columns = np.arange(width, dtype=np.int32)
    counts = np.bincount((seen * width + columns).ravel(), minlength=(bottom - top + 1) * width)
    behind = np.cumsum(counts.reshape(-1, width)[:-1], 0, dtype=np.int32)
    places = np.minimum(SLICES - behind, SLICES - 1) * width + columns
    under = np.arange(top, bottom, dtype=F)[:, None] - upper
    cover = np.clip(under + 1, 0, 1)
    mist = smooth(0.25, 1.0, under / max(1.0, relief.peak * unit * 1.1)) * (relief.far * 0.62)
    lit = _lit(view, relief, heights, shape, ground, step, rng)
    for channel, colour, haze in zip(picture[:, top:bottom], lit, view.light.haze, strict=True):
        body = colour.ravel().take(places)
        body += (haze - body) * mist
        channel += (body - channel) * cover
    return upper


def _lit(
    view: View, relief: Relief, heights: Floats, shape: Floats, ground: str, step: float, rng: Rng
) -> Floats:
    """Return the colour of each place of a height map, in its light and haze."""
    light, scale = view.light, (relief.peak * view.unit)
    along, across = np.gradient(heights)
    along, across = along * (scale / step), across * scale
    toward = view.far_side * (0.62 if light.is_low else 0.5)
    facing = np.clip((0.20 if light.is_low else 0.36) + across * toward - along * 0.30, 0, 1)
    steep = smooth(0.35, 1.1, np.hypot(across, along))
    grain = rng.standard_normal(shape.shape, dtype=F)
    grain = (grain + np.roll(grain, 1, 0) + np.roll(grain, 2, 0) + np.roll(grain, 1, 1)) * 0.5
    cover = _ground(view, ground, heights, shape, steep, grain)
    if view.has("snow") and ground != "rock":
        cover += (SNOW[:, None, None] - cover) * (0.95 - 0.3 * steep)
    cover *= 1 + grain * (0.03 if ground == "sand" or view.has("snow") else 0.07)
    cover *= light.ambient[:, None, None] * (0.8 + 0.2 * facing) + light.direct[:, None, None] * facing
    cover += (light.haze[:, None, None] - cover) * relief.far
    return cover


def _ground(view: View, ground: str, heights: Floats, shape: Floats, steep: Floats, grain: Floats) -> Floats:
    """Return what covers a height map: sand, bare cliff, grass in patches, or rock with forest below and snow above."""
    if ground in {"sand", "cliff"}:
        return np.repeat(SAND if ground == "sand" else ROCK * 0.62, heights.size).reshape(3, *heights.shape)
    green, moss = (AUTUMN[1] * 0.85, AUTUMN[3] * 0.8) if view.has("autumn") else (GRASS, MOSS)
    if ground == "grass":
        patches = smooth(-0.7, 0.9, np.roll(shape, 90, 1) + grain * 0.35)
        return green[:, None, None] + (moss - green)[:, None, None] * patches
    bare = smooth(0.20, 0.42, heights + steep * 0.25 + grain * 0.05)
    cover = moss[:, None, None] + (ROCK - moss)[:, None, None] * bare
    line = 0.12 if view.has("snow") else 0.55
    cover += (SNOW[:, None, None] - cover) * smooth(line, line + 0.16, heights + grain * 0.045 - steep * 0.22)
    return cover


def conifer(rng: Rng, height: int) -> Floats:
    """Return mask and shade of a fir: jagged whorls of branches that grow wider downwards."""
    width = max(5, int(height * rng.uniform(0.34, 0.46)) | 1)
    down = np.linspace(0, 1, height, dtype=F)[:, None]
    across = np.abs(np.linspace(-1, 1, width, dtype=F))[None]
    sag = (down * rng.uniform(9, 13) + rng.random() + across * 0.5) % 1
    reach = down**0.85 * (0.52 + 0.48 * sag) * (0.82 + 0.18 * rng.random((height, 1), dtype=F))
    branches = np.clip((reach - across) * (width / 2) + 0.5, 0, 1) * (down < 0.95)
    trunk = np.clip(1.2 - across * (width / 2 / max(1.0, height * 0.014)), 0, 1) * (down > 0.9)
    return np.stack([np.maximum(branches, trunk), 0.55 + 0.65 * sag * (1 - down * 0.35)])


def broadleaf(rng: Rng, height: int) -> Floats:
    """Return mask and shade of a leafy tree: a crown of clumps, lighter above, on a short trunk."""
    width = max(5, int(height * rng.uniform(0.8, 1.1)) | 1)
    if height > LARGEST_CROWN:
        return np.clip(resized(broadleaf(rng, LARGEST_CROWN), (height, width)), 0, 1.7)
    y, x = (axis / height for axis in grid(height, width))
    crown, shade = np.full((height, width), -1, F), np.full((height, width), 0.5, F)
    for cy in sorted(rng.uniform(0.18, 0.58, 22).tolist(), reverse=True):
        cx = (0.5 + rng.uniform(-0.32, 0.32) * (1 - abs(cy - 0.42) * 1.4)) * width / height
        radius, bright = rng.uniform(0.09, 0.16), 1.05 - 0.8 * cy + rng.normal(0, 0.08)
        box = tuple(slice(max(0, int((c - 0.2) * height)), int((c + 0.2) * height) + 2) for c in (cy, cx))
        inside = radius - np.hypot(y[box] - cy, x[box] - cx)
        shade[box] = np.where(inside > 0, bright - (y[box] - cy) * 3.4, shade[box])
        crown[box] = np.maximum(crown[box], inside)
    ragged = crown - 0.045 * rng.random((height, width), dtype=F) * (rng.random((height, width)) < 0.6)
    trunk = (0.022 - np.abs(x - (0.5 * width / height))) * (y > 0.5)
    mask = np.clip(np.maximum(ragged, trunk) * height, 0, 1)
    return np.stack([mask, np.clip(shade + 0.22 * rng.standard_normal(mask.shape, dtype=F), 0.25, 1.7)])


def _leaf(view: View, rng: Rng) -> Floats:
    """Return the colour of a tree's leaves."""
    green = mix(rgb("#3d5f35"), rgb("#55703a"), float(rng.random()))
    return AUTUMN[int(rng.integers(len(AUTUMN)))] if view.has("autumn") else green


def stamp(
    view: View, picture: Floats, tree: Floats, place: tuple[float, float], colour: Floats, far: float = 0.0
) -> None:
    """Set a tree of one colour into the picture; water hides what is below the shore.

    `tree`: its mask, and how light each place is. `place`: column and row of its foot. `far`: how much haze hides.
    """
    mask, shade = tree
    body = colour[:, None, None] * (shade * (1 - far)) + (view.light.haze * far)[:, None, None]
    top, left = round(place[1]) - mask.shape[0], round(place[0] - mask.shape[1] / 2)
    lay(picture[:, : view.sea_level], body, mask, (top, left))


def paint_land(view: View, picture: Floats) -> None:
    """Paint the land of the scene's places, from far to near."""
    is_wide = not view.has("city", "hills", "meadow", "desert", "forest")
    if view.has("mountains") or (view.has("lake") and is_wide):
        for far, peak in ((0.62, 0.36), (0.30, 0.30)):
            foot = view.horizon + view.unit * (0.01 if view.is_wet else 0.12)
            relief = Relief(foot, 0.02, peak, 0.95 - far * 0.4, 2.3, 1.0, far)
            paint_relief(view, picture, f"mountains {far}", relief, "rock")
    elif view.is_wet and (view.has("sea", "beach") or not view.scene.places):
        _paint_coast(view, picture)
    if view.has("desert"):
        _paint_dunes(view, picture)
    elif view.has("hills", "meadow") or not (view.is_wet or view.has("forest", "city")):
        _paint_hills(view, picture)
    if view.has("forest"):
        _paint_forest(view, picture)
    if view.has("city"):
        _paint_city(view, picture)


def _paint_coast(view: View, picture: Floats) -> None:
    """Let a low coast reach into the sea from the side where the sun is not."""
    x = np.linspace(-1, 1, view.width, dtype=F) * view.far_side
    for far, reach, peak in ((0.66, 0.75, 0.13), (0.40, 0.42, 0.16)):
        hull = smooth(1 - reach * 2, 1.1, x) * (view.shape("coast").uniform(0.75, 1.1))
        relief = Relief(view.horizon + view.unit * 0.012, 0.0, peak, 0.34, 2.4, 0.4, far)
        paint_relief(view, picture, f"coast {far}", relief, "grass", hull)


def _paint_dunes(view: View, picture: Floats) -> None:
    for number, (far, down, rise) in enumerate(((0.6, 0.42, 0.16), (0.3, 0.85, 0.20), (0.06, 1.2, 0.16))):
        foot = view.horizon + (view.height - view.horizon) * down
        relief = Relief(foot, rise, 0.10 + 0.02 * number, 0.55 + 0.2 * number, 3.2, 0.7, far)
        paint_relief(view, picture, f"dunes {far}", relief, "sand")


def _paint_hills(view: View, picture: Floats) -> None:
    below, wet = view.height - view.horizon, view.is_wet
    for number, (far, down, rise) in enumerate(((0.70, 0.42, 0.14), (0.44, 0.85, 0.20), (0.16, 1.25, 0.20))):
        foot, rise = (view.unit * 0.02, 0.03) if wet else (below * down, rise)
        relief = Relief(view.horizon + foot, rise, 0.08 + 0.03 * number, 0.40 + 0.2 * number, 2.7, 0.0, far)
        crest = paint_relief(view, picture, f"hills {far}", relief, "grass")
        if number < 2:
            _paint_copses(view, picture, far, crest)


def _paint_copses(view: View, picture: Floats, far: float, crest: Floats) -> None:
    """Scatter small groups of trees along the crest of hills."""
    rng, size = view.shape(f"copses {far}"), view.unit * 0.044 * (1.35 - far)
    for _ in range(int(rng.integers(2, 5))):
        middle = rng.uniform(0, view.width)
        for _ in range(int(rng.integers(2, 9))):
            tree = broadleaf(rng, max(6, int(size * rng.uniform(0.6, 1.3))))
            x = middle + rng.normal(0, size * 1.5)
            foot = float(crest[int(np.clip(x, 0, view.width - 1))]) + size * 0.2
            stamp(view, picture, tree, (x, foot), view.light.on(_leaf(view, rng), 0.45), far)


def _paint_forest(view: View, picture: Floats) -> None:
    """Paint rows of trees, the near ones larger and darker, with haze between the rows."""
    unit, light, wet, misty = view.unit, view.light, view.is_wet, view.has("mist")
    kind, rows = broadleaf if view.has("autumn") else conifer, 3 if wet else 6
    for number in range(rows):
        rng, near = view.shape(f"forest {number}"), number / (rows - 1)
        foot = view.horizon + unit * 0.01 + (0 if wet else (view.height * 1.04 - view.horizon) * near**1.7)
        size = unit * (0.09 + 0.07 * near if wet else 0.14 + 0.42 * near**1.4)
        far = (1 - near) ** (0.9 if misty else 1.2) * (0.95 if misty else 0.78)
        if not wet:
            floor = Relief(foot + unit * 0.12, 0.05, 0.05, 0.5, 2.3, 0.0, far)
            paint_relief(view, picture, f"floor {number}", floor, "grass")
        trees = [
            kind(rng, max(8, int(size * rng.uniform(0.75, 1.15)))) for _ in range(3 if near > 0.5 else 5)
        ]
        gap = size * (0.19 if number < rows - 2 or wet else 0.4)
        for x in np.cumsum(gap * rng.uniform(0.5, 1.6, int(view.width / gap) + 3)) - gap:
            if near > 0.7 and not wet and abs(x - view.sun[0]) < 0.2 * view.width:
                continue  # so that light comes through
            shade = rng.uniform(0.55, 0.95) * (1 - 0.35 * near)
            body = light.on(_leaf(view, rng) * shade, 0.55 if view.has("autumn") else 0.25)
            body = mix(body, light.on(SNOW, 0.4), 0.28) if view.has("snow") else body
            tree = trees[int(rng.integers(len(trees)))]
            stamp(view, picture, tree, (float(x), foot + unit * 0.02 * float(rng.normal())), body, far)
        if not wet and number < rows - 1:
            reach = unit * (0.06 + 0.06 * near)
            top = max(0, int(foot - reach * 2.2))
            away = (
                np.arange(top, min(view.height, int(foot + reach * 2.2)), dtype=F)[:, None] - foot
            ) / reach
            part = picture[:, top : top + len(away)]
            blend(part, light.haze, np.exp(-(away**2)) * ((0.75 if misty else 0.4) * (1 - near)))


def _paint_city(view: View, picture: Floats) -> None:
    """Paint three rows of buildings, with lit windows when it is dark."""
    unit, light = view.unit, view.light
    air = mix(light.sky[3], light.sky[2], 0.5)
    for number, (far, tall) in enumerate(((0.60, 0.44), (0.34, 0.36), (0.06, 0.26))):
        base = min(view.height, int(view.horizon + (0 if view.is_wet else unit * (0.04, 0.14, 0.6)[number])))
        mask, lamps = _buildings(view, number, base, tall)
        part, y = picture[:, :base], np.arange(base, dtype=F)[:, None]
        if light.lamps > 0.5:
            screen(part, rgb("#ff9a52"), smooth(base - unit * 0.42, base, y) * (0.20 * light.lamps))
        glow = smooth(base - unit * 0.34, base, y) * (0.4 * (1 - 0.5 * light.lamps))
        body = mix(light.on(rgb("#565a6c"), 0.12), air, far)
        blend(part, body[:, None, None] + (air - body)[:, None, None] * glow, mask)
        blend(part, rgb("#ffd48a"), lamps * (max(0.0, light.lamps * 1.15 - 0.1) * (1 - far * 0.75)))


def _buildings(view: View, number: int, base: int, tall: float) -> tuple[Floats, Floats]:
    """Return the mask of a row of buildings that stand on a row of pixels, and their lit windows."""
    rng, unit, width = view.shape(f"city {number}"), view.unit, view.width
    mask, lamps = np.zeros((base, width), F), np.zeros((base, width), F)
    mask[base - max(2, int(unit * (0.02 if view.is_wet else 0.12 * number))) :] = 1
    pixel, lift = max(1, round(unit / 512 * (1 + number * 0.5))), 0.0 if view.is_wet or number < 2 else 0.45
    x = -int(unit * 0.05)
    while x < width:
        wide = int(unit * rng.uniform(0.035, 0.095) * (0.8 + number * 0.25))
        middle = np.exp(-(((x + wide / 2) / width - (0.5 + 0.5 * rng.normal(0, 0.2))) ** 2) * 5)
        high = unit * tall * (0.28 + 0.72 * rng.random() * middle) + (view.height - view.horizon) * lift
        _raise_building(rng, mask, lamps, (x, wide, int(high)), pixel)
        x += int(wide * rng.uniform(0.85, 1.15)) + (0 if rng.random() < 0.8 else pixel * 3)
    return mask, lamps


def _raise_building(rng: Rng, mask: Floats, lamps: Floats, box: tuple[int, int, int], pixel: int) -> None:
    """Put one building into the mask, its lit windows into the lamps. `box`: left edge, width and height."""
    left, wide, high = box
    top, inset = max(2, mask.shape[0] - high), int(wide * rng.uniform(0.12, 0.3))
    right, middle = left + wide, left + wide // 2
    mask[top:, max(0, left) : max(0, right)] = 1
    roof = max(1, top - int(high * rng.uniform(0.06, 0.2))) if rng.random() < 0.45 else top
    mask[roof:top, max(0, left + inset) : max(0, right - inset)] = 1
    if rng.random() < 0.22:
        mask[max(0, roof - int(high * 0.16)) : roof, max(0, middle) : max(0, middle + pixel)] = 1
    rows, columns = (mask.shape[0] - top) // (pixel * 4), wide // (pixel * 3)
    lit = (rng.random((rows, columns)) < rng.uniform(0.15, 0.5)) * rng.uniform(0.45, 1.0, (rows, columns))
    panes = np.zeros((rows * 4, columns * 3), F)
    panes[1::4, 1::3] = panes[2::4, 1::3] = lit
    panes = panes.repeat(pixel, 0).repeat(pixel, 1)[:, max(0, -left) :]
    lamps[top:, max(0, left) : max(0, right)] = 0
    part = lamps[top : top + panes.shape[0], max(0, left) : max(0, left) + panes.shape[1]]
    part[:] = panes[: part.shape[0], : part.shape[1]]
