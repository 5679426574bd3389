"""The light of an hour, and where things stand in a picture."""

from dataclasses import dataclass

import numpy as np

from animus_tui.demo.painting.canvas import F, Floats, Rng, dice, mix, rgb
from animus_tui.demo.painting.scene import HUES, Scene

WET = frozenset({"sea", "beach", "lake", "boat", "lighthouse"})
LUMA = np.array((0.299, 0.587, 0.114), F)

SKIES = {
    "dawn": ("#43598f #8a8cba #d6a8b6 #f6c6a8 #ffe2b8", "#4a7295 #8fb0bd #d5cdc0 #f3d3b5 #fde6c6"),
    "day": ("#2468b4 #4f93d6 #8fc0e8 #c6e0f2 #e8f2f4", "#2f7aa8 #66a9c9 #a5d0dd #d3e7e6 #f0f2e6"),
    "sunset": ("#33295a #7d3f74 #cf5a62 #f78d48 #ffd384", "#25365a #6b5a78 #c47f6c #f4a659 #ffe199"),
    "dusk": ("#0e1738 #273263 #584f84 #a76c88 #e6a788", "#0c1d38 #1c3f5e #46687f #98828a #d8a98c"),
    "night": ("#040817 #08102d #101f47 #1d3261 #34507c", "#03101b #06192b #0c2c44 #1a475c #3a6a77"),
}
"""Two skies an hour, from the zenith to the horizon; each picture has a mixture of the two."""
LAMPS = {"dawn": 0.15, "day": 0.0, "sunset": 0.55, "dusk": 0.9, "night": 1.0}
"""How dark it is, as lamps and stars see it."""
SUNS = {
    "dawn": ("#fff0d0", 0.13, (0.46, 0.42, 0.52), (0.78, 0.52, 0.38)),
    "day": ("#fffcee", 0.72, (0.46, 0.52, 0.62), (0.66, 0.60, 0.48)),
    "sunset": ("#ffefc0", 0.10, (0.33, 0.26, 0.37), (0.95, 0.48, 0.24)),
    "dusk": ("#ffc9a0", -0.06, (0.20, 0.20, 0.33), (0.34, 0.22, 0.25)),
    "night": ("#f4f1e2", 0.70, (0.055, 0.085, 0.17), (0.15, 0.20, 0.31)),
}
"""Colour of the sun or moon, its height over the horizon as a share of the sky, light from the sky and from it."""


@dataclass(frozen=True, slots=True)
class Light:
    """The light of a picture. Colours are arrays of three, 0..1."""

    sky: Floats
    """Five colours, from the zenith to the horizon."""
    sun: Floats
    ambient: Floats
    """What the sky lends to every surface."""
    direct: Floats
    """What sun or moon adds to a surface that faces them."""
    height: float
    """Of sun or moon over the horizon, as a share of the sky's height."""
    lamps: float
    """How dark it is, 0..1: lamps are lit and stars are seen."""

    @property
    def haze(self) -> Floats:
        """The colour that far things fade into."""
        return mix(self.sky[4], self.sky[3], 0.45)

    @property
    def is_low(self) -> bool:
        """Whether the sun stands low, so that what is near is seen against the light."""
        return 0 < self.height < 0.3

    def on(self, colour: Floats, share: float = 0.5) -> Floats:
        """Return the colour of a surface of which this share faces the sun."""
        return np.clip(colour * (self.ambient + self.direct * share), 0, 1)


@dataclass(frozen=True, slots=True)
class View:
    """What is to be painted: the scene in its light, with sizes and places in pixels."""

    scene: Scene
    light: Light
    width: int
    height: int
    layout: int
    """The seed of what stays the same when the picture is edited."""
    detail: int
    """The seed of clouds, waves and what falls."""
    horizon: int
    sea_level: int
    """The row at which land ends: the horizon of a sea or the lower edge."""
    sun: tuple[float, float]

    @property
    def unit(self) -> int:
        """The shorter side."""
        return min(self.width, self.height)

    @property
    def is_wet(self) -> bool:
        """Whether there is water."""
        return self.has(*WET)

    @property
    def far_side(self) -> int:
        """1 when the right half is the one without sun or moon, -1 when it is the left one."""
        return 1 if self.sun[0] < self.width / 2 else -1

    @property
    def shows_disc(self) -> bool:
        """Whether sun or moon is seen."""
        if self.has("rain", "storm"):
            return False
        return self.has("moon") or (self.light.height > 0 and not self.has("aurora"))

    def has(self, *names: str) -> bool:
        """Whether the scene has one of these places, figures, lights or weathers."""
        scene = self.scene
        return not {*scene.places, *scene.figures, *scene.lights, *scene.weathers}.isdisjoint(names)

    def shape(self, name: str) -> Rng:
        """Return the random stream of something that an edit leaves as it is."""
        return dice(self.layout, name)

    def chance(self, name: str) -> Rng:
        """Return the random stream of something that differs from seed to seed."""
        return dice(self.layout, self.detail, name)


def view_of(scene: Scene, size: tuple[int, int], layout: int, detail: int) -> View:
    """Return the view of a scene, `size` in pixels."""
    (width, height), rng = size, dice(layout, "view")
    any_hour = ("day" if scene.weathers else "dusk", "sunset", "day", "dawn")[int(rng.integers(4))]
    light = _light(scene, scene.hour or any_hour, float(rng.random()))
    is_wet = WET & {*scene.places, *scene.figures}
    horizon = round(height * ((0.56 if is_wet else 0.60) + rng.uniform(-0.04, 0.05)))
    side = 0.5 + float(rng.uniform(0.06, 0.22)) * (1 if rng.random() < 0.5 else -1)
    sun = (width * side, horizon * (1 - light.height - float(rng.uniform(-0.03, 0.06))))
    return View(scene, light, width, height, layout, detail, horizon, horizon if is_wet else height, sun)


def _light(scene: Scene, hour: str, share: float) -> Light:
    """Return the light of an hour under the scene's weather, a mixture of the hour's two skies."""
    first, second = (np.stack([rgb(colour) for colour in line.split()]) for line in SKIES[hour])
    sun, height, *lights = SUNS[hour]
    sky = mix(first, second, share)
    ambient, direct = (np.array(each, F) for each in lights)
    lamps = LAMPS[hour]
    weathers = scene.weathers & {"rain", "storm", "snow", "mist"}
    if weathers:
        grey, dark = (0.52, 0.76) if {"rain", "storm"} & weathers else (0.35, 0.96)
        sky = mix(sky, (sky @ LUMA)[:, None] * np.array((0.95, 1, 1.08), F), grey) * dark
        ambient = mix(ambient, (ambient @ LUMA) * np.ones(3, F), 0.4) * (0.7 + 0.3 * dark)
        ambient = mix(ambient, ambient + direct, 0.3 - 0.3 * grey) * (1.45 if "snow" in weathers else 1)
        direct, lamps = direct * (1 - grey), max(lamps, 0.25)
    light = Light(sky, rgb(sun), ambient, direct, height, lamps)
    return _turned(light, rgb(HUES[scene.mood])) if scene.mood else light


def _turned(light: Light, hue: Floats) -> Light:
    """Return a light turned towards a hue, as bright as it was."""

    def turned(colours: Floats, share: float) -> Floats:
        luma = (colours @ LUMA)[..., None]
        toned = hue / max(0.05, float(hue @ LUMA)) * luma
        toned = np.where(toned > 1, 1 - (1 - luma) * (1 - hue), toned)
        return mix(colours, toned, share)

    sky, sun = turned(light.sky, 0.5), turned(light.sun, 0.25)
    ambient, direct = turned(light.ambient, 0.45), turned(light.direct, 0.4)
    return Light(sky, sun, ambient, direct, light.height, light.lamps)
