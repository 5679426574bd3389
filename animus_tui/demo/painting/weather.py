"""What is in the air: mist, rays of light, snow and rain."""

import numpy as np

from animus_tui.demo.painting.canvas import F, Floats, blend, noise, resized, rgb, sample, screen, smooth
from animus_tui.demo.painting.sky import TILE
from animus_tui.demo.painting.view import View


def paint_mist(view: View, picture: Floats) -> None:
    """Lay banks of mist around the horizon."""
    half = (view.height + 1) // 2, (view.width + 1) // 2
    y, x = np.mgrid[0 : half[0], 0 : half[1]].astype(F) * 2
    tile = noise(view.chance("mist"), (TILE, TILE), 130, 2.0, (1, 0.3))
    drift = sample(tile, y * F(300 / view.unit), x * F(300 / view.unit))
    away = (y - F(view.horizon + 0.05 * view.unit)) / F(view.unit)
    bank = np.exp(-((away / F(0.20)) ** 2)) * (F(0.62) + F(0.26) * drift) + F(0.10)
    blend(picture, view.light.haze, resized(np.clip(bank, 0, 0.88).astype(F), picture.shape[1:]))


def paint_rays(view: View, picture: Floats, strength: float) -> None:
    """Let light fan out from the sun."""
    half = (view.height + 1) // 2, (view.width + 1) // 2
    y, x = np.mgrid[0 : half[0], 0 : half[1]].astype(F) * 2
    across, down = (x - F(view.sun[0])) / F(view.unit), (y - F(view.sun[1])) / F(view.unit)
    ring = noise(view.shape("rays"), (2, 1024), 90, 1.6)
    angle = (np.arctan2(down, across) + F(np.pi)) * F(1023 / (2 * np.pi))
    beams = smooth(-0.8, 1.8, sample(ring, np.zeros_like(angle), angle))
    far = np.hypot(across, down)
    fading = np.exp(-far * F(1.9)) * smooth(0.0, 0.22, far)
    screen(
        picture,
        view.light.sun * view.light.sky[4],
        resized((beams * fading * F(strength)), picture.shape[1:]),
    )


def paint_snow(view: View, picture: Floats) -> None:
    """Let snow fall: far flakes small and many, near ones large and soft."""
    rng = view.chance("snow")
    for share, radius, strength in ((1.0, 0.0012, 0.75), (0.35, 0.0024, 0.8), (0.06, 0.0055, 0.5)):
        flakes = np.zeros(picture.shape[1:], F)
        count = int(1500 * share * view.width * view.height / view.unit**2)
        size = max(0.8, radius * view.unit)
        reach = int(size * 2) + 1
        y = rng.integers(reach, view.height - reach, count)
        x = rng.integers(reach, view.width - reach, count)
        power = rng.uniform(0.4, 1.0, count).astype(F)
        for dy in range(-reach, reach + 1):
            for dx in range(-reach, reach + 1):
                dot = np.exp(-(dy * dy + dx * dx) / (size * size))
                if dot > 0.05:
                    np.maximum.at(flakes, (y + dy, x + dx), power * F(dot))
        blend(picture, rgb("#f8faff") * F(0.55 + 0.45 * (1 - view.light.lamps)), flakes * F(strength))


def paint_rain(view: View, picture: Floats) -> None:
    """Let rain fall in slanted streaks."""
    rng = view.chance("rain")
    drops = (rng.random(picture.shape[1:], dtype=F) > 0.9965) * rng.random(picture.shape[1:], dtype=F)
    length, slant = max(6, int(view.unit * 0.032)), 0.22
    streaks = np.zeros_like(drops)
    for step in range(length):
        streaks += np.roll(drops, (step, -int(step * slant)), (0, 1)) * F(0.5 + 0.5 * step / length)
    blend(picture, view.light.sky[4], np.clip(streaks, 0, 1) * F(0.42))
