"""How well one colour can be read on another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.color import Color

from tests.support.screen import strips_of

if TYPE_CHECKING:
    from typing import Any

    from textual.app import App


def luminance(colour: Color) -> float:
    """The relative luminance of a colour, 0 to 1 (WCAG 2.2)."""
    parts = [part / 255 for part in (colour.r, colour.g, colour.b)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Color, other: Color) -> float:
    """The contrast ratio of two colours, 1 to 21 (WCAG 2.2)."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def hard_to_read(app: App[Any], least: float) -> list[tuple[str, float]]:
    """The texts on the screen whose contrast with their ground is below `least`, and how much it is."""
    found = []
    for strip in strips_of(app):
        for segment in strip:
            style = segment.style
            if not segment.text.strip() or style is None or style.color is None or style.bgcolor is None:
                continue
            ratio = contrast(Color.from_rich_color(style.color), Color.from_rich_color(style.bgcolor))
            if ratio < least:
                found.append((segment.text, round(ratio, 1)))
    return found
