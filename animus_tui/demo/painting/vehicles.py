"""Things that roll and fly: a bicycle, a car, a rocket."""

import math
import random

from PIL import Image, ImageDraw, ImageFilter

from animus_tui.demo.painting.brushes import Point
from animus_tui.demo.painting.colours import NAMED, RGB, mix, relit
from animus_tui.demo.painting.things import Drawn, lit, reduced, thing_board
from animus_tui.demo.painting.view import View

PAINTS = ("red", "teal", "blue", "orange", "yellow", "emerald")


def _paint(view: View, rng: random.Random, *names: str) -> RGB:
    """Return the colour that the words give the thing, else a cheerful one."""
    chance = NAMED[rng.choice(PAINTS)]
    return view.scene.colour_of(frozenset(names)) or chance


def bicycle(view: View, rng: random.Random, tall: float) -> Drawn:
    """Return a bicycle from the side, looking right."""
    board, draw = thing_board(tall * 1.62, tall)
    w, h = board.size
    # A thin frame must be seen before a low sun, so it keeps more of its colour than a hill does.
    own = _paint(view, rng, "bicycle", "bike", "bicycles", "bikes")
    frame = mix(lit(view, own), own, 0.55)
    dark = mix(view.light.ground, (20, 20, 26), 0.5)
    reach = h * 0.29
    rear, front = (w * 0.2, h - reach - 2), (w * 0.8, h - reach - 2)
    for hub in (rear, front):
        _wheel(draw, hub, reach, dark, relit(lit(view, (190, 190, 190)), 0.8), h)
    crank, seat, head = (w * 0.44, h * 0.71), (w * 0.36, h * 0.3), (w * 0.68, h * 0.27)
    thick = max(3, round(h * 0.038))
    for line in (
        (rear, crank, head),
        (rear, (w * 0.375, h * 0.36), crank),
        ((w * 0.375, h * 0.36), (w * 0.685, h * 0.33)),
        (head, (w * 0.72, h * 0.44), front),
    ):
        draw.line([value for point in line for value in point], fill=frame, width=thick, joint="curve")
    draw.line((*(w * 0.375, h * 0.36), *seat), fill=dark, width=max(2, thick // 2))
    draw.rounded_rectangle((w * 0.29, h * 0.25, w * 0.43, h * 0.3), h * 0.03, fill=dark)
    handle = [(w * 0.675, h * 0.3), (w * 0.66, h * 0.17), (w * 0.73, h * 0.14), (w * 0.77, h * 0.19)]
    draw.line(
        [value for point in handle for value in point], fill=dark, width=max(2, thick // 2), joint="curve"
    )
    draw.ellipse(_around(crank, h * 0.06), outline=dark, width=max(2, thick // 2))
    draw.line(
        (crank[0], crank[1], crank[0] + w * 0.035, crank[1] + h * 0.13), fill=dark, width=max(2, thick // 2)
    )
    draw.line(
        (crank[0] + w * 0.01, crank[1] + h * 0.13, crank[0] + w * 0.06, crank[1] + h * 0.13),
        fill=dark,
        width=thick,
    )
    return reduced(board, 0.995)


def _around(centre: Point, reach: float) -> tuple[float, float, float, float]:
    return centre[0] - reach, centre[1] - reach, centre[0] + reach, centre[1] + reach


def _wheel(draw: ImageDraw.ImageDraw, hub: Point, reach: float, tyre: RGB, spoke: RGB, tall: float) -> None:
    for index in range(14):
        angle = index * math.tau / 14
        end = (hub[0] + math.cos(angle) * reach * 0.94, hub[1] + math.sin(angle) * reach * 0.94)
        draw.line((*hub, *end), fill=spoke, width=max(1, round(tall * 0.006)))
    draw.ellipse(_around(hub, reach), outline=tyre, width=max(3, round(tall * 0.036)))
    draw.ellipse(_around(hub, reach * 0.1), fill=tyre)


def car(view: View, rng: random.Random, tall: float) -> Drawn:
    """Return a small old car from the side, looking right."""
    board, draw = thing_board(tall * 2.3, tall)
    w, h = board.size
    own = _paint(view, rng, "car", "cars", "van", "taxi", "truck", "beetle")
    body = mix(lit(view, own), own, 0.4)
    glass = (255, 226, 160) if view.light.day < 0.2 else mix(lit(view, (170, 205, 225)), view.light.lit, 0.3)
    dark = mix(view.light.ground, (18, 18, 24), 0.5)
    draw.pieslice((w * 0.2, h * 0.02, w * 0.78, h * 1.1), 180, 360, fill=body)
    draw.rounded_rectangle((w * 0.03, h * 0.44, w * 0.97, h * 0.82), h * 0.16, fill=body)
    draw.rounded_rectangle((w * 0.03, h * 0.66, w * 0.97, h * 0.84), h * 0.08, fill=relit(body, 0.78))
    draw.chord((w * 0.26, h * 0.1, w * 0.72, h * 0.82), 180, 360, fill=glass)
    draw.rectangle((w * 0.47, h * 0.08, w * 0.5, h * 0.46), fill=body)
    draw.line((w * 0.06, h * 0.55, w * 0.94, h * 0.55), fill=relit(body, 1.3), width=max(2, h // 50))
    draw.line((w * 0.485, h * 0.5, w * 0.485, h * 0.78), fill=relit(body, 0.7), width=max(1, h // 80))
    draw.ellipse((w * 0.92, h * 0.53, w * 0.975, h * 0.66), fill=(255, 240, 190))
    draw.ellipse((w * 0.025, h * 0.54, w * 0.06, h * 0.64), fill=(226, 60, 48))
    for x in (0.22, 0.78):
        hub = (w * x, h * 0.8)
        draw.ellipse(_around(hub, h * 0.2), fill=dark)
        draw.ellipse(_around(hub, h * 0.09), fill=lit(view, (200, 200, 204)))
    return reduced(board, 0.995)


def rocket(view: View, rng: random.Random, tall: float) -> Drawn:
    """Return a rocket in flight, its flame below; it leans a little."""
    board, draw = thing_board(tall * 0.7, tall)
    w, h = board.size
    fin = _paint(view, rng, "rocket", "spaceship", "spacecraft", "shuttle", "starship")
    hull, shade = (232, 234, 240), (150, 156, 176)
    flame = Image.new("RGBA", board.size)
    burning = ImageDraw.Draw(flame)
    burning.polygon([(w * 0.4, h * 0.7), (w * 0.6, h * 0.7), (w * 0.5, h)], fill=(255, 150, 50, 235))
    burning.polygon(
        [(w * 0.44, h * 0.7), (w * 0.56, h * 0.7), (w * 0.5, h * 0.88)], fill=(255, 244, 196, 255)
    )
    board.alpha_composite(flame.filter(ImageFilter.GaussianBlur(h / 90)))
    for side in (-1, 1):
        wing = [(0.12, 0.5), (0.32, 0.68), (0.3, 0.78), (0.1, 0.7)]
        draw.polygon(
            [(w * (0.5 + side * x), h * y) for x, y in wing], fill=relit(fin, 1.0 if side < 0 else 0.7)
        )
    outline = [(0.0, 0.03), (0.09, 0.14), (0.15, 0.3), (0.16, 0.5), (0.11, 0.71)]
    left = [(w * (0.5 - x), h * y) for x, y in outline]
    right = [(w * (0.5 + x), h * y) for x, y in outline]
    draw.polygon([*left, *reversed(right)], fill=hull)
    draw.polygon([(w * 0.53, h * 0.06), *right, (w * 0.55, h * 0.71)], fill=shade)
    draw.polygon([(w * 0.5, h * 0.02), *((w * (0.5 + s * 0.095), h * 0.15) for s in (-1, 1))], fill=fin)
    draw.ellipse(_around((w * 0.48, h * 0.32), w * 0.085), fill=fin)
    draw.ellipse(_around((w * 0.48, h * 0.32), w * 0.06), fill=(120, 200, 236))
    draw.rectangle((w * 0.42, h * 0.7, w * 0.58, h * 0.73), fill=(80, 84, 100))
    small, (x, y) = reduced(board, 0.5)
    return small.rotate(-24, Image.Resampling.BICUBIC, expand=True), (x * 1.4, y * 1.1)


ROLLING = {"bicycle": bicycle, "car": car}
"""Vehicles that stand on the ground, and how each is drawn."""
