"""Height maps that are lit and seen from the front, and the trees that stand on them."""

from dataclasses import dataclass

import numpy as np

from animus_tui.demo.painting.canvas import F, Floats, Rng, blend, grid, mix, noise, resized, rgb, smooth
from animus_tui.demo.painting.view import View

SLICES = 232
"""Rows of a height map, from near to far."""
GRASS, MOSS, ROCK, SAND, SNOW = map(rgb, ("#7f9a4c", "#4f6b3c", "#8b8681", "#dcae76", "#f2f6ff"))
AUTUMN = tuple(map(rgb, ("#c8602a", "#dba040", "#9c3d26", "#b57a34")))


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


def leaf(view: View, rng: Rng) -> Floats:
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
    height, width = mask.shape
    top, left = round(place[1]) - height, round(place[0] - width / 2)
    bottom, y0, x0, x1 = (
        min(view.sea_level, top + height),
        max(0, top),
        max(0, left),
        min(view.width, left + width),
    )
    if y0 < bottom and x0 < x1:
        cut = slice(y0 - top, bottom - top), slice(x0 - left, x1 - left)
        body = colour[:, None, None] * (shade[cut] * (1 - far)) + (view.light.haze * far)[:, None, None]
        blend(picture[:, y0:bottom, x0:x1], body, mask[cut])


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
    if height > 180:
        return np.clip(resized(broadleaf(rng, 180), (height, width)), 0, 1.7)
    y, x = (axis / height for axis in grid(height, width))
    crown, shade = np.full((height, width), -1, F), np.full((height, width), 0.5, F)
    for cy in sorted(rng.uniform(0.18, 0.58, 22).tolist(), reverse=True):
        cx = (0.5 + rng.uniform(-0.32, 0.32) * (1 - abs(cy - 0.42) * 1.4)) * width / height
        inside = rng.uniform(0.09, 0.16) - np.hypot(y - cy, x - cx)
        shade = np.where(inside > 0, (1.05 - 0.8 * cy + rng.normal(0, 0.08)) - (y - cy) * 3.4, shade)
        crown = np.maximum(crown, inside)
    ragged = crown - 0.045 * rng.random((height, width), dtype=F) * (rng.random((height, width)) < 0.6)
    trunk = (0.022 - np.abs(x - (0.5 * width / height))) * (y > 0.5)
    mask = np.clip(np.maximum(ragged, trunk) * height, 0, 1)
    return np.stack([mask, np.clip(shade + 0.22 * rng.standard_normal(mask.shape, dtype=F), 0.25, 1.7)])
