"""The HTTP client: certificates, the proxy for each address, made when it is needed, and signing in with a key.

A proxy or certificates in the environment that cannot be used are told when an address needs them. They never stand
before this machine's own servers.
"""

from __future__ import annotations

import binascii
import ipaddress
import os
import re
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple
from urllib.request import getproxies

import anyio

from animus_tui import __version__
from animus_tui.addresses import is_loopback, without_secrets
from animus_tui.backends.base.errors import BackendError, NetworkError
from animus_tui.backends.http.http_library import httpx
from animus_tui.backends.http.network_errors import origin, reason, service_url
from animus_tui.backends.http.transport import Transport
from animus_tui.printable import printable

if TYPE_CHECKING:
    import ssl
    from collections.abc import Generator, Mapping

    from animus_tui.addresses import Redactor
    from animus_tui.backends.http.timeouts import Timeouts

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

SOCKS = ("socks5", "socks5h")
KNOWN = ("http", "https", *SOCKS)
_BRACKETS = re.compile(r"^\[([^\]]*)\](?=/|$)")
_SYNONYMS = {"socks": "socks5"}
"""Schemes as other programs write them."""


class Proxy(NamedTuple):
    """A proxy as it was stated; whether it can be used is seen when it is needed."""

    url: str
    """With a scheme, in lower case, and perhaps with a password."""
    source: str
    """The environment variable that names it, or `the system's settings`."""

    @property
    def scheme(self) -> str:
        """`http`, `socks5` …"""
        return self.url.partition("://")[0]

    @property
    def shown(self) -> str:
        """Its address without user name and password."""
        return without_secrets(self.url).rstrip("/")


class _NoProxyEntry(NamedTuple):
    """One entry of NO_PROXY: a host and all below it, a network, or everything."""

    host: str = ""
    network: Network | None = None
    port: int | None = None
    scheme: str = ""
    is_everything: bool = False

    def covers(self, scheme: str, host: str, port: int) -> bool:
        if self.port not in (None, port) or self.scheme not in ("", scheme):
            return False
        if self.is_everything:
            return True
        if self.network is None:
            return host == self.host or host.endswith(f".{self.host}")
        try:
            return ipaddress.ip_address(host) in self.network
        except ValueError:
            return False


class Proxies:
    """The proxies for each scheme, and the hosts that are asked directly. This machine's own servers always are."""

    def __init__(self, proxies: Mapping[str, Proxy], exceptions: str = "") -> None:
        """`proxies`: scheme of the address that is asked, or `all`; `exceptions`: as NO_PROXY has them."""
        self._proxies = proxies
        entries = (_read(entry) for entry in exceptions.replace(",", " ").split())
        self._exceptions = [entry for entry in entries if entry is not None]

    @classmethod
    def of(cls, stated: Mapping[str, str], env: Mapping[str, str]) -> Proxies:
        """`stated`: as `urllib.request.getproxies` has it; `env` tells which variables that came from."""
        proxies = {
            name: Proxy(_with_scheme(url.strip()), _source(name, env))
            for name, url in stated.items()
            if name in ("http", "https", "all") and url.strip()
        }
        return cls(proxies, stated.get("no", ""))

    def proxy_for(self, scheme: str, host: str, port: int) -> Proxy | None:
        """The proxy for an address; None when it is asked directly."""
        host = host.strip("[]").rstrip(".").lower()
        if is_loopback(host) or any(entry.covers(scheme, host, port) for entry in self._exceptions):
            return None
        return self._proxies.get(scheme) or self._proxies.get("all")


def _with_scheme(url: str) -> str:
    scheme, mark, rest = url.partition("://")
    if not mark:
        return f"http://{url}"
    scheme = scheme.lower()
    return f"{_SYNONYMS.get(scheme, scheme)}://{rest}"


def _source(name: str, env: Mapping[str, str]) -> str:
    variables = (f"{name}_proxy", f"{name}_PROXY".upper())
    return next((variable for variable in variables if env.get(variable)), "the system's settings")


def _read(entry: str) -> _NoProxyEntry | None:
    """An entry of NO_PROXY; None for one that means nothing."""
    scheme, mark, rest = entry.lower().rpartition("://")
    scheme, rest = (scheme, rest.rstrip("/")) if mark else ("", rest)
    if rest == "*":
        return _NoProxyEntry(scheme=scheme, is_everything=True)
    if (network := _network(rest)) is not None:
        return _NoProxyEntry(network=network, scheme=scheme)
    host, port = rest, None
    before, colon, number = rest.rpartition(":")
    if colon and number.isascii() and number.isdecimal() and len(number) < 6:
        host, port = before, int(number)
    network = _network(host)
    host = host.removeprefix("*").lstrip(".").rstrip(".")
    return _NoProxyEntry(host, network, port, scheme) if host else None


def _network(text: str) -> Network | None:
    """An IP address or a network of them (RFC 4632), IPv6 also in brackets."""
    try:
        return ipaddress.ip_network(_BRACKETS.sub(r"\1", text), strict=False)
    except ValueError:
        return None


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


class BearerKey(httpx.Auth):
    """Puts a key on each request, as it is."""

    def __init__(self, key: str) -> None:
        self._key = key

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """The signed request."""
        request.headers["Authorization"] = f"Bearer {self._key}"
        yield request


def open_with_key(
    base_url: str, key: str | None, timeouts: Timeouts, redact: Redactor, *, advice: str
) -> Transport:
    """A connection to the service at an address, which alone sees the key. `advice`: about a refused sign-in.

    Slow: trusted certificates are read. Raises BackendError.
    """
    if key is not None:
        redact.learn(key)
    auth = None if key is None else BearerKey(key)
    return _opened(base_url, auth, timeouts, redact, advice)


def open_with_password(base_url: str, key: str | None, timeouts: Timeouts, redact: Redactor) -> Transport:
    """As `open_with_key`, where a key with a colon in it is name and password of HTTP's Basic sign-in (RFC 7617)."""
    name, colon, password = (key or "").partition(":")
    if key is None or not colon:
        advice = "Set api_key in [image] of the configuration" if key is None else "Check api_key in [image]"
        return open_with_key(base_url, key, timeouts, redact, advice=f'{advice}: a key, or "name:password".')
    for secret in (key, password, binascii.b2a_base64(key.encode(), newline=False).decode()):
        redact.learn(secret)
    advice = "Check name and password: api_key in [image] of the configuration."
    return _opened(base_url, httpx.BasicAuth(name, password), timeouts, redact, advice)


def _opened(
    base_url: str, auth: httpx.Auth | None, timeouts: Timeouts, redact: Redactor, advice: str
) -> Transport:
    return Transport(
        open_client(base_url),
        auth=auth,
        own=[base_url],
        timeouts=timeouts,
        redact=redact,
        advice=advice,
    )
