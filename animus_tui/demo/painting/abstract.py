"""What is painted of words that name nothing known: folds of light, as of silk."""

import numpy as np

from animus_tui.demo.data import data_file
from animus_tui.demo.painting.canvas import (
    TILE,
    F,
    Floats,
    dice,
    grid,
    mix,
    noise,
    resized,
    rgb,
    sample,
    screen,
    smooth,
)
from animus_tui.demo.painting.scene import HUES
from animus_tui.demo.painting.view import View

CHORDS = data_file("painting/scenery")["abstract"]["chords"]
"""Colours that go together, from dark to light."""


def paint_abstract(view: View) -> Floats:
    """Return a picture of folds in colours that the words choose, or name."""
    rng = dice(view.layout, view.scene.text)
    colours = [rgb(colour) for colour in CHORDS[int(rng.integers(len(CHORDS)))].split()]
    if named := [rgb(HUES[colour]) for colour, _ in view.scene.colours]:
        first, last = named[0], named[-1]
        pale = mix(last, np.ones(3, F), 0.6)
        colours = [first * 0.22, first * 0.6, first, mix(first, last if len(named) > 1 else pale, 0.6), pale]
    y, x = grid(view.height, view.width, 2)
    turn, size = rng.uniform(0, 2 * np.pi), 1000 / view.unit
    cosine, sine = float(np.cos(turn)) * size, float(np.sin(turn)) * size
    along, across = x * cosine + y * sine, y * cosine - x * sine
    one, two, three = (noise(rng, (TILE, TILE), cell, 3.0) for cell in (200, 240, 160))
    bend = sample(one, across * 0.34, along * 0.20) * 85
    swirl = sample(two, across * 0.40 + bend, along * 0.22) * 95
    field = sample(three, across * 0.30 + swirl * 0.5, along * 0.12 + bend * 0.5)
    fold = np.sin(across * rng.uniform(0.008, 0.013) + swirl * 0.022 + field * 1.1) * 0.5 + 0.5
    down, right = np.gradient(fold)
    shade = np.clip(0.5 + (right * 0.7 - down) * 16, 0, 1)
    tone = np.clip(fold * 0.62 + shade * 0.30 + 0.04, 0, 1)
    picture = np.stack([np.interp(tone, np.linspace(0, 1, 5), stops) for stops in np.transpose(colours)])
    picture *= 0.72 + 0.45 * shade
    screen(picture, colours[-1], smooth(0.82, 1.0, shade) * fold * 0.45)
    return np.clip(resized(picture, (view.height, view.width)), 0, 1)
