"""Water: a rippled mirror of what stands above it, and the path of light on it."""

import math
import random

from PIL import Image, ImageChops, ImageEnhance, ImageFilter

from animus_tui.demo.painting.brushes import (
    Size,
    add_light,
    between,
    faded,
    field,
    floor_view,
    gradient,
    joined,
    noise,
    ramp,
)
from animus_tui.demo.painting.colours import mix, relit
from animus_tui.demo.painting.view import View
from animus_tui.demo.painting.words import WATER


def paint_water(scene: Image.Image, view: View) -> None:
    """Fill the picture below the horizon with water that mirrors what is above, in place."""
    rng, horizon, light, calm = view.rng("water"), view.horizon, view.light, view.scene.calm
    width, height = scene.width, scene.height - horizon
    size = (width, height)
    waves = floor_view(noise(rng, (1300, 1300), (76, 330), 4, 0.58), size, 0.1)
    mirror = _mirror(scene, horizon, size, clear=view.has("lake", "city"))
    swing = height * (0.016 + 0.1 * (1 - calm))
    crest = _shifted(mirror, swing, rng, 0.3)
    trough = _shifted(mirror, -swing * 0.75, rng, 0.5)
    contrast = 0.34 - 0.2 * (1 - calm)
    crest, trough = (ImageEnhance.Color(part).enhance(1.3) for part in (crest, trough))
    water = Image.composite(crest, trough, between(waves, 0.5 - contrast / 2, 0.5 + contrast / 2))
    deep = mix(mix(light.ground, light.sky[0][1], 0.42), (12, 62, 92), 0.22 + 0.3 * light.day)
    named = view.scene.colour_of(WATER)
    if named:
        deep = mix(deep, light.on(named), 0.75)
    depth = gradient(size, ((0, relit(light.haze, 0.6, 1.15)), (0.3, deep), (1, relit(deep, 0.72))))
    see_in = ramp(size, [0.3, 0.2, 0.19, 0.22, 0.27, 0.33, 0.39, 0.46, 0.53, 0.6])
    dark = joined(between(waves, 0.62, 0.2), ramp(size, [0.05, 0.4, 0.62, 0.7]))
    water = Image.composite(depth, water, ImageChops.add(see_in, faded(dark, 0.5)))
    if view.shows_disc:
        _light_path(water, waves, view)
    scene.paste(water, (0, horizon))


def _mirror(scene: Image.Image, horizon: int, size: Size, *, clear: bool) -> Image.Image:
    """Return what the water would show if it were glass; the sky is squeezed when there is more of it than water."""
    above = scene.crop((0, max(0, horizon - round(size[1] * 1.25)), scene.width, horizon))
    mirror = above.transpose(Image.Transpose.FLIP_TOP_BOTTOM).resize(size, Image.Resampling.BILINEAR)
    coarse = (size[0] // 6, size[1] // 10) if clear else (size[0] // 20, size[1] // 24)
    soft = mirror.resize((max(1, coarse[0]), max(1, coarse[1]))).resize(size, Image.Resampling.BICUBIC)
    return Image.composite(soft, mirror, ramp(size, [0.2, 0.6, 0.9, 1.0] if clear else [1.0, 1.0]))


def _shifted(mirror: Image.Image, swing: float, rng: random.Random, wobble: float) -> Image.Image:
    """Return the mirror with its rows moved up or down, the more the nearer they are."""
    width, height = mirror.size
    rows = [rng.uniform(-wobble, wobble) for _ in range(height)]
    margin = round(width * 0.01) + 1
    mirror = mirror.resize((width + 2 * margin, height))
    moved = Image.new("RGB", (width, height))
    for row in range(height):
        near = row / height
        source = row + swing * (0.3 + near) * (1 + rows[row])
        source = min(height - 1, max(0, round(source)))
        sway = margin + round(rows[row // 3] * width * 0.012 * near)
        moved.paste(mirror.crop((sway, source, width + sway, source + 1)), (0, row))
    return moved


def _light_path(water: Image.Image, waves: Image.Image, view: View) -> None:
    """Lay the long glittering reflection of the sun or the moon on the water, in place."""
    light, sun, horizon, calm = view.light, view.sun, view.horizon, view.scene.calm
    size = water.size
    across = sun[0] / size[0]
    aspect = size[0] / size[1]
    height_above = max(0.0, (horizon - sun[1]) / max(1, horizon))
    strength = (1.0 if light.stars < 0.5 else 0.75) * (1.0 - 0.75 * light.day)

    def path(x: float, y: float, width: float) -> float:
        return math.exp(-((((x - across) * aspect) / (width * (0.55 + 0.75 * y))) ** 2)) * (1 - 0.45 * y)

    wide = field(size, lambda x, y: path(x, y, 0.42) * (1 - 0.6 * y))
    slim = field(size, lambda x, y: path(x, y, 0.13 + 0.1 * (1 - calm)))
    glints = between(waves, 0.46, 0.74)
    sparks = between(waves, 0.62, 0.8)
    add_light(water, faded(wide, 0.42 * strength), relit(light.glow, 0.9, 1.15))
    add_light(water, faded(joined(wide, glints), 0.55 * strength), light.glow)
    add_light(water, faded(joined(slim, glints), 0.95 * strength), mix(light.glow, light.sun, 0.3))
    add_light(water, faded(joined(slim, sparks), strength), mix(light.glow, light.sun, 0.6))
    if height_above < 0.3:
        bloom = ramp(size, [1.0, 0.35, 0.08, 0.0, 0.0, 0.0])
        add_light(water, faded(joined(wide, bloom), 0.7 * strength), light.glow)
    far = water.crop((0, 0, size[0], max(2, size[1] // 24)))
    water.paste(far.filter(ImageFilter.GaussianBlur(size[1] / 320)), (0, 0))
