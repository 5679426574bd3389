"""Connections that sign in with a key: as a bearer token, or as the name and password of image servers."""

from __future__ import annotations

import binascii
from typing import TYPE_CHECKING

from animus_tui.backends.http.connection import open_client
from animus_tui.backends.http.http_library import httpx
from animus_tui.backends.http.transport import Transport

if TYPE_CHECKING:
    from collections.abc import Generator

    from animus_tui.backends.http.redactor import Redactor
    from animus_tui.backends.http.timeouts import Timeouts


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
