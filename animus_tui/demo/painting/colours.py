"""Colours: mixing in OKLab, and what the words of a prompt call a colour."""

from functools import lru_cache

RGB = tuple[int, int, int]
"""Red, green, blue, each 0..255, sRGB."""

NAMED: dict[str, RGB] = {
    "red": (206, 44, 52),
    "crimson": (176, 24, 58),
    "scarlet": (226, 52, 36),
    "orange": (240, 132, 40),
    "amber": (250, 176, 58),
    "gold": (240, 190, 74),
    "yellow": (246, 212, 70),
    "green": (64, 152, 78),
    "emerald": (24, 148, 106),
    "teal": (28, 138, 140),
    "turquoise": (58, 190, 190),
    "cyan": (60, 200, 224),
    "blue": (48, 104, 200),
    "indigo": (70, 64, 168),
    "purple": (124, 70, 172),
    "violet": (140, 96, 206),
    "lavender": (178, 160, 222),
    "magenta": (206, 58, 158),
    "pink": (238, 142, 178),
    "brown": (120, 78, 50),
    "white": (240, 240, 238),
    "grey": (132, 134, 140),
    "silver": (192, 198, 206),
    "black": (24, 24, 28),
}
"""Plain colour words; `scene.py` knows their other spellings."""

NEUTRAL = frozenset({"white", "grey", "silver", "black"})
"""Colours without a hue: they name things, they do not tint a sky."""


def _linear(channel: int) -> float:
    value = channel / 255
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def _encoded(value: float) -> int:
    value = min(1.0, max(0.0, value))
    curve = value * 12.92 if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055
    return round(curve * 255)


@lru_cache(maxsize=4096)
def to_oklab(colour: RGB) -> tuple[float, float, float]:
    """Return lightness 0..1 and the two colour axes a, b (Björn Ottosson's OKLab)."""
    r, g, b = (_linear(channel) for channel in colour)
    long = (0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b) ** (1 / 3)
    medium = (0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b) ** (1 / 3)
    short = (0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short,
    )


def from_oklab(lightness: float, a: float, b: float) -> RGB:
    """Return the nearest displayable colour."""
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        _encoded(4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short),
        _encoded(-1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short),
        _encoded(-0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short),
    )


def mix(first: RGB, second: RGB, share: float) -> RGB:
    """Return the colour `share` (0..1) of the way from the first to the second, without a grey middle."""
    one, two = to_oklab(first), to_oklab(second)
    return from_oklab(*(x + (y - x) * share for x, y in zip(one, two, strict=True)))


def relit(colour: RGB, lightness: float, chroma: float = 1.0) -> RGB:
    """Return the colour with its OKLab lightness and chroma multiplied by these factors."""
    light, a, b = to_oklab(colour)
    return from_oklab(min(1.0, light * lightness), a * chroma, b * chroma)


def tinted(colour: RGB, hue: RGB, share: float) -> RGB:
    """Return the colour turned towards another one's hue, its own lightness kept."""
    light, a, b = to_oklab(colour)
    _, hue_a, hue_b = to_oklab(hue)
    return from_oklab(light, a + (hue_a - a) * share, b + (hue_b - b) * share)
