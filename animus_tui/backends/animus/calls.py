"""Requests with one JSON answer, tried again where that is safe. The connection is made with the first one.

httpx and everything that needs it is imported then, in a thread: it takes as long as the screen needs to
appear.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct

from animus_tui.backends.animus.decode import ReportedError
from animus_tui.backends.base.errors import AnimusError, NetworkError, ServiceBusy
from animus_tui.backends.http.failures import Asked, clean, reported_error
from animus_tui.backends.http.retry import OnRetry, RetryPolicy, pause_or_raise

if TYPE_CHECKING:
    import random
    from collections.abc import Awaitable, Callable

    from animus_tui.backends.animus.wire import Wire
    from animus_tui.backends.http.redact import Redactor
    from animus_tui.backends.http.timeouts import Timeouts
    from animus_tui.config import ApiConfig

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


class Calls:
    """The way to one account's service."""

    def __init__(
        self,
        config: ApiConfig,
        *,
        timeouts: Timeouts,
        retry: RetryPolicy,
        rng: random.Random,
        redact: Redactor,
    ) -> None:
        self._config = config
        self._timeouts = timeouts
        self._retry = retry
        self._rng = rng
        self._redact = redact
        self._opening = asyncio.Lock()
        self._wire: Wire | None = None

    async def open(self) -> Wire:
        """The connection. Raises AnimusError when the network's settings cannot be used."""
        async with self._opening:
            if self._wire is None:
                self._wire = await asyncio.to_thread(_open_wire, self._config, self._timeouts, self._redact)
            return self._wire

    async def aclose(self) -> None:
        """Close the connection, if there is one."""
        if self._wire is not None:
            await self._wire.aclose()

    async def once(self, request: Request, decode: Callable[[bytes], T | ReportedError]) -> T:
        """The decoded answer. Raises AnimusError kinds."""
        wire = await self.open()
        asked = wire.asked(request.subject)
        body = await wire.ask(request.method, request.url, request.body, seconds=request.seconds, asked=asked)
        return unwrapped(decode(body), asked)

    def words(self, text: str) -> str:
        """A foreign sentence for the screen: without secrets, one line, at most 300 characters."""
        return clean(text, self._redact)

    async def persistently(
        self,
        once: Callable[[], Awaitable[T]],
        *,
        may_again: Callable[[AnimusError], bool],
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

    async def pause(self, attempt: int, error: AnimusError, on_retry: OnRetry | None) -> None:
        """Wait until try number `attempt`; raises `error` when there is no such try."""
        await pause_or_raise(attempt, error, self._retry, self._rng, on_retry)


def _open_wire(config: ApiConfig, timeouts: Timeouts, redact: Redactor) -> Wire:
    from animus_tui.backends.animus import sse, wire  # noqa: F401 - imported here, off the event loop

    return wire.Wire(config, timeouts, redact)


def unwrapped(decoded: T | ReportedError, asked: Asked) -> T:
    """The value itself. Raises the error that was decoded in its place."""
    if isinstance(decoded, ReportedError):
        raise reported_error(decoded.what, asked)
    return decoded


def always(_: AnimusError) -> bool:
    """Asking again changes nothing at the service."""
    return True


def not_accepted(error: AnimusError) -> bool:
    """Whether nothing shows that the service took the request: it was not reached, or closed at once, or is busy."""
    return not (isinstance(error, NetworkError) and error.accepted)


def surely_not_started(error: AnimusError) -> bool:
    """Whether nothing can have been begun: the service was never asked, or asked too often."""
    match error:
        case NetworkError(sent=False) | ServiceBusy(status=HTTPStatus.TOO_MANY_REQUESTS):
            return True
    return False
