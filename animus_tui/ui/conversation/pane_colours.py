"""The colours of the conversation, made of the variables of the theme.

They are few and on one ground. As component classes of the pane each would be matched with every rule of the
style sheet, which took 8 ms of a start.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from rich.style import Style
from textual.color import Color

from animus_tui.ui.conversation.entries.render_context import Palette
from animus_tui.ui.markdown.text_layout import TextStyles

if TYPE_CHECKING:
    from collections.abc import Mapping

    from animus_tui.ui.markdown.text_layout import Languages


class Ink(Struct, frozen=True):
    """Text in a colour of the theme, on a ground of the theme or on the page."""

    colour: str = "foreground"
    """The name of a variable."""
    ground: str = ""
    """The name of a variable; empty: the page."""
    strength: float = 1.0
    """Of the colour, from 0 to 1."""
    text_style: str = ""
    """As Rich has it: `bold`."""


PAGE = {
    "text": Ink(),
    "quiet": Ink("text-muted"),
    "heading": Ink("primary", text_style="bold"),
    "code": Ink(ground="panel"),
    "code_block": Ink(ground="surface"),
    "link": Ink("secondary", text_style="underline"),
    "line": Ink(strength=0.3),
}
BUBBLE = {
    **PAGE,
    "text": Ink(ground="bubble-user"),
    "quiet": Ink("text-muted", "bubble-user"),
}
TOKENS = {
    "comment": Ink("text-muted", "surface", text_style="italic"),
    "keyword": Ink("primary", "surface"),
    "name": Ink("secondary", "surface"),
    "number": Ink("warning", "surface"),
    "operator": Ink("foreground", "surface"),
    "string": Ink("success", "surface"),
}
OTHERS = {
    "name": Ink("primary", text_style="bold"),
    "you": Ink("secondary", text_style="bold"),
    "accent": Ink("accent"),
    "warning": Ink("warning"),
    "error": Ink("error", text_style="bold"),
    "card": Ink(ground="surface"),
    "card_title": Ink("error", "surface", text_style="bold"),
    "card_hint": Ink("text-muted", "surface"),
    "place": Ink(ground="panel"),
    "bar": Ink("accent"),
    "error_bar": Ink("error"),
    "new_mark": Ink("accent", "panel"),
}
FRAME = Ink("secondary")


def style_of(ink: Ink, variables: Mapping[str, str], page: Color) -> Style:
    """The complete style of an ink: `variables` are those of the theme, `page` is the ground of the pane."""
    ground = page + _colour(variables[ink.ground])[0] if ink.ground else page
    colour, is_auto = _colour(variables[ink.colour])
    if is_auto:
        colour = ground.get_contrast_text(colour.a)
    text = ground + colour.multiply_alpha(ink.strength)
    return Style.parse(ink.text_style) + Style.from_color(text.rich_color, ground.rich_color)


def _colour(value: str) -> tuple[Color, bool]:
    """The colour that a variable says, and whether it is the one that contrasts with its ground: `auto 60%`."""
    words = value.split()
    colour, strength = Color(255, 255, 255), 1.0
    for word in words:
        if word.endswith("%"):
            strength = float(word[:-1]) / 100
        elif word != "auto":
            colour = Color.parse(word)
    return colour.multiply_alpha(strength), "auto" in words


def palette_of(variables: Mapping[str, str], page: Color, languages: Languages, *, framed: bool) -> Palette:
    """The colours of the conversation, and the languages whose colours are at hand.

    `framed`: messages have a frame, for themes in which their ground is hardly seen.
    """
    made: dict[Ink, Style] = {}

    def styles(inks: Mapping[str, Ink]) -> dict[str, Style]:
        for ink in inks.values():
            if ink not in made:
                made[ink] = style_of(ink, variables, page)
        return {name: made[ink] for name, ink in inks.items()}

    tokens = styles(TOKENS)
    return Palette(
        page=TextStyles(**styles(PAGE), tokens=tokens, languages=languages),
        bubble=TextStyles(**styles(BUBBLE), tokens=tokens, languages=languages),
        frame=style_of(FRAME, variables, page) if framed else None,
        **styles(OTHERS),
    )
