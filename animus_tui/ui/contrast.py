"""Colours that can be read: those of characters, the terminal's own 16, and none at all."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from rich.color import Color, ColorType
from rich.segment import Segment
from rich.style import Style
from textual.color import Color as ThemeColor
from textual.filter import LineFilter

from animus_tui.late_pattern import late_pattern

if TYPE_CHECKING:
    from textual.theme import Theme


Rgb = tuple[int, int, int]

LEAST, LEAST_IN_CONTRAST = 4.5, 7.0
"""Contrast with the ground (WCAG 2.2, from 1 to 21) of a coloured name, and in the theme of high contrast."""
CONTRAST = "animus-contrast"
WHITE, BLACK = (255, 255, 255), (0, 0, 0)
STEPS = 50
"""Steps from a colour to black or white."""
_COLOUR = late_pattern(r"#[0-9a-fA-F]{6}")


def least_contrast(theme: str) -> float:
    """The contrast that names have at least in a theme."""
    return LEAST_IN_CONTRAST if theme == CONTRAST else LEAST


@lru_cache(256)
def readable(accent: str, ground: Rgb, least: float) -> str | None:
    """The colour `#rrggbb`, lighter or darker as far as the ground wants it; None when it is no such colour."""
    if _COLOUR.fullmatch(accent) is None:
        return None
    colour = int(accent[1:3], 16), int(accent[3:5], 16), int(accent[5:], 16)
    end = max(WHITE, BLACK, key=lambda each: contrast(each, ground))
    for step in range(STEPS):
        nearer = _between(colour, end, step / STEPS)
        if contrast(nearer, ground) >= least:
            return _named(nearer)
    return _named(end)


def _between(one: Rgb, other: Rgb, part: float) -> Rgb:
    red, green, blue = (round(a + (b - a) * part) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _named(colour: Rgb) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)


def contrast(one: Rgb, other: Rgb) -> float:
    """The contrast of two colours by WCAG 2.2, from 1 to 21."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: Rgb) -> float:
    """Relative luminance by WCAG 2.2, from 0 to 1."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (number / 255 for number in colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


# Without a colour

STANDS_OUT = 1.4
"""Contrast with the ground (WCAG 2.2, from 1 to 21) from which a cell is reversed; tints of a bubble have less."""
LESS = 0.7
"""A grey with less than this part of the usual text's contrast is dim."""
GREY = 40
"""Between the largest and the smallest of red, green and blue, each 0 to 255, a grey has less than that."""


class WithoutColour(LineFilter):
    """Takes all colours off what is painted, as NO_COLOR asks for (no-color.org): the terminal's own ground and text.

    What colours say elsewhere is said by what every terminal has: reversed cells for what stands out from the ground,
    such as a selection, the cursor or a button, and dim text for what is less important.
    """

    def __init__(self, theme: Theme) -> None:
        """`theme`: whose ground and text the styles are compared with."""
        super().__init__()
        colours = theme.to_color_system().generate()
        self._ground, self._text = (ThemeColor.parse(colours[name]) for name in ("background", "foreground"))

    def apply(self, segments: list[Segment], background: ThemeColor) -> list[Segment]:
        """The segments in the terminal's own colours. `background`, the widget's, plays no part."""
        return [
            Segment(text, None if style is None else _uncoloured(style, self._ground, self._text), control)
            for text, style, control in segments
        ]


_made: dict[str, WithoutColour] = {}


def without_colour(theme: Theme) -> WithoutColour:
    """The filter for a theme, the same one each time: rows that were filtered once are kept with it."""
    if theme.name not in _made:
        _made[theme.name] = WithoutColour(theme)
    return _made[theme.name]


@lru_cache(4096)
def _uncoloured(style: Style, ground: ThemeColor, text: ThemeColor) -> Style:
    is_reversed = _contrast(style.bgcolor, ground) >= STANDS_OUT
    is_dim = (
        not is_reversed
        and _is_grey(style.color)
        and (_contrast(style.color, ground) < LESS * _contrast(text.rich_color, ground))
    )
    return style + Style(
        color="default",
        bgcolor="default",
        # What was reversed already, in colours that stand out, is reversed back.
        reverse=bool(style.reverse) != is_reversed,
        dim=bool(style.dim) or is_dim,
    )


def _contrast(colour: Color | None, ground: ThemeColor) -> float:
    """1 for the terminal's own colours, which are unknown."""
    if colour is None or colour.is_default or colour.triplet is None:
        return 1.0
    return contrast(colour.triplet, ground.rgb)


def _is_grey(colour: Color | None) -> bool:
    return (
        colour is not None and colour.triplet is not None and max(colour.triplet) - min(colour.triplet) < GREY
    )


# On the terminal's 16 colours

ANSI_BLACK, ANSI_WHITE = Color.from_ansi(0), Color.from_ansi(15)
HUES = 8
"""Of each there is a usual and a bright colour."""
DARK = frozenset({0, 1, 4, 5, 8})
"""The numbers of black, red, blue, magenta and grey, on which white is read better than black."""


class ReadableOnColours(LineFilter):
    """Writes black or white on the terminal's 16 colours where something else could not be read.

    They are whatever the user made of them, and a theme of them knows no shades: a chosen row that is tinted elsewhere
    has a ground of full colour there, on which the terminal's usual text, or text of the same colour, is not seen.
    """

    def apply(self, segments: list[Segment], background: ThemeColor) -> list[Segment]:
        """The segments with such text; `background`, the widget's, plays no part."""
        return [
            segment
            if segment.style is None or _is_drawing(segment.text)
            else Segment(segment.text, _readable(segment.style), segment.control)
            for segment in segments
        ]


READABLE = ReadableOnColours()
"""One for all: rows that were filtered once are kept with it."""


def _is_drawing(text: str) -> bool:
    """Whether it is part of a picture, which has its colours from there: blocks, or what legacy computers drew with."""
    return any("\u2580" <= character <= "\u259f" or character >= "\U0001fb00" for character in text)


@lru_cache(1024)
def _readable(style: Style) -> Style:
    ground, text = _number(style.bgcolor), style.color
    if ground is None or style.reverse:
        return style
    if text is None or text.is_default or _hue(text) == ground % HUES:
        text = ANSI_WHITE if ground in DARK else ANSI_BLACK
    # Bold black is grey in many terminals.
    return style + Style(color=text, bold=style.bold and text != ANSI_BLACK)


def _number(colour: Color | None) -> int | None:
    """The number, from 0, of one of the terminal's 16 colours; None for any other colour."""
    return colour.number if colour is not None and colour.type is ColorType.STANDARD else None


def _hue(colour: Color) -> int | None:
    number = _number(colour)
    return None if number is None else number % HUES
