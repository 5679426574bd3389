"""Which requests go through a proxy, and through which: what the environment says, whatever else stands in it. Pure."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING, NamedTuple

from animus_tui.addresses import is_loopback, without_secrets

if TYPE_CHECKING:
    from collections.abc import Mapping

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
