"""The tones of a whole picture, and the glow, the corners and the grain that every picture gets."""

import numpy as np

from animus_tui.demo.painting.canvas import F, Floats, blurred, resized, smooth
from animus_tui.demo.painting.view import LUMA, View

USUAL_STEPS, USUAL_GUIDANCE = 20, 7.5
"""What the service takes when a request names none; they change nothing."""


def toned(view: View, picture: Floats, steps: int | None, guidance: float | None) -> Floats:
    """Return the picture in the tones of its words. Few steps leave it soft, much guidance gives it colour."""
    for tone in view.scene.tones:
        picture = _in_tone(view, np.clip(picture, 0, 1), tone)
    if steps is not None and steps < USUAL_STEPS:
        picture = blurred(picture, (1 - steps / USUAL_STEPS) * view.unit / 90)
    if guidance is not None and guidance != USUAL_GUIDANCE:
        picture = _saturated(picture, min(1.6, 0.7 + guidance * 0.04))
    return picture


def _grey(picture: Floats) -> Floats:
    grey: Floats = picture[0] * LUMA[0] + picture[1] * LUMA[1] + picture[2] * LUMA[2]
    return grey


def _saturated(picture: Floats, factor: float) -> Floats:
    grey = _grey(picture)
    return (grey + (picture - grey) * factor).astype(F)


def _in_tone(view: View, picture: Floats, tone: str) -> Floats:
    """Return the picture changed by one tone, a key of the vocabulary's tones."""
    match tone:
        case "vibrant":
            return _saturated(picture, 1.5)
        case "muted":
            return _saturated(picture, 0.5)
        case "brighter" | "darker":
            return picture ** (0.70 if tone == "brighter" else 1.5)
        case "warmer" | "colder":
            weights = (1.10, 1.02, 0.84) if tone == "warmer" else (0.86, 0.99, 1.12)
            return picture * np.array(weights, F)[:, None, None]
        case "contrast":
            return smooth(0.0, 1.0, picture) * 0.75 + picture * 0.25
        case "softer":
            return picture * 0.4 + blurred(picture, view.unit / 90) * 0.65
        case _:
            return _saturated(picture, 0.0)


def finished(view: View, picture: Floats) -> Floats:
    """Return the picture with a glow around what is bright, darker corners, and a grain that hides banding."""
    is_grey = bool({"monochrome"} & set(view.scene.tones))
    small = np.clip(picture[:, ::2, ::2], 0, 1)
    glow = blurred(small * smooth(0.62, 1.0, _grey(small)), view.unit / 56) * 0.30
    glow = resized(glow, picture.shape[1:])
    y = np.linspace(-1, 1, view.height, dtype=F)[:, None] ** 2
    x = np.linspace(-1, 1, view.width, dtype=F)[None] ** 2
    corners = 1 - 0.055 * (y + x) ** 2
    grain = view.chance("grain").standard_normal(picture.shape[1:], dtype=F) * 0.0032
    for channel, light in zip(picture, glow, strict=True):
        channel += (1 - channel) * light
        channel *= corners
        channel += grain
    return _saturated(picture, 0.0) if is_grey else picture
