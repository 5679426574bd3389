"""How clients of services that take a key open their connection: in a thread, with the first request.

httpx is imported there, for it takes as long as the screen needs to appear.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from animus_tui.backends.http.redactor import Redactor
    from animus_tui.backends.http.timeouts import Timeouts
    from animus_tui.backends.http.transport import Transport


def open_with_bearer(
    base_url: str, key: str | None, timeouts: Timeouts, redact: Redactor, *, advice: str
) -> Transport:
    """A connection that signs in with a key, as `bearer.open_transport` says, and whatever reads streams."""
    # `sse` is imported for those who read a stream, which they do on the event loop.
    from animus_tui.backends.http import bearer, sse  # noqa: F401

    return bearer.open_transport(base_url, key, timeouts, redact, advice=advice)


def open_with_key(base_url: str, key: str | None, timeouts: Timeouts, redact: Redactor) -> Transport:
    """A connection that signs in with a key or with name and password, as `key_auth.open_transport` says."""
    from animus_tui.backends.http import key_auth

    return key_auth.open_transport(base_url, key, timeouts=timeouts, redact=redact)
