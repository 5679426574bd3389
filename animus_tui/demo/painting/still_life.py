"""Still life: a table by a wall in soft light, and what stands on it: fruit, a cup, a vase, a book, a candle."""

import math
import random

from PIL import Image, ImageDraw, ImageFilter

from animus_tui.demo.painting.brushes import (
    Point,
    add_light,
    faded,
    field,
    glow,
    gradient,
    joined,
    noise,
    ramp,
)
from animus_tui.demo.painting.colours import NAMED, RGB, mix, relit, tinted
from animus_tui.demo.painting.view import View

WALLS: tuple[RGB, ...] = ((124, 142, 140), (164, 128, 104), (98, 112, 138), (150, 140, 118), (122, 96, 104))
WOODS: tuple[RGB, ...] = ((142, 92, 56), (112, 74, 50), (168, 120, 78))
FRUIT: tuple[RGB, ...] = (
    (206, 52, 44),
    (236, 142, 40),
    (240, 200, 70),
    (140, 172, 60),
    (172, 40, 66),
    (228, 116, 60),
)
PETALS = ("red", "pink", "yellow", "violet", "orange", "white")
STANDING = frozenset({"fruit", "cup", "vase", "candle", "book"})
SCALE = 2
"""Things are drawn this many times larger and reduced: smooth edges."""


def paint_still_life(image: Image.Image, view: View) -> None:
    """Paint the wall, the table and the things on it, in place."""
    rng = view.rng("still life")
    width, height = image.size
    edge = round(height * 0.66)
    wall, wood = rng.choice(WALLS), rng.choice(WOODS)
    dim = 0.56 if view.hour == "night" else 0.72 if view.hour == "dusk" else 1.0
    wall = tinted(wall, NAMED[view.scene.mood], 0.6) if view.scene.mood else wall
    image.paste(
        gradient(image.size, ((0, relit(wall, 0.62 * dim)), (0.7, relit(wall, 1.02 * dim)), (1, wall)))
    )
    plaster = noise(rng, image.size, (5, 5), 6, 0.62)
    image.paste(relit(wall, 0.72 * dim), (0, 0), faded(plaster, 0.4))
    from_left = rng.random() < 0.5
    _window_light(image, edge, dim, from_left)
    _table(image, rng, edge, relit(wood, dim))
    things = [name for name in view.scene.figures if name in STANDING] or ["fruit", "cup"]
    gap = 0.62 / max(1, len(things))
    for index, name in enumerate(things):
        x = width * (0.5 + (index - (len(things) - 1) / 2) * gap * (1.0 if len(things) > 1 else 0.0))
        foot = (x, edge + height * (0.13 + 0.03 * (index % 2)))
        unit = view.unit * (1.0 if len(things) == 1 else 0.82 if len(things) == 2 else 0.6)
        _stand(image, view, rng, name, foot, unit, from_left, dim)
    if "candle" not in things and dim == 1.0:
        warm = field(
            image.size, lambda px, py: 0.28 * max(0.0, 1 - math.hypot(px - (0.1 if from_left else 0.9), py))
        )
        add_light(image, warm, (255, 226, 176))


def _window_light(image: Image.Image, edge: int, dim: float, from_left: bool) -> None:
    """Let a window that is not seen throw its four panes on the wall, in place."""
    width = image.width
    panes = Image.new("L", image.size)
    draw = ImageDraw.Draw(panes)
    side, lean = (0.16 if from_left else 0.58), (0.1 if from_left else -0.1)
    for column in range(2):
        for row in range(2):
            x, y = width * (side + column * 0.14), edge * (0.16 + row * 0.34)
            w, h, skew = width * 0.125, edge * 0.3, width * lean * 0.5
            draw.polygon(
                [(x, y), (x + w, y + skew * 0.3), (x + w + skew, y + h + skew * 0.3), (x + skew, y + h)],
                fill=150,
            )
    add_light(
        image, faded(panes.filter(ImageFilter.GaussianBlur(width / 70)), 0.75 * dim**2), (255, 224, 168)
    )


def _table(image: Image.Image, rng: random.Random, edge: int, wood: RGB) -> None:
    width, height = image.size
    size = (width, height - edge)
    top = gradient(size, ((0, relit(wood, 1.12)), (0.5, wood), (1, relit(wood, 0.55))))
    grain = noise(rng, size, (2, 46), 4, 0.55)
    top.paste(relit(wood, 0.62), (0, 0), joined(grain, ramp(size, [0.55, 0.5, 0.4])))
    image.paste(top, (0, edge))
    shade = Image.new("L", image.size)
    ImageDraw.Draw(shade).rectangle((0, edge - height * 0.012, width, edge), fill=110)
    image.paste(relit(wood, 0.3), (0, 0), shade.filter(ImageFilter.GaussianBlur(height / 140)))


def _stand(
    image: Image.Image,
    view: View,
    rng: random.Random,
    name: str,
    foot: Point,
    unit: float,
    from_left: bool,
    dim: float,
) -> None:
    """Set one thing on the table, in place, with its shadow and the shade on its far side."""
    tall, wide = HEIGHTS[name] * unit, WIDTHS[name] * unit
    away = 1 if from_left else -1
    shadow = Image.new("L", image.size)
    ImageDraw.Draw(shadow).ellipse(
        (
            foot[0] - wide * 0.52 + away * wide * 0.2,
            foot[1] - 26 * unit,
            foot[0] + wide * 0.52 + away * wide * 0.2,
            foot[1] + 22 * unit,
        ),
        fill=190,
    )
    image.paste((24, 14, 12), (0, 0), shadow.filter(ImageFilter.GaussianBlur(14 * unit)))
    board = Image.new("RGBA", (round(wide * SCALE), round(tall * SCALE)))
    DRAWERS[name](board, view, rng)
    board = board.reduce(SCALE)
    alpha = board.getchannel("A")
    body = board.convert("RGB")
    across = field(body.size, lambda x, _y: max(0.0, (x if from_left else 1 - x) - 0.45) * 1.2, 12)
    body.paste((20, 12, 24), (0, 0), faded(across, 0.8))
    body = Image.blend(Image.new("RGB", body.size), body, max(0.55, dim)) if dim < 1 else body
    image.paste(body, (round(foot[0] - body.width / 2), round(foot[1] - body.height)), alpha)
    if name == "candle":
        glow(image, (foot[0], foot[1] - tall * 0.86), 420 * unit, (255, 186, 96), 1.6, 0.75)
    if name == "cup":
        _steam(image, rng, (foot[0], foot[1] - tall), unit)


def _steam(image: Image.Image, rng: random.Random, at: Point, unit: float) -> None:
    mist = Image.new("L", image.size)
    draw = ImageDraw.Draw(mist)
    for strand in (-1, 0, 1):
        shift = rng.random() * math.tau
        for step in range(70):
            x = at[0] + (strand * 34 + 22 * math.sin(step / 11 + shift)) * unit
            y, r = at[1] - step * 3.4 * unit, (7 + step * 0.16) * unit
            draw.ellipse((x - r, y - r, x + r, y + r), fill=round(120 * (1 - step / 70)))
    add_light(image, mist.filter(ImageFilter.GaussianBlur(9 * unit)), (236, 232, 226))


def _ball(board: Image.Image, centre: Point, reach: float, own: RGB, seed: float) -> None:
    """Paint a round fruit, in place: light from above, a shine, a stalk."""
    box = (
        round(centre[0] - reach),
        round(centre[1] - reach),
        round(centre[0] + reach),
        round(centre[1] + reach),
    )
    size = (box[2] - box[0], box[3] - box[1])
    mask = Image.new("L", size)
    ImageDraw.Draw(mask).ellipse((0, 0, size[0] - 1, size[1] - 1), fill=255)
    tone = field(size, lambda x, y: 1.15 - 1.25 * math.hypot(x - 0.42, y - 0.36), 20)
    fruit = Image.composite(
        Image.new("RGB", size, relit(own, 1.16)), Image.new("RGB", size, relit(own, 0.5)), tone
    )
    add_light(
        fruit,
        field(size, lambda x, y: max(0.0, 0.75 - 5 * math.hypot(x - 0.36, y - 0.27)), 24),
        (255, 250, 236),
    )
    board.paste(fruit, box[:2], mask)
    tip = (centre[0] + reach * 0.12 * seed, centre[1] - reach * 0.86)
    ImageDraw.Draw(board).line(
        (*tip, tip[0] + reach * 0.14 * seed, tip[1] - reach * 0.3),
        fill=(72, 50, 36),
        width=max(2, round(reach * 0.08)),
    )


def _fruit(board: Image.Image, view: View, rng: random.Random) -> None:
    """A bowl that is heaped with fruit."""
    w, h = board.size
    named = view.scene.colour_of(
        frozenset({"fruit", "fruits", "apple", "apples", "orange", "oranges", "pear", "pears"})
    )
    colours = [named] * 7 if named else [*rng.sample(FRUIT, 6), rng.choice(FRUIT)]
    places = (
        (0.3, 0.4, 0.15),
        (0.7, 0.42, 0.15),
        (0.5, 0.3, 0.17),
        (0.22, 0.56, 0.13),
        (0.42, 0.52, 0.17),
        (0.62, 0.55, 0.16),
        (0.8, 0.57, 0.12),
    )
    for (x, y, reach), own in zip(places, colours, strict=True):
        _ball(board, (w * x, h * y + rng.uniform(-0.02, 0.02) * h), w * reach, own, rng.uniform(-1, 1))
    bowl = view.scene.colour_of(frozenset({"bowl"})) or rng.choice(
        ((214, 208, 196), (70, 98, 134), (128, 78, 58))
    )
    draw = ImageDraw.Draw(board)
    draw.pieslice((w * 0.03, h * 0.18, w * 0.97, h * 0.99), 0, 180, fill=bowl)
    draw.ellipse((w * 0.03, h * 0.545, w * 0.97, h * 0.625), fill=relit(bowl, 0.86))
    for (x, _, reach), own in zip(places[3:], colours[3:], strict=True):
        _ball(board, (w * x, h * 0.5), w * reach * 0.94, own, rng.uniform(-1, 1))
    draw.pieslice((w * 0.03, h * 0.2, w * 0.97, h * 0.99), 0, 180, fill=bowl)
    draw.arc(
        (w * 0.03, h * 0.52, w * 0.97, h * 0.68),
        8,
        172,
        fill=relit(bowl, 1.2),
        width=max(2, round(h * 0.012)),
    )
    draw.rounded_rectangle((w * 0.36, h * 0.95, w * 0.64, h * 0.998), h * 0.02, fill=relit(bowl, 0.8))


def _cup(board: Image.Image, view: View, rng: random.Random) -> None:
    """A cup on its saucer."""
    w, h = board.size
    chance = rng.choice(((232, 226, 214), (70, 112, 128), (196, 96, 70)))
    own = view.scene.colour_of(frozenset({"cup", "mug"})) or chance
    drink = (150, 96, 40) if "tea" in view.scene.text.split() else (58, 34, 24)
    draw = ImageDraw.Draw(board)
    draw.ellipse((w * 0.02, h * 0.82, w * 0.9, h * 0.995), fill=relit(own, 0.86))
    draw.ellipse((w * 0.12, h * 0.84, w * 0.8, h * 0.95), fill=relit(own, 0.7))
    draw.ellipse(
        (w * 0.66, h * 0.2, w * 0.98, h * 0.66), outline=relit(own, 0.84), width=max(3, round(w * 0.05))
    )
    sides = [
        (0.12, 0.1),
        (0.14, 0.45),
        (0.24, 0.78),
        (0.34, 0.9),
        (0.58, 0.9),
        (0.68, 0.78),
        (0.78, 0.45),
        (0.8, 0.1),
    ]
    draw.polygon([(w * x, h * y) for x, y in sides], fill=own)
    draw.ellipse((w * 0.12, h * 0.01, w * 0.8, h * 0.2), fill=relit(own, 1.12))
    draw.ellipse((w * 0.16, h * 0.035, w * 0.76, h * 0.185), fill=drink)
    draw.chord((w * 0.2, h * 0.07, w * 0.72, h * 0.18), 10, 170, fill=relit(drink, 1.5))


def _vase(board: Image.Image, view: View, rng: random.Random) -> None:
    """A vase with flowers."""
    w, h = board.size
    named = next((own for own, thing in view.scene.colours if thing != "vase"), None)
    palette = [NAMED[named]] if named else [NAMED[name] for name in rng.sample(PETALS, 3)]
    draw = ImageDraw.Draw(board)
    heads = [
        (0.5, 0.1),
        (0.26, 0.18),
        (0.74, 0.17),
        (0.38, 0.3),
        (0.64, 0.32),
        (0.14, 0.36),
        (0.86, 0.36),
        (0.5, 0.4),
    ]
    for x, y in heads:
        draw.line(
            (w * 0.5, h * 0.66, w * (0.5 + (x - 0.5) * 0.6), h * (y + 0.2), w * x, h * y),
            fill=(70, 112, 62),
            width=max(3, round(w * 0.016)),
            joint="curve",
        )
    for side in (-1, 1):
        leaf = [(0.5, 0.62), (0.5 + side * 0.2, 0.42), (0.5 + side * 0.38, 0.5), (0.5 + side * 0.2, 0.56)]
        draw.polygon([(w * x, h * y) for x, y in leaf], fill=(62, 104, 58))
    for x, y in heads:
        _bloom(draw, (w * x, h * (y + 0.02)), w * rng.uniform(0.1, 0.13), rng.choice(palette), rng.random())
    glass = view.scene.colour_of(frozenset({"vase"})) or rng.choice(
        ((86, 118, 146), (206, 198, 182), (150, 84, 62))
    )
    sides = [
        (0.4, 0.56),
        (0.42, 0.62),
        (0.3, 0.76),
        (0.32, 0.9),
        (0.4, 0.995),
        (0.6, 0.995),
        (0.68, 0.9),
        (0.7, 0.76),
        (0.58, 0.62),
        (0.6, 0.56),
    ]
    draw.polygon([(w * x, h * y) for x, y in sides], fill=glass)
    draw.ellipse((w * 0.4, h * 0.545, w * 0.6, h * 0.575), fill=relit(glass, 0.6))
    draw.line((w * 0.36, h * 0.74, w * 0.37, h * 0.9), fill=relit(glass, 1.4), width=max(2, round(w * 0.02)))


def _bloom(draw: ImageDraw.ImageDraw, centre: Point, reach: float, own: RGB, turn: float) -> None:
    for ring, (count, share) in enumerate(((9, 1.0), (7, 0.62), (5, 0.34))):
        for index in range(count):
            angle = (index / count + turn + ring * 0.07) * math.tau
            x, y = (
                centre[0] + math.cos(angle) * reach * share * 0.6,
                centre[1] + math.sin(angle) * reach * share * 0.5,
            )
            r = reach * (0.46 - 0.08 * ring)
            draw.ellipse(
                (x - r, y - r, x + r, y + r), fill=relit(own, 0.8 + 0.14 * ring + 0.05 * (index % 2))
            )


def _candle(board: Image.Image, view: View, _rng: random.Random) -> None:
    """A burning candle on a plate."""
    w, h = board.size
    wax = view.scene.colour_of(frozenset({"candle", "candles"})) or (240, 228, 202)
    draw = ImageDraw.Draw(board)
    draw.ellipse((w * 0.05, h * 0.93, w * 0.95, h * 0.998), fill=(120, 92, 60))
    draw.rectangle((w * 0.34, h * 0.3, w * 0.66, h * 0.965), fill=wax)
    draw.ellipse((w * 0.34, h * 0.28, w * 0.66, h * 0.32), fill=relit(wax, 1.12))
    draw.line((w * 0.5, h * 0.3, w * 0.5, h * 0.24), fill=(40, 30, 26), width=max(2, round(w * 0.03)))
    draw.polygon(
        [(w * 0.5, h * 0.03), (w * 0.61, h * 0.18), (w * 0.5, h * 0.26), (w * 0.39, h * 0.18)],
        fill=(255, 196, 84),
    )
    draw.polygon(
        [(w * 0.5, h * 0.1), (w * 0.56, h * 0.2), (w * 0.5, h * 0.25), (w * 0.44, h * 0.2)],
        fill=(255, 248, 214),
    )


def _book(board: Image.Image, view: View, rng: random.Random) -> None:
    """A few books on top of each other."""
    w, h = board.size
    named = view.scene.colour_of(frozenset({"book", "books"}))
    draw = ImageDraw.Draw(board)
    for index in range(4):
        own = named or relit(NAMED[rng.choice(("red", "teal", "blue", "amber", "brown", "emerald"))], 0.8)
        left, right = w * rng.uniform(0.02, 0.12), w * rng.uniform(0.88, 0.98)
        low = h * (0.995 - index * 0.245)
        draw.rounded_rectangle((left, low - h * 0.24, right, low), h * 0.03, fill=own)
        band = mix(own, (255, 236, 190), 0.65)
        for x in (0.1, 0.86):
            draw.rectangle((w * x, low - h * 0.24, w * (x + 0.014), low), fill=band)
        draw.rounded_rectangle((w * 0.3, low - h * 0.15, w * 0.66, low - h * 0.09), h * 0.02, fill=band)
        draw.line(
            (left, low - h * 0.225, right, low - h * 0.225), fill=relit(own, 1.3), width=max(1, h // 80)
        )


DRAWERS = {"fruit": _fruit, "cup": _cup, "vase": _vase, "candle": _candle, "book": _book}
HEIGHTS = {"fruit": 430, "cup": 270, "vase": 640, "candle": 430, "book": 260}
WIDTHS = {"fruit": 600, "cup": 370, "vase": 520, "candle": 190, "book": 480}
"""In thousandths of the picture's shorter side."""
