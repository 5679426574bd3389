"""A connection that signs in with a key that may also be a name and a password, as image servers take them."""

from __future__ import annotations

import binascii
from typing import TYPE_CHECKING

from animus_tui.backends.http import bearer
from animus_tui.backends.http.connection import open_client
from animus_tui.backends.http.http_library import httpx
from animus_tui.backends.http.transport import Transport

if TYPE_CHECKING:
    from animus_tui.backends.http.redactor import Redactor
    from animus_tui.backends.http.timeouts import Timeouts


def open_transport(base_url: str, key: str | None, *, timeouts: Timeouts, redact: Redactor) -> Transport:
    """A connection to the service at an address, which alone sees the key.

    A key with a colon in it is name and password of HTTP's Basic sign-in (RFC 7617). Slow: trusted certificates are
    read. Raises BackendError.
    """
    name, colon, password = (key or "").partition(":")
    if key is None or not colon:
        advice = "Set api_key in [image] of the configuration" if key is None else "Check api_key in [image]"
        form = 'a key, or "name:password"'
        return bearer.open_transport(base_url, key, timeouts, redact, advice=f"{advice}: {form}.")
    for secret in (key, password, binascii.b2a_base64(key.encode(), newline=False).decode()):
        redact.learn(secret)
    return Transport(
        open_client(base_url),
        auth=httpx.BasicAuth(name, password),
        own=[base_url],
        timeouts=timeouts,
        redact=redact,
        advice=lambda: "Check name and password: api_key in [image] of the configuration.",
    )
