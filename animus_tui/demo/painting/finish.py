"""The tones of a whole picture, and the glow, the corners and the grain that every picture gets."""

import numpy as np

from animus_tui.demo.painting.canvas import (
    F,
    Floats,
    blurred,
    noise,
    resized,
    rgb,
    smooth,
)
from animus_tui.demo.painting.view import LUMA, View

USUAL_STEPS, USUAL_GUIDANCE = 20, 7.5
"""What the service takes when a request names none; they change nothing."""


def toned(view: View, picture: Floats, steps: int | None, guidance: float | None) -> Floats:
    """Return the picture in the tones that its words ask for.

    Few steps leave it soft, strong guidance makes its colours stronger.
    """
    for tone in view.scene.tones:
        picture = _in_tone(view, np.clip(picture, 0, 1), tone)
    if steps is not None and steps < USUAL_STEPS:
        picture = blurred(picture, (USUAL_STEPS - steps) / USUAL_STEPS * view.unit / 90)
    if guidance is not None and guidance != USUAL_GUIDANCE:
        picture = _saturated(picture, float(np.clip(1 + (guidance - USUAL_GUIDANCE) * 0.04, 0.6, 1.6)))
    return picture


def _grey(picture: Floats) -> Floats:
    grey: Floats = picture[0] * LUMA[0] + picture[1] * LUMA[1] + picture[2] * LUMA[2]
    return grey


def _saturated(picture: Floats, factor: float) -> Floats:
    grey = _grey(picture)
    return (grey + (picture - grey) * F(factor)).astype(F)


def _in_tone(view: View, picture: Floats, tone: str) -> Floats:
    """Return the picture changed by one tone, a key of `words.TONES`."""
    match tone:
        case "vibrant":
            return _saturated(picture, 1.5)
        case "muted":
            return _saturated(picture, 0.5)
        case "brighter" | "darker":
            return picture ** F(0.70 if tone == "brighter" else 1.5)
        case "warmer" | "colder":
            return (
                picture
                * F(1)
                * np.array((1.10, 1.02, 0.84) if tone == "warmer" else (0.86, 0.99, 1.12), F)[:, None, None]
            )
        case "contrast":
            return smooth(0.0, 1.0, picture) * F(0.75) + picture * F(0.25)
        case "softer":
            return picture * F(0.4) + blurred(picture, view.unit / 90) * F(0.65)
        case "mirrored":
            return picture[:, :, ::-1]
        case "monochrome":
            return _saturated(picture, 0.0)
        case "vintage":
            grey = _saturated(picture, 0.25) * F(0.88) + F(0.06)
            return grey * rgb("#fff0d2")[:, None, None]
        case "sketch":
            grey = _saturated(picture, 0.12)
            return np.clip(grey / (blurred(grey, view.unit / 80) + F(0.04)), 0, 1) ** F(2.5) * F(0.96)
        case _:
            return _as_watercolour(view, picture)


def _as_watercolour(view: View, picture: Floats) -> Floats:
    """Return the picture in pale washes with darker edges, on paper whose margin stays bare."""
    paper = noise(view.chance("paper"), picture.shape[1:], view.unit / 5, 1.5)
    wash = _saturated(blurred(picture, view.unit / 260), 1.3)
    edges = np.abs(wash - blurred(wash, view.unit / 120)).sum(0)
    wash = np.clip(wash * F(0.74) + F(0.24) - edges * F(0.55) + paper * F(0.022), 0, 1)
    y, x = np.linspace(-1, 1, view.height, dtype=F)[:, None], np.linspace(-1, 1, view.width, dtype=F)[None]
    ragged = smooth(0.075, 0.06, np.maximum(np.abs(x), np.abs(y)) - F(0.86) + paper * F(0.018))
    sheet = rgb("#f7f3e9")[:, None, None] * (1 + paper * F(0.006))
    painted: Floats = sheet + (wash - sheet) * ragged
    return painted.astype(F)


def finished(view: View, picture: Floats) -> Floats:
    """Return the picture with a glow around what is bright, darker corners, and a grain that hides banding."""
    is_grey = bool({"monochrome"} & set(view.scene.tones))
    small = np.clip(picture[:, ::2, ::2], 0, 1)
    glow = blurred(small * smooth(0.62, 1.0, _grey(small)), view.unit / 56) * F(0.30)
    glow = resized(glow, picture.shape[1:])
    y = np.linspace(-1, 1, view.height, dtype=F)[:, None] ** 2
    x = np.linspace(-1, 1, view.width, dtype=F)[None] ** 2
    corners = 1 - F(0.055) * (y + x) ** 2
    grain = view.chance("grain").standard_normal(picture.shape[1:], dtype=F) * F(0.0045)
    for channel, light in zip(picture, glow, strict=True):
        channel += (1 - channel) * light
        channel *= corners
        channel += grain
    return _saturated(picture, 0.0) if is_grey else picture
