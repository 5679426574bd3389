"""Requests with one JSON answer, sent again where that is safe. The connection is made with the first one.

httpx and everything that needs it is imported then, in a thread: it takes as long as the screen needs to appear.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct

from animus_tui.backends.base.errors import BackendError, NetworkError, ServiceBusy
from animus_tui.backends.http.answer_errors import ErrorContext, clean, reported_error
from animus_tui.backends.http.json_bodies import ReportedError
from animus_tui.backends.http.retry import RetryPolicy, pause_or_raise

if TYPE_CHECKING:
    import random
    from collections.abc import Awaitable, Callable

    from animus_tui.backends.base.protocols import OnRetry
    from animus_tui.backends.http.redact import Redactor
    from animus_tui.backends.http.transport import Transport

T = TypeVar("T")


class Request(Struct, frozen=True, kw_only=True):
    """What to ask, and what the sentence of a failure is to say about it."""

    method: str
    url: str
    body: bytes | None = None
    subject: str
    """`answer`, `picture`, `batch` …"""
    seconds: float
    """Until the answer begins, and again until it has come."""


class Requests:
    """Sends the requests of one account with a service."""

    def __init__(
        self,
        open_transport: Callable[[], Transport],
        *,
        retry: RetryPolicy,
        rng: random.Random,
        redact: Redactor,
    ) -> None:
        """`open_transport` is called once, in a thread, when the first request is sent."""
        self._open_transport = open_transport
        self._retry = retry
        self._rng = rng
        self._redact = redact
        self._opening = asyncio.Lock()
        self._transport: Transport | None = None

    async def transport(self) -> Transport:
        """The connection. Raises BackendError when the network's settings cannot be used."""
        async with self._opening:
            if self._transport is None:
                self._transport = await asyncio.to_thread(self._open_transport)
            return self._transport

    async def aclose(self) -> None:
        """Close the connection, if there is one."""
        if self._transport is not None:
            await self._transport.aclose()

    async def once(self, request: Request, decode: Callable[[bytes], T | ReportedError]) -> T:
        """The decoded answer. Raises BackendError kinds."""
        transport = await self.transport()
        context = transport.context(request.subject)
        body = await transport.ask(
            request.method, request.url, request.body, seconds=request.seconds, context=context
        )
        return unwrapped(decode(body), context)

    def words(self, text: str) -> str:
        """A foreign sentence for the screen: without secrets, one line, at most 300 characters."""
        return clean(text, self._redact)

    async def persistently(
        self,
        once: Callable[[], Awaitable[T]],
        *,
        may_again: Callable[[BackendError], bool],
        on_retry: OnRetry | None = None,
    ) -> T:
        """What `once` returns, awaited again after a failure that may pass and that `may_again` lets through."""
        attempt = 1
        while True:
            try:
                return await once()
            except (NetworkError, ServiceBusy) as error:
                if not may_again(error):
                    raise
                attempt += 1
                await self.pause(attempt, error, on_retry)

    async def pause(self, attempt: int, error: BackendError, on_retry: OnRetry | None) -> None:
        """Wait until try number `attempt`; raises `error` when there is no such try."""
        await pause_or_raise(attempt, error, self._retry, self._rng, on_retry)


def unwrapped(decoded: T | ReportedError, context: ErrorContext) -> T:
    """The value itself. Raises the error that was decoded in its place."""
    if isinstance(decoded, ReportedError):
        raise reported_error(decoded.what, context)
    return decoded


def always(_: BackendError) -> bool:
    """Asking again changes nothing at the service."""
    return True


def not_accepted(error: BackendError) -> bool:
    """Whether nothing shows that the service took the request: it was not reached, or closed at once, or is busy."""
    return not (isinstance(error, NetworkError) and error.accepted)


def surely_not_started(error: BackendError) -> bool:
    """Whether nothing can have been begun: the service was never asked, or asked too often."""
    match error:
        case NetworkError(sent=False) | ServiceBusy(status=HTTPStatus.TOO_MANY_REQUESTS):
            return True
    return False
