"""The themes, and the one that an earlier version kept.

One accent is the character's, one the user's, warm colours are errors. Contrast, as WCAG 2.2 measures it: text at least
7:1 on every ground, quiet text and colours with a meaning at least 4.5:1, in the high-contrast theme everything 7:1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct
from textual.color import Color
from textual.theme import Theme

from animus_tui.atomic import read_regular

if TYPE_CHECKING:
    from pathlib import Path

    from textual.widget import Widget

    from animus_tui.graphics.decoding.protocol import Rgb

DARK = Theme(
    name="animus-dark",
    primary="#e0a458",
    secondary="#7db4e6",
    accent="#e0a458",
    warning="#e5b567",
    error="#ee7f88",
    success="#98c379",
    foreground="#d9d6d0",
    background="#16161a",
    surface="#1d1d22",
    panel="#26262d",
    dark=True,
    variables={
        "text-muted": "#9c9aa3",
        "bubble-user": "#22303f",
        "block-cursor-foreground": "#16161a",
        "footer-key-foreground": "#e0a458",
        "input-selection-background": "#3f5873",
        "scrollbar": "#3a3a44",
        "scrollbar-background": "#16161a",
    },
)
LIGHT = Theme(
    name="animus-light",
    primary="#8a4d0b",
    secondary="#1f5f99",
    accent="#8a4d0b",
    warning="#7a5300",
    error="#b3261e",
    success="#276b2b",
    foreground="#24211d",
    background="#faf8f4",
    surface="#f2efe8",
    panel="#e6e1d6",
    dark=False,
    variables={
        "text-muted": "#5f5a52",
        "bubble-user": "#dce8f4",
        "block-cursor-foreground": "#faf8f4",
        "footer-key-foreground": "#8a4d0b",
        "input-selection-background": "#b9d3ec",
        "scrollbar": "#c9c3b6",
        "scrollbar-background": "#faf8f4",
    },
)
CONTRAST = Theme(
    name="animus-contrast",
    primary="#ffd700",
    secondary="#00d7ff",
    accent="#ffd700",
    warning="#ffaf00",
    error="#ff9090",
    success="#5fff5f",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#1c1c1c",
    dark=True,
    variables={
        "text-muted": "#d0d0d0",
        "bubble-user": "#000000",
        "block-cursor-foreground": "#000000",
        "footer-key-foreground": "#ffd700",
        "input-selection-background": "#005faf",
        "scrollbar": "#ffffff",
        "scrollbar-background": "#000000",
    },
)
OF_TERMINAL = -1
"""The number that Textual gives a colour that is the terminal's own default."""
THEMES = (DARK, LIGHT, CONTRAST)
"""All that the application brings; the first is the default."""


GROUND = "terminal-background"
"""The variable with the colour that the terminal's own background has, in a theme of the terminal's own colours."""


def variable_defaults(theme: Theme, ground: Rgb | None = None) -> dict[str, str]:
    """Our own colour variables for a theme that does not know them, such as one of Textual's own.

    `ground` is the terminal's background, as far as it tells.
    """
    made = {"bubble-user": theme.to_color_system().generate()["secondary-muted"]}
    if theme.ansi:
        usual = (0, 0, 0) if theme.dark else (255, 255, 255)
        made[GROUND] = Color(*(ground or usual)).hex
    return made


def ground_of(widget: Widget) -> Rgb:
    """The colour of a widget's background as it is seen, also where that is the terminal's own."""
    ground = widget.background_colors[1]
    told = widget.app.theme_variables.get(GROUND) if ground.ansi == OF_TERMINAL else None
    return ground.rgb if told is None else Color.parse(told).rgb


FOLLOW = "auto"
"""In place of a theme's name: the light or the dark one, as the terminal's background is."""


class Choice(Struct, frozen=True, kw_only=True):
    """What an earlier version kept, which wrote no configuration."""

    theme: str
    """The chosen theme, or FOLLOW."""
    configured: str
    """What the configuration named then."""


def kept_theme(file: Path, configured: str) -> str | None:
    """The theme, or FOLLOW, that an earlier version kept in a file of its own; None when there is none.

    `configured` is what `[ui] theme` says now: the choice counts until that is changed.
    """
    try:
        choice = msgspec.json.decode(read_regular(file), type=Choice)
    except (OSError, ValueError):  # none was chosen, or the file is damaged
        return None
    return choice.theme if choice.configured == configured else None
