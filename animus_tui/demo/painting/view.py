"""The view: hour, light, horizon and the place of the sun, chosen once for all layers of a picture."""

import random
from dataclasses import dataclass, replace

from animus_tui.demo.painting.brushes import Point, Size, dice
from animus_tui.demo.painting.colours import NAMED
from animus_tui.demo.painting.light import HOURS, Light, clouded
from animus_tui.demo.painting.scene import Scene
from animus_tui.demo.painting.words import STANDING

WARM = frozenset({"gold", "orange", "amber", "yellow"})


@dataclass(frozen=True, slots=True)
class View:
    """What every layer of one picture must agree on."""

    scene: Scene
    key: str
    """Seed and prompt: where all chance comes from."""
    size: Size
    hour: str
    light: Light
    horizon: int
    """The row of the horizon, in pixels."""
    sun: Point
    """The centre of the sun or the moon, in pixels; at dusk it is below the horizon."""
    cover: float
    """How much of the sky is clouded, 0..1."""

    @property
    def unit(self) -> float:
        """A thousandth of the shorter side, in pixels: the measure of drawn things."""
        return min(self.size) / 1000

    @property
    def shows_disc(self) -> bool:
        """Whether the sun or the moon itself is seen."""
        if self.light.stars > 0.5:
            return "moon" in self.scene.skies or not self.scene.skies & {"milky way", "aurora", "stars"}
        return self.hour != "dusk" and self.cover < 0.9

    @property
    def is_wet(self) -> bool:
        """Whether water lies below the horizon; a city stands at the water, unless somebody walks in it."""
        return self.has("sea", "beach", "lake") or (
            self.has("city")
            and not self.has("meadow", "hills", "desert")
            and not STANDING & set(self.scene.figures)
        )

    @property
    def on_stage(self) -> bool:
        """Whether a figure stands alone on a hill, because the words name no place for it."""
        return bool(self.scene.figures) and not self.scene.places

    def rng(self, layer: str) -> random.Random:
        """Return the layer's own stream of chance, so that one layer's changes leave the others alone."""
        return dice(self.key, layer)

    def has(self, *places: str) -> bool:
        """Whether one of these places was asked for."""
        return any(place in self.scene.places for place in places)

    def weather(self, *kinds: str) -> bool:
        """Whether one of these weathers was asked for."""
        return any(kind in self.scene.weathers for kind in kinds)


def set_up(scene: Scene, size: Size, seed: int) -> View:
    """Return the view for a scene; what the words leave open, the seed decides."""
    key = f"{seed}:{scene.text}"
    rng = dice(key, "view")
    scene = replace(scene, places=_with_shore(scene) or _likely_place(scene, rng))
    hour = scene.hour or _likely_hour(scene, rng)
    light = _light(scene, hour, rng)
    cover = _cover(scene, rng)
    if "rain" in scene.weathers or "storm" in scene.weathers:
        light, cover = clouded(light, 0.72, 0.62 if "storm" in scene.weathers else 0.86), 0.95
    elif "fog" in scene.weathers:
        light = clouded(light, 0.35)
    elif "snow" in scene.weathers and hour in {"noon", "morning"}:
        light = clouded(light, 0.3)
    open_ground = bool({"meadow", "desert", "beach"} & set(scene.places))
    horizon = round(size[1] * (rng.uniform(0.44, 0.54) if open_ground else rng.uniform(0.53, 0.62)))
    across = rng.choice((rng.uniform(0.26, 0.42), rng.uniform(0.58, 0.74), rng.uniform(0.44, 0.56)))
    sun = (size[0] * across, horizon * (1 - rng.uniform(*light.height)))
    if scene.figures and not scene.places:
        horizon = round(size[1] * 0.76)
        low = light.height[1] < 0.5
        sun = (
            (size[0] * rng.uniform(0.4, 0.6), size[1] * rng.uniform(0.38, 0.48))
            if low
            else (size[0] * rng.uniform(0.36, 0.64), size[1] * 0.3)
        )
    return View(scene, key, size, hour, light, horizon, sun, cover)


HOMES = {
    "boat": "sea",
    "lighthouse": "sea",
    "bridge": "lake",
    "dolphin": "sea",
    "palm": "beach",
    "butterfly": "meadow",
    "house": "hills",
    "castle": "hills",
    "balloon": "hills",
    "rocket": "space",
    "fruit": "table",
    "cup": "table",
    "vase": "table",
    "candle": "table",
    "book": "table",
}
"""Where a thing is when the words do not say."""


def _with_shore(scene: Scene) -> tuple[str, ...]:
    """Return the named places, with the water or the table that the named things cannot do without."""
    places = scene.places
    if not places:
        return places
    on_tables = {name for name, home in HOMES.items() if home == "table"}
    if scene.figures and set(scene.figures) <= on_tables and set(places) <= {"meadow", "window"}:
        return ("table",)
    if "sea" in places and "beach" not in places and STANDING & set(scene.figures):
        return (*places, "beach")
    on_water = {"boat": "lake", "bridge": "lake", "lighthouse": "sea"}
    shores = [shore for name, shore in on_water.items() if name in scene.figures]
    if shores and set(places) <= {"mountains", "hills", "forest", "window"}:
        return (*places, shores[0])
    if places == ("window",):
        return (*places, "hills")
    return places


def _likely_place(scene: Scene, rng: random.Random) -> tuple[str, ...]:
    """Return where a scene without a place happens; nowhere for people, and for animals on a hill."""
    if scene.person:
        return ()
    if scene.figures:
        return tuple(dict.fromkeys(HOMES[name] for name in scene.figures if name in HOMES))
    if "autumn" in scene.weathers:
        return ("forest",)
    if "spring" in scene.weathers:
        return ("meadow",)
    if "rainbow" in scene.skies:
        return ("hills",)
    if "snow" in scene.weathers:
        return rng.choice((("mountains",), ("mountains", "forest"), ("forest",)))
    if scene.skies & {"stars", "milky way", "aurora"}:
        return rng.choice((("mountains",), ("mountains", "lake"), ("lake",)))
    if "neon" in scene.styles:
        return ("city",)
    if scene.weathers:
        return rng.choice((("forest",), ("mountains",)))
    return ("sea",) if scene.hour or scene.skies else ()


def _likely_hour(scene: Scene, rng: random.Random) -> str:
    if {"neon"} & set(scene.styles):
        return "night"
    if "city" in scene.places:
        return rng.choice(("dusk", "night", "sunset"))
    if scene.person and not scene.places:
        return rng.choice(("sunset", "sunrise", "morning", "dusk", "sunset"))
    if "wolf" in scene.figures or "owl" in scene.figures:
        return "night"
    if "spring" in scene.weathers or scene.places[:1] == ("window",):
        return rng.choice(("morning", "noon"))
    if scene.places == ("forest",) and not scene.weathers:
        return rng.choice(("morning", "morning", "sunrise", "noon"))
    if scene.figures and not scene.places:
        return rng.choice(("sunset", "sunrise", "dusk", "sunset"))
    if {"meadow", "hills"} & set(scene.places) or "rainbow" in scene.skies:
        return rng.choice(("morning", "noon", "morning"))
    return rng.choice(("sunset", "morning", "sunrise", "noon"))


def _light(scene: Scene, hour: str, rng: random.Random) -> Light:
    palettes = HOURS[hour]
    mood = scene.mood
    low_sun = hour in {"sunrise", "sunset", "dusk"}
    if mood in WARM and hour == "sunset":
        return palettes[rng.choice((0, 2))]
    if mood in {"pink", "purple", "magenta", "red", "crimson"} and hour == "sunset":
        palettes = palettes[1:2]
    light = rng.choice(palettes)
    if not mood or (mood in WARM and low_sun):
        return light
    light = light.dyed(NAMED[mood], 0.75)
    return replace(light, glow=NAMED[mood]) if "neon" in scene.styles else light


def _cover(scene: Scene, rng: random.Random) -> float:
    if "clear" in scene.skies:
        return 0.0
    if "clouds" in scene.skies:
        return rng.uniform(0.5, 0.68)
    if "minimalist" in scene.styles or scene.skies & {"aurora", "milky way"}:
        return 0.0
    return rng.uniform(0.05, 0.35) if "stars" in scene.skies else rng.uniform(0.25, 0.58)
