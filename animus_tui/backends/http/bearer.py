"""A connection that signs in with one key, or with none."""

from __future__ import annotations

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


def open_transport(
    base_url: str, key: str | None, timeouts: Timeouts, redact: Redactor, *, advice: str
) -> Transport:
    """A connection to the service at an address, which alone sees the key. `advice`: about a refused sign-in.

    Slow: trusted certificates are read. Raises BackendError.
    """
    if key is not None:
        redact.learn(key)
    return Transport(
        open_client(base_url),
        auth=None if key is None else BearerKey(key),
        own=[base_url],
        timeouts=timeouts,
        redact=redact,
        advice=lambda: advice,
    )
