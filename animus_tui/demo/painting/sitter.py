"""Who sits for a portrait: what the words say, and the rest by chance."""

import random
from dataclasses import dataclass

from animus_tui.demo.painting import words
from animus_tui.demo.painting.brushes import dice
from animus_tui.demo.painting.colours import NAMED, RGB, mix, relit, tinted
from animus_tui.demo.painting.scene import Scene, read_scene
from animus_tui.demo.painting.view import View

BLACK_HAIR: RGB = (44, 33, 36)
DARK_HAIR: RGB = (82, 52, 38)
BROWN_HAIR: RGB = (126, 80, 48)
COPPER_HAIR: RGB = (170, 78, 40)
BLONDE_HAIR: RGB = (222, 182, 116)
COMPLEXIONS: tuple[tuple[RGB, tuple[RGB, ...]], ...] = (
    ((250, 216, 192), (BLONDE_HAIR, COPPER_HAIR, BROWN_HAIR, DARK_HAIR)),
    ((243, 203, 172), (BROWN_HAIR, DARK_HAIR, BLONDE_HAIR, BLACK_HAIR)),
    ((228, 180, 144), (DARK_HAIR, BLACK_HAIR, BROWN_HAIR)),
    ((192, 136, 100), (BLACK_HAIR, DARK_HAIR)),
    ((142, 94, 68), (BLACK_HAIR, (58, 40, 38))),
)
"""Skins, each with hair that goes with it."""
NATURAL: dict[str, RGB] = {
    "red": COPPER_HAIR,
    "orange": (196, 100, 48),
    "gold": BLONDE_HAIR,
    "yellow": BLONDE_HAIR,
    "brown": BROWN_HAIR,
    "black": BLACK_HAIR,
    "white": (226, 224, 222),
    "grey": (164, 164, 168),
}
EYES: tuple[RGB, ...] = ((92, 62, 40), (70, 110, 150), (76, 122, 88), (110, 84, 50))
CLOTHES: tuple[RGB, ...] = (
    (46, 84, 112),
    (150, 62, 70),
    (64, 110, 98),
    (226, 214, 196),
    (96, 74, 128),
    (204, 132, 62),
)


@dataclass(frozen=True, slots=True)
class Sitter:
    """Who is painted, in colours."""

    man: bool
    skin: RGB
    hair: RGB
    eyes: RGB
    lips: RGB
    clothes: RGB
    style: str
    """`long`, `bob`, `bun` or `short` hair."""
    smile: float
    side: int
    """1 when the light comes from the right, -1 from the left."""
    looks: frozenset[str]


def seat(view: View, rng: random.Random) -> Sitter:
    """Return who is painted: what the words say, the rest by chance, in the light of the hour.

    A likeness has words and chance of its own, so that it is the same face in every picture; the clothes, the
    smile and a pair of glasses are the picture's.
    """
    scene = view.scene
    who, fate = (read_scene(scene.likeness), dice(scene.likeness, "face")) if scene.likeness else (scene, rng)
    man = who.person == "man"
    skin, hairs = fate.choice(COMPLEXIONS)
    hair = _hair_named(who) or ((196, 196, 200) if "old" in who.looks else fate.choice(hairs))
    style = (
        "short"
        if man
        else "long"
        if "long hair" in who.looks
        else "bob"
        if "short hair" in who.looks
        else fate.choice(("long", "bob", "bun", "long"))
    )
    night = view.light.stars > 0.5

    def lit(colour: RGB) -> RGB:
        tint = tinted(
            relit(colour, 0.88 if night else 0.99),
            view.light.glow,
            0.06 if night else 0.1 + 0.12 * (1 - view.light.day),
        )
        return mix(tint, view.light.shade, 0.06 if night else 0.03)

    return Sitter(
        man=man,
        skin=lit(skin),
        hair=lit(hair),
        eyes=lit(who.colour_of(words.EYES) or fate.choice(EYES)),
        lips=lit(mix(skin, (170, 70, 70) if man else (196, 62, 78), 0.4 if man else 0.72)),
        clothes=lit(scene.colour_of(words.CLOTHES) or rng.choice(CLOTHES)),
        style=style,
        smile=rng.uniform(0.3, 1.0),
        side=1 if view.sun[0] > view.size[0] / 2 else -1,
        looks=who.looks | (scene.looks & {"glasses"}),
    )


def _hair_named(scene: Scene) -> RGB | None:
    """Return the hair colour the words give, as hair has it: red hair is copper, golden hair is blonde."""
    for colour, thing in scene.colours:
        if thing in words.HAIR or (colour == "gold" and not thing):
            return NATURAL.get(colour, NAMED[colour])
    if "dark hair" in scene.looks:
        return DARK_HAIR
    listed = scene.text.split()
    return next(
        (
            NATURAL[colour]
            for word, colour in (("blonde", "gold"), ("blond", "gold"), ("brunette", "brown"))
            if word in listed
        ),
        None,
    )
