"""Requests to the media endpoints, `/generation/*` and `/characters`."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

from animus_tui.backends.animus.decode_media import decode_deleted
from animus_tui.backends.base.errors import Gone, ServiceError
from animus_tui.backends.http.json_bodies import encoded
from animus_tui.backends.http.requests import Request

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from animus_tui.backends.base.protocols import OnRetry
    from animus_tui.backends.http.json_bodies import ReportedError
    from animus_tui.backends.http.requests import Requests

T = TypeVar("T")

_GONE = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})


class MediaEndpoints:
    """Asks, creates and deletes at the media endpoints of one account."""

    def __init__(self, requests: Requests, base_url: str) -> None:
        """`base_url` is that of `/generation` and `/characters`."""
        self._requests = requests
        self._base = base_url.rstrip("/")

    async def ask(
        self, path: str, decode: Callable[[bytes], T | ReportedError], *, about: str | None = None
    ) -> T:
        """The decoded answer to a question. Raises Gone when the service does not know what it is `about`."""
        asking = self._requests.ask(self._request("GET", path), decode)
        return await (asking if about is None else _known(about, asking))

    async def ask_once(self, path: str, decode: Callable[[bytes], T | ReportedError], *, about: str) -> T:
        """As `ask`, but a failed request is not sent again."""
        request = self._request("GET", path, subject=about)
        return await _known(about, self._requests.once(request, decode))

    async def create(
        self,
        path: str,
        body: dict[str, Any],
        decode: Callable[[bytes], T | ReportedError],
        *,
        subject: str,
        on_retry: OnRetry | None = None,
    ) -> T:
        """The decoded answer to a request that is never sent again once it may have arrived."""
        request = self._request("POST", path, encoded(body), subject=subject)
        return await self._requests.make(request, decode, on_retry)

    async def delete(self, what: str, path: str) -> None:
        """Delete something. Raises Gone when the service does not know it, also after a deletion that arrived."""
        request = self._request("DELETE", path, subject=what)
        await _known(what, self._requests.make(request, decode_deleted))

    def words(self, text: str | None) -> str | None:
        """The service's words fit for the screen; None when there are none."""
        return self._requests.words(text) if text else None

    def _request(
        self, method: str, path: str, body: bytes | None = None, *, subject: str = "answer"
    ) -> Request:
        times = self._requests.timeouts
        seconds = times.reply if body is None else times.image
        return Request(method=method, url=f"{self._base}{path}", body=body, subject=subject, seconds=seconds)


def path_segment(identity: str) -> str:
    """An id as one segment of a path, in which dots alone would name another place. A blank one is a ValueError."""
    if not identity.strip():
        raise ValueError("an id is never blank")
    quoted = quote(identity, safe="")
    return quoted if quoted.strip(".") else quoted.replace(".", "%2E")


async def _known(what: str, asking: Awaitable[T]) -> T:
    """What is asked for. Raises Gone in place of the error of a thing that is not there."""
    try:
        return await asking
    except ServiceError as error:
        if error.status not in _GONE:
            raise
        expired = " (the job expired)" if what == "picture" else ""
        sentence = f"The {what} is no longer on the server{expired}."
        raise Gone(f"No {what}", sentence, status=error.status) from error
