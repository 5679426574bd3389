"""`POST /generate/image`, the addresses of images, and what an image is made from.

The address of an image carries its recipe. The demo keeps images only while it runs and then moves to another port, but
a later one can still edit such an image: it paints it again first. Nothing is ever fetched from elsewhere.
"""

import asyncio
import base64
import binascii
import secrets
import time
from functools import partial
from urllib.parse import parse_qs, urlsplit

from msgspec import Struct
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from animus_tui.demo.access import LOOPBACK_NAMES
from animus_tui.demo.faults import Effect, asked_effect, bad_image, json_answer
from animus_tui.demo.generations import Result
from animus_tui.demo.http_messages import Delivery, base_of, refusal
from animus_tui.demo.pictures import Guidance, Handling, Picture, Recipe, Seed, Side, Steps
from animus_tui.demo.state import Demo, demo_of, read

MOST_STEPS = 12
"""Edits upon edits that are painted again."""
LARGEST_SEED = 2**31
"""Of a seed that nobody asked for."""
PIECE = 64 * 1024
"""Bytes of an image that are sent at once."""


class ImageSettings(Struct, kw_only=True):
    """What all requests for images have in common. The service's defaults hold for what is absent."""

    prompt: str
    model: str | None = None
    width: Side | None = None
    height: Side | None = None
    guidance_scale: Guidance | None = None
    num_inference_steps: Steps | None = None
    seed: Seed | None = None


class ImageRequest(ImageSettings):
    """The body of `POST /generate/image`."""

    input_image: str | None = None


class Source(Struct, frozen=True):
    """What an edit starts from; `recipe` is None for an image from outside."""

    data: bytes
    recipe: Recipe | None


async def generate(request: Request) -> Response:
    """Make one image and answer with its address."""
    demo = demo_of(request)
    demo.stats.images += 1
    wanted = await read(request, ImageRequest)
    effect = await asked_effect(request, wanted.prompt)
    source = await find_source(request, wanted.input_image)
    handling = Handling(steps=wanted.num_inference_steps, guidance=wanted.guidance_scale)
    recipe = recipe_of(demo, wanted, source, handling)
    picture = await made(demo, recipe, source, effect, demo.options.paint_ms / 1000)
    match effect.image_shape:
        case "none":
            return json_answer({"status": "ok"}, effect)
        case "data-url":
            data = base64.b64encode(picture.data).decode()
            return json_answer({"output": [f"data:{picture.media_type};base64,{data}"]}, effect)
        case shape:
            url = keep(demo, picture).url(base_of(request))
            answers = {"output": [url], "output-string": url, "outputs": [url]}
            return json_answer({shape.removesuffix("-string"): answers[shape]}, effect)


async def show(request: Request) -> Response:
    """The bytes of an image or a video."""
    demo = demo_of(request)
    demo.stats.downloads += 1
    picture = await kept_or_painted_again(demo, request.path_params["key"])
    if picture is None:
        return refusal(404, "There is no such image here, or it is no longer kept.")
    size = len(picture.data)
    return Delivery(
        [picture.data[at : at + PIECE] for at in range(0, size, PIECE)],
        picture.media_type,
        picture.status,
        {"Content-Length": str(size), "Cache-Control": "private, max-age=3600"},
        limit=picture.limit,
        hang=picture.hang,
    )


def recipe_of(demo: Demo, wanted: ImageSettings, source: Source | None, handling: Handling) -> Recipe:
    """What to paint, with the service's defaults and a random seed where there is none; 400 for a blank prompt."""
    if not wanted.prompt.strip():
        raise HTTPException(400, "prompt is blank.")
    return Recipe(
        wanted.prompt,
        wanted.width or demo.options.side,
        wanted.height or demo.options.side,
        secrets.randbelow(LARGEST_SEED) if wanted.seed is None else wanted.seed,
        source.recipe if source is not None else None,
        handling,
    )


async def made(
    demo: Demo,
    recipe: Recipe,
    source: Source | None,
    effect: Effect,
    seconds: float,
    *,
    is_video: bool = False,
) -> Picture:
    """The image or the video, after at least so many seconds; 400 when its source cannot be read."""
    started = time.monotonic()
    if effect.image is not None:
        picture = bad_image(effect.image)
    elif is_video and source is not None:
        picture = Picture(data=await demo.paint(partial(_film, source.data)), media_type="video/mp4")
    else:
        data = await demo.paint(partial(_paint, recipe, source.data if source is not None else None))
        can_be_repeated = source is None or source.recipe is not None
        picture = Picture(data=data, recipe=recipe.written() if can_be_repeated else None)
    await asyncio.sleep(max(0.0, started + seconds - time.monotonic()))
    return picture


def _paint(recipe: Recipe, source: bytes | None) -> bytes:
    # Pillow, numpy and the painter take a third of a second to load: with the first image, in the painter's thread.
    from animus_tui.demo.painter import paint

    size = {"width": recipe.width, "height": recipe.height}
    return paint(recipe.prompt, **size, seed=recipe.seed, source=source, handling=recipe.handling)


def _film(source: bytes) -> bytes:
    from animus_tui.demo.painter import clip_of  # as above

    return clip_of(source)


def keep(demo: Demo, picture: Picture) -> Result:
    """Keep an image under a new key."""
    suffix = "mp4" if picture.media_type == "video/mp4" else "png"
    return Result(demo.pictures.add(picture), picture.recipe, suffix)


async def _painted_again(demo: Demo, recipe: Recipe) -> bytes:
    """The image of a recipe, after those that it starts from."""
    data = None
    for step in recipe.steps():
        data = await demo.paint(partial(_paint, step, data))
    return data or b""


async def kept_or_painted_again(demo: Demo, key: str) -> Picture | None:
    """The image with this key; what made room for others is painted again when a generation made it."""
    picture, result = demo.pictures.get(key), demo.library.results.get(key)
    recipe = Recipe.read(result.recipe) if result is not None and result.recipe is not None else None
    if picture is not None or result is None or recipe is None:
        return picture
    async with demo.repainting:
        picture = Picture(data=await _painted_again(demo, recipe), recipe=result.recipe)
    demo.pictures.add(picture, key)
    return picture


async def find_source(request: Request, url: str | None) -> Source | None:
    """The image to edit: one of ours, perhaps of an earlier run, or a data URL; 400 for any other address."""
    if url is None:
        return None
    if url.startswith("data:"):
        return Source(_embedded(url), None)
    try:
        parts = urlsplit(url)
    except ValueError:
        raise HTTPException(400, "The address of the image to edit is none.") from None
    is_here = parts.netloc == request.url.netloc
    if not parts.path.startswith("/images/") or not (is_here or parts.hostname in LOOPBACK_NAMES):
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise HTTPException(400, "The address of the image to edit must be a public http or https one.")
        raise HTTPException(
            400, f"This demo edits its own images only; it fetches nothing from {parts.hostname}."
        )
    demo, recipe = demo_of(request), Recipe.read("".join(parse_qs(parts.query).get("again", [])))
    key = parts.path.removeprefix("/images/").rpartition(".")[0]
    kept = await kept_or_painted_again(demo, key) if is_here else None
    if kept is not None:
        return Source(kept.data, recipe)
    if recipe is None or len(recipe.steps()) > MOST_STEPS:
        raise HTTPException(400, "That image is no longer kept here; ask for it anew.")
    return Source(await _painted_again(demo, recipe), recipe)


def _embedded(url: str) -> bytes:
    head, _, data = url.partition(",")
    if not head.startswith("data:image/") or not head.endswith(";base64"):
        raise HTTPException(400, "A data URL must be an image in base64.")
    try:
        return base64.b64decode(data, validate=True)
    except binascii.Error as error:
        raise HTTPException(400, "The data URL is no valid base64.") from error
