"""The HTTP client: certificates, and the proxy for each address, made when it is needed.

A proxy or certificates in the environment that cannot be used are told when an address needs them. They never stand
before this machine's own servers.
"""

from __future__ import annotations

import os
import re
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.request import getproxies

import anyio

from animus_tui import __version__
from animus_tui.addresses import is_loopback
from animus_tui.backends.base.errors import BackendError, NetworkError
from animus_tui.backends.http.http_library import httpx
from animus_tui.backends.http.network_errors import origin, reason, service_url
from animus_tui.backends.http.proxies import KNOWN, SOCKS, Proxies, Proxy
from animus_tui.printable import printable

if TYPE_CHECKING:
    import ssl

TITLE = "Network settings"
_HOST = re.compile(r"[A-Za-z0-9._-]+|\[?[0-9A-Fa-f:.]+\]?")


def open_client(service: str) -> httpx.AsyncClient:
    """A client for the service at that address, with the environment's proxies and certificates.

    Raises BackendError when the certificates cannot be read. Slow, and for a thread that runs no event loop:
    certificates are read, and what connections need is imported.
    """
    # httpx imports it at the first request: some 40 ms, during which the event loop would take no key.
    anyio.run(anyio.sleep, 0)
    return httpx.AsyncClient(
        # Words and pictures gain little from packing, and what packs a stream may hold it back.
        headers={"User-Agent": f"animus-chat/{__version__}", "Accept-Encoding": "identity"},
        transport=_ProxyTransport(_certificates(service), Proxies.of(getproxies(), os.environ)),
        trust_env=False,
    )


def _certificates(service: str) -> ssl.SSLContext:
    try:
        return httpx.create_ssl_context(trust_env=True)
    except (ValueError, OSError) as error:
        if is_loopback(service_url(service).host):
            return httpx.create_ssl_context(trust_env=False)  # this machine's own service needs none
        sentence = "The certificates that the environment names cannot be read. Check SSL_CERT_FILE and SSL_CERT_DIR."
        raise BackendError(TITLE, sentence) from error


class _ProxyTransport(httpx.AsyncBaseTransport):
    """Sends each request directly or through the proxy that is meant for its address."""

    def __init__(self, context: ssl.SSLContext, proxies: Proxies) -> None:
        self._context = context
        self._proxies = proxies
        self._direct = httpx.AsyncHTTPTransport(verify=context, trust_env=False)
        self._through: dict[Proxy, httpx.AsyncHTTPTransport] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The answer as it begins. Raises BackendError for what a proxy did, and httpx's errors."""
        proxy = self._proxies.proxy_for(*origin(request.url))
        if proxy is None:
            return await self._direct.handle_async_request(request)
        if proxy not in self._through:
            self._through[proxy] = _transport_through(proxy, self._context)
        try:
            response = await self._through[proxy].handle_async_request(request)
        except (httpx.ProxyError, httpx.ConnectTimeout, httpx.ConnectError) as error:
            told = _told(error, proxy, request)
            if told is None:
                raise
        else:
            if response.status_code != HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
                return response
            await response.aclose()
            told = _wants_password(proxy, request.url.host)
        raise told  # here, where it does not keep the failed connection for as long as somebody keeps it

    async def aclose(self) -> None:
        """Close all connections."""
        for transport in (self._direct, *self._through.values()):
            await transport.aclose()


def _transport_through(proxy: Proxy, context: ssl.SSLContext) -> httpx.AsyncHTTPTransport:
    """Raises BackendError: it is no proxy, or one of a kind that takes another package."""
    source, shown = proxy.source, printable(proxy.shown, newlines=False)[:100]
    kinds = "http://host:port or socks5://host:port"
    sentence = f"{source} names no proxy that can be used ({shown}). Check {source}: write {kinds}."
    if proxy.scheme not in KNOWN or not _names_a_server(proxy.url):
        raise BackendError(TITLE, sentence)
    try:
        return httpx.AsyncHTTPTransport(verify=context, trust_env=False, proxy=proxy.url)
    except ImportError:
        sentence = (
            f"{source} names a SOCKS proxy ({shown}), which needs one more package. "
            f"Install it with: pip install 'animus-chat[socks]'. Or unset {source}."
        )
    raise BackendError(TITLE, sentence)


def _names_a_server(url: str) -> bool:
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        return False
    return (
        _HOST.fullmatch(parsed.raw_host.decode("ascii", "replace")) is not None and (parsed.port or 0) < 65536
    )


def _told(error: httpx.TransportError, proxy: Proxy, request: httpx.Request) -> BackendError | None:
    """What went wrong between here and the proxy; None where it was between the proxy and the address."""
    if isinstance(error, httpx.ProxyError):
        return _refusal(proxy, request, printable(str(error), newlines=False).strip())
    if isinstance(error, httpx.ConnectTimeout):
        return _unreached(proxy, request, f" within {request.extensions['timeout']['connect']:g} s")
    # Within a tunnel the TLS of the address itself is made, which the proxy has no part in.
    if "TLS" in (why := reason(error)) and proxy.scheme != "https":
        return None
    return _unreached(proxy, request, f": {why}")


def _unreached(proxy: Proxy, request: httpx.Request, why: str) -> NetworkError:
    way = f"through the proxy {proxy.shown} ({proxy.source})"
    sentence = f"{request.url.host} could not be reached {way}{why}. Check the proxy."
    return NetworkError("No connection", sentence, sent=False)


def _refusal(proxy: Proxy, request: httpx.Request, words: str) -> BackendError:
    if words.startswith(str(HTTPStatus.PROXY_AUTHENTICATION_REQUIRED.value)):
        return _wants_password(proxy, request.url.host)
    answer = f"it answered {words}" if words[:3].isdecimal() else words
    return _unreached(proxy, request, f": {answer[:100].rstrip('.')}")


def _wants_password(proxy: Proxy, host: str) -> BackendError:
    scheme = "socks5" if proxy.scheme in SOCKS else proxy.scheme
    sentence = (
        f"The proxy {proxy.shown} ({proxy.source}) lets nobody through to {host} without a sign-in (407). "
        f"Write user name and password into {proxy.source}: {scheme}://name:password@host:port."
    )
    return BackendError(TITLE, sentence)
