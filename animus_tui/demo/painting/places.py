"""Places, each in layers from far to near: mountains, coasts, dunes, hills, forests and cities."""

import numpy as np

from animus_tui.demo.painting.canvas import F, Floats, Rng, blend, mix, rgb, screen, smooth
from animus_tui.demo.painting.land import SNOW, Relief, broadleaf, conifer, leaf, paint_relief, stamp
from animus_tui.demo.painting.stage import paint_lighthouse
from animus_tui.demo.painting.view import View
from animus_tui.demo.painting.weather import paint_rays


def paint_land(view: View, picture: Floats) -> None:
    """Paint the land of the scene's places, from far to near."""
    is_wide = not view.has("city", "hills", "meadow", "desert", "forest")
    if view.has("mountains") or (view.has("lake") and is_wide):
        _paint_mountains(view, picture)
    elif view.has("sea", "beach") or not view.scene.places:
        _paint_coast(view, picture)
    if view.has("desert"):
        _paint_dunes(view, picture)
    elif view.has("hills", "meadow") or not (view.is_wet or view.has("forest", "city")):
        _paint_hills(view, picture)
    if view.has("forest"):
        _paint_forest(view, picture)
    if view.has("city"):
        _paint_city(view, picture)
    if view.has("forest", "mist", "beach") and view.light.is_low:
        paint_rays(view, picture)
    if view.has("lighthouse"):
        paint_lighthouse(view, picture)


def _paint_mountains(view: View, picture: Floats) -> None:
    for far, peak in ((0.62, 0.36), (0.30, 0.30)):
        foot = view.horizon + view.unit * (0.01 if view.is_wet else 0.12)
        relief = Relief(foot, 0.02, peak, 0.95 - far * 0.4, 2.3, 1.0, far)
        paint_relief(view, picture, f"mountains {far}", relief, "rock")


def _paint_coast(view: View, picture: Floats) -> None:
    """Let a low coast reach into the sea from the side where the sun is not."""
    for far, reach, peak in ((0.66, 0.75, 0.13), (0.40, 0.42, 0.16)):
        x = np.linspace(-1, 1, view.width, dtype=F) * view.far_side
        hull = smooth(1 - reach * 2, 1.1, x) * (view.shape("coast").uniform(0.75, 1.1))
        relief = Relief(view.horizon + view.unit * 0.012, 0.0, peak, 0.34, 2.4, 0.4, far)
        paint_relief(view, picture, f"coast {far}", relief, "grass", hull)


def _paint_dunes(view: View, picture: Floats) -> None:
    for number, far in enumerate((0.6, 0.3, 0.06)):
        foot = view.horizon + (view.height - view.horizon) * (0.42, 0.85, 1.2)[number]
        rise = (0.16, 0.20, 0.16)[number]
        relief = Relief(foot, rise, 0.10 + 0.02 * number, 0.55 + 0.2 * number, 3.2, 0.7, far)
        paint_relief(view, picture, f"dunes {far}", relief, "sand")


def _paint_hills(view: View, picture: Floats) -> None:
    below, wet = view.height - view.horizon, view.is_wet
    for number, far in enumerate((0.70, 0.44, 0.16)):
        foot = view.horizon + (view.unit * 0.02 if wet else below * (0.42, 0.85, 1.25)[number])
        rise = 0.03 if wet else (0.14, 0.20, 0.20)[number]
        relief = Relief(foot, rise, 0.08 + 0.03 * number, 0.40 + 0.2 * number, 2.7, 0.0, far)
        crest = paint_relief(view, picture, f"hills {far}", relief, "grass")
        if number < 2:
            _paint_copses(view, picture, far, crest)


def _paint_copses(view: View, picture: Floats, far: float, crest: Floats) -> None:
    """Scatter small groups of trees along the crest of hills."""
    rng, size = view.shape(f"copses {far}"), view.unit * 0.044 * (1.35 - far)
    for _ in range(int(rng.integers(2, 5))):
        middle = rng.uniform(0, view.width)
        for _ in range(int(rng.integers(2, 9))):
            tree, x = (
                broadleaf(rng, max(6, int(size * rng.uniform(0.6, 1.3)))),
                middle + rng.normal(0, size * 1.5),
            )
            foot = float(crest[int(np.clip(x, 0, view.width - 1))]) + size * 0.2
            stamp(view, picture, tree, (x, foot), view.light.on(leaf(view, rng), 0.45), far)


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
        trees = [kind(rng, max(8, int(size * rng.uniform(0.75, 1.15)))) for _ in range(5)]
        gap = size * (0.19 if number < rows - 2 or wet else 0.4)
        for x in np.cumsum(gap * rng.uniform(0.5, 1.6, int(view.width / gap) + 3)) - gap:
            if near > 0.7 and not wet and abs(x - view.sun[0]) < 0.2 * view.width:
                continue  # so that light comes through
            shade = rng.uniform(0.55, 0.95) * (1 - 0.35 * near)
            body = light.on(leaf(view, rng) * shade, 0.55 if view.has("autumn") else 0.25)
            body = mix(body, light.on(SNOW, 0.4), 0.28) if view.has("snow") else body
            tree = trees[int(rng.integers(len(trees)))]
            stamp(view, picture, tree, (float(x), foot + unit * 0.02 * float(rng.normal())), body, far)
        if not wet and number < rows - 1:
            away = (np.arange(view.height, dtype=F)[:, None] - foot) / (unit * (0.06 + 0.06 * near))
            blend(picture, light.haze, np.exp(-(away**2)) * ((0.75 if misty else 0.4) * (1 - near)))


def _paint_city(view: View, picture: Floats) -> None:
    """Paint three rows of buildings, with lit windows when it is dark."""
    unit, light = view.unit, view.light
    air = mix(light.sky[3], light.sky[2], 0.5)
    for number, (far, tall) in enumerate(((0.60, 0.44), (0.34, 0.36), (0.06, 0.26))):
        base = min(view.height, int(view.horizon + (0 if view.is_wet else unit * (0.04, 0.14, 0.6)[number])))
        mask, lamps = _row(view, number, base, tall)
        part, y = picture[:, :base], np.arange(base, dtype=F)[:, None]
        if light.lamps > 0.5:
            screen(part, rgb("#ff9a52"), smooth(base - unit * 0.42, base, y) * (0.20 * light.lamps))
        glow = smooth(base - unit * 0.34, base, y) * (0.4 * (1 - 0.5 * light.lamps))
        body = mix(light.on(rgb("#565a6c"), 0.12), air, far)
        blend(part, body[:, None, None] + (air - body)[:, None, None] * glow, mask)
        blend(part, rgb("#ffd48a"), lamps * (max(0.0, light.lamps * 1.15 - 0.1) * (1 - far * 0.75)))


def _row(view: View, number: int, base: int, tall: float) -> tuple[Floats, Floats]:
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
