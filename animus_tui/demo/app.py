"""The application: which address leads to which endpoint."""

from dataclasses import asdict
from typing import Annotated

from msgspec import Meta, Struct
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route

from animus_tui.demo import access, characters, completions, groups, images, jobs
from animus_tui.demo.faults import AnswerInstead, answer_instead
from animus_tui.demo.http_messages import as_json, base_of, demo_of, failed, read, refused
from animus_tui.demo.past import past_groups
from animus_tui.demo.state import MOST_CREDITS, Demo, DemoOptions

ABOUT = """\
The demo server of animus-chat, an Animus-compatible service on this machine.

POST {url}/token?key=KEY                a token, as a token provider answers
POST {url}/v3/chat/completions          chat: JSON, server-sent events, auto-turn
POST {url}/v3/generate/image            images
POST {url}/v2/generation/create         images and videos as jobs
GET  {url}/v2/generation/status/ID      how far a job is
POST {url}/v2/generation/batch          several prompts at once
GET  {url}/v2/generation/groups         what was made, page by page; /ID is one group
DEL  {url}/v2/generation/groups/ID      and /v2/generation/ID: delete it
GET  {url}/v2/generation/capabilities   what can be made, and what it costs
GET  {url}/v2/characters                the account's characters; /ID is one of them
GET  {url}/demo/stats                   what was asked so far
GET  {url}/demo/credits                 what is left; POST {{"balance": 3}} sets it
POST {url}/demo/revoke                  no token given out so far is accepted any more

Send the key that the server printed at its start, in the header Authorization: Bearer KEY. Only this page and the
images need none. Web pages of other origins are refused.

A generation costs 1 credit, an edit 1.5, a character 2, a video 5. A prompt that says "fail this" is refused in a
batch and ends badly as a job, as "fail later" does in both.

Write "!help" or "!fault help" as a message to see what can be tried.
"""


async def _about(request: Request) -> Response:
    return PlainTextResponse(ABOUT.format(url=base_of(request)))


async def _stats(request: Request) -> Response:
    stats = demo_of(request).stats
    return as_json(asdict(stats) | {"requests": list(stats.requests)})


class Balance(Struct):
    """The body of `POST /demo/credits`."""

    balance: Annotated[float, Meta(ge=0, le=MOST_CREDITS)]


async def _credits(request: Request) -> Response:
    demo = demo_of(request)
    if request.method == "POST":
        demo.set_credits((await read(request, Balance)).balance)
    return as_json({"balance": demo.credits})


def create_app(
    options: DemoOptions, api_keys: frozenset[str], hosts: tuple[str, ...] = access.LOOPBACK_NAMES
) -> Starlette:
    """The ASGI application. It answers to `hosts` only, so that no web page reaches it under another name."""
    api = [
        Route("/chat/completions", completions.complete, methods=["POST"]),
        Route("/generate/image", images.generate, methods=["POST"]),
        Route("/generation/create", jobs.create, methods=["POST"]),
        Route("/generation/status/{key}", jobs.status, methods=["GET"]),
        Route("/generation/batch", jobs.create_batch, methods=["POST"]),
        Route("/generation/groups", groups.show_all, methods=["GET"]),
        Route("/generation/groups/{key}", groups.show, methods=["GET"]),
        Route("/generation/groups/{key}", groups.delete_group, methods=["DELETE"]),
        Route("/generation/capabilities", characters.capabilities, methods=["GET"]),
        Route("/generation/{key}", groups.delete_generation, methods=["DELETE"]),
        Route("/characters", characters.show_all, methods=["GET"]),
        Route("/characters/{key}", characters.show, methods=["GET"]),
    ]
    guard = [Middleware(access.RequireToken)]
    app = Starlette(
        routes=[
            Route("/", _about),
            Route("/token", access.with_key(access.give_token), methods=["POST"]),
            Route("/images/{key}.png", images.show),
            Route("/images/{key}.mp4", images.show),
            Route("/demo/stats", access.with_key(_stats)),
            Route("/demo/credits", access.with_key(_credits), methods=["GET", "POST"]),
            Route("/demo/revoke", access.with_key(access.revoke_tokens), methods=["POST"]),
            # The guides show some of these under /v2 and some under /v3.
            *(Mount(f"/{version}", routes=api, middleware=guard) for version in ("v2", "v3")),
        ],
        middleware=[Middleware(access.OwnHostsOnly, hosts=hosts)],
        exception_handlers={HTTPException: refused, AnswerInstead: answer_instead, Exception: failed},
    )
    app.state.demo = Demo(options, api_keys, past_groups)
    return app
