"""Changing a picture that exists, as the words ask: its tones, its hour, its weather, what is in it."""

from dataclasses import replace
from io import BytesIO

from PIL import Image, ImageChops, ImageEnhance, ImageOps, ImageStat, UnidentifiedImageError

from animus_tui.demo.painting import creatures, figures, sky, weather
from animus_tui.demo.painting.animals import ANIMALS
from animus_tui.demo.painting.brushes import Size, add_light, faded, field, glow, joined, ramp
from animus_tui.demo.painting.colours import NAMED, RGB, mix, relit
from animus_tui.demo.painting.grading import dyed, graded
from animus_tui.demo.painting.light import HOURS
from animus_tui.demo.painting.manner import in_manner
from animus_tui.demo.painting.scene import Scene
from animus_tui.demo.painting.view import View, set_up

FORMATS = ("PNG", "JPEG", "WEBP")
LARGEST_SOURCE = 40_000_000
"""Pixels of a source picture; more is refused."""

TINTS: dict[str, tuple[RGB, RGB, float]] = {
    "dusk": ((150, 116, 170), (60, 36, 80), 0.25),
    "sunset": ((255, 186, 122), (120, 52, 40), 0.22),
    "sunrise": ((255, 214, 190), (120, 84, 100), 0.2),
    "morning": ((255, 250, 236), (60, 70, 80), 0.1),
    "noon": ((255, 255, 252), (40, 60, 80), 0.06),
}
"""What an hour multiplies a picture by, what it adds as its air, and how much of that."""


def read_source(source: bytes, size: Size | None) -> Image.Image:
    """Return the source picture, cropped to the proportions and scaled to the size; `ValueError` if it is none.

    Without a size it is returned as it is.
    """
    try:
        with Image.open(BytesIO(source), formats=FORMATS) as opened:
            if opened.width * opened.height > LARGEST_SOURCE:
                raise ValueError(
                    f"The picture to change is larger than {LARGEST_SOURCE // 1_000_000} million pixels."
                )
            upright = ImageOps.exif_transpose(opened) or opened
            whole = upright.convert("RGB")
            return whole if size is None else ImageOps.fit(whole, size, Image.Resampling.LANCZOS)
    except (UnidentifiedImageError, OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValueError(
            "The picture to change cannot be read; send a whole PNG, JPEG or WebP file."
        ) from error


def is_change(scene: Scene) -> bool:
    """Whether the words change a given picture, rather than naming a new one."""
    if not scene.names_a_subject:
        return True
    if not scene.edits:
        return False
    says_how = (
        scene.adjustments or scene.styles or scene.hour or scene.weathers or scene.skies or scene.colours
    )
    return bool(says_how or not scene.places)


def changed(image: Image.Image, scene: Scene, seed: int) -> Image.Image:
    """Return the picture after everything the words ask for."""
    view = _view_of(image, scene, seed)
    if scene.hour:
        image = _at_hour(image, scene.hour)
    _put_into_sky(image, view)
    _put_figures(image, view)
    if scene.weathers:
        if "snow" in scene.weathers:
            image = _whitened(image)
        weather.paint_weather(image, view)
    if "autumn" in scene.weathers:
        image = dyed(image, (206, 116, 46), 0.32)
    if scene.mood:
        image = dyed(image, NAMED[scene.mood], 0.45)
    for adjustment in scene.adjustments:
        image = graded(image, adjustment)
    for style in scene.styles:
        image = in_manner(image, style, view.rng(style))
    return (
        image
        if _asks_for_something(scene)
        else ImageEnhance.Color(ImageEnhance.Contrast(image).enhance(1.1)).enhance(1.12)
    )


def _asks_for_something(scene: Scene) -> bool:
    return bool(
        scene.hour
        or scene.skies
        or scene.figures
        or scene.weathers
        or scene.mood
        or scene.adjustments
        or scene.styles
    )


def _view_of(image: Image.Image, scene: Scene, seed: int) -> View:
    """Return a view in the light that the picture has, or in that of the hour the words name."""
    means = [round(mean) for mean in ImageStat.Stat(image).mean]
    mean: RGB = (means[0], means[1], means[2])
    hour = scene.hour or ("noon" if sum(mean) > 400 else "sunset" if sum(mean) > 200 else "night")
    view = set_up(replace(scene, hour=hour), image.size, seed)
    if scene.hour:
        return replace(view, scene=scene)
    own = replace(
        view.light,
        haze=mix(mean, (255, 255, 255), 0.3),
        lit=mix(mean, (255, 255, 255), 0.7),
        glow=mix(mean, view.light.glow, 0.35),
        ground=relit(mean, 0.3),
    )
    return replace(view, scene=scene, light=own)


def _at_hour(image: Image.Image, hour: str) -> Image.Image:
    """Return the picture in the light of another hour."""
    if hour == "night":
        return _at_night(image)
    times, air, share = TINTS[hour]
    if hour in {"noon", "morning"}:
        image = graded(image, "brighter")
    weighed = ImageChops.multiply(image, Image.new("RGB", image.size, times))
    lit = Image.blend(weighed, Image.new("RGB", image.size, air), share * 0.35)
    if hour in {"sunset", "sunrise"}:
        sky_glow = ramp(image.size, [0.15, 0.35, 0.62, 0.45, 0.12, 0.0])
        add_light(lit, faded(sky_glow, 0.6), HOURS[hour][0].glow)
    return lit


def _at_night(image: Image.Image) -> Image.Image:
    """Return the picture in moonlight: dark blue, little colour, lights kept."""
    grey = image.convert("L").point([round(255 * (value / 255) ** 1.3) for value in range(256)])
    blue = ImageOps.colorize(grey, (6, 9, 28), (176, 194, 238), (44, 62, 122), midpoint=132)
    dark = ImageChops.multiply(image, Image.new("RGB", image.size, (96, 104, 150)))
    return Image.blend(dark, blue, 0.72)


def _put_into_sky(image: Image.Image, view: View) -> None:
    """Add stars, moon, northern lights or a rainbow to the upper part, in place."""
    scene = view.scene
    asked = scene.skies | ({"stars", "moon"} if scene.hour == "night" and not scene.skies else frozenset())
    upper = (0, 0, image.width, max(2, round(image.height * 0.5)))
    above = image.crop(upper)
    if "stars" in asked or "milky way" in asked:
        sky.paint_stars(above, view.rng("stars"), 0.9)
    if "milky way" in asked:
        sky.paint_milky_way(above, view.rng("milky way"))
    if "aurora" in asked:
        sky.paint_aurora(above, view.rng("aurora"))
    if "clouds" in asked:
        sky.paint_clouds(above, view.rng("clouds"), view.light, view.sun, 0.55)
    image.paste(above, (0, 0), ramp(above.size, [1, 1, 0.9, 0.6, 0.0]))
    if "moon" in asked:
        at = (image.width * view.rng("moon place").choice((0.22, 0.78)), image.height * 0.16)
        sky.paint_moon(image, view.rng("moon"), at, 46 * view.unit, HOURS["night"][0])
    if "rainbow" in asked:
        weather.paint_rainbow(image, view)


def _put_figures(image: Image.Image, view: View) -> None:
    """Add the animals and things that the words name, in place."""
    animals = tuple(name for name in view.scene.figures if name in ANIMALS)
    others = tuple(name for name in view.scene.figures if name not in ANIMALS)
    aside = 1 if view.sun[0] < image.width / 2 else -1
    for index, name in enumerate(animals):
        foot = (image.width * (0.5 + aside * (0.18 + 0.2 * index)), image.height * 0.92)
        if name == "bird":
            creatures.paint_flock(image, view, view.rng("flock"))
        elif name == "dragon":
            creatures.paint_animal(image, view, name, (foot[0], image.height * 0.5), 0.7, grounded=False)
        else:
            creatures.paint_animal(image, view, name, foot, 0.85)
    figures.paint_rockets(image, view)
    if others:
        standing = replace(view, scene=replace(view.scene, figures=others))
        figures.paint_far_figures(image, standing)
        figures.paint_near_figures(image, standing)


def _whitened(image: Image.Image) -> Image.Image:
    """Return the picture under snow: paler, colder, white where the ground is lit."""
    pale = ImageEnhance.Color(graded(image, "colder")).enhance(0.6)
    ground = joined(ramp(image.size, [0.0, 0.1, 0.4, 0.8, 1.0]), image.convert("L"))
    pale.paste((240, 246, 255), (0, 0), faded(ground, 0.8))
    glow(pale, (image.width / 2, 0), image.height * 0.6, (220, 230, 246), 1.3, 0.2)
    veil = field(image.size, lambda _x, y: 0.16 * (1 - y), 8)
    pale.paste((226, 234, 246), (0, 0), veil)
    return pale
