"""Water that mirrors what is above it in waves, and what is in the air: mist, rays of light, snow and rain."""

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


def paint_water(view: View, picture: Floats) -> None:
    """Fill the picture below the horizon with water."""
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
    """Let rain fall in slanted streaks."""
    rng, length = view.chance("rain"), max(6, int(view.unit * 0.032))
    drops = (rng.random(picture.shape[1:], dtype=F) > 0.9965) * rng.random(picture.shape[1:], dtype=F)
    streaks = np.zeros_like(drops)
    for step in range(length):
        streaks += np.roll(drops, (step, -step * 2 // 9), (0, 1)) * (0.5 + 0.5 * step / length)
    blend(picture, view.light.sky[4], np.clip(streaks, 0, 1) * 0.34)
