"""The sky: its colours, sun or moon, stars, northern lights, the milky way and clouds."""

import numpy as np

from animus_tui.demo.painting.canvas import F, Floats, blend, mix, noise, resized, rgb, sample, screen, smooth
from animus_tui.demo.painting.view import View

TILE = 512
"""Side of the noise that clouds and waves are read from, a power of two."""


def paint_sky(view: View) -> Floats:
    """Return a picture that is all sky; below the horizon its colours go on."""
    half = (view.height + 1) // 2, (view.width + 1) // 2
    y, x = np.mgrid[0 : half[0], 0 : half[1]].astype(F) * 2
    picture = _colours(view, y, x)
    if view.has("milky way"):
        _paint_milky_way(view, picture, y, x)
    if view.has("aurora"):
        _paint_aurora(view, picture, y, x)
    covered = np.zeros(half, F) if view.has("clear") else _paint_clouds(view, picture, y, x)
    picture = resized(picture, (view.height, view.width))
    open_sky = resized(1 - covered, (view.height, view.width))
    if view.light.lamps > 0.8:
        _paint_stars(view, picture, open_sky)
    if view.shows_disc:
        _paint_disc(view, picture, open_sky)
    return picture


def _colours(view: View, y: Floats, x: Floats) -> Floats:
    light, stops = view.light, view.light.sky
    depth = np.clip(y[:, 0] / view.horizon, 0, 1)
    places = np.array((0, 0.36, 0.64, 0.85, 1), F)
    column = np.stack([np.interp(depth, places, stops[:, c]) for c in range(3)]).astype(F)
    picture = np.repeat(column[:, :, None], x.shape[1], 2)
    is_low = light.height < 0.3
    across, down = (x - view.sun[0]) / view.unit, (y - view.sun[1]) / view.unit
    distance = np.hypot(across / (1.7 if is_low else 1), down)
    strength = 0.8 if view.shows_disc or light.height < 0 else 0.3
    halo = np.exp(-distance * 5.5) * 0.55 + np.exp(-distance * 17) * 0.5
    if light.lamps == 1:
        halo = np.exp(-distance * 9) * 0.26 + np.exp(-distance * 30) * 0.25
    screen(
        picture, light.sun * (mix(light.sky[4], light.sun, 0.6) if is_low else light.sun), halo * F(strength)
    )
    return picture


def _paint_clouds(view: View, picture: Floats, y: Floats, x: Floats) -> Floats:
    """Lay clouds over the sky, on a flat ceiling that runs to the horizon; return how much they cover."""
    light, rng = view.light, view.chance("clouds")
    is_heavy = view.has("clouds", "rain", "storm")
    rows = slice(0, min(y.shape[0], view.horizon // 2 + 1))
    up = np.clip((view.horizon - y[rows]) / view.horizon, 0, 1)
    far = 1 / (up * 0.95 + 0.085)
    tile = noise(rng, (TILE, TILE), 170, 1.75, (1, 0.62))
    wide = 260 / view.unit
    at_y, at_x = far * 58 + float(rng.uniform(0, TILE)), (x[rows] - view.width / 2) * wide * far * 0.55
    field = sample(tile, at_y, at_x)
    toward = F(np.sign(view.sun[0] - view.width / 2) or 1)
    lit = field - sample(tile, at_y + (9 if light.height < 0.3 else -9), at_x + toward * 7)
    threshold = -0.5 if is_heavy else 0.25
    body = smooth(threshold, threshold + 1.5, field) * smooth(0.0, 0.16, up)
    glow = mix(light.sky[4], light.sun, 0.5)
    near_sun = np.exp(-np.hypot((x[rows] - view.sun[0]) / 2, y[rows] - view.sun[1]) / view.unit * 3.2)
    shade = np.clip(0.42 + lit * 0.55 + near_sun * 0.4, 0, 1) * (0.6 if is_heavy else 1)
    dark = mix(light.sky[1], light.sky[2], 0.5) * (0.62 if is_heavy else 0.80)
    if 0 < light.height < 0.3:
        dark = mix(dark, light.sky[2], 0.35)
    if light.lamps == 1:
        glow, dark = mix(light.sky[4], light.sun, 0.12), light.sky[1] * F(0.9)
    sky = picture[:, rows]
    cover = body * (0.94 if is_heavy else 0.86)
    colour = dark[:, None, None] + (glow - dark)[:, None, None] * shade
    sky += (colour - sky) * cover
    covered = np.zeros(y.shape, F)
    covered[rows] = cover
    return covered


def _paint_stars(view: View, picture: Floats, open_sky: Floats) -> None:
    rng, shown = view.shape("stars"), (view.light.lamps - 0.8) * 5
    count = int(1100 * view.width * view.horizon / view.unit**2 * (0.35 + 0.65 * shown))
    y = (rng.random(count) ** 1.25 * (view.horizon - 3)).astype(int)
    x = rng.integers(1, view.width - 1, count)
    power = rng.random(count) ** 5 * (1 - y / view.horizon * 0.7) * 1.1 + 0.12
    plane = np.zeros((view.height, view.width), F)
    for dy, dx, share in ((0, 0, 1.0), (0, 1, 0.35), (1, 0, 0.35), (0, -1, 0.35), (-1, 0, 0.35)):
        np.maximum.at(plane, (np.maximum(y + dy, 0), x + dx), power * share * np.where(share < 1, power, 1))
    screen(picture, rgb("#f3f2ff"), np.clip(plane, 0, 1) * open_sky**2)


def _paint_disc(view: View, picture: Floats, open_sky: Floats) -> None:
    """Put the sun or the moon into the sky."""
    light, (sun_x, sun_y) = view.light, view.sun
    is_moon = light.lamps > 0.8
    if light.height < 0:
        sun_x, sun_y = view.width - sun_x, view.horizon * 0.3
    radius = view.unit * (0.043 if is_moon else 0.046 if light.height < 0.3 else 0.034)
    reach = int(radius * 1.3) + 2
    top, left = max(0, int(sun_y) - reach), max(0, int(sun_x) - reach)
    part = picture[:, top : int(sun_y) + reach, left : int(sun_x) + reach]
    y, x = np.mgrid[top : top + part.shape[1], left : left + part.shape[2]].astype(F)
    across, down = (x - sun_x) / radius, (y - sun_y) / radius
    edge = radius if is_moon or light.height < 0.3 else 2.2
    disc = np.clip((1 - np.hypot(across, down)) * edge + 0.5, 0, 1)
    colour = np.repeat(light.sun[:, None, None], part.shape[1], 1).repeat(part.shape[2], 2)
    if is_moon:
        tile = noise(view.shape("moon"), (64, 64), 26, 1.9)
        seas = sample(tile, down * 20 + 32, across * 20 + 32)
        colour = colour * (1 - 0.16 * smooth(0.1, 0.9, seas)) * (0.92 + 0.08 * np.clip(-down, -1, 1))
    veil = 1 - 0.55 * (1 - open_sky[top : top + part.shape[1], left : left + part.shape[2]])
    blend(part, colour.astype(F), disc * (veil if not view.has("snow", "mist") else veil * 0.7))


def _paint_milky_way(view: View, picture: Floats, y: Floats, x: Floats) -> None:
    rng = view.shape("milky way")
    lean, start = rng.uniform(0.5, 1.1) * rng.choice((-1, 1)), rng.uniform(0.35, 0.65)
    across = ((x / view.width - start) - lean * (y / view.horizon - 0.5) * 0.6) / 0.13
    tile = noise(rng, (TILE, TILE), 130, 1.5)
    scale = F(420 / view.unit)
    clouds, dust = sample(tile, y * scale, x * scale), sample(tile, y * scale * 2 + 200, x * scale * 2)
    band = np.exp(-((across + clouds * F(0.16)) ** 2)) * smooth(1.05, 0.5, y / view.horizon)
    lanes = smooth(-0.3, 1.6, dust + clouds * F(0.5)) * np.exp(-((across * 1.9 + clouds * F(0.3)) ** 2))
    glow = np.clip(band * (F(0.52) + F(0.10) * clouds) * (1 - lanes * F(0.85)), 0, 1)
    screen(picture, rgb("#9fa9ea"), glow * F(0.75))
    screen(picture, rgb("#ffd4c0"), glow**2 * F(0.9))


def _paint_aurora(view: View, picture: Floats, y: Floats, x: Floats) -> None:
    """Hang curtains of light in the sky: bright at their lower edge, fading upwards in rays."""
    rng = view.shape("aurora")
    for number in range(3):
        line = noise(rng, (2, 1024), 420, 2.4)
        columns = (np.arange(x.shape[1]) * 1024 // x.shape[1]).astype(int)
        foot = view.horizon * (0.74 - 0.17 * number + 0.085 * line[0, columns])
        rays = np.clip(
            0.72 + 0.3 * noise(rng, (2, x.shape[1]), 46, 1.4)[0] + 0.3 * line[1, columns], 0.05, 1.5
        )
        height = (foot[None] - y) / (view.horizon * (0.42 + 0.12 * number))
        curtain = np.where(height > 0, np.exp(-height * 3.4), np.exp(height * 26)).astype(F) * rays
        top = np.clip(height * 1.7, 0, 1)
        screen(picture, rgb("#3df09a"), curtain * (1 - top) * (0.75 - 0.16 * number))
        screen(picture, rgb("#9a5be8"), curtain * top * 1.1)
