"""Painting the words of a prompt: the demo server's pictures, computed on this machine."""

from importlib.resources import files
from io import BytesIO
from math import sqrt

from PIL import Image, ImageOps, UnidentifiedImageError
from PIL.PngImagePlugin import PngInfo

from animus_tui.demo.painting import foreground, sky
from animus_tui.demo.painting.abstract import paint_abstract
from animus_tui.demo.painting.canvas import Floats, blurred, finished, in_tone, saturated, to_image
from animus_tui.demo.painting.land import paint_land
from animus_tui.demo.painting.portrait import paint_portrait
from animus_tui.demo.painting.scene import merged, read_scene
from animus_tui.demo.painting.view import View, view_of
from animus_tui.demo.pictures import Handling

AS_IT_COMES = Handling()
SMALLEST, LARGEST = 64, 2048
"""Each side of a picture, in pixels."""
WORKING = 832 * 832
"""Pixels of a picture while it is painted, at most; a larger one is enlarged at the end.

A picture of 1024×1024 takes some 0.55 s of processor time so; with all of its pixels it took 0.75 s.
"""
WORKING_LEAST = 256
"""The shorter side while painting is at least this, in pixels, as far as WORKING allows."""
USUAL_STEPS, USUAL_GUIDANCE = 20, 7.5
"""What the service takes when a request names none; they change nothing."""
LONGEST_DESCRIPTION = 20_000
"""Characters of the prompt that the file keeps."""
FORMATS = ("PNG", "JPEG", "WEBP")
LARGEST_SOURCE = 40_000_000
"""Pixels of a source picture; more is refused."""


def paint(
    prompt: str,
    *,
    width: int = 1024,
    height: int = 1024,
    seed: int = 0,
    source: bytes | None = None,
    handling: Handling = AS_IT_COMES,
) -> bytes:
    """Return a PNG of the prompt's words. The same arguments give the same bytes.

    With a source, the words are an edit: the file's words and the prompt's are put together and painted anew, in the
    layout of the source's seed. No pixel of the source is changed; of a file that this painter did not write the words
    are unknown, and the prompt is painted alone. With `handling.strength` the new picture is laid over the source's
    pixels by that share. Few steps leave it soft, much guidance gives it colour.

    Raises `ValueError` when a side is not 64 to 2048 pixels, or the source is no whole PNG, JPEG or WebP file.
    """
    for name, side in (("width", width), ("height", height)):
        if not SMALLEST <= side <= LARGEST:
            raise ValueError(f"The {name} must be {SMALLEST} to {LARGEST} pixels, not {side}.")
    before = None if source is None else _opened(source)
    words, layout = (prompt, seed) if before is None else _continued(before, prompt, seed)
    scale = min(sqrt(WORKING / (width * height)), max(1.0, WORKING_LEAST / min(width, height)))
    size = (max(8, round(width * scale)), max(8, round(height * scale)))
    view = view_of(read_scene(words, handling.negative or ""), size, layout, seed)
    image = to_image(_toned(view, _painted(view, handling.likeness), handling))
    if image.size != (width, height):
        image = image.resize((width, height), Image.Resampling.LANCZOS)
    if before is not None and handling.strength is not None:
        image = Image.blend(ImageOps.fit(before.convert("RGB"), image.size), image, handling.strength)
    text = PngInfo()
    text.add_text("Software", "animus-chat demo")
    text.add_itxt("Description", _storable(prompt))
    text.add_text("Seed", str(seed))
    if before is not None:
        text.add_itxt("Scene", _storable(words))
        text.add_text("Layout", str(layout))
    file = BytesIO()
    # With a grain in the picture, Huffman codes alone are smaller (1.2 MB) and faster (0.10 s) than level 1.
    image.save(file, "PNG", pnginfo=text, compress_level=1, compress_type=2)
    return file.getvalue()


def clip_of(source: bytes) -> bytes:
    """Return the demo's one clip, an MP4 of 256×256 pixels, whatever the picture shows; `ValueError` if it is none."""
    _opened(source)
    return (files("animus_tui.demo") / "clip.mp4").read_bytes()


def _painted(view: View, likeness: str | None) -> Floats:
    """Return the picture of a view, from the sky to what is in the air."""
    scene = view.scene
    is_portrait = (
        scene.is_portrait or bool(likeness) or (bool(scene.person) and scene.says_how_somebody_looks)
    )
    if not is_portrait and not scene.is_of_the_world:
        return paint_abstract(view)
    if is_portrait:
        # What is blurred need not be painted in full.
        less = view_of(scene, (view.width // 2, view.height // 2), view.layout, view.detail)
        picture = paint_portrait(view, _outdoors(less), likeness)
    else:
        picture = _outdoors(view)
        foreground.paint_near(view, picture)
    if view.has("snow"):
        sky.paint_snow(view, picture)
    if view.has("rain"):
        sky.paint_rain(view, picture)
    return picture


def _outdoors(view: View) -> Floats:
    """Return the sky, the land and the water, without what is near."""
    picture = sky.paint_sky(view)
    paint_land(view, picture)
    if view.has("forest", "mist", "beach") and view.light.is_low:
        sky.paint_rays(view, picture)
    if view.has("lighthouse"):
        foreground.paint_lighthouse(view, picture)
    if view.is_wet:
        sky.paint_water(view, picture)
    if view.has("mist") and not view.has("forest"):
        sky.paint_mist(view, picture)
    if view.has("boat"):
        foreground.paint_boats(view, picture)
    return picture


def _toned(view: View, picture: Floats, handling: Handling) -> Floats:
    """Return the finished picture in the tones of its words. Few steps leave it soft, much guidance gives it colour."""
    for tone in view.scene.tones:
        picture = in_tone(picture, tone)
    if handling.steps is not None and handling.steps < USUAL_STEPS:
        picture = blurred(picture, (1 - handling.steps / USUAL_STEPS) * view.unit / 90)
    if handling.guidance is not None and handling.guidance != USUAL_GUIDANCE:
        picture = saturated(picture, min(1.6, 0.7 + handling.guidance * 0.04))
    picture = finished(picture, view.chance("grain"))
    return saturated(picture, 0.0) if "monochrome" in view.scene.tones else picture


def _opened(source: bytes) -> Image.Image:
    """Return the source picture; `ValueError` if it is none."""
    try:
        image = Image.open(BytesIO(source), formats=FORMATS)
        if image.width * image.height > LARGEST_SOURCE:
            raise ValueError(
                f"The picture to change is larger than {LARGEST_SOURCE // 1_000_000} million pixels."
            )
        return image.copy()
    except (UnidentifiedImageError, OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValueError(
            "The picture to change cannot be read; send a whole PNG, JPEG or WebP file."
        ) from error


def _continued(before: Image.Image, prompt: str, seed: int) -> tuple[str, int]:
    """Return the words of an edit and the seed of its layout, as the source's file tells them."""
    words = before.info.get("Scene", before.info.get("Description"))
    layout = str(before.info.get("Layout", before.info.get("Seed", "")))
    if not isinstance(words, str) or not layout.isascii() or not layout.isdecimal() or len(layout) > 19:
        return prompt, seed
    return merged(words, prompt), int(layout)


def _storable(text: str) -> str:
    """Return a text as a PNG chunk can hold it: no NUL, no half of a surrogate pair, not endless."""
    return text[:LONGEST_DESCRIPTION].replace("\0", "").encode("utf-8", "replace").decode()
