"""`POST /generate/image`, and the pictures' own addresses."""

import asyncio
import base64

from starlette.requests import Request
from starlette.responses import Response

from animus_tui.demo.faults import ImageShape, choose_effect, json_answer
from animus_tui.demo.orders import (
    PictureSettings,
    address,
    find_source,
    keep,
    kept_or_painted_again,
    paint,
    settle,
)
from animus_tui.demo.pictures import Picture
from animus_tui.demo.recipes import Handling
from animus_tui.demo.wire import Delivery, demo_of, read, refusal

PIECE = 64 * 1024


class ImageRequest(PictureSettings):
    """The request's body."""

    input_image: str | None = None


async def generate(request: Request) -> Response:
    """The endpoint."""
    demo = demo_of(request)
    demo.stats.images += 1
    wanted = await read(request, ImageRequest)
    effect = choose_effect([wanted.prompt], request.headers.get("x-demo-fault"), demo.spent_faults)
    await asyncio.sleep(effect.delay)
    if effect.answer is not None:
        return effect.answer
    source = await find_source(request, wanted.input_image)
    handling = Handling(steps=wanted.num_inference_steps, guidance=wanted.guidance_scale)
    order = settle(demo, wanted, source, handling)
    picture = await paint(demo, order, effect, demo.options.paint_ms / 1000)
    return json_answer(_shaped(request, picture, effect.image_shape), effect)


def _shaped(request: Request, picture: Picture, shape: ImageShape) -> dict[str, object]:
    demo = demo_of(request)
    match shape:
        case "output-string":
            return {"output": address(request, keep(demo, picture))}
        case "outputs":
            return {"outputs": [address(request, keep(demo, picture))]}
        case "data-url":
            data = base64.b64encode(picture.data).decode()
            return {"output": [f"data:{picture.media_type};base64,{data}"]}
        case "none":
            return {"status": "ok"}
        case "output":
            return {"output": [address(request, keep(demo, picture))]}


async def show(request: Request) -> Response:
    """The bytes of a picture or a clip."""
    demo = demo_of(request)
    demo.stats.downloads += 1
    picture = await kept_or_painted_again(demo, request.path_params["key"])
    if picture is None:
        return refusal(404, "There is no such picture here, or it is no longer kept.")
    pieces = [picture.data[at : at + PIECE] for at in range(0, len(picture.data), PIECE)]
    return Delivery(
        pieces,
        media_type=picture.media_type,
        status_code=picture.status,
        headers={"Content-Length": str(len(picture.data)), "Cache-Control": "private, max-age=3600"},
        limit=picture.limit,
        hang=picture.hang,
    )
