"""Water: it mirrors what is above the horizon, in waves, with a path of light towards the sun."""

import numpy as np

from animus_tui.demo.painting.canvas import F, Floats, blend, mix, noise, rgb, sample, screen, smooth
from animus_tui.demo.painting.sky import TILE
from animus_tui.demo.painting.view import View

CALM = frozenset(
    ["calm", "still", "quiet", "serene", "peaceful", "glassy", "tranquil", "mirror", "windless", "gentle"]
)
ROUGH = frozenset(
    ["rough", "stormy", "storm", "wild", "choppy", "raging", "tempest", "wave", "waves", "crashing", "windy"]
)


def roughness(view: View) -> float:
    """Return how high the waves go, about 0.5 to 2.2."""
    said = set(view.scene.text.split())
    return 2.2 if said & ROUGH else 0.55 if said & CALM else 0.7 if view.has("lake") else 1.1


def paint_water(view: View, picture: Floats) -> None:
    """Fill the picture below the horizon with water."""
    height, width, horizon, light = view.height, view.width, view.horizon, view.light
    rows = height - horizon
    y, x = np.mgrid[0:rows, 0:width].astype(F)
    depth = y / F(rows)
    rough = roughness(view)
    rng = view.chance("waves")
    tile = noise(rng, (TILE, TILE), 26, 1.7, (1.0, 0.36))
    far = 1 / (depth + F(0.035))
    scale = 520 / view.unit
    across = (x - width / 2) * F(scale) * far ** F(0.7) * F(0.55)
    waves = sample(tile, far * F(70), across) * F(0.55) + sample(
        tile, far * F(230) + 200, across * F(2.6)
    ) * F(0.6)
    sway = waves * (F(0.006) + depth * F(0.030)) * F(rough * view.unit)
    source = np.clip(F(horizon - 2) - y * F(min(1.0, horizon / rows * 0.98)) + sway, 0, horizon - 1).astype(
        np.int32
    )
    column = np.clip(x + sway * F(0.35), 0, width - 1).astype(np.int32)
    places = source * width + column
    deep = mix(light.sky[1], rgb("#1f5a66"), 0.25 if light.lamps < 0.9 else 0.06) * F(0.50)
    clear = (F(0.84) - F(0.56) * depth) * (1 + waves * F(0.10 * rough))
    surface = picture[:, horizon:]
    for channel, under, target in zip(picture, deep, surface, strict=True):
        mirrored = channel[:horizon].ravel().take(places)
        target[:] = under + (mirrored - under) * clear
    path = np.exp(-(((x - F(view.sun[0])) / view.unit) ** 2) / (F(0.0010) + F(0.020) * depth))
    crests = smooth(0.1, 1.3, waves + (1 - depth) * F(0.5))
    if view.shows_disc or light.height < 0:
        strength = {True: 0.95, False: 0.42}[0 < light.height < 0.3 or light.lamps == 1]
        screen(surface, mix(light.sun, light.sky[4], 0.2), path * crests * F(strength))
    caps = smooth(1.25, 2.4, waves) * F(0.10 + 0.30 * (rough > 1.5)) * (F(0.25) + depth)
    screen(surface, light.sky[3], np.clip(caps, 0, 1))
    line = np.exp(-y[:, :1] / F(view.unit * 0.006)) * F(0.35)
    blend(surface, light.haze, np.broadcast_to(line, depth.shape))
