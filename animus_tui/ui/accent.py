"""The colour of a character, made so that it can be read on the ground it stands on."""

from __future__ import annotations

from functools import lru_cache

from animus_tui.late_pattern import late_pattern

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
