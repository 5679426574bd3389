"""The application: which address leads to which endpoint."""

from dataclasses import asdict
from typing import Annotated

from msgspec import Meta, Struct
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route

from animus_tui.demo import access, catalog, completions, images, jobs
from animus_tui.demo.data import data_file
from animus_tui.demo.http_messages import AnswerInstead, base_of, refused
from animus_tui.demo.state import MOST_CREDITS, Demo, demo_of, read


async def _about(request: Request) -> Response:
    return PlainTextResponse(data_file("texts")["front_page"].format(url=base_of(request)))


async def _stats(request: Request) -> Response:
    stats = demo_of(request).stats
    return JSONResponse(asdict(stats) | {"requests": list(stats.requests)})


class Balance(Struct):
    """The body of `POST /demo/credits`."""

    balance: Annotated[float, Meta(ge=0, le=MOST_CREDITS)]


async def _credits(request: Request) -> Response:
    demo = demo_of(request)
    if request.method == "POST":
        demo.set_credits((await read(request, Balance)).balance)
    return JSONResponse({"balance": demo.credits})


def create_app(demo: Demo, hosts: tuple[str, ...]) -> Starlette:
    """The ASGI application. It answers to `hosts` only, so that no web page reaches it under another name."""
    api = [
        Route("/chat/completions", completions.complete, methods=["POST"]),
        Route("/media/completions", completions.complete_media, methods=["POST"]),
        Route("/generate/image", images.generate, methods=["POST"]),
        Route("/generation/create", jobs.create, methods=["POST"]),
        Route("/generation/status/{key}", jobs.status),
        Route("/generation/batch", jobs.create_batch, methods=["POST"]),
        Route("/generation/groups", catalog.show_groups),
        Route("/generation/groups/{key}", catalog.show_group),
        Route("/generation/groups/{key}", catalog.delete_group, methods=["DELETE"]),
        Route("/generation/capabilities", catalog.capabilities),
        Route("/generation/{key}", catalog.delete_generation, methods=["DELETE"]),
        Route("/characters", catalog.show_characters),
        Route("/characters/{key}", catalog.show_character),
    ]
    guard = [Middleware(access.RequireToken)]
    app = Starlette(
        routes=[
            Route("/", _about),
            Route("/token", access.with_key(access.give_token), methods=["POST"]),
            *(Route(f"/images/{{key}}.{suffix}", images.show) for suffix in ("png", "mp4")),
            Route("/demo/stats", access.with_key(_stats)),
            Route("/demo/credits", access.with_key(_credits), methods=["GET", "POST"]),
            Route("/demo/revoke", access.with_key(access.revoke_tokens), methods=["POST"]),
            # The guides show some of these under /v2 and some under /v3.
            *(Mount(f"/{version}", routes=api, middleware=guard) for version in ("v2", "v3")),
        ],
        middleware=[Middleware(access.OwnHostsOnly, hosts=hosts)],
        exception_handlers=dict.fromkeys((HTTPException, AnswerInstead, Exception), refused),
    )
    app.state.demo = demo
    return app
