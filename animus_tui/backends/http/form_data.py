"""Bodies of `multipart/form-data` (RFC 7578), as services take files."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from animus_tui.backends.base.files import PICTURE, data_url_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping


class FormData(NamedTuple):
    """An encoded form."""

    body: bytes
    content_type: str
    """With the boundary."""


def picture_form(field: str, picture: bytes, name: str, others: Mapping[str, str]) -> FormData:
    """A form with a picture of a file's `name` in a field, and texts in others."""
    from animus_tui.backends.http.http_library import httpx  # it is there by the time anything is sent

    files = {field: (name, picture)}
    request = httpx.Request("POST", "http://form.invalid/", data=dict(others), files=files)
    return FormData(request.read(), request.headers["Content-Type"])


def source_bytes(source_url: str) -> bytes:
    """The picture in a `data:` address, checked. Raises PictureError. For a thread: it may be long."""
    return PICTURE.check(data_url_bytes(source_url, PICTURE)).data
