"""A face: its light and shade, eyes, nose, mouth, beard and glasses."""

from PIL import Image

from animus_tui.demo.painting.colours import RGB, mix, relit, tinted
from animus_tui.demo.painting.easel import Easel, both, oval, path
from animus_tui.demo.painting.sitter import Sitter

WOMAN = "0,-0.68 0.27,-0.61 0.43,-0.37 0.465,-0.08 0.44,0.18 0.365,0.41 0.22,0.59 0.09,0.675 0,0.685"
MAN = "0,-0.68 0.28,-0.61 0.44,-0.36 0.47,-0.05 0.46,0.2 0.41,0.44 0.27,0.63 0.12,0.71 0,0.72"
"""The right half of a face, from the hairline to the chin."""
DARK_SIDE = "0.3,-0.7 0.28,0 0.2,0.5 0.02,0.8 0.8,0.8 0.8,-0.7"
NOSE_SHADE = "0.03,-0.1 0.05,0.1 0.088,0.24 0.03,0.29 0.015,0.2 0.005,0"
BEARD = "0,0.36 0.14,0.36 0.24,0.42 0.36,0.26 0.45,0.06 0.47,0.2 0.42,0.5 0.28,0.72 0,0.84"


def paint_face(easel: Easel, sitter: Sitter) -> Image.Image:
    """Paint the bare face in light and shade and return its mask."""
    outline = both(path(MAN if sitter.man else WOMAN))
    for side in (-1, 1):
        if sitter.style in {"short", "bun"}:
            easel.fill(oval((side * 0.47, 0.09), 0.065, 0.12), relit(sitter.skin, 0.84))
    easel.fill(outline, sitter.skin)
    mask = easel.mask(outline)
    away, near = -sitter.side, sitter.side
    shade, light = relit(sitter.skin, 0.76, 1.1), relit(sitter.skin, 1.09, 0.85)
    easel.fill(
        path(DARK_SIDE, away),
        shade,
        0.09,
        0.75,
        mask,
    )
    easel.fill(oval((near * 0.16, -0.36), 0.24, 0.16), light, 0.09, 0.6, mask)
    easel.fill(oval((near * 0.26, 0.17), 0.13, 0.1), light, 0.06, 0.6, mask)
    blush = tinted(relit(sitter.skin, 0.94), (226, 70, 80), 0.55)
    for side in (-1, 1):
        easel.fill(oval((side * 0.27, 0.26), 0.12, 0.08), blush, 0.055, 0.28 if sitter.man else 0.55, mask)
    easel.fill(oval((0, 0.66), 0.13, 0.06), shade, 0.04, 0.4, mask)
    return mask


def paint_features(easel: Easel, sitter: Sitter, face: Image.Image) -> None:
    """Paint eyes, brows, nose and mouth."""
    deep = relit(mix(sitter.hair, (40, 24, 24), 0.55), 0.8)
    shade = relit(sitter.skin, 0.7, 1.2)
    for side in (-1, 1):
        _eye(easel, sitter, side, deep, face)
        thick = 0.027 if sitter.man else 0.018
        brow = [
            (side * 0.085, -0.145, thick * 0.8),
            (side * 0.2, -0.185, thick),
            (side * 0.335, -0.135, 0.005),
        ]
        easel.stroke(brow, relit(mix(sitter.hair, deep, 0.45), 0.8), 0.9)
        easel.fill(oval((side * 0.042, 0.272), 0.02, 0.011), relit(sitter.skin, 0.5), 0.006, 0.8)
    away = -sitter.side
    easel.fill(
        path(NOSE_SHADE, away),
        shade,
        0.022,
        0.62,
        face,
    )
    easel.fill(oval((0, 0.3), 0.075, 0.018), shade, 0.014, 0.5, face)
    light = relit(sitter.skin, 1.14, 0.7)
    easel.fill([(0.012, -0.08), (0.016, 0.16), (-0.012, 0.16), (-0.012, -0.08)], light, 0.018, 0.6, face)
    easel.fill(oval((sitter.side * 0.014, 0.225), 0.026, 0.02), light, 0.012, 0.8, face)
    _mouth(easel, sitter, face)


def _eye(easel: Easel, sitter: Sitter, side: int, deep: RGB, face: Image.Image) -> None:
    """Paint one eye; `side` is -1 for the one on the left of the picture."""
    x, y = side * 0.205, 0.015
    high = 0.05 if sitter.man else 0.06
    easel.fill(oval((x, y - 0.03), 0.15, 0.09), relit(sitter.skin, 0.78, 1.15), 0.03, 0.45, face)
    lid = [(-0.105, 0.014), (-0.065, -high * 0.68), (0.0, -high), (0.062, -high * 0.72), (0.112, -0.012)]
    low = [(0.065, 0.034), (0.0, 0.044), (-0.065, 0.034)]
    almond = [(x + side * px, y + py) for px, py in lid + low]
    easel.fill(almond, (246, 241, 238))
    inside = easel.mask(almond)
    easel.fill(oval((x, y - 0.008), 0.058, 0.058), relit(sitter.eyes, 0.55), 0.0, 1.0, inside)
    easel.fill(oval((x, y - 0.008), 0.049, 0.049), sitter.eyes, 0.004, 1.0, inside)
    easel.fill(oval((x, y + 0.014), 0.032, 0.024), relit(sitter.eyes, 1.5), 0.008, 0.8, inside)
    easel.fill(oval((x, y - 0.008), 0.024, 0.024), (18, 14, 18), 0.0, 1.0, inside)
    easel.fill(
        [(x - 0.12, y - 0.09), (x + 0.12, y - 0.09), (x + 0.12, y - high * 0.5), (x - 0.12, y - high * 0.5)],
        (60, 44, 50),
        0.014,
        0.6,
        inside,
    )
    easel.fill(oval((x + sitter.side * 0.018, y - 0.028), 0.013, 0.013), (255, 255, 255))
    easel.fill(oval((x - sitter.side * 0.02, y + 0.014), 0.006, 0.006), (255, 255, 255), 0.0, 0.8)
    bold = 0.009 if sitter.man else 0.0145
    rim = [
        (x + side * px, y + py - 0.004, bold * power)
        for (px, py), power in zip(lid, (0.4, 0.8, 1.0, 1.15, 0.9), strict=True)
    ]
    if not sitter.man:
        rim.append((x + side * 0.142, y - 0.04, 0.003))
    easel.stroke(rim, deep)
    easel.stroke(
        [
            (x - side * 0.08, y - high - 0.018, 0.003),
            (x, y - high - 0.04, 0.006),
            (x + side * 0.1, y - high - 0.012, 0.003),
        ],
        relit(sitter.skin, 0.62, 1.2),
        0.75,
    )
    easel.stroke(
        [(x + side * px, y + py + 0.004, 0.003) for px, py in reversed(low)], relit(sitter.skin, 0.55), 0.5
    )


def _mouth(easel: Easel, sitter: Sitter, face: Image.Image) -> None:
    """Paint the lips, the corners raised by the smile."""
    lift = 0.022 * sitter.smile
    wide = 0.155 + 0.02 * sitter.smile
    full = 0.75 if sitter.man else 1.0
    corner = 0.435 - lift
    line = 0.447
    upper = [
        (-wide, corner),
        (-0.06, line - 0.042 * full),
        (0.0, line - 0.03 * full),
        (0.06, line - 0.042 * full),
        (wide, corner),
        (0.07, line),
        (0.0, line + 0.006),
        (-0.07, line),
    ]
    lower = [
        (-wide, corner),
        (-0.07, line),
        (0, line + 0.006),
        (0.07, line),
        (wide, corner),
        (0.09, line + 0.046 * full),
        (0.0, line + 0.064 * full),
        (-0.09, line + 0.046 * full),
    ]
    easel.fill(upper, relit(sitter.lips, 0.88))
    easel.fill(lower, relit(sitter.lips, 1.06))
    easel.fill(
        oval((sitter.side * 0.025, line + 0.034 * full), 0.045, 0.012),
        relit(sitter.lips, 1.4, 0.7),
        0.01,
        0.75,
    )
    easel.stroke(
        [
            (-wide - 0.008, corner - 0.004, 0.003),
            (-0.07, line, 0.005),
            (0.0, line + 0.006, 0.006),
            (0.07, line, 0.005),
            (wide + 0.008, corner - 0.004, 0.003),
        ],
        relit(sitter.lips, 0.48),
    )
    easel.fill(oval((0, line + 0.088), 0.08, 0.018), relit(sitter.skin, 0.72, 1.2), 0.018, 0.55, face)


def paint_extras(easel: Easel, sitter: Sitter, face: Image.Image) -> None:
    """Paint a beard and glasses, if the words ask for them."""
    if sitter.man and "beard" in sitter.looks:
        beard = both(path(BEARD))
        easel.fill(beard, relit(sitter.hair, 0.9), 0.022, 0.95)
        _mouth(easel, sitter, face)
    if "glasses" in sitter.looks:
        frame = (38, 32, 36)
        for side in (-1, 1):
            ring = [(x, y, 0.011) for x, y in oval((side * 0.215, 0.02), 0.155, 0.135)]
            easel.stroke([*ring, ring[0]], frame)
            easel.stroke([(side * 0.37, 0.0, 0.01), (side * 0.48, -0.03, 0.01)], frame)
        easel.stroke([(-0.062, 0.0, 0.01), (0.0, -0.02, 0.01), (0.062, 0.0, 0.01)], frame)
