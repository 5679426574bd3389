"""An emulated screen as a picture: characters from a monospaced font, block elements drawn to the pixel."""

from __future__ import annotations

import subprocess
from functools import cache
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, ImageFont

if TYPE_CHECKING:
    import pyte
    from pyte.screens import Char

SIZE = 18
"""Font size in pixels."""
FOREGROUND, BACKGROUND = (224, 224, 224), (18, 18, 18)
NAMED = {
    "black": (0, 0, 0),
    "red": (205, 60, 60),
    "green": (80, 180, 80),
    "brown": (205, 170, 60),
    "blue": (70, 120, 220),
    "magenta": (190, 90, 190),
    "cyan": (70, 180, 190),
    "white": (229, 229, 229),
}
EIGHTHS = {chr(0x2580 + n): n for n in range(1, 9)}
"""Lower blocks: how many eighths of the cell are filled from below."""
LEFT_EIGHTHS = {chr(0x2590 - n): n for n in range(1, 8)}
"""Left blocks: how many eighths are filled from the left."""


@cache
def font(bold: bool, italic: bool) -> ImageFont.FreeTypeFont:
    """The system's monospaced font, as fontconfig names it."""
    style = {
        (False, False): "Book",
        (True, False): "Bold",
        (False, True): "Oblique",
        (True, True): "Bold Oblique",
    }
    pattern = f"DejaVu Sans Mono:style={style[bold, italic]}"
    path = subprocess.run(
        ["fc-match", "-f", "%{file}", pattern], capture_output=True, text=True, check=True
    ).stdout
    return ImageFont.truetype(path, SIZE)


@cache
def wide_font() -> ImageFont.FreeTypeFont:
    """The system's font for Chinese and Japanese, whose characters are two cells wide."""
    path = subprocess.run(
        ["fc-match", "-f", "%{file}", ":lang=ja"], capture_output=True, text=True, check=True
    ).stdout
    return ImageFont.truetype(path, SIZE)


def colour(value: str, default: tuple[int, int, int]) -> tuple[int, int, int]:
    """A colour as the emulator names it: a word, six hexadecimal digits, or `default`."""
    if value == "default":
        return default
    if value.removeprefix("bright") in NAMED:
        return NAMED[value.removeprefix("bright")]
    return int(value[:2], 16), int(value[2:4], 16), int(value[4:6], 16)


def screen_picture(screen: pyte.Screen) -> Image.Image:
    """The whole screen, one cell after the other."""
    width = round(font(False, False).getlength("M"))
    ascent, descent = font(False, False).getmetrics()
    height = ascent + descent
    picture = Image.new("RGB", (screen.columns * width, screen.lines * height), BACKGROUND)
    draw = ImageDraw.Draw(picture)
    cells = [
        (screen.buffer[y][x], (x * width, y * height))
        for y in range(screen.lines)
        for x in range(screen.columns)
    ]
    for cell, (left, top) in cells:  # all grounds first: a wide character stands on two cells
        draw.rectangle((left, top, left + width - 1, top + height - 1), fill=colours(cell)[1])
    for cell, at in cells:
        draw_cell(draw, cell, at, (width, height))
    return picture


def colours(cell: Char) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
    """Those of the character and of its ground."""
    ink, paper = colour(cell.fg, FOREGROUND), colour(cell.bg, BACKGROUND)
    return (paper, ink) if cell.reverse else (ink, paper)


def draw_cell(draw: ImageDraw.ImageDraw, cell: Char, at: tuple[int, int], size: tuple[int, int]) -> None:
    """One character."""
    (left, top), (width, height) = at, size
    ink = colours(cell)[0]
    right, bottom = left + width - 1, top + height - 1
    text = cell.data
    if text == "▀":
        draw.rectangle((left, top, right, top + height // 2 - 1), fill=ink)
    elif text == "▐":
        draw.rectangle((left + width // 2, top, right, bottom), fill=ink)
    elif text in EIGHTHS:
        draw.rectangle((left, top + round(height * (8 - EIGHTHS[text]) / 8), right, bottom), fill=ink)
    elif text in LEFT_EIGHTHS:
        draw.rectangle((left, top, left + round(width * LEFT_EIGHTHS[text] / 8) - 1, bottom), fill=ink)
    elif "\u2800" < text <= "\u28ff":
        draw_braille(draw, ord(text) - 0x2800, at, size, ink)
    elif text.strip():
        is_wide = text >= "\u2e80"
        draw.text((left, top), text, font=wide_font() if is_wide else font(cell.bold, cell.italics), fill=ink)
    if cell.underscore:
        draw.line((left, bottom - 1, right, bottom - 1), fill=ink)


def draw_braille(
    draw: ImageDraw.ImageDraw,
    dots: int,
    at: tuple[int, int],
    size: tuple[int, int],
    ink: tuple[int, int, int],
) -> None:
    """The eight dots of a braille pattern, which monospaced fonts often lack: bit 0 is the upper left one."""
    (left, top), (width, height) = at, size
    places = ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3))
    for bit, (column, row) in enumerate(places):
        if dots >> bit & 1:
            x, y = left + width * (2 * column + 1) / 4, top + height * (2 * row + 1) / 8
            draw.ellipse((x - 1.5, y - 1.5, x + 1.5, y + 1.5), fill=ink)
