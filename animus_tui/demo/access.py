"""Who may talk to the server: its own names in `Host`, no foreign web page, and the key for what is not the API."""

from collections.abc import Awaitable, Callable
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from animus_tui.demo.wire import as_json, demo_of, refusal

LOOPBACK_NAMES = ("127.0.0.1", "localhost", "::1")
NO_KEY = "Send the demo server's key: in the header Authorization: Bearer <key>, or as ?key=<key>."
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
        self._has_all_addresses = any(_is_unspecified(host) for host in hosts)

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


def _is_unspecified(host: str) -> bool:
    address = _address(host)
    return address is not None and address.is_unspecified


def with_key(endpoint: Endpoint) -> Endpoint:
    """The endpoint, for those who know the server's key: as bearer, or in the query where no header can be set."""

    async def guarded(request: Request) -> Response:
        demo = demo_of(request)
        scheme, _, credential = request.headers.get("authorization", "").partition(" ")
        offered = credential.strip() if scheme.lower() == "bearer" else request.query_params.get("key", "")
        if demo.desk.is_key(offered):
            return await endpoint(request)
        demo.stats.refused += 1
        return as_json({"error": "unauthorized", "message": NO_KEY}, 401, {"WWW-Authenticate": "Bearer"})

    return guarded
