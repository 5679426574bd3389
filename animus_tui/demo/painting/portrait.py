"""Stylised portraits: a head and shoulders in soft shapes, before a blurred place or a calm ground."""

import random
from dataclasses import replace

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from animus_tui.demo.painting.body import paint_shoulders
from animus_tui.demo.painting.brushes import add_light, dice, faded, glow, gradient
from animus_tui.demo.painting.colours import mix, relit
from animus_tui.demo.painting.easel import Easel
from animus_tui.demo.painting.face import paint_extras, paint_face, paint_features
from animus_tui.demo.painting.hair import paint_back_hair, paint_front_hair
from animus_tui.demo.painting.sitter import Sitter, seat
from animus_tui.demo.painting.sky import disc, paint_clouds, paint_sky, paint_stars
from animus_tui.demo.painting.view import View


def paint_portrait(image: Image.Image, view: View, backdrop: Image.Image | None) -> None:
    """Paint a person over the whole picture, in place, before a blurred backdrop if there is one."""
    rng = view.rng("portrait")
    width, height = image.size
    sitter = seat(view, rng)
    if backdrop is not None:
        image.paste(backdrop.filter(ImageFilter.GaussianBlur(9 * view.unit)))
    else:
        _ground(image, view, rng)
    scale = min(width * 0.42, height * 0.345)
    centre = (width * (0.5 - sitter.side * rng.uniform(0.0, 0.03)), height * 0.5 - scale * 0.24)
    before = image.copy()
    easel = Easel(image, centre, scale, rng.uniform(0.02, 0.09) * rng.choice((-1, 1)))
    body = replace(easel, centre=(centre[0], centre[1] - 0.09 * scale), tilt=easel.tilt * 0.2)
    growth = dice(view.scene.likeness, "hair") if view.scene.likeness else rng
    paint_back_hair(easel, sitter, growth)
    paint_shoulders(body, sitter)
    face = paint_face(easel, sitter)
    paint_features(easel, sitter, face)
    paint_front_hair(easel, sitter, growth)
    paint_extras(easel, sitter, face)
    _light_from_behind(image, before, view, sitter)


def _ground(image: Image.Image, view: View, rng: random.Random) -> None:
    """Paint a calm sky with a large soft disc and out-of-focus lights, in place."""
    width, height = image.size
    sun = (view.sun[0], height * 0.42)
    image.paste(paint_sky(image.size, view.light, sun))
    if view.light.stars > 0.5:
        paint_stars(image, rng, 0.6, 1.2)
    paint_clouds(image, rng, view.light, sun, 0.4)
    image.paste(image.filter(ImageFilter.GaussianBlur(10 * view.unit)))
    disc(
        image,
        (width / 2, height * 0.44),
        min(width, height) * 0.36,
        mix(view.light.haze, view.light.sun, 0.55 if view.light.stars < 0.5 else 0.12),
    )
    lights = Image.new("L", image.size)
    for _ in range(16):
        x, y, r = rng.random() * width, height * rng.uniform(0.5, 1.0), rng.uniform(14, 52) * view.unit
        layer = Image.new("L", image.size)
        ImageDraw.Draw(layer).ellipse(
            (x - r, y - r, x + r, y + r),
            fill=rng.randint(26, 80),
            outline=110,
            width=max(1, round(2 * view.unit)),
        )
        lights = ImageChops.add(lights, layer)
    add_light(
        image,
        lights.filter(ImageFilter.GaussianBlur(2.4 * view.unit)),
        mix(view.light.glow, view.light.sun, 0.4),
    )


def _light_from_behind(image: Image.Image, before: Image.Image, view: View, sitter: Sitter) -> None:
    """Let the light of the hour touch the edge of the figure, in place."""
    changed = (
        ImageChops.difference(image, before)
        .convert("L")
        .point([0] * 3 + [255] * 253)
        .filter(ImageFilter.MedianFilter(3))
    )
    step = max(2, round(6 * view.unit))
    edge = ImageChops.subtract(changed, ImageChops.offset(changed, -sitter.side * step, round(step * 0.5)))
    soft = ImageChops.multiply(edge.filter(ImageFilter.GaussianBlur(2.6 * view.unit)), changed)
    add_light(image, faded(soft, 0.85), view.light.glow)
    side = image.width * (0.5 + 0.42 * sitter.side)
    glow(image, (side, image.height * 0.3), image.height * 0.5, view.light.glow, 1.5, 0.2)
    floor = gradient(image.size, ((0, (0, 0, 0)), (1, relit(view.light.ground, 0.8))))
    image.paste(
        floor,
        (0, 0),
        Image.linear_gradient("L")
        .resize(image.size)
        .point([max(0, round((v - 190) * 1.6)) for v in range(256)]),
    )
