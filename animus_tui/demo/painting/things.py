"""Things people put into landscapes: boats, houses, lighthouses, castles, balloons."""

import random

from PIL import Image, ImageDraw, ImageFilter

from animus_tui.demo.painting.brushes import Point, add_light, faded, glow, ramp
from animus_tui.demo.painting.colours import NAMED, RGB, mix, relit, tinted
from animus_tui.demo.painting.view import View

Drawn = tuple[Image.Image, Point]
"""A picture with transparency, and the point in it, in pixels, that stands on the ground."""

SCALE = 3
"""Things are drawn this many times larger and reduced: smooth edges."""


def lit(view: View, own: RGB, share: float = 1.0) -> RGB:
    """Return how a thing's own colour looks from near in the light of the view."""
    return view.light.on(relit(own, share), 0.95)


def thing_board(wide: float, tall: float) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    """Return an empty board to draw a thing of that size on, `SCALE` times larger."""
    board = Image.new("RGBA", (max(8, round(wide * SCALE)), max(8, round(tall * SCALE))))
    return board, ImageDraw.Draw(board)


def reduced(board: Image.Image, foot: float) -> Drawn:
    """Return a drawn board at its real size; it stands in its middle, at that share of its height."""
    small = board.reduce(SCALE)
    return small, (small.width / 2, small.height * foot)


def sailing_boat(view: View, rng: random.Random, tall: float) -> Drawn:
    """Return a small sailing boat, `tall` pixels from the water to the mast's top."""
    wide = tall * 0.82
    board, draw = thing_board(wide, tall)
    w, h = board.size
    hull = lit(view, view.scene.colour_of(frozenset({"boat", "boats", "sailboat", "ship"})) or (120, 62, 48))
    sail = mix(lit(view, (250, 244, 232)), view.light.glow, 0.3 * (1 - view.light.day))
    shade = mix(sail, view.light.shade, 0.42)
    mast = w * rng.uniform(0.46, 0.52)
    draw.line((mast, h * 0.02, mast, h * 0.86), fill=lit(view, (80, 60, 50)), width=max(2, w // 50))
    draw.polygon([(mast + w * 0.02, h * 0.05), (w * 0.92, h * 0.76), (mast + w * 0.02, h * 0.78)], fill=sail)
    draw.polygon([(mast - w * 0.02, h * 0.1), (w * 0.14, h * 0.74), (mast - w * 0.02, h * 0.77)], fill=shade)
    draw.polygon([(w * 0.04, h * 0.82), (w * 0.97, h * 0.8), (w * 0.86, h * 0.97), (w * 0.2, h)], fill=hull)
    draw.line((w * 0.04, h * 0.825, w * 0.97, h * 0.805), fill=relit(hull, 1.5), width=max(2, h // 60))
    return reduced(board, 0.97)


def house(view: View, rng: random.Random, tall: float) -> Drawn:
    """Return a cottage with a pitched roof and warm windows."""
    wide = tall * 1.35
    board, draw = thing_board(wide, tall)
    w, h = board.size
    named = view.scene.colour_of(frozenset({"house", "houses", "cabin", "cottage", "barn", "hut"}))
    own = named or rng.choice(((232, 220, 200), (172, 82, 62), (150, 112, 80)))
    wall, roof = (
        lit(view, own),
        lit(view, (236, 242, 250) if view.weather("snow") else rng.choice(((120, 62, 50), (78, 72, 82)))),
    )
    dark = relit(wall, 0.8)
    draw.rectangle((w * 0.72, h * 0.06, w * 0.79, h * 0.4), fill=lit(view, (110, 76, 66)))
    draw.polygon(
        [(w * 0.1, h), (w * 0.1, h * 0.5), (w * 0.3, h * 0.18), (w * 0.5, h * 0.5), (w * 0.5, h)], fill=wall
    )
    draw.rectangle((w * 0.48, h * 0.5, w * 0.92, h), fill=dark)
    draw.polygon(
        [(w * 0.28, h * 0.12), (w * 0.82, h * 0.12), (w * 0.98, h * 0.53), (w * 0.5, h * 0.53)], fill=roof
    )
    draw.line(
        (w * 0.03, h * 0.55, w * 0.29, h * 0.13, w * 0.51, h * 0.53),
        fill=relit(roof, 0.8),
        width=max(3, h // 26),
        joint="curve",
    )
    pane = (255, 212, 120) if view.light.day < 0.6 else lit(view, (150, 180, 200))
    for x, y in ((0.24, 0.56), (0.58, 0.62), (0.76, 0.62)):
        draw.rectangle((w * x, h * y, w * (x + 0.1), h * (y + 0.16)), fill=pane)
        draw.line((w * (x + 0.05), h * y, w * (x + 0.05), h * (y + 0.16)), fill=dark, width=max(1, h // 90))
        draw.line((w * x, h * (y + 0.08), w * (x + 0.1), h * (y + 0.08)), fill=dark, width=max(1, h // 90))
    draw.rectangle((w * 0.25, h * 0.78, w * 0.34, h), fill=lit(view, (86, 56, 44)))
    return reduced(board, 0.985)


def lighthouse(view: View, rng: random.Random, tall: float) -> Drawn:
    """Return a striped lighthouse on its rock; its lamp stands at a fifth of the height from the top."""
    wide = tall * 0.9
    board, draw = thing_board(wide, tall)
    w, h = board.size
    white, red = lit(view, (244, 240, 232)), lit(view, NAMED["red"])
    rock = lit(view, (72, 68, 74))
    bumps = [
        (w * i / 12, h * (0.86 - 0.1 * (1 - abs(i - 6) / 6) + rng.uniform(-0.02, 0.03))) for i in range(13)
    ]
    for band in range(7):
        top, low = 0.24 + band * 0.085, 0.24 + (band + 1) * 0.085
        half = [0.062 + 0.045 * (y - 0.24) / 0.6 for y in (top, low)]
        corners = [
            (w * (0.5 - half[0]), h * top),
            (w * (0.5 + half[0]), h * top),
            (w * (0.5 + half[1]), h * low),
            (w * (0.5 - half[1]), h * low),
        ]
        draw.polygon(corners, fill=red if band % 2 else white)
        draw.polygon(
            [(w * 0.525, h * top), corners[1], corners[2], (w * 0.525, h * low)],
            fill=relit(red if band % 2 else white, 0.82),
        )
    draw.rectangle((w * 0.415, h * 0.215, w * 0.585, h * 0.24), fill=rock)
    draw.rectangle((w * 0.455, h * 0.135, w * 0.545, h * 0.215), fill=(255, 236, 170))
    draw.polygon([(w * 0.43, h * 0.14), (w * 0.5, h * 0.06), (w * 0.57, h * 0.14)], fill=red)
    draw.polygon([(0, h), *bumps, (w, h)], fill=rock)
    return reduced(board, 0.96)


def castle(view: View, rng: random.Random, tall: float) -> Drawn:
    """Return a castle of round towers with pointed roofs."""
    wide = tall * 1.25
    board, draw = thing_board(wide, tall)
    w, h = board.size
    stone = lit(view, view.scene.colour_of(frozenset({"castle", "palace"})) or (168, 158, 150))
    roof = lit(view, rng.choice(((70, 84, 128), (136, 60, 58), (64, 96, 96))))
    pane = (255, 206, 110) if view.light.day < 0.6 else relit(stone, 0.5)
    draw.rectangle((w * 0.14, h * 0.62, w * 0.86, h), fill=relit(stone, 0.88))
    for notch in range(14):
        draw.rectangle(
            (w * (0.14 + notch * 0.0525), h * 0.585, w * (0.165 + notch * 0.0525), h * 0.625),
            fill=relit(stone, 0.88),
        )
    for x, top, half in (
        (0.3, 0.36, 0.055),
        (0.7, 0.4, 0.055),
        (0.5, 0.22, 0.075),
        (0.12, 0.5, 0.07),
        (0.88, 0.48, 0.07),
    ):
        draw.rectangle((w * (x - half), h * top, w * (x + half), h), fill=stone)
        draw.rectangle((w * (x + half * 0.2), h * top, w * (x + half), h), fill=relit(stone, 0.76))
        draw.polygon(
            [
                (w * (x - half * 1.25), h * top),
                (w * x, h * (top - half * 3)),
                (w * (x + half * 1.25), h * top),
            ],
            fill=roof,
        )
        draw.polygon(
            [
                (w * (x + half * 0.2), h * top),
                (w * x, h * (top - half * 3)),
                (w * (x + half * 1.25), h * top),
            ],
            fill=relit(roof, 0.76),
        )
        for y in (top + 0.07, top + 0.2):
            draw.rectangle((w * (x - 0.012), h * y, w * (x + 0.012), h * (y + 0.05)), fill=pane)
    draw.ellipse((w * 0.45, h * 0.8, w * 0.55, h * 0.95), fill=relit(stone, 0.32))
    draw.rectangle((w * 0.45, h * 0.88, w * 0.55, h), fill=relit(stone, 0.32))
    return reduced(board, 0.985)


def balloon(view: View, rng: random.Random, tall: float) -> Drawn:
    """Return a hot air balloon; its point on the ground is the basket."""
    wide = tall * 0.72
    board, draw = thing_board(wide, tall)
    w, h = board.size
    names = ("red", "orange", "yellow", "teal", "blue", "purple", "magenta", "white")
    named = view.scene.colour_of(frozenset({"balloon", "balloons"}))
    first, second = named or NAMED[rng.choice(names)], NAMED[rng.choice(names)]
    middle, reach = w * 0.5, w * 0.47
    for gore in range(7):
        share = 1 - gore / 6.5
        own = lit(view, first if gore % 2 == 0 else tinted(second, first, 0.2))
        half = reach * share
        draw.ellipse((middle - half, h * 0.02, middle + half, h * 0.68), fill=own)
        draw.polygon(
            [
                (middle - half * 0.91, h * 0.48),
                (middle + half * 0.91, h * 0.48),
                (middle + half * 0.24, h * 0.8),
                (middle - half * 0.24, h * 0.8),
            ],
            fill=own,
        )
    basket = lit(view, (110, 74, 48))
    for side in (-1, 1):
        draw.line(
            (middle + side * w * 0.1, h * 0.8, middle + side * w * 0.06, h * 0.9),
            fill=basket,
            width=max(1, w // 90),
        )
    draw.rectangle((middle - w * 0.075, h * 0.89, middle + w * 0.075, h * 0.99), fill=basket)
    round_shade = Image.new("RGBA", board.size, (*view.light.ground, 0))
    round_shade.putalpha(_inside(board, faded(_sideways(board.size, view.sun[0] > view.size[0] / 2), 0.5)))
    board.alpha_composite(round_shade)
    return reduced(board, 0.99)


def _sideways(size: tuple[int, int], from_left: bool) -> Image.Image:
    """Return a mask that darkens one side."""
    mask = ramp((size[1], size[0]), [0.0, 0.0, 0.1, 0.45, 1.0]).rotate(90, expand=True).resize(size)
    return mask if not from_left else mask.transpose(Image.Transpose.FLIP_LEFT_RIGHT)


def _inside(board: Image.Image, mask: Image.Image) -> Image.Image:
    """Return the mask where the board is opaque, nothing elsewhere."""
    return Image.composite(mask, Image.new("L", board.size), board.getchannel("A"))


THINGS = {
    "boat": sailing_boat,
    "house": house,
    "lighthouse": lighthouse,
    "castle": castle,
    "balloon": balloon,
}


def place(image: Image.Image, drawn: Drawn, at: Point, veil: RGB | None = None, share: float = 0.0) -> None:
    """Set a drawn thing on a point of the picture, in place, faded by a share of the veil's colour."""
    board, (x, y) = drawn
    if veil is not None and share:
        mist = Image.new("RGBA", board.size, (*veil, 0))
        mist.putalpha(faded(board.getchannel("A"), share))
        board = Image.alpha_composite(board, mist)
    image.paste(board, (round(at[0] - x), round(at[1] - y)), board)


def mirrored(image: Image.Image, drawn: Drawn, at: Point, strength: float = 0.55) -> None:
    """Paint the broken reflection of a thing that floats at a point, in place."""
    board, (x, y) = drawn
    flipped = board.transpose(Image.Transpose.FLIP_TOP_BOTTOM).filter(
        ImageFilter.GaussianBlur(max(1.0, board.width / 60))
    )
    fade = ramp(board.size, [strength, strength * 0.75, strength * 0.35, 0.0])
    stripes = Image.new("RGBA", board.size)
    for row in range(board.height):
        sway = round(((row * 7919) % 13 - 6) / 6 * board.width * 0.05 * (row / board.height))
        stripes.paste(flipped.crop((sway, row, board.width + sway, row + 1)), (0, row))
    alpha = _inside(stripes, fade)
    image.paste(stripes.convert("RGB"), (round(at[0] - x), round(at[1] - (board.height - y))), alpha)


def lamp(image: Image.Image, at: Point, reach: float) -> None:
    """Shine a lighthouse's lamp, in place."""
    glow(image, at, reach, (255, 232, 160), 1.7, 0.9)
    beam = Image.new("L", (image.width, image.height))
    draw = ImageDraw.Draw(beam)
    for side in (-1, 1):
        far = at[0] + side * image.width
        draw.polygon([at, (far, at[1] - image.width * 0.13), (far, at[1] + image.width * 0.02)], fill=70)
    add_light(image, beam.filter(ImageFilter.GaussianBlur(image.width / 90)), (255, 236, 180))
