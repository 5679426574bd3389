"""What is painted of words that name nothing known: folds of light, as of silk."""

import numpy as np

from animus_tui.demo.painting import words
from animus_tui.demo.painting.canvas import F, Floats, dice, mix, noise, resized, rgb, sample, screen, smooth
from animus_tui.demo.painting.view import View

TILE = 512
CHORDS = (
    "#0d1b3a #244a86 #5fa8c9 #f2d7a6 #e8895a",
    "#1c1030 #5a2a72 #c2517c #f49a6c #fbe3b4",
    "#06251f #136a5b #4fb892 #d8e6a4 #f3b75f",
    "#141a2b #3d4f78 #9aa7cc #f0d9d4 #d1667a",
    "#20140f #70372a #c9743f #f0c37a #f7efd8",
    "#0b1630 #3a3f95 #8a6fd1 #eaa4c8 #ffe3d0",
)
"""Colours that go together, from dark to light."""


def paint_abstract(view: View) -> Floats:
    """Return a picture of folds in colours that the words choose, or name."""
    rng = dice(view.layout, view.scene.text)
    colours = np.stack([rgb(colour) for colour in CHORDS[int(rng.integers(len(CHORDS)))].split()])
    named = [rgb(words.HUES[colour]) for colour, _ in view.scene.colours]
    if named:
        first, last = named[0], named[-1]
        pale = mix(last, np.ones(3, F), 0.6)
        colours = np.stack(
            [
                first * F(0.22),
                first * F(0.6),
                first,
                mix(first, last, 0.7) if first is not last else mix(first, pale, 0.5),
                pale,
            ]
        )
    half = (view.height + 1) // 2, (view.width + 1) // 2
    y, x = np.mgrid[0 : half[0], 0 : half[1]].astype(F) * F(1000 / view.unit)
    one, two, three = (noise(rng, (TILE, TILE), cell, 3.0) for cell in (200, 240, 160))
    turn = rng.uniform(0, 2 * np.pi)
    along, across = x * F(np.cos(turn)) + y * F(np.sin(turn)), y * F(np.cos(turn)) - x * F(np.sin(turn))
    bend = sample(one, across * F(0.34), along * F(0.20)) * F(85)
    swirl = sample(two, across * F(0.40) + bend, along * F(0.22)) * F(95)
    field = sample(three, across * F(0.30) + swirl * F(0.5), along * F(0.12) + bend * F(0.5))
    height = np.sin(across * F(rng.uniform(0.006, 0.011)) + swirl * F(0.026) + field * F(0.9)) * F(0.5) + F(
        0.5
    )
    down, right = np.gradient(height)
    shade = np.clip(F(0.5) + (right * F(0.7) - down) * F(16), 0, 1)
    tone = np.clip(height * F(0.62) + shade * F(0.30) + F(0.04), 0, 1)
    places = np.linspace(0, 1, len(colours))
    picture = np.stack([np.interp(tone, places, colours[:, c]) for c in range(3)]).astype(F)
    picture *= F(0.72) + F(0.45) * shade
    screen(picture, colours[-1], smooth(0.82, 1.0, shade) * height * F(0.45))
    return np.clip(resized(picture.astype(F), (view.height, view.width)), 0, 1)
