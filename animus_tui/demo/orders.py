"""From a request to a picture: what to paint, what it starts from, and how it can be painted once more.

The address of a picture carries its recipe. The demo keeps pictures only while it runs and then moves to another
port, but a later one can still change such a picture: it paints it again. Nothing is ever fetched from elsewhere.
"""

import asyncio
import base64
import binascii
import secrets
import time
from dataclasses import dataclass, replace
from functools import partial
from ipaddress import ip_address
from urllib.parse import parse_qs, urlsplit

from msgspec import Struct
from starlette.exceptions import HTTPException
from starlette.requests import Request

from animus_tui.demo.bad_pictures import KINDS, bad_picture
from animus_tui.demo.faults import Effect
from animus_tui.demo.library import Result
from animus_tui.demo.pictures import Picture
from animus_tui.demo.recipes import Guidance, Handling, Recipe, Seed, Side, Steps
from animus_tui.demo.state import Demo
from animus_tui.demo.wire import demo_of

MOST_STEPS = 12
"""Edits upon edits that are painted again."""
LARGEST_SEED = 2**31
"""Of a seed that nobody asked for."""
HERE = frozenset({"127.0.0.1", "localhost", "::1"})
PRIVATE_ENDINGS = (".local", ".lan", ".internal", ".home", ".home.arpa", ".localhost")


class PictureSettings(Struct, kw_only=True):
    """What both ways to ask for a picture have in common. The service's defaults hold for what is absent."""

    prompt: str
    model: str | None = None
    width: Side | None = None
    height: Side | None = None
    guidance_scale: Guidance | None = None
    num_inference_steps: Steps | None = None
    seed: Seed | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """What a changed picture starts from."""

    data: bytes
    recipe: Recipe | None
    """None for a picture from outside."""


@dataclass(frozen=True, slots=True)
class Order:
    """What to paint, with everything settled."""

    recipe: Recipe
    source: Source | None

    @property
    def again(self) -> Recipe | None:
        """The recipe with which the picture can be painted again, if it can."""
        return self.recipe if self.source is None or self.source.recipe is not None else None


def settle(demo: Demo, wanted: PictureSettings, source: Source | None, handling: Handling) -> Order:
    """An order with the service's defaults; a random seed when there is none. 400 for a blank prompt."""
    if not wanted.prompt.strip():
        raise HTTPException(400, "prompt is blank.")
    seed = secrets.randbelow(LARGEST_SEED) if wanted.seed is None else wanted.seed
    before = source.recipe if source is not None else None
    size = (wanted.width or demo.options.side, wanted.height or demo.options.side)
    return Order(Recipe(wanted.prompt, *size, seed, before, handling), source)


def with_seed(order: Order, seed: int) -> Order:
    """The same order from another seed."""
    recipe = order.recipe
    other = Recipe(recipe.prompt, recipe.width, recipe.height, seed, recipe.source, recipe.handling)
    return replace(order, recipe=other)


async def paint(demo: Demo, order: Order, effect: Effect, seconds: float) -> Picture:
    """The picture, after at least so many seconds; 400 when its source cannot be read."""
    started = time.monotonic()
    if effect.image is not None:
        picture = bad_picture(effect.image)
        if picture is None:
            raise HTTPException(400, f"badimage takes {', '.join(KINDS)}.")
    else:
        data = await _painted(demo, order.recipe, order.source.data if order.source is not None else None)
        picture = Picture(data=data, recipe=order.again.written() if order.again is not None else None)
    await asyncio.sleep(max(0.0, started + seconds - time.monotonic()))
    return picture


async def film(demo: Demo, order: Order, seconds: float) -> Picture:
    """The demo's clip, after at least so many seconds; 400 when the picture that should move cannot be read."""
    started, source = time.monotonic(), order.source
    assert source is not None  # noqa: S101 - its kind needs one
    try:
        picture = Picture(data=await demo.studio.run(partial(_filmed, source.data)), media_type="video/mp4")
    except ValueError as error:
        raise _unpaintable(error) from error
    await asyncio.sleep(max(0.0, started + seconds - time.monotonic()))
    return picture


async def _painted(demo: Demo, recipe: Recipe, source: bytes | None) -> bytes:
    try:
        return await demo.studio.run(partial(_paint, recipe, source))
    except ValueError as error:
        raise _unpaintable(error) from error


def _filmed(source: bytes) -> bytes:
    from animus_tui.demo.painter import clip_of  # as below

    return clip_of(source)


def _paint(recipe: Recipe, source: bytes | None) -> bytes:
    # Pillow and the painter are loaded when the first picture is asked for, and in the painter's thread.
    from animus_tui.demo.painter import paint as paint_words

    return paint_words(
        recipe.prompt,
        width=recipe.width,
        height=recipe.height,
        seed=recipe.seed,
        source=source,
        handling=recipe.handling,
    )


def _unpaintable(error: ValueError) -> HTTPException:
    return HTTPException(400, f"The picture cannot be painted: {str(error).rstrip('.')}.")


def keep(demo: Demo, picture: Picture) -> Result:
    """Keep a picture under a new key."""
    suffix = "mp4" if picture.media_type == "video/mp4" else "png"
    return Result(demo.pictures.add(picture), picture.recipe, suffix)


def address(request: Request, result: Result) -> str:
    """Where a picture is, seen from whoever sent the request."""
    again = f"?again={result.recipe}" if result.recipe is not None else ""
    where = f"{request.url.scheme}://{request.url.netloc}"
    return f"{where}/images/{result.key}.{result.suffix}{again}"


async def kept_or_painted_again(demo: Demo, key: str) -> Picture | None:
    """The picture with this key; what made room for others is painted again when it stands in the library."""
    picture = demo.pictures.get(key)
    result = demo.library.result(key)
    if picture is not None or result is None or result.recipe is None:
        return picture
    recipe = Recipe.read(result.recipe)
    assert recipe is not None  # noqa: S101 - written by this server
    data: bytes | None = None
    for step in recipe.steps():
        data = await demo.studio.run_patiently(partial(_paint, step, data))
    assert data is not None  # noqa: S101 - a recipe has at least one step
    picture = Picture(data=data, recipe=result.recipe)
    demo.pictures.add(picture, key)
    return picture


async def find_source(request: Request, url: str | None) -> Source | None:
    """The picture to change: one of ours, perhaps of an earlier run, or a data URL; 400 for any other address."""
    if url is None:
        return None
    if url.startswith("data:"):
        return Source(_embedded(url), None)
    try:
        parts = urlsplit(url)
    except ValueError:
        raise HTTPException(400, "The address of the picture to change is none.") from None
    here = parts.netloc == request.url.netloc
    if not parts.path.startswith("/images/") or not (here or parts.hostname in HERE):
        raise HTTPException(400, _out_of_reach(parts.scheme, parts.hostname or ""))
    recipe = Recipe.read("".join(parse_qs(parts.query).get("again", [])))
    demo = demo_of(request)
    key = parts.path.removeprefix("/images/").rpartition(".")[0]
    kept = await kept_or_painted_again(demo, key) if here else None
    if kept is not None:
        return Source(kept.data, recipe)
    if recipe is None or len(recipe.steps()) > MOST_STEPS:
        raise HTTPException(400, "That picture is no longer kept here; ask for it anew.")
    data: bytes | None = None
    for step in recipe.steps():
        data = await _painted(demo, step, data)
    assert data is not None  # noqa: S101 - a recipe has at least one step
    return Source(data, recipe)


def _out_of_reach(scheme: str, host: str) -> str:
    """Why a service, or at least this one, cannot have a picture from there."""
    if scheme not in {"http", "https"} or not host:
        return "The address of the picture to change must be a public http or https one."
    if host not in HERE and _is_private(host):
        return f"The service cannot reach {host}: that name is known on your own network only."
    return "This demo changes its own pictures only; it fetches nothing from other addresses."


def _is_private(host: str) -> bool:
    try:
        return not ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith(PRIVATE_ENDINGS)


def _embedded(url: str) -> bytes:
    head, _, data = url.partition(",")
    if not head.startswith("data:image/") or not head.endswith(";base64"):
        raise HTTPException(400, "A data URL must be a picture in base64.")
    try:
        return base64.b64decode(data, validate=True)
    except binascii.Error as error:
        raise HTTPException(400, "The data URL is no valid base64.") from error
