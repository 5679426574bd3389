"""`POST /generate/image`, the addresses of images, and what an image is made from.

The address of an image carries its recipe. The demo keeps images only while it runs and then moves to another port, but
a later one can still edit such an image: it paints it again first. Nothing is ever fetched from elsewhere.
"""

import asyncio
import base64
import binascii
import secrets
import time
from dataclasses import dataclass
from functools import partial
from urllib.parse import parse_qs, urlsplit

from msgspec import Struct
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from animus_tui.demo.bad_images import bad_image
from animus_tui.demo.faults import Effect, asked_effect, json_answer
from animus_tui.demo.generations import Result
from animus_tui.demo.http_messages import Delivery, base_of, demo_of, read, refusal
from animus_tui.demo.image_store import Image
from animus_tui.demo.recipes import Guidance, Handling, Recipe, Seed, Side, Steps
from animus_tui.demo.state import Demo

MOST_STEPS = 12
"""Edits upon edits that are painted again."""
LARGEST_SEED = 2**31
"""Of a seed that nobody asked for."""
PIECE = 64 * 1024
"""Bytes of an image that are sent at once."""
HERE = frozenset({"127.0.0.1", "localhost", "::1"})


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


@dataclass(frozen=True, slots=True)
class Source:
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
    image = await painted(demo, recipe, source, effect, demo.options.paint_ms / 1000)
    match effect.image_shape:
        case "none":
            return json_answer({"status": "ok"}, effect)
        case "data-url":
            data = base64.b64encode(image.data).decode()
            return json_answer({"output": [f"data:{image.media_type};base64,{data}"]}, effect)
        case shape:
            url = keep(demo, image).url(base_of(request))
            answers = {"output": [url], "output-string": url, "outputs": [url]}
            return json_answer({shape.removesuffix("-string"): answers[shape]}, effect)


async def show(request: Request) -> Response:
    """The bytes of an image or a video."""
    demo = demo_of(request)
    demo.stats.downloads += 1
    image = await kept_or_painted_again(demo, request.path_params["key"])
    if image is None:
        return refusal(404, "There is no such image here, or it is no longer kept.")
    return Delivery(
        [image.data[at : at + PIECE] for at in range(0, len(image.data), PIECE)],
        media_type=image.media_type,
        status_code=image.status,
        headers={"Content-Length": str(len(image.data)), "Cache-Control": "private, max-age=3600"},
        limit=image.limit,
        hang=image.hang,
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


async def painted(demo: Demo, recipe: Recipe, source: Source | None, effect: Effect, seconds: float) -> Image:
    """The image, after at least so many seconds; 400 when its source cannot be read."""
    started = time.monotonic()
    if effect.image is not None:
        image = bad_image(effect.image)
    else:
        data = await _refusing(demo, partial(_paint, recipe, source.data if source is not None else None))
        can_be_repeated = source is None or source.recipe is not None
        image = Image(data=data, recipe=recipe.written() if can_be_repeated else None)
    await asyncio.sleep(max(0.0, started + seconds - time.monotonic()))
    return image


async def filmed(demo: Demo, source: Source, seconds: float) -> Image:
    """The demo's video, after at least so many seconds; 400 when the image that should move cannot be read."""
    started = time.monotonic()
    data = await _refusing(demo, partial(_film, source.data))
    await asyncio.sleep(max(0.0, started + seconds - time.monotonic()))
    return Image(data=data, media_type="video/mp4")


async def _refusing(demo: Demo, work: "partial[bytes]") -> bytes:
    try:
        return await demo.painter.run(work)
    except ValueError as error:
        raise HTTPException(400, f"The image cannot be painted: {str(error).rstrip('.')}.") from error


def _paint(recipe: Recipe, source: bytes | None) -> bytes:
    # Pillow, numpy and the painter take a third of a second to load: with the first image, in the painter's thread.
    from animus_tui.demo.painter import paint

    size = {"width": recipe.width, "height": recipe.height}
    return paint(recipe.prompt, **size, seed=recipe.seed, source=source, handling=recipe.handling)


def _film(source: bytes) -> bytes:
    from animus_tui.demo.painter import clip_of  # as above

    return clip_of(source)


def keep(demo: Demo, image: Image) -> Result:
    """Keep an image under a new key."""
    return Result(demo.images.add(image), image.recipe, "mp4" if image.media_type == "video/mp4" else "png")


async def kept_or_painted_again(demo: Demo, key: str) -> Image | None:
    """The image with this key; what made room for others is painted again when a generation made it."""
    image, result = demo.images.get(key), demo.library.results.get(key)
    if image is not None or result is None or result.recipe is None:
        return image
    recipe = Recipe.read(result.recipe)
    assert recipe is not None  # noqa: S101 - written by this server
    data = b""
    for step in recipe.steps():
        data = await demo.painter.run_behind_others(partial(_paint, step, data or None))
    image = Image(data=data, recipe=result.recipe)
    demo.images.add(image, key)
    return image


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
    if not parts.path.startswith("/images/") or not (is_here or parts.hostname in HERE):
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
    data = b""
    for step in recipe.steps():
        data = await _refusing(demo, partial(_paint, step, data or None))
    return Source(data, recipe)


def _embedded(url: str) -> bytes:
    head, _, data = url.partition(",")
    if not head.startswith("data:image/") or not head.endswith(";base64"):
        raise HTTPException(400, "A data URL must be an image in base64.")
    try:
        return base64.b64decode(data, validate=True)
    except binascii.Error as error:
        raise HTTPException(400, "The data URL is no valid base64.") from error
