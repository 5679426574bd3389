"""The sky and the water that mirrors it: sun or moon, stars, clouds, northern lights, mist, rays, snow and rain."""

import numpy as np

from animus_tui.demo.painting.canvas import (
    TILE,
    F,
    Floats,
    blend,
    grid,
    mix,
    noise,
    resized,
    rgb,
    sample,
    screen,
    smooth,
)
from animus_tui.demo.painting.scene import SETS
from animus_tui.demo.painting.view import View


def paint_sky(view: View) -> Floats:
    """Return a picture that is all sky; below the horizon its colours go on."""
    shape = view.height, view.width
    y, x = grid(*shape, 2)
    picture = _colours(view, y, x)
    if view.has("aurora"):
        _paint_aurora(view, picture, y)
    is_open = np.ones_like(y) if view.has("clear") else 1 - _paint_clouds(view, picture, y, x)
    picture, is_open = resized(picture, shape), resized(is_open, shape)
    if view.light.lamps > 0.8:
        _paint_stars(view, picture, is_open)
    if view.shows_disc:
        _paint_disc(view, picture, is_open)
    return picture


def _colours(view: View, y: Floats, x: Floats) -> Floats:
    """Return the colours of the sky, with the glow around sun or moon."""
    light, depth = view.light, np.clip(y[:, 0] / view.horizon, 0, 1)
    column = np.stack([np.interp(depth, (0, 0.36, 0.64, 0.85, 1), stops) for stops in light.sky.T]).astype(F)
    picture = np.repeat(column[:, :, None], x.shape[1], 2)
    is_day = light.height > 0.3
    away = np.hypot((x - view.sun[0]) / (1 if is_day else 1.7), y - view.sun[1]) / view.unit
    halo = np.exp(-away * 5.5) * 0.55 + np.exp(-away * 17) * 0.5
    if light.lamps == 1:
        halo = np.exp(-away * 9) * 0.26 + np.exp(-away * 30) * 0.25
    glow = light.sun if is_day else mix(light.sky[4], light.sun, 0.6)
    screen(picture, light.sun * glow, halo * (0.8 if view.shows_disc or light.height < 0 else 0.3))
    return picture


def _paint_clouds(view: View, picture: Floats, y: Floats, x: Floats) -> Floats:
    """Lay clouds over the sky, on a flat ceiling that runs to the horizon; return how much they cover."""
    light, rng, is_heavy = view.light, view.chance("clouds"), view.has("clouds", "rain", "storm")
    up = np.clip((view.horizon - y) / view.horizon, 0, 1)
    far = 1 / (up * 0.95 + 0.085)
    tile = noise(rng, (TILE, TILE), 170, 1.75, (1, 0.62))
    at_y, at_x = far * 58 + rng.uniform(0, TILE), (x - view.width / 2) * far * (143 / view.unit)
    field = sample(tile, at_y, at_x)
    lit = field - sample(tile, at_y + (-9 if light.height > 0.3 else 9), at_x - view.far_side * 7)
    least = -0.5 if is_heavy else 0.25
    cover = smooth(least, least + 1.5, field) * smooth(0.0, 0.16, up) * (0.94 if is_heavy else 0.86)
    near_sun = np.exp(-np.hypot((x - view.sun[0]) / 2, y - view.sun[1]) / view.unit * 3.2)
    shade = np.clip(0.42 + lit * 0.55 + near_sun * 0.4, 0, 1) * (0.6 if is_heavy else 1)
    glow = mix(light.sky[4], light.sun, 0.5)
    dark = mix(light.sky[1], light.sky[2], 0.67 if light.is_low else 0.5) * (0.62 if is_heavy else 0.80)
    if light.lamps == 1:
        glow, dark = mix(light.sky[4], light.sun, 0.12), light.sky[1] * 0.9
    blend(picture, dark[:, None, None] + (glow - dark)[:, None, None] * shade, cover)
    return cover


def _paint_stars(view: View, picture: Floats, is_open: Floats) -> None:
    rng = view.shape("stars")
    count = int(1100 * view.width * view.horizon / view.unit**2 * (0.35 + 3.25 * (view.light.lamps - 0.8)))
    y = (rng.random(count) ** 1.25 * (view.horizon - 3)).astype(int)
    x = rng.integers(1, view.width - 1, count)
    power = rng.random(count) ** 5 * (1 - y / view.horizon * 0.7) * 1.1 + 0.12
    plane = np.zeros((view.height, view.width), F)
    for dy, dx in ((0, 0), (0, 1), (1, 0), (0, -1), (-1, 0)):
        np.maximum.at(plane, (np.maximum(y + dy, 0), x + dx), power * power * 0.35 if dy or dx else power)
    screen(picture, rgb("#f3f2ff"), np.clip(plane, 0, 1) * is_open**2)


def _paint_disc(view: View, picture: Floats, is_open: Floats) -> None:
    """Put the sun or the moon into the sky; at dusk the moon stands where the sun did not set."""
    light, is_moon, is_day = view.light, view.light.lamps > 0.8, view.light.height > 0.3
    sun_x, sun_y = view.sun if light.height > 0 else (view.width - view.sun[0], view.horizon * 0.3)
    radius = view.unit * (0.043 if is_moon else 0.034 if is_day else 0.046)
    top, left, reach = int(sun_y), int(sun_x), int(radius * 1.3) + 2
    box = slice(max(0, top - reach), top + reach), slice(max(0, left - reach), left + reach)
    part = picture[:, *box]
    y, x = grid(*part.shape[1:])
    across, down = (x + box[1].start - sun_x) / radius, (y + box[0].start - sun_y) / radius
    disc = np.clip((1 - np.hypot(across, down)) * (2.2 if is_day and not is_moon else radius) + 0.5, 0, 1)
    shade = np.ones_like(disc)
    if is_moon:
        seas = sample(noise(view.shape("moon"), (64, 64), 26, 1.9), down * 20 + 32, across * 20 + 32)
        shade = (1 - 0.16 * smooth(0.1, 0.9, seas)) * (0.92 - 0.08 * np.clip(down, -1, 1))
    veil = (0.45 + 0.55 * is_open[box]) * (0.7 if view.has("snow", "mist") else 1)
    blend(part, light.sun[:, None, None] * shade, disc * veil)


def _paint_aurora(view: View, picture: Floats, y: Floats) -> None:
    """Hang curtains of light in the sky: bright at their lower edge, fading upwards in rays."""
    rng, width = view.shape("aurora"), y.shape[1]
    for number in range(3):
        bends, folds = noise(rng, (2, width), width * 0.8, 2.4)
        rays, _ = noise(rng, (2, width), width / 11, 1.4)
        foot = view.horizon * (0.74 - 0.17 * number + 0.085 * bends)
        height = (foot - y) / (view.horizon * (0.42 + 0.12 * number))
        curtain = np.where(height > 0, np.exp(-height * 3.4), np.exp(np.minimum(height, 0) * 26))
        curtain = curtain * np.clip(0.72 + 0.3 * rays + 0.3 * folds, 0.05, 1.5)
        top = np.clip(height * 1.7, 0, 1)
        screen(picture, rgb("#3df09a"), curtain * (1 - top) * (0.75 - 0.16 * number))
        screen(picture, rgb("#9a5be8"), curtain * top * 1.1)


def paint_water(view: View, picture: Floats) -> None:
    """Fill the picture below the horizon with water that mirrors what is above it in waves."""
    width, horizon, light, said = view.width, view.horizon, view.light, set(view.scene.text.split())
    rough = 2.2 if said & SETS["rough"] else 0.55 if said & SETS["calm"] else 0.7 if view.has("lake") else 1.1
    rows = view.height - horizon
    y, x = grid(rows, width)
    depth = y / rows
    tile = noise(view.chance("waves"), (TILE, TILE), 26, 1.7, (1.0, 0.36))
    far = 1 / (depth + 0.035)
    across = (x - width / 2) * far**0.7 * (286 / view.unit)
    # Far away the smaller waves are less than a pixel high: only noise.
    fine = sample(tile, far * 230 + 200, across * 2.6) * smooth(0.0, 0.3, depth)
    waves = sample(tile, far * 70, across) * (0.2 + 0.35 * smooth(0.0, 0.1, depth)) + fine * 0.6
    sway = waves * (0.006 + depth * 0.030) * (rough * view.unit)
    source = np.clip(horizon - 2 - y * min(1.0, horizon / rows * 0.98) + sway, 0, horizon - 1)
    places = source.astype(np.int32) * width + np.clip(x + sway * 0.35, 0, width - 1).astype(np.int32)
    deep = mix(light.sky[1], rgb("#1f5a66"), 0.25 if light.lamps < 0.9 else 0.06) * 0.5
    clear = (0.84 - 0.56 * depth) * (1 + waves * (0.10 * rough))
    surface = picture[:, horizon:]
    for channel, under, target in zip(picture, deep, surface, strict=True):
        target[:] = under + (channel[:horizon].ravel().take(places) - under) * clear
    if view.shows_disc or light.height < 0:
        path = np.exp(-(((x - view.sun[0]) / view.unit) ** 2) / (0.001 + 0.02 * depth))
        path = path * smooth(0.1, 1.3, waves + (1 - depth) * 0.5)
        glare = 0.95 if light.is_low or light.lamps == 1 else 0.42
        screen(surface, mix(light.sun, light.sky[4], 0.2), path * glare)
    caps = smooth(1.25, 2.4, waves) * (0.4 if rough > 1.5 else 0.1) * (0.25 + depth)
    screen(surface, light.sky[3], np.clip(caps, 0, 1))
    blend(surface, light.haze, np.exp(-y / (view.unit * 0.006)) * 0.35)


def paint_mist(view: View, picture: Floats) -> None:
    """Lay banks of mist around the horizon."""
    y, x = grid(view.height, view.width, 2)
    tile = noise(view.chance("mist"), (TILE, TILE), 130, 2.0, (1, 0.3))
    drift = sample(tile, y * (300 / view.unit), x * (300 / view.unit))
    away = (y - view.horizon) / view.unit - 0.05
    bank = np.exp(-((away / 0.2) ** 2)) * (0.62 + 0.26 * drift) + 0.1
    blend(picture, view.light.haze, resized(np.clip(bank, 0, 0.88), picture.shape[1:]))


def paint_rays(view: View, picture: Floats) -> None:
    """Let light fan out from the sun."""
    y, x = grid(view.height, view.width, 2)
    across, down = (x - view.sun[0]) / view.unit, (y - view.sun[1]) / view.unit
    angle = (np.arctan2(down, across) + np.pi) * (1023 / (2 * np.pi))
    beams = smooth(-0.8, 1.8, sample(noise(view.shape("rays"), (2, 1024), 90, 1.6), angle * 0, angle))
    far = np.hypot(across, down)
    fan = beams * np.exp(-far * 1.9) * smooth(0.0, 0.22, far) * 0.42
    screen(picture, view.light.sun * view.light.sky[4], resized(fan, picture.shape[1:]))


def paint_snow(view: View, picture: Floats) -> None:
    """Let snow fall: far flakes small and many, near ones large and soft."""
    rng, white = view.chance("snow"), rgb("#f8faff") * (1 - 0.45 * view.light.lamps)
    for share, radius, strength in ((1.0, 0.0012, 0.75), (0.35, 0.0024, 0.8), (0.06, 0.0055, 0.5)):
        flakes = np.zeros(picture.shape[1:], F)
        count, size = int(1500 * share * flakes.size / view.unit**2), max(0.8, radius * view.unit)
        reach = int(size * 2) + 1
        y = rng.integers(reach, view.height - reach, count)
        x = rng.integers(reach, view.width - reach, count)
        power = rng.uniform(0.4, 1.0, count) * strength
        for dy, dx in np.ndindex(2 * reach + 1, 2 * reach + 1):
            dot = np.exp(-((dy - reach) ** 2 + (dx - reach) ** 2) / size**2)
            np.maximum.at(flakes, (y + dy - reach, x + dx - reach), power * dot)
        blend(picture, white, flakes)


def paint_rain(view: View, picture: Floats) -> None:
    """Let rain fall: veils of it in slanted bands, as it is seen from afar, and near drops in a few long streaks."""
    rng, unit, (height, width) = view.chance("rain"), view.unit, picture.shape[1:]
    y, x = grid(height, width, 4)
    tile = noise(rng, (TILE, TILE), 90, 1.7, (0.22, 1))
    veil = smooth(-0.6, 2.0, sample(tile, y * (150 / unit), (x + y * 0.22) * (300 / unit)))
    veil *= 0.12 + 0.42 * np.exp(-(((y - view.horizon) / (unit * 0.30)) ** 2))
    blend(picture, mix(view.light.haze, view.light.sky[3], 0.4), resized(veil, (height, width)))
    drops = np.zeros((height, width), F)
    count, length = int(120 * drops.size / unit**2), max(8, int(unit * 0.055))
    top, left = rng.integers(0, height, count), rng.integers(0, width, count)
    power = rng.uniform(0.15, 1.0, count) ** 2
    for step in range(length):
        at = (top + step) % height, (left - step * 2 // 9) % width
        drops[at] = np.maximum(drops[at], power * np.sin(np.pi * step / length))
    blend(picture, view.light.sky[4], drops * 0.4)
