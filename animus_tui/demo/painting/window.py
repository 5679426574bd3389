"""A window: the view outside in its frame, a sill, and who sits on it."""

from PIL import Image, ImageDraw, ImageFilter

from animus_tui.demo.painting.animals import ANIMALS
from animus_tui.demo.painting.brushes import add_light, faded, gradient, noise, ramp
from animus_tui.demo.painting.colours import RGB, mix, relit
from animus_tui.demo.painting.creatures import paint_animal
from animus_tui.demo.painting.view import View

ROOM: RGB = (92, 76, 70)
FRAME: RGB = (238, 232, 222)
SILL = 0.8
"""Where the sill begins, as a share of the height."""


def paint_window(image: Image.Image, view: View) -> None:
    """Set the scene behind a window, in place, and the scene's animals on the sill."""
    width, height = image.size
    rng = view.rng("window")
    left, right, top, low = (
        round(width * 0.12),
        round(width * 0.88),
        round(height * 0.07),
        round(height * SILL),
    )
    outside = image.crop((0, 0, width, round(height * 0.94))).resize(
        (right - left, low - top), Image.Resampling.LANCZOS
    )
    bright = 0.35 + 0.65 * view.light.day
    wall = mix(relit(ROOM, 0.5 + 0.6 * bright), view.light.glow, 0.12)
    image.paste(gradient(image.size, ((0, relit(wall, 0.7)), (0.8, wall), (1, relit(wall, 0.6)))))
    image.paste(relit(wall, 0.8), (0, 0), faded(noise(rng, image.size, (6, 6), 5, 0.6), 0.3))
    image.paste(outside, (left, top))
    frame = mix(relit(FRAME, 0.38 + 0.5 * bright), view.light.glow, 0.15)
    draw = ImageDraw.Draw(image)
    thick = round(20 * view.unit)
    for box in (
        (left - thick, top - thick, right + thick, top + thick // 2),
        (left - thick, top - thick, left + thick // 2, low),
        (right - thick // 2, top - thick, right + thick, low),
    ):
        draw.rectangle(box, fill=frame)
    middle, bar = (left + right) // 2, round(7 * view.unit)
    across = round(top + (low - top) * 0.36)
    draw.rectangle((middle - bar, top, middle + bar, low), fill=frame)
    draw.rectangle((left, across - bar, right, across + bar), fill=frame)
    for x in (left + thick // 2, middle + bar):
        draw.line((x, top, x, low), fill=relit(frame, 0.7), width=max(1, round(3 * view.unit)))
    _sill(image, view, low, frame)
    _curtains(image, view, left, right)
    animals = [name for name in view.scene.figures if name in ANIMALS]
    if len(animals) == 1:
        animals *= min(2, view.scene.count)
    for index, name in enumerate(animals):
        at = (width * (0.36 + 0.3 * index), height * (SILL + 0.075))
        paint_animal(image, view, name, at, 0.92)


def _sill(image: Image.Image, view: View, low: int, frame: RGB) -> None:
    """Paint the board under the window, in place, with the light that falls on it."""
    width = image.width
    deep = round(110 * view.unit)
    board = gradient(
        (width, deep),
        (
            (0, relit(frame, 1.06)),
            (0.72, relit(frame, 0.92)),
            (0.74, relit(frame, 0.6)),
            (1, relit(frame, 0.5)),
        ),
    )
    image.paste(board.crop((0, 0, round(width * 0.88), deep)), (round(width * 0.06), low))
    shine = ramp((round(width * 0.7), round(deep * 0.7)), [0.5, 0.25, 0.0])
    add_light(image, faded(shine, 0.5), view.light.glow, (round(width * 0.15), low))
    shade = Image.new("L", image.size)
    ImageDraw.Draw(shade).rectangle((width * 0.07, low + deep, width * 0.93, low + deep * 1.25), fill=120)
    image.paste((14, 10, 14), (0, 0), shade.filter(ImageFilter.GaussianBlur(16 * view.unit)))


def _curtains(image: Image.Image, view: View, left: int, right: int) -> None:
    """Hang a curtain at each side, in place."""
    width, height = image.size
    cloth = mix(relit((206, 190, 168), 0.4 + 0.5 * view.light.day), view.light.glow, 0.18)
    low = round(height * 0.93)
    for start, end, outer in (
        (0, left + round(width * 0.07), True),
        (right - round(width * 0.07), width, False),
    ):
        folds = gradient(
            (low, end - start), tuple((i / 8, relit(cloth, 0.78 if i % 2 else 1.08)) for i in range(9))
        )
        drape = folds.rotate(90, expand=True)
        mask = Image.new("L", drape.size)
        w, h = drape.size
        swing = [(0, 0), (w, 0), (w * 0.98, h * 0.5), (w * 0.7, h * 0.72), (w * 0.8, h), (0, h)]
        ImageDraw.Draw(mask).polygon(swing if outer else [(w - x, y) for x, y in swing], fill=255)
        image.paste(drape.resize((w, h)), (start, 0), mask.filter(ImageFilter.GaussianBlur(1.5 * view.unit)))
