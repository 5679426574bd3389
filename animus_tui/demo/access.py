"""Who may talk to the server: its own names in `Host`, no foreign web page, the key, and the tokens.

The API itself wants a token or the key; what is the demo's own wants the key.
"""

import asyncio
import math
from collections.abc import Awaitable, Callable, Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from animus_tui.demo.faults import effect_of
from animus_tui.demo.http_messages import AnswerInstead, refusal
from animus_tui.demo.state import demo_of

LOOPBACK_NAMES = ("127.0.0.1", "localhost", "::1")
NO_KEY = "Send the demo server's key: in the header Authorization: Bearer <key>, or as ?key=<key>."
TOKEN_LIFETIME = 3600.0
LONGEST_LIFETIME = 10 * 365 * 24 * 3600.0
"""Seconds."""
TOKEN_FAULTS: Mapping[str, Callable[[], Response]] = {
    "html": lambda: HTMLResponse("<!DOCTYPE html><title>Sign in</title>"),
    "not-json": lambda: PlainTextResponse("token: none today"),
    "missing": lambda: JSONResponse({"animus": {}, "livekit": {}}),
    "null": lambda: JSONResponse({"accessToken": None}),
    "array": lambda: JSONResponse(["token"]),
}
"""Answers of the token endpoint that are no token, beside the faults that all endpoints know."""
Endpoint = Callable[[Request], Awaitable[Response]]


class OwnHostsOnly:
    """Middleware: 400 for a `Host` that is not the server's, 403 for an `Origin` that is not this server itself.

    A page of another site can make the user's browser send requests to a loopback port, under a name of its own that
    it lets point there (DNS rebinding), or under the loopback address; `Host` or `Origin` tells both.
    """

    def __init__(self, app: ASGIApp, hosts: tuple[str, ...]) -> None:
        """`hosts`: names and addresses without port; an unspecified address among them stands for every address."""
        self.app = app
        self._hosts = {host.lower() for host in hosts}
        addresses = [_address(host) for host in hosts]
        self._has_all_addresses = any(address and address.is_unspecified for address in addresses)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        headers = Headers(scope=scope)
        host, origin = headers.get("host", ""), headers.get("origin")
        if not self._knows(host):
            answer = refusal(400, "This server is not called that: use the address that it printed.")
        elif origin is not None and origin.lower() != f"http://{host}".lower():
            answer = refusal(403, "Requests of web pages of other origins are refused.")
        else:
            await self.app(scope, receive, send)
            return
        await answer(scope, receive, send)

    def _knows(self, host: str) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        return name in self._hosts or (self._has_all_addresses and _address(name) is not None)


def _address(name: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(name)
    except ValueError:
        return None


def _unauthorized(scope: Request | Scope, message: str) -> Response:
    demo_of(scope).stats.refused += 1
    return JSONResponse({"error": "unauthorized", "message": message}, 401, {"WWW-Authenticate": "Bearer"})


class RequireToken:
    """Middleware: 401 without a token that this server gave out or a key that it knows."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        complaint = demo_of(scope).tokens.complaint(Headers(scope=scope).get("authorization"))
        app = self.app if complaint is None else _unauthorized(scope, complaint)
        await app(scope, receive, send)


def with_key(endpoint: Endpoint) -> Endpoint:
    """The endpoint, for those who know the server's key: as bearer, or in the query where no header can be set."""

    async def guarded(request: Request) -> Response:
        scheme, _, credential = request.headers.get("authorization", "").partition(" ")
        offered = credential.strip() if scheme.lower() == "bearer" else request.query_params.get("key", "")
        if demo_of(request).tokens.is_key(offered):
            return await endpoint(request)
        return _unauthorized(request, NO_KEY)

    return guarded


async def give_token(request: Request) -> Response:
    """A token, as a token provider answers.

    Parameters: `shape=accessToken`, `expires=SECONDS` or `none`, `fault=` one of the faults.
    Voice is not served; its token and address are there because clients sign in only when both are.
    """
    demo, query = demo_of(request), request.query_params
    demo.stats.tokens += 1
    fault = query.get("fault", "")
    if fault in TOKEN_FAULTS:
        return TOKEN_FAULTS[fault]()
    if fault:
        effect = effect_of(fault.split())
        await asyncio.sleep(effect.delay)
        if effect.answer is not None:
            raise AnswerInstead(effect.answer)
    token = demo.tokens.issue(_lifetime(query.get("expires")))
    if query.get("shape") == "accessToken":
        return JSONResponse({"accessToken": token})
    voice = {"token": demo.tokens.issue_for_voice(), "url": f"ws://{request.url.netloc}/voice"}
    return JSONResponse({"animus": {"token": token}, "livekit": {"voice": voice}})


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


async def revoke_tokens(request: Request) -> Response:
    """No token given out so far is accepted any more."""
    demo_of(request).tokens.revoke_all()
    return JSONResponse({"message": "No token given out so far is accepted any more."})
