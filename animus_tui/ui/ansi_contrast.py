"""Text on a ground of the terminal's 16 colours, which are whatever the user made of them, so that it can be read.

A theme of these colours knows no shades: a chosen row that is tinted elsewhere has a ground of full colour there, on
which the terminal's usual text, or text of the same colour, is not seen.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from rich.color import Color, ColorType
from rich.segment import Segment
from rich.style import Style
from textual.filter import LineFilter

if TYPE_CHECKING:
    from textual.color import Color as TextualColor

BLACK, WHITE = Color.from_ansi(0), Color.from_ansi(15)
HUES = 8
"""Of each there is a usual and a bright colour."""
DARK = frozenset({0, 1, 4, 5, 8})
"""The numbers of black, red, blue, magenta and grey, on which white is read better than black."""


class ReadableOnColours(LineFilter):
    """Writes black or white on the terminal's 16 colours where something else could not be read."""

    def apply(self, segments: list[Segment], background: TextualColor) -> list[Segment]:
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
        text = WHITE if ground in DARK else BLACK
    # Bold black is grey in many terminals.
    return style + Style(color=text, bold=style.bold and text != BLACK)


def _number(colour: Color | None) -> int | None:
    """The number, from 0, of one of the terminal's 16 colours; None for any other colour."""
    return colour.number if colour is not None and colour.type is ColorType.STANDARD else None


def _hue(colour: Color) -> int | None:
    number = _number(colour)
    return None if number is None else number % HUES
