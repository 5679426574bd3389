"""From a request to a picture: what to paint, what it starts from, and how it can be painted once more.

The address of a picture carries its recipe. The demo keeps pictures only while it runs and then moves to another
port, but a later one can still change such a picture: it paints it again. Nothing is ever fetched from elsewhere.
"""

import asyncio
import base64
import binascii
import secrets
import time
from dataclasses import dataclass
from typing import Annotated, Self
from urllib.parse import parse_qs, urlsplit

import msgspec
from msgspec import Meta, Struct
from starlette.exceptions import HTTPException
from starlette.requests import Request

from animus_tui.demo.bad_pictures import KINDS, bad_picture
from animus_tui.demo.faults import Effect
from animus_tui.demo.pictures import Picture
from animus_tui.demo.state import Demo
from animus_tui.demo.wire import demo_of

Side = Annotated[int, Meta(ge=64, le=2048)]
Seed = Annotated[int, Meta(ge=0, le=2**63 - 1)]
SIDE = 1024
LONGEST_RECIPE = 4000
"""Characters; a picture with a longer one cannot be painted again."""
MOST_STEPS = 12
"""Edits upon edits that are painted again."""


class PictureSettings(Struct, kw_only=True):
    """What both ways to ask for a picture have in common. The service's defaults hold for what is absent."""

    prompt: str
    model: str | None = None
    width: Side | None = None
    height: Side | None = None
    guidance_scale: Annotated[float, Meta(ge=0)] | None = None
    num_inference_steps: Annotated[int, Meta(ge=1)] | None = None
    seed: Seed | None = None


class Recipe(Struct, frozen=True, array_like=True):
    """All that a picture depends on."""

    prompt: str
    width: Side
    height: Side
    seed: Seed
    source: "Recipe | None" = None

    def written(self) -> str | None:
        """As part of an address; None when it is too long."""
        text = base64.urlsafe_b64encode(msgspec.json.encode(self)).decode().rstrip("=")
        return text if len(text) <= LONGEST_RECIPE else None

    @classmethod
    def read(cls, text: str) -> Self | None:
        """The recipe in an address; None for anything else."""
        try:
            padded = text + "=" * (-len(text) % 4)
            return msgspec.json.decode(base64.urlsafe_b64decode(padded), type=cls)
        except (ValueError, RecursionError):
            return None

    def steps(self) -> list["Recipe"]:
        """The recipe and those that it starts from, in the order of painting."""
        return [*(self.source.steps() if self.source is not None else []), self]


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


def settle(wanted: PictureSettings, source: Source | None) -> Order:
    """An order with the service's defaults; a random seed when there is none. 400 for a blank prompt."""
    if not wanted.prompt.strip():
        raise HTTPException(400, "prompt is blank.")
    seed = secrets.randbelow(2**31) if wanted.seed is None else wanted.seed
    before = source.recipe if source is not None else None
    return Order(Recipe(wanted.prompt, wanted.width or SIDE, wanted.height or SIDE, seed, before), source)


async def paint(demo: Demo, order: Order, effect: Effect) -> Picture:
    """The picture, after at least the time that a picture takes; 400 when its source cannot be read."""
    started = time.monotonic()
    if effect.image is not None:
        picture = bad_picture(effect.image)
        if picture is None:
            raise HTTPException(400, f"badimage takes {', '.join(KINDS)}.")
    else:
        data = await _painted(demo, order.recipe, order.source.data if order.source is not None else None)
        picture = Picture(data=data, recipe=order.again.written() if order.again is not None else None)
    await asyncio.sleep(max(0.0, started + demo.options.paint_ms / 1000 - time.monotonic()))
    return picture


async def _painted(demo: Demo, recipe: Recipe, source: bytes | None) -> bytes:
    size = {"width": recipe.width, "height": recipe.height}
    try:
        return await demo.studio.paint(recipe.prompt, **size, seed=recipe.seed, source=source)
    except ValueError as error:
        sentence = str(error).rstrip(".")
        raise HTTPException(400, f"The picture cannot be painted: {sentence}.") from error


def address(request: Request, picture: Picture) -> str:
    """Keep a picture and say where it is."""
    key = demo_of(request).pictures.add(picture)
    again = f"?again={picture.recipe}" if picture.recipe is not None else ""
    return f"{request.url.scheme}://{request.url.netloc}/images/{key}.png{again}"


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
    if not parts.path.startswith("/images/") or not (
        here or parts.hostname in {"127.0.0.1", "localhost", "::1"}
    ):
        raise HTTPException(
            400, "This demo changes its own pictures only; it fetches nothing from other addresses."
        )
    recipe = Recipe.read("".join(parse_qs(parts.query).get("again", [])))
    demo = demo_of(request)
    kept = demo.pictures.get(parts.path.removeprefix("/images/").removesuffix(".png")) if here else None
    if kept is not None:
        return Source(kept.data, recipe)
    if recipe is None or len(recipe.steps()) > MOST_STEPS:
        raise HTTPException(400, "That picture is no longer kept here; ask for it anew.")
    data: bytes | None = None
    for step in recipe.steps():
        data = await _painted(demo, step, data)
    assert data is not None  # noqa: S101 - a recipe has at least one step
    return Source(data, recipe)


def _embedded(url: str) -> bytes:
    head, _, data = url.partition(",")
    if not head.startswith("data:image/") or not head.endswith(";base64"):
        raise HTTPException(400, "A data URL must be a picture in base64.")
    try:
        return base64.b64decode(data, validate=True)
    except binascii.Error as error:
        raise HTTPException(400, "The data URL is no valid base64.") from error
