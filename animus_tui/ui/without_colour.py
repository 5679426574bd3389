"""The screen without a colour, as NO_COLOR asks for (no-color.org): the terminal's own ground and text.

What colours say elsewhere is said by what every terminal has: reversed cells for what stands out from the ground, such
as a selection, the cursor or a button, and dim text for what is less important.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

from animus_tui.ui.accent import contrast

if TYPE_CHECKING:
    from rich.color import Color as RichColor
    from textual.theme import Theme

STANDS_OUT = 1.4
"""Contrast with the ground (WCAG 2.2, from 1 to 21) from which a cell is reversed; tints of a bubble have less."""
LESS = 0.7
"""A grey with less than this part of the usual text's contrast is dim."""
GREY = 40
"""Between the largest and the smallest of red, green and blue, each 0 to 255, a grey has less than that."""


class WithoutColour(LineFilter):
    """Takes all colours off what is painted."""

    def __init__(self, theme: Theme) -> None:
        """`theme`: whose ground and text the styles are compared with."""
        super().__init__()
        colours = theme.to_color_system().generate()
        self._ground, self._text = (Color.parse(colours[name]) for name in ("background", "foreground"))

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
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
def _uncoloured(style: Style, ground: Color, text: Color) -> Style:
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


def _contrast(colour: RichColor | None, ground: Color) -> float:
    """1 for the terminal's own colours, which are unknown."""
    if colour is None or colour.is_default or colour.triplet is None:
        return 1.0
    return contrast(colour.triplet, ground.rgb)


def _is_grey(colour: RichColor | None) -> bool:
    return (
        colour is not None and colour.triplet is not None and max(colour.triplet) - min(colour.triplet) < GREY
    )
