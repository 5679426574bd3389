"""Addresses of services: what may stand in the configuration, and what of it and of other texts may be shown."""

from __future__ import annotations

import binascii
import ipaddress
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from animus_tui.late_pattern import late_pattern

HOME_DOMAINS = (".localhost", ".local", ".internal", ".lan", ".home.arpa")
"""Names that only a network of one's own resolves (RFC 6761, 6762, 8375 and custom)."""

_NUMBER = late_pattern("0x[0-9a-f]+|[0-9]+")  # an IPv4 address as one number, which is no name
MARK = "[secret]"
_SHORTEST = 6  # characters; anything shorter would tear up ordinary words
# With a digit or long: "Invalid bearer token" is a sentence that somebody has to read.
_BEARER = late_pattern(r"(?i)\b(bearer\s+)(?=[^\s\"',;]*\d|[^\s\"',;]{20})[^\s\"',;]{6,}")
_JWT = late_pattern(r"\beyJ[\w-]{8,}(?:\.[\w-]*)+")


def without_secrets(url: str) -> str:
    """The address without user name, password, query and fragment, any of which may hold a secret."""
    try:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
        hidden = "?…" if parts.query or parts.fragment else ""
    except ValueError:
        return "(no address)"
    if not parts.scheme or not host:
        return "(no address)" if "@" in url or "?" in url else url
    return f"{parts.scheme}://{host}{parts.path}{hidden}"


def secrets_in(url: str) -> list[str]:
    """The password and the values of query and fragment, as they stand and decoded: what must not be told."""
    parts = _split(url)
    if parts is None:
        return []
    pairs = [pair.partition("=") for pair in f"{parts.query}&{parts.fragment}".split("&")]
    raw = [parts.password or "", *(value if equals else name for name, equals, value in pairs)]
    decoded = [unquote(parts.password or ""), *(value for _, value in parse_qsl(parts.query))]
    return list(dict.fromkeys(filter(None, raw + decoded)))


def credentials_in(*urls: str) -> list[str]:
    """What signs in within these addresses: `secrets_in`, user names, and both as they are sent (RFC 7617)."""
    found: list[str] = []
    for url in urls:
        parts = _split(url)
        if parts is not None and (parts.username or parts.password):
            user, password = unquote(parts.username or ""), unquote(parts.password or "")
            sent = binascii.b2a_base64(f"{user}:{password}".encode(), newline=False).decode()
            found += filter(None, (sent, parts.username, user))
        found += secrets_in(url)
    return list(dict.fromkeys(found))


def host_of(address: str) -> str:
    """Host and port of an address; the address itself where it has none."""
    try:
        return urlsplit(address).netloc.rpartition("@")[2] or address
    except ValueError:
        return address


def is_service(url: str) -> bool:
    """Whether this can be the address of a service: HTTP or HTTPS, a host, no blanks, no controls."""
    if any(character.isspace() or not character.isprintable() for character in url):
        return False
    parts = _split(url)
    return parts is not None and parts.scheme in ("http", "https") and bool(parts.hostname)


def is_unprotected(url: str) -> bool:
    """Whether what is sent there can be read on the way: plain HTTP beyond the user's machine and network."""
    parts = _split(url)
    return parts is not None and parts.scheme == "http" and not is_near(parts.hostname or "")


def has_more_than_a_path(url: str) -> bool:
    """Whether there is a query, a fragment, a user name or a password: to such an address no path can be added."""
    parts = _split(url)
    return "?" in url or "#" in url or (parts is not None and "@" in parts.netloc)


def is_loopback(host: str) -> bool:
    """Whether a name or an IP address is this machine's own."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port  # a port that is no number is told here
    except ValueError:
        return None
    return parts


def is_near(host: str) -> bool:
    """Whether a name or an IP address is one of the user's own machine and network."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return ("." not in host and not _NUMBER.fullmatch(host)) or host.endswith(HOME_DOMAINS)
    return address.is_private or address.is_loopback or address.is_link_local


class Redactor:
    """Replaces the secrets it was told of, and whatever looks like a bearer token or a JWT, by `[secret]`."""

    def __init__(self) -> None:
        self._known: list[str] = []

    def learn(self, secret: str) -> None:
        """Remember a secret; one of less than 6 characters is not looked for."""
        if len(secret) >= _SHORTEST and secret not in self._known:
            self._known.append(secret)

    def __call__(self, text: str) -> str:
        """`text` without secrets."""
        for secret in sorted(self._known, key=len, reverse=True):
            text = text.replace(secret, MARK)
        return _JWT.sub(MARK, _BEARER.sub(rf"\g<1>{MARK}", text))
