"""The application: which address leads to which endpoint."""

import asyncio
import math
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Annotated

from msgspec import Meta, Struct
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route

from animus_tui.demo import batches, catalogue, completions, groups, images, jobs
from animus_tui.demo.access import LOOPBACK_NAMES, OwnHostsOnly, with_key
from animus_tui.demo.faults import effect_of
from animus_tui.demo.state import MOST_CREDITS, Demo, DemoOptions
from animus_tui.demo.wire import RequireToken, as_json, demo_of, failed, read, refused

TOKEN_LIFETIME = 3600.0
LONGEST_LIFETIME = 10 * 365 * 24 * 3600.0
"""Seconds."""
ABOUT = """\
The demo server of animus-chat, an Animus-compatible service on this machine.

POST {url}/token?key=KEY                a token, as a token provider answers
POST {url}/v3/chat/completions          chat: JSON, server-sent events, auto-turn
POST {url}/v3/generate/image            pictures
POST {url}/v2/generation/create         pictures and clips as jobs
GET  {url}/v2/generation/status/ID      how far a job is
POST {url}/v2/generation/batch          several prompts at once
GET  {url}/v2/generation/groups         what was made, page by page; /ID is one group
DEL  {url}/v2/generation/groups/ID      and /v2/generation/ID: forget it
GET  {url}/v2/generation/capabilities   what can be made, and what it costs
GET  {url}/v2/characters                whom it can be made of; /ID is one of them
GET  {url}/demo/stats                   what was asked so far
GET  {url}/demo/credits                 what is left; POST {{"balance": 3}} sets it
POST {url}/demo/revoke                  no token given out so far is accepted any more

Send the key that the server printed at its start, in the header Authorization: Bearer KEY. Only this page and the
pictures need none. Web pages of other origins are refused.

A generation costs 1 credit, an edit 1.5, a character 2, a clip 5. A prompt that says "fail this" is refused in a
batch and ends badly as a job, as "fail later" does in both.

Write "!help" or "!fault help" as a message to see what can be tried.
"""


async def _about(request: Request) -> Response:
    return PlainTextResponse(ABOUT.format(url=f"{request.url.scheme}://{request.url.netloc}"))


def _lifetime(text: str | None) -> float | None:
    """Seconds; `none` is a token without an end. 400 for anything but a number."""
    if text == "none":
        return None
    try:
        seconds = TOKEN_LIFETIME if text is None else float(text)
    except ValueError:
        seconds = math.nan
    if not abs(seconds) <= LONGEST_LIFETIME:
        raise HTTPException(400, "expires takes a number of seconds, at most ten years, or none.")
    return seconds


TOKEN_FAULTS: Mapping[str, Callable[[], Response]] = {
    "html": lambda: PlainTextResponse("<!DOCTYPE html><title>Sign in</title>", media_type="text/html"),
    "not-json": lambda: PlainTextResponse("token: none today"),
    "missing": lambda: as_json({"animus": {}, "livekit": {}}),
    "null": lambda: as_json({"accessToken": None}),
    "array": lambda: as_json(["token"]),
}


async def _token(request: Request) -> Response:
    """Parameters: `shape=accessToken`, `expires=SECONDS` or `none`, `fault=` one of the faults.

    Voice is not served; its token and address are there because clients sign in only when both are.
    """
    demo = demo_of(request)
    query = request.query_params
    demo.stats.tokens += 1
    fault = query.get("fault", "")
    if fault in TOKEN_FAULTS:
        return TOKEN_FAULTS[fault]()
    if fault:
        effect = effect_of(fault.split())
        await asyncio.sleep(effect.delay)
        if effect.answer is not None:
            return effect.answer
    token = demo.desk.issue(_lifetime(query.get("expires")))
    if query.get("shape") == "accessToken":
        return as_json({"accessToken": token})
    voice = {"token": demo.desk.voice_token(), "url": f"ws://{request.url.netloc}/voice"}
    return as_json({"animus": {"token": token}, "livekit": {"voice": voice}})


async def _stats(request: Request) -> Response:
    stats = demo_of(request).stats
    return as_json(asdict(stats) | {"requests": list(stats.requests)})


async def _revoke(request: Request) -> Response:
    demo_of(request).desk.revoke_all()
    return as_json({"message": "No token given out so far is accepted any more."})


class Balance(Struct):
    """The body of `POST /demo/credits`."""

    balance: Annotated[float, Meta(ge=0, le=MOST_CREDITS)]


async def _credits(request: Request) -> Response:
    account = demo_of(request).account
    if request.method == "POST":
        account.set((await read(request, Balance)).balance)
    return as_json({"balance": account.balance})


def create_app(
    options: DemoOptions, api_keys: frozenset[str], hosts: tuple[str, ...] = LOOPBACK_NAMES
) -> Starlette:
    """The ASGI application. It answers to `hosts` only, so that no web page reaches it under another name."""
    guarded = [
        Route("/chat/completions", completions.complete, methods=["POST"]),
        Route("/generate/image", images.generate, methods=["POST"]),
        Route("/generation/create", jobs.create, methods=["POST"]),
        Route("/generation/status/{key}", jobs.status, methods=["GET"]),
        Route("/generation/batch", batches.create, methods=["POST"]),
        Route("/generation/groups", groups.show_all, methods=["GET"]),
        Route("/generation/groups/{key}", groups.show, methods=["GET"]),
        Route("/generation/groups/{key}", groups.delete_group, methods=["DELETE"]),
        Route("/generation/capabilities", catalogue.capabilities, methods=["GET"]),
        Route("/generation/{key}", groups.delete_generation, methods=["DELETE"]),
        Route("/characters", catalogue.characters, methods=["GET"]),
        Route("/characters/{key}", catalogue.character, methods=["GET"]),
    ]
    app = Starlette(
        routes=[
            Route("/", _about),
            Route("/token", with_key(_token), methods=["POST"]),
            Route("/images/{key}.png", images.show),
            Route("/images/{key}.mp4", images.show),
            Route("/demo/stats", with_key(_stats)),
            Route("/demo/credits", with_key(_credits), methods=["GET", "POST"]),
            Route("/demo/revoke", with_key(_revoke), methods=["POST"]),
            # The guides show some of these under /v2 and some under /v3.
            *(
                Mount(f"/{version}", routes=guarded, middleware=[Middleware(RequireToken)])
                for version in ("v2", "v3")
            ),
        ],
        middleware=[Middleware(OwnHostsOnly, hosts=hosts)],
        exception_handlers={HTTPException: refused, Exception: failed},
    )
    app.state.demo = Demo.open(options, api_keys)
    return app
