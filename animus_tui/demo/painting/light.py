"""Light: the palettes of the times of day, a few for each, so that two pictures differ in mood."""

from dataclasses import dataclass, replace

from animus_tui.demo.painting.brushes import Stops
from animus_tui.demo.painting.colours import RGB, mix, relit, tinted, to_oklab


@dataclass(frozen=True, slots=True)
class Light:
    """What the hour does to every colour in the picture."""

    sky: Stops
    """From the zenith (0) to the horizon (1)."""
    sun: RGB
    """The disc of the sun or the moon."""
    glow: RGB
    """Light around the disc, on water and on edges."""
    haze: RGB
    """What far things fade into."""
    lit: RGB
    """Clouds, on the side of the light."""
    shade: RGB
    """Clouds, on the other side."""
    ground: RGB
    """Near things without light of their own: silhouettes, deep water."""
    day: float
    """How much of a thing's own colour is seen, 0 (night) to 1 (noon)."""
    height: tuple[float, float]
    """Where the sun may stand, as a share of the sky above the horizon."""
    stars: float = 0.0
    """How many stars are seen, 0..1."""

    def on(self, own: RGB, nearness: float = 1.0) -> RGB:
        """Return how a thing's own colour looks in this light; 0 is at the horizon, 1 right here."""
        # Snow and white walls gather what light there is, most of it from the sky.
        pale = min(1.0, max(0.0, to_oklab(own)[0] - 0.78) / 0.2)
        bright = tinted(
            relit(own, 0.64 + 0.36 * self.day, 1.35 - 0.35 * self.day),
            mix(self.glow, self.sky[0][1], 0.6 * pale),
            0.3 * (1 - self.day),
        )
        here = mix(self.ground, bright, max(0.12 + 0.88 * self.day**0.7, 0.8 * pale))
        return mix(self.haze, here, nearness)

    def dyed(self, hue: RGB, share: float) -> "Light":
        """Return this light with sky and clouds turned towards a hue."""
        return replace(
            self,
            sky=tuple((place, tinted(colour, hue, share * (1 - 0.5 * place))) for place, colour in self.sky),
            lit=tinted(self.lit, hue, share * 0.7),
            shade=tinted(self.shade, hue, share),
            haze=tinted(self.haze, hue, share * 0.5),
        )


SUNSETS = (
    Light(
        sky=(
            (0, (52, 66, 126)),
            (0.3, (132, 98, 148)),
            (0.58, (228, 116, 88)),
            (0.82, (250, 152, 66)),
            (1, (255, 190, 92)),
        ),
        sun=(255, 246, 214),
        glow=(255, 150, 66),
        haze=(244, 168, 104),
        lit=(255, 190, 112),
        shade=(122, 86, 128),
        ground=(30, 26, 46),
        day=0.3,
        height=(0.06, 0.2),
    ),
    Light(
        sky=(
            (0, (70, 52, 120)),
            (0.35, (178, 84, 138)),
            (0.62, (238, 108, 110)),
            (0.84, (250, 142, 96)),
            (1, (255, 180, 120)),
        ),
        sun=(255, 240, 214),
        glow=(255, 128, 92),
        haze=(238, 146, 118),
        lit=(255, 164, 130),
        shade=(124, 70, 124),
        ground=(36, 22, 48),
        day=0.28,
        height=(0.05, 0.2),
    ),
    Light(
        sky=(
            (0, (30, 72, 122)),
            (0.32, (88, 124, 152)),
            (0.58, (216, 156, 108)),
            (0.82, (244, 146, 54)),
            (1, (255, 178, 74)),
        ),
        sun=(255, 248, 210),
        glow=(255, 146, 48),
        haze=(232, 164, 92),
        lit=(255, 196, 104),
        shade=(104, 88, 112),
        ground=(24, 30, 44),
        day=0.32,
        height=(0.07, 0.22),
    ),
)
SUNRISES = (
    Light(
        sky=(
            (0, (96, 140, 196)),
            (0.35, (160, 170, 204)),
            (0.62, (240, 186, 176)),
            (0.84, (255, 206, 150)),
            (1, (255, 232, 184)),
        ),
        sun=(255, 250, 232),
        glow=(255, 204, 134),
        haze=(246, 204, 172),
        lit=(255, 218, 184),
        shade=(150, 134, 172),
        ground=(48, 48, 76),
        day=0.52,
        height=(0.06, 0.22),
    ),
    Light(
        sky=(
            (0, (84, 112, 180)),
            (0.35, (168, 142, 194)),
            (0.65, (246, 170, 172)),
            (0.86, (255, 196, 168)),
            (1, (255, 226, 200)),
        ),
        sun=(255, 250, 236),
        glow=(255, 182, 150),
        haze=(240, 188, 182),
        lit=(255, 204, 190),
        shade=(150, 120, 170),
        ground=(50, 42, 78),
        day=0.5,
        height=(0.05, 0.2),
    ),
)
MORNINGS = (
    Light(
        sky=((0, (92, 156, 214)), (0.5, (158, 200, 228)), (0.85, (226, 230, 222)), (1, (252, 238, 206))),
        sun=(255, 252, 236),
        glow=(255, 234, 184),
        haze=(214, 222, 220),
        lit=(255, 250, 238),
        shade=(164, 178, 198),
        ground=(52, 66, 72),
        day=0.8,
        height=(0.35, 0.6),
    ),
)
NOONS = (
    Light(
        sky=((0, (38, 108, 196)), (0.5, (92, 164, 224)), (0.85, (168, 210, 236)), (1, (212, 232, 240))),
        sun=(255, 254, 244),
        glow=(255, 248, 220),
        haze=(190, 214, 230),
        lit=(255, 255, 252),
        shade=(158, 178, 206),
        ground=(40, 60, 70),
        day=1.0,
        height=(0.66, 0.86),
    ),
    Light(
        sky=((0, (30, 118, 186)), (0.5, (96, 182, 214)), (0.85, (176, 220, 228)), (1, (222, 238, 234))),
        sun=(255, 254, 240),
        glow=(255, 248, 214),
        haze=(196, 222, 226),
        lit=(255, 255, 250),
        shade=(156, 184, 204),
        ground=(36, 64, 68),
        day=1.0,
        height=(0.66, 0.86),
    ),
)
DUSKS = (
    Light(
        sky=(
            (0, (22, 28, 70)),
            (0.4, (58, 54, 116)),
            (0.7, (142, 84, 138)),
            (0.88, (222, 122, 122)),
            (1, (246, 170, 130)),
        ),
        sun=(255, 226, 196),
        glow=(244, 140, 116),
        haze=(150, 96, 132),
        lit=(216, 128, 146),
        shade=(66, 54, 104),
        ground=(18, 18, 40),
        day=0.17,
        height=(-0.04, 0.0),
        stars=0.22,
    ),
    Light(
        sky=(
            (0, (14, 34, 72)),
            (0.4, (36, 74, 118)),
            (0.7, (96, 124, 150)),
            (0.88, (206, 156, 132)),
            (1, (244, 186, 126)),
        ),
        sun=(255, 232, 196),
        glow=(244, 164, 104),
        haze=(116, 118, 140),
        lit=(190, 146, 150),
        shade=(52, 66, 104),
        ground=(14, 22, 40),
        day=0.17,
        height=(-0.04, 0.0),
        stars=0.22,
    ),
)
NIGHTS = (
    Light(
        sky=((0, (6, 10, 32)), (0.5, (14, 28, 66)), (0.85, (34, 58, 104)), (1, (62, 88, 132))),
        sun=(246, 244, 230),
        glow=(168, 190, 232),
        haze=(44, 66, 108),
        lit=(108, 128, 172),
        shade=(20, 30, 62),
        ground=(6, 10, 24),
        day=0.05,
        height=(0.55, 0.8),
        stars=0.85,
    ),
    Light(
        sky=((0, (10, 8, 36)), (0.5, (28, 24, 74)), (0.85, (62, 50, 110)), (1, (98, 76, 132))),
        sun=(250, 244, 228),
        glow=(188, 178, 232),
        haze=(58, 48, 100),
        lit=(124, 112, 172),
        shade=(28, 22, 62),
        ground=(10, 8, 26),
        day=0.05,
        height=(0.55, 0.8),
        stars=0.85,
    ),
)
HOURS: dict[str, tuple[Light, ...]] = {
    "sunrise": SUNRISES,
    "morning": MORNINGS,
    "noon": NOONS,
    "sunset": SUNSETS,
    "dusk": DUSKS,
    "night": NIGHTS,
}


def clouded(light: Light, share: float, bright: float = 1.0) -> Light:
    """Return the light under a closed sky: greyer and softer, the same hour."""
    grey: RGB = relit(mix(light.haze, light.shade, 0.5), bright, 0.4)
    return replace(
        light,
        sky=tuple(
            (place, mix(colour, relit(grey, 0.82 + 0.28 * place), share)) for place, colour in light.sky
        ),
        haze=mix(light.haze, relit(grey, 1.06), share),
        lit=mix(light.lit, relit(grey, 1.12), share),
        shade=mix(light.shade, relit(grey, 0.72), share),
        day=light.day * bright,
        glow=relit(light.glow, 0.9, 1 - 0.5 * share),
    )
