"""Requests with one JSON answer and downloads, sent again where that is safe. The first one makes the connection.

httpx and everything that needs it is imported then, in a thread: it takes as long as the screen needs to appear.
"""

from __future__ import annotations

import asyncio
import random
import sys
from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING, TypedDict, TypeVar

from msgspec import Struct

from animus_tui.backends.base.errors import BackendError, NetworkError, PictureError, ServiceBusy
from animus_tui.backends.base.files import data_url_bytes, is_data_url
from animus_tui.backends.base.protocols import RetryNotice
from animus_tui.backends.http.answer_errors import ErrorContext, clean, message_in, reported_error
from animus_tui.backends.http.json_bodies import ReportedError
from animus_tui.backends.http.timeouts import Limit, Timeouts

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from animus_tui.addresses import Redactor
    from animus_tui.backends.base.files import FileKind
    from animus_tui.backends.base.protocols import OnRetry
    from animus_tui.backends.http.transport import Transport

THREADS_SHARE_SYNTAX_TREES = sys.version_info < (3, 11, 8) or (3, 12) <= sys.version_info < (3, 12, 2)
"""Whether Python raises SystemError when two threads turn source into syntax trees at once (python/cpython#106905)."""


class RetryPolicy(Struct, frozen=True, kw_only=True):
    """How often and after how long. All times in seconds."""

    tries: int = 3
    """Requests in all, the first one included."""
    base: float = 0.5
    """Pause before the second try."""
    factor: float = 2.0
    """Each later pause is this many times the one before it."""
    most: float = 8.0
    """Longest pause of our own choice."""
    jitter: float = 0.25
    """Random part of a pause, 0 to 1, up or down."""
    longest_wait: float = 60.0
    """Longest `Retry-After` that is waited for."""


_YET_TO_COME = frozenset({403, 404, 409, 425})
"""Statuses with which storage answers for a file that it does not have yet."""


def delay_before(attempt: int, error: BackendError, policy: RetryPolicy, rng: random.Random) -> float | None:
    """Seconds before try number `attempt` (2, 3…), or None when there is no such try."""
    if attempt > policy.tries:
        return None
    asked = error.retry_after if isinstance(error, ServiceBusy) else None
    if asked:
        return asked if asked <= policy.longest_wait else None
    pause = min(policy.base * policy.factor ** (attempt - 2), policy.most)
    return pause * (1 + policy.jitter * rng.uniform(-1, 1))


T = TypeVar("T")
JSON = "application/json"


class Request(Struct, frozen=True, kw_only=True):
    """What to ask, and what the sentence of a failure is to say about it."""

    method: str
    url: str
    body: bytes | None = None
    subject: str
    """What is asked for, such as `answer` or `picture`."""
    seconds: float
    """Until the answer begins, and again until it has come."""
    content_type: str = JSON
    """Media type of the body."""
    message_in: Callable[[object], str] = message_in
    """Finds the service's own sentence in the decoded body of a refusal."""


class Tuning(TypedDict, total=False):
    """How a client waits and tries again. What is left out, or None, is as usual."""

    timeouts: Timeouts | None
    retry: RetryPolicy | None
    rng: random.Random | None
    """Spreads the pauses and draws seeds."""


class Requests:
    """Sends the requests of one account with a service."""

    def __init__(
        self,
        open_transport: Callable[[Timeouts, Redactor], Transport],
        redact: Redactor,
        *,
        timeouts: Timeouts | None = None,
        retry: RetryPolicy | None = None,
        rng: random.Random | None = None,
    ) -> None:
        """`open_transport` is called once, in a thread, when the first request is sent."""
        self._open_transport = open_transport
        self._redact = redact
        self.timeouts = timeouts or Timeouts()
        self._retry = retry or RetryPolicy()
        self.rng = rng or random.Random()  # noqa: S311 - spreads retries and draws seeds, protects nothing
        self._opening = asyncio.Lock()
        self._transport: Transport | None = None

    async def transport(self) -> Transport:
        """The connection. Raises BackendError when the network's settings cannot be used."""
        async with self._opening:
            if self._transport is None:
                if THREADS_SHARE_SYNTAX_TREES:
                    # anyio makes syntax trees while it is imported, and Textual makes some of keys' actions.
                    import anyio.abc  # noqa: F401
                self._transport = await asyncio.to_thread(self._open_transport, self.timeouts, self._redact)
            return self._transport

    async def aclose(self) -> None:
        """Close the connection, if there is one."""
        if self._transport is not None:
            await self._transport.aclose()

    async def once(
        self, request: Request, decode: Callable[[bytes], T | ReportedError], *, in_thread: bool = False
    ) -> T:
        """The decoded answer. Raises BackendError kinds.

        `in_thread`: the answer may hold whole pictures, so that it takes long to decode.
        """
        transport = await self.transport()
        context = transport.context(request.subject, request.message_in)
        limit = Limit(request.seconds)
        async with transport.stream(
            request.method,
            request.url,
            request.body,
            limit=limit,
            context=context,
            accept=JSON,
            content_type=request.content_type,
        ) as chunks:
            limit.restart(request.seconds)
            body = b"".join([chunk async for chunk in chunks])
        return unwrapped(await asyncio.to_thread(decode, body) if in_thread else decode(body), context)

    async def ask(self, request: Request, decode: Callable[[bytes], T | ReportedError]) -> T:
        """The decoded answer to a question, which changes nothing at the service and is asked again after any gap."""
        return await self.persistently(lambda: self.once(request, decode), may_again=always)

    async def make(
        self,
        request: Request,
        decode: Callable[[bytes], T | ReportedError],
        on_retry: OnRetry | None = None,
        *,
        in_thread: bool = False,
    ) -> T:
        """The decoded answer to a request that changes something: never sent again once it may have arrived."""
        return await self.persistently(
            lambda: self.once(request, decode, in_thread=in_thread),
            may_again=surely_not_started,
            on_retry=on_retry,
        )

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
        """Tell `on_retry` and wait until try number `attempt`; raises `error` when there is no such try."""
        delay = delay_before(attempt, error, self._retry, self.rng)
        if delay is None:
            raise error
        if on_retry is not None:
            on_retry(RetryNotice(delay=delay, attempt=attempt, error=error))
        await asyncio.sleep(delay)

    async def download(self, url: str, kind: FileKind[T], *, is_new: bool, on_retry: OnRetry | None) -> T:
        """The file at an `http(s)` or `data:` address. Raises PictureError, and other BackendError kinds.

        `is_new`: it was made a moment ago, so that it may take `Timeouts.settle` seconds until it is there, and whole.
        """
        if is_data_url(url):
            return await asyncio.to_thread(lambda: kind.check(data_url_bytes(url, kind)))
        transport = await self.transport()
        clock, pause = asyncio.get_running_loop().time, self.timeouts.poll_first
        deadline = clock() + (self.timeouts.settle if is_new else 0.0)
        while True:
            try:
                return await self.persistently(
                    lambda: transport.file(url, kind), may_again=always, on_retry=on_retry
                )
            except PictureError as error:
                if not (error.retryable or error.status in _YET_TO_COME) or clock() + pause > deadline:
                    raise
            await asyncio.sleep(pause)
            pause = min(pause * 2, self.timeouts.poll_most)


def unwrapped(decoded: T | ReportedError, context: ErrorContext) -> T:
    """The value itself. Raises the error that was decoded in its place."""
    if isinstance(decoded, ReportedError):
        raise reported_error(decoded.what, context)
    return decoded


def always(_: BackendError) -> bool:
    """Whether a question may be asked again, which changes nothing at the service: after any error."""
    return True


def surely_not_started(error: BackendError) -> bool:
    """Whether nothing can have been begun: the service was never asked, or asked too often."""
    match error:
        case NetworkError(sent=False) | ServiceBusy(status=HTTPStatus.TOO_MANY_REQUESTS):
            return True
    return False
