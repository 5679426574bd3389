"""Composition: which layers a scene is made of, from the sky to what stands before the viewer."""

from PIL import Image

from animus_tui.demo.painting import (
    city,
    creatures,
    figures,
    grove,
    landscape,
    meadow,
    sky,
    space,
    still_life,
    weather,
    window,
    woods,
)
from animus_tui.demo.painting.abstract import paint_abstract
from animus_tui.demo.painting.portrait import paint_portrait
from animus_tui.demo.painting.view import View
from animus_tui.demo.painting.water import paint_water


def compose(view: View) -> Image.Image:
    """Return the painted scene, before style, grading and grain."""
    image = Image.new("RGB", view.size)
    scene = view.scene
    if scene.person:
        backdrop = _landscape(view) if scene.places else None
        paint_portrait(image, view, backdrop)
    elif view.has("table"):
        still_life.paint_still_life(image, view)
    elif view.has("space"):
        space.paint_space(image, view)
        figures.paint_rockets(image, view)
    elif view.has("underwater") or (set(scene.figures) & figures.SWIMMERS and not scene.places):
        space.paint_deep(image, view)
        creatures.paint_school(image, view)
    elif view.has("abstract") or not (scene.names_a_subject or scene.skies or scene.weathers or scene.hour):
        paint_abstract(image, view)
    else:
        image = _landscape(view)
        if view.has("window"):
            window.paint_window(image, view)
    return image


def _landscape(view: View) -> Image.Image:
    image = Image.new("RGB", view.size, view.light.haze)
    image.paste(_sky(view))
    if "rainbow" in view.scene.skies:
        weather.paint_rainbow(image, view)
    if view.has("forest") and woods.is_grove(view):
        grove.paint_grove(image, view)
    elif view.has("space", "abstract", "underwater"):
        return image
    else:
        _land(image, view)
    figures.paint_near_figures(image, view)
    weather.paint_weather(image, view)
    return image


def _sky(view: View) -> Image.Image:
    """Return everything above the horizon that is not land."""
    light, skies = view.light, view.scene.skies
    above = sky.paint_sky((view.size[0], view.horizon), light, view.sun)
    if light.stars and view.cover < 0.9:
        sky.paint_stars(above, view.rng("stars"), 1.0 if "stars" in skies else light.stars)
    if "milky way" in skies:
        sky.paint_milky_way(above, view.rng("milky way"))
    if "aurora" in skies:
        sky.paint_aurora(above, view.rng("aurora"))
    if view.shows_disc:
        if light.stars:
            sky.paint_moon(
                above, view.rng("moon"), view.sun, (50 if not view.on_stage else 120) * view.unit, light
            )
        else:
            sky.paint_sun(above, view.sun, (44 if not view.on_stage else 165) * view.unit, light)
    if view.cover > 0:
        sky.paint_clouds(above, view.rng("clouds"), light, view.sun, view.cover)
    return above


def _land(image: Image.Image, view: View) -> None:
    """Paint what lies at and below the horizon, in place."""
    harbour = view.has("city")
    if view.has("mountains"):
        landscape.paint_mountains(image, view)
    if harbour:
        city.paint_city(image, view, view.horizon)
    elif view.has("lake"):
        woods.paint_tree_line(image, view)
    figures.paint_far_figures(image, view)
    if not view.is_wet:
        _dry_land(image, view)
        return
    paint_water(image, view)
    if view.has("beach"):
        landscape.paint_beach(image, view)
    elif view.has("lake") and not harbour:
        woods.paint_bank(image, view)
    if view.has("meadow"):
        meadow.paint_flowers(image, view, 0.62)


def _dry_land(image: Image.Image, view: View) -> None:
    """Paint the ground where there is no water, in place."""
    if view.has("desert"):
        landscape.paint_dunes(image, view)
    elif view.has("meadow"):
        meadow.paint_meadow(image, view)
    elif view.has("forest") or (view.scene.places == ("mountains",) and "balloon" not in view.scene.figures):
        woods.paint_forest(image, view)
    elif view.on_stage:
        figures.paint_stage(image, view)
    elif view.has("city"):
        city.paint_street(image, view, view.horizon)
    else:
        landscape.paint_hills(image, view)
