"""A portrait in profile, with closed eyes, before a blurred landscape."""

from dataclasses import dataclass

import numpy as np

from animus_tui.demo.data import data_file
from animus_tui.demo.painting.canvas import (
    F,
    Floats,
    Rng,
    blurred,
    dice,
    grid,
    lay,
    mix,
    resized,
    rgb,
    screen,
)
from animus_tui.demo.painting.figures import Pen, Points, Sprite
from animus_tui.demo.painting.scene import HUES, SETS, Scene, read_scene
from animus_tui.demo.painting.view import View

PEOPLE = data_file("painting/scenery")["people"]
CUTS = ("long hair", "short hair", "bun")


@dataclass(frozen=True, slots=True)
class Sitter:
    """Who is painted. Colours are `#rrggbb`; nose and chin say how much longer they are, in heights of the portrait."""

    skin: str
    hair: str
    cut: str
    extras: tuple[str, ...]
    nose: float
    chin: float
    faces_right: bool
    dress: str


def sitter_of(scene: Scene, likeness: str | None, rng: Rng) -> Sitter:
    """Return who the scene's words describe; a likeness decides about everything but the clothes."""
    who, chance = (scene, rng) if likeness is None else (read_scene(likeness), dice("face", likeness))
    is_man = who.person == "man" or "beard" in who.looks
    skin, usual, cut = (
        choices[int(chance.integers(len(choices)))] for choices in (PEOPLE["skins"], PEOPLE["hairs"], CUTS)
    )
    named = who.colour_of(SETS["hair"]) or ("grey" if "old" in who.looks else "")
    usual = PEOPLE["hairs"][0] if "dark" in who.text.split() else usual
    return Sitter(
        skin=skin,
        hair=PEOPLE["named_hairs"].get(named, HUES.get(named, usual)),
        cut=next((each for each in CUTS if each in who.looks), "short hair" if is_man else cut),
        extras=tuple(extra for extra in ("beard", "glasses") if extra in who.looks),
        nose=float(chance.uniform(-0.008, 0.014)) + 0.008 * is_man,
        chin=float(chance.uniform(-0.006, 0.008)) + 0.008 * is_man,
        faces_right=bool(chance.random() < 0.5),
        dress=HUES.get(
            scene.colour_of(SETS["clothes"]), PEOPLE["dresses"][int(rng.integers(len(PEOPLE["dresses"])))]
        ),
    )


def paint_portrait(view: View, picture: Floats, likeness: str | None) -> Floats:
    """Return somebody in front of a background, which may be smaller than the view and is blurred."""
    unit, light = view.unit, view.light
    sitter = sitter_of(view.scene, likeness, view.shape("sitter"))
    side = 1 if sitter.faces_right else -1
    back = resized(blurred(picture, min(picture.shape[1:]) * 0.017), (view.height, view.width))
    y, x = grid(view.height, view.width)
    middle = view.width / 2 + side * unit * 0.03
    halo = np.hypot(x - (middle + side * unit * 0.12), y - (view.height - unit * 0.58)) / (unit * 0.36)
    screen(
        back, mix(light.sun, light.sky[4], 0.55), np.exp(-(halo**2)) * (0.34 if light.lamps > 0.8 else 0.62)
    )
    sprite = _bust(round(unit * 0.94), sitter)
    lit, mask = _modelled(view, sprite)[:, :, ::side], sprite.mask[:, ::side]
    lay(back, lit, mask, (view.height - mask.shape[0], round(middle - mask.shape[1] / 2)))
    return back


def _bust(height: int, sitter: Sitter) -> Sprite:
    """Draw head and shoulders, looking to the right."""

    def bend(points: Points) -> Points:
        away = np.abs(points[:, 1] - np.array([[0.6], [0.43]])) / np.array([[0.035], [0.045]])
        longer = np.array([sitter.nose, sitter.chin]) @ np.maximum(0.0, 1 - away)
        moved = points.copy()
        moved[:, 0] += longer * (points[:, 0] > 0.18)
        return moved

    skin = rgb(sitter.skin)
    colours = {
        "skin": skin,
        "hair": rgb(sitter.hair),
        "dress": rgb(sitter.dress),
        "lips": mix(skin, rgb("#b8394a"), 0.48),
    }
    pen = Pen(height, 1.0, dice(sitter.hair, sitter.cut))
    if sitter.cut == "bun":
        pen.drawing("bun", colours)
    pen.drawing("bust", colours, bend)
    if sitter.cut == "short hair":
        pen.drawing("ear", colours)
    for extra in sitter.extras:
        pen.drawing(extra, colours, bend)
    pen.drawing("bun hair" if sitter.cut == "bun" else sitter.cut, colours)
    return pen.sprite()


def _modelled(view: View, sprite: Sprite) -> Floats:
    """Return the colours of the bust, lit from the front as a rounded body, its edges in the light of the sun."""
    light, mask = view.light, sprite.mask
    small = (max(8, mask.shape[0] // 6), max(8, mask.shape[1] // 6))
    edge = small[0] // 4
    padded = np.pad(resized(mask, small), edge, mode="edge")
    squares = np.add.outer(np.fft.fftfreq(padded.shape[0]) ** 2, np.fft.rfftfreq(padded.shape[1]) ** 2)
    # A Gaussian blur in floats: in whole numbers the slopes would come in steps.
    soft = np.fft.rfft2(padded) * np.exp(squares * (-2 * (np.pi * small[0] * 0.055) ** 2))
    solid = np.fft.irfft2(soft, s=padded.shape)[edge:-edge, edge:-edge]
    down, across = (resized(slope * small[0], mask.shape) for slope in np.gradient(solid))
    ambient, direct = (
        mix(own, np.array(warm, F), 0.55)
        for own, warm in ((light.ambient, (0.30, 0.26, 0.25)), (light.direct, (0.55, 0.46, 0.38)))
    )
    facing = np.clip(0.30 - np.clip(across * 0.10, -0.62, 0.62) + np.clip(down * 0.022, -0.22, 0.22), 0.02, 1)
    body: Floats = sprite.colour * (ambient[:, None, None] + direct[:, None, None] * facing)
    reach = max(1, round(mask.shape[0] * 0.006))
    front = np.clip(mask - np.roll(mask, (reach // 2, -reach), (0, 1)), 0, 1)
    behind = np.clip(mask - np.roll(mask, (reach, reach), (0, 1)), 0, 1)
    screen(body, mix(light.sun, light.sky[4], 0.35), np.clip(front + behind * 0.55, 0, 1) * 0.62)
    return body
