"""Painting the words of a prompt: the demo server's pictures, made on this machine by Pillow."""

from dataclasses import replace
from io import BytesIO

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from animus_tui.demo.foreign import in_english
from animus_tui.demo.painting.brushes import Size, dice
from animus_tui.demo.painting.composition import compose
from animus_tui.demo.painting.editing import changed, is_change, read_source
from animus_tui.demo.painting.grading import developed, finished, graded, marked
from animus_tui.demo.painting.manner import in_manner
from animus_tui.demo.painting.scene import Scene, read_scene
from animus_tui.demo.painting.view import set_up
from animus_tui.demo.recipes import Handling

AS_IT_COMES = Handling()
SMALLEST, LARGEST = 64, 2048
"""Each side of a picture, in pixels."""
WORKING = 1024
"""The longer side while painting, in pixels; larger pictures are enlarged at the end."""
WORKING_LEAST = 256
"""The shorter side while painting is at least this, in pixels, as far as the longer side allows."""

LONGEST_DESCRIPTION = 20_000
"""Characters of the prompt that the file keeps."""
PAPERS = frozenset({"watercolour", "sketch", "minimalist", "pixel"})
"""Styles without the darker corners of a photograph."""


def paint(
    prompt: str,
    *,
    width: int = 1024,
    height: int = 1024,
    seed: int = 0,
    source: bytes | None = None,
    handling: Handling = AS_IT_COMES,
) -> bytes:
    """Return a PNG of the prompt's words; with a source picture, the words change that one.

    The same arguments give the same bytes. Each side is 64..2048 pixels, else `ValueError`.
    """
    for name, side in (("width", width), ("height", height)):
        if not SMALLEST <= side <= LARGEST:
            raise ValueError(f"The {name} must be {SMALLEST} to {LARGEST} pixels, not {side}.")
    size = (width, height)
    scene = read_scene(in_english(prompt), in_english(handling.negative or ""))
    before = None if source is None else read_source(source, _working_size(size))
    image = (
        changed(before, scene, seed)
        if before is not None and is_change(scene)
        else _new(_sat_for(scene, handling.likeness), _working_size(size), seed)
    )
    if before is not None and handling.strength is not None:
        image = Image.blend(before, image, handling.strength)
    image = developed(image, handling.steps, handling.guidance)
    if image.size != size:
        image = image.resize(size, Image.Resampling.LANCZOS)
    if before is None or not is_change(scene):
        image = _finished(image, scene, seed)
    text = PngInfo()
    text.add_text("Software", "animus-chat demo")
    text.add_itxt("Description", _storable(prompt))
    text.add_text("Seed", str(seed))
    file = BytesIO()
    marked(image).save(file, "PNG", pnginfo=text, compress_level=2)
    return file.getvalue()


def _storable(prompt: str) -> str:
    """Return the prompt as a PNG text chunk can hold it: no NUL, no half of a surrogate pair, not endless."""
    return prompt[:LONGEST_DESCRIPTION].replace("\0", "").encode("utf-8", "replace").decode()


def _sat_for(scene: Scene, likeness: str | None) -> Scene:
    """Return the scene with a certain person in it, if one is wanted."""
    if not likeness:
        return scene
    return replace(scene, person=read_scene(likeness).person or "person", likeness=likeness)


def _new(scene: Scene, size: Size, seed: int) -> Image.Image:
    view = set_up(scene, size, seed)
    image = compose(view)
    for adjustment in scene.adjustments:
        if adjustment != "mirrored":
            image = graded(image, adjustment)
    for style in scene.styles:
        image = in_manner(image, style, view.rng(style))
    return image


def _finished(image: Image.Image, scene: Scene, seed: int) -> Image.Image:
    """Return a new picture with the grain and the corners of a photograph."""
    corners = (0, 0, 0) if "monochrome" in scene.styles else (8, 6, 16)
    film = dice(f"{seed}:{scene.text}", "film")
    return finished(image, film, corners, 0.0 if set(scene.styles) & PAPERS else 0.34)


def _working_size(size: Size) -> Size:
    scale = min(WORKING / max(size), max(1.0, WORKING_LEAST / min(size)))
    return max(8, round(size[0] * scale)), max(8, round(size[1] * scale))
