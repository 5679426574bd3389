"""The part that is the same for all image services that take one prompt a request and keep no account.

httpx is imported in a thread, with the first request: that takes 100 ms.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Self, Unpack
from urllib.parse import urlsplit

from animus_tui.addresses import is_near, without_secrets
from animus_tui.backends.base.files import PICTURE, data_url_bytes
from animus_tui.backends.base.protocols import ImageBackend
from animus_tui.backends.http.requests import Requests, Tuning

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

    from animus_tui.addresses import Redactor
    from animus_tui.backends.base.image_values import Picture
    from animus_tui.backends.base.protocols import OnRetry
    from animus_tui.backends.http.timeouts import Timeouts
    from animus_tui.backends.http.transport import Transport

SEEDS = 2**32
"""Seeds are drawn from 0 to this, exclusive: what fits into 32 bits is taken everywhere."""
PATIENCE = 3600.0
"""Seconds for which a service near the user may work on a picture: without a graphics card it takes long."""


class ImageClient(ImageBackend):
    """Requests and downloads of one image service. An asynchronous context manager."""

    def __init__(
        self,
        base_url: str,
        open_transport: Callable[[Timeouts, Redactor], Transport],
        redact: Redactor,
        **tuning: Unpack[Tuning],
    ) -> None:
        """`open_transport` is called once, in a thread, when the first request is sent."""
        self.base = base_url.rstrip("/")
        self.requests = Requests(open_transport, redact, **tuning)

    @property
    def identity(self) -> str:
        """The address of the service, without a password that stands in it."""
        return without_secrets(self.base)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.requests.aclose()

    @property
    def patience(self) -> float:
        """Seconds until a picture that is made within one request has to be there."""
        return PATIENCE if is_near(urlsplit(self.base).hostname or "") else self.requests.timeouts.image

    async def download(self, url: str, *, is_new: bool = False, on_retry: OnRetry | None = None) -> Picture:
        """Fetch and check a picture at an `http(s)` or `data:` address. Raises PictureError."""
        return await self.requests.download(url, PICTURE, is_new=is_new, on_retry=on_retry)


def open_with_password(base_url: str, key: str | None, timeouts: Timeouts, redact: Redactor) -> Transport:
    """A connection that signs in with a key or with name and password. For a thread; raises BackendError."""
    from animus_tui.backends.http import connection

    return connection.open_with_password(base_url, key, timeouts, redact)


class FormData(NamedTuple):
    """A body of `multipart/form-data` (RFC 7578)."""

    body: bytes
    content_type: str
    """Value of the header, with the boundary."""


def picture_form(field: str, picture: bytes, name: str, others: Mapping[str, str]) -> FormData:
    """A form with a picture of a file's `name` in a field, and texts in others. For a thread: it imports httpx."""
    from animus_tui.backends.http.http_library import httpx

    request = httpx.Request("POST", "http://form.invalid/", data=dict(others), files={field: (name, picture)})
    return FormData(request.read(), request.headers["Content-Type"])


def source_bytes(source_url: str) -> bytes:
    """The picture in a `data:` address, checked. Raises PictureError. For a thread: it may be long."""
    return PICTURE.check(data_url_bytes(source_url, PICTURE)).data
