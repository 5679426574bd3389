"""The light of an hour, and where things stand in a picture."""

from dataclasses import dataclass, replace

import numpy as np

from animus_tui.demo.data import data_file
from animus_tui.demo.painting.canvas import LUMA, F, Floats, Rng, dice, mix, rgb
from animus_tui.demo.painting.scene import HUES, Scene

WET = frozenset({"sea", "beach", "lake", "boat", "lighthouse"})
HOURS = data_file("painting/scenery")["hours"]


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
    told = HOURS[hour]
    first, second = (np.stack([rgb(colour) for colour in line.split()]) for line in told["skies"])
    sky = mix(first, second, share)
    ambient, direct = (np.array(told[each], F) for each in ("ambient", "direct"))
    height, lamps = told["height"], told["lamps"]
    weathers = scene.weathers & {"rain", "storm", "snow", "mist"}
    if weathers:
        grey, dark = (0.52, 0.76) if {"rain", "storm"} & weathers else (0.35, 0.96)
        sky = mix(sky, (sky @ LUMA)[:, None] * np.array((0.95, 1, 1.08), F), grey) * dark
        ambient = mix(ambient, (ambient @ LUMA) * np.ones(3, F), 0.4) * (0.7 + 0.3 * dark)
        ambient = mix(ambient, ambient + direct, 0.3 - 0.3 * grey) * (1.45 if "snow" in weathers else 1)
        direct, lamps = direct * (1 - grey), max(lamps, 0.25)
    light = Light(sky, rgb(told["sun"]), ambient, direct, height, lamps)
    return _turned(light, rgb(HUES[scene.mood])) if scene.mood else light


def _turned(light: Light, hue: Floats) -> Light:
    """Return a light turned towards a hue, as bright as it was."""

    def turned(colours: Floats, share: float) -> Floats:
        luma = (colours @ LUMA)[..., None]
        toned = hue / max(0.05, float(hue @ LUMA)) * luma
        toned = np.where(toned > 1, 1 - (1 - luma) * (1 - hue), toned)
        return mix(colours, toned, share)

    return replace(
        light,
        sky=turned(light.sky, 0.5),
        sun=turned(light.sun, 0.25),
        ambient=turned(light.ambient, 0.45),
        direct=turned(light.direct, 0.4),
    )
