"""The Animus service as a handful of coroutines. Errors are kinds of AnimusError.

httpx and everything that needs it is imported with the first request, in a thread: it takes as long as the
screen needs to appear.
"""

from __future__ import annotations

import asyncio
import random
from contextlib import aclosing
from http import HTTPStatus
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar
from urllib.parse import quote

import msgspec

from animus_tui.api.decode import ReportedError, decode_job, decode_picture, decode_reply
from animus_tui.api.encode import encoded
from animus_tui.api.errors import AnimusError, AnswerError, NetworkError, ServiceBusy
from animus_tui.api.failures import Asked, clean, reported_error
from animus_tui.api.jobs import OnProgress, end_of_job
from animus_tui.api.models import ChatDelta, ChatReply, ChatRequest, GenerationJob, Picture, PictureResult
from animus_tui.api.pictures import check_picture, data_url_bytes
from animus_tui.api.redact import Redactor
from animus_tui.api.retry import OnRetry, RetryNotice, RetryPolicy, pause_or_raise
from animus_tui.api.timeouts import Timeouts

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping

    from animus_tui.api.wire import Wire
    from animus_tui.config import ApiConfig

__all__ = ["AnimusClient", "OnProgress", "OnRetry", "RetryNotice", "RetryPolicy", "Timeouts"]

T = TypeVar("T")
NOTHING: Mapping[str, Any] = MappingProxyType({})


class AnimusClient:
    """Chat, pictures and picture jobs of one account. An asynchronous context manager."""

    def __init__(
        self,
        config: ApiConfig,
        *,
        timeouts: Timeouts = Timeouts(),  # noqa: B008 - frozen
        retry: RetryPolicy = RetryPolicy(),  # noqa: B008 - frozen
        rng: random.Random | None = None,
        redact: Redactor | None = None,
    ) -> None:
        """`redact` is told the secrets that this client learns, so that it can keep them out of a log as well."""
        self._config = config
        self._timeouts = timeouts
        self._retry = retry
        self._rng = rng or random.Random()  # noqa: S311 - spreads retries, protects nothing
        self._redact = redact or Redactor()
        self._opening = asyncio.Lock()
        self._wire: Wire | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._wire is not None:
            await self._wire.aclose()

    async def complete(self, request: ChatRequest, *, on_retry: OnRetry | None = None) -> ChatReply:
        """One whole reply. Its `image_prompt` leads to nothing by itself: no picture, history or event."""
        wire = await self._open()
        asked = wire.asked("answer")
        body = _chat_body(msgspec.structs.replace(request, stream=False) if request.stream else request)

        async def once() -> ChatReply:
            answer = await wire.ask("POST", self._chat_url, body, seconds=self._timeouts.reply, asked=asked)
            reply = _unwrapped(decode_reply(answer), asked)
            if reply.is_empty:
                raise _empty_reply(reply.compliance_violations, asked)
            return reply

        return await self._persistently(once, _always, on_retry)

    async def stream_chat(
        self, request: ChatRequest, *, on_retry: OnRetry | None = None
    ) -> AsyncGenerator[ChatDelta, None]:
        """The pieces of a reply as they come, never with auto-turn. Tried again only while nothing has arrived."""
        auto_turn = False if request.auto_turn else request.auto_turn
        body = _chat_body(msgspec.structs.replace(request, stream=True, auto_turn=auto_turn))
        attempt = 1
        while True:
            started = False
            try:
                async with aclosing(self._stream_once(body)) as deltas:
                    async for delta in deltas:
                        started = True
                        yield delta
            except (NetworkError, ServiceBusy) as error:
                if isinstance(error, NetworkError):
                    error.started = started
                if started:
                    raise
                attempt += 1
                await pause_or_raise(attempt, error, self._retry, self._rng, on_retry)
            else:
                return

    async def generate_image(
        self,
        prompt: str,
        *,
        input_image_url: str | None = None,
        settings: Mapping[str, Any] = NOTHING,
        on_retry: OnRetry | None = None,
    ) -> PictureResult:
        """Make a picture, or modify `input_image_url`. Never sent again once it may have arrived."""
        source = {} if input_image_url is None else {"input_image": input_image_url}
        url = f"{self._config.base_url.rstrip('/')}/generate/image"
        return await self._start(url, {**settings, **source, "prompt": prompt}, decode_picture, on_retry)

    async def create_generation(
        self,
        prompt: str,
        *,
        source_image_url: str | None = None,
        settings: Mapping[str, Any] = NOTHING,
        on_retry: OnRetry | None = None,
    ) -> GenerationJob:
        """Start a picture job. Never sent again once it may have arrived."""
        source = {} if source_image_url is None else {"source_image_url": source_image_url}
        url = f"{self._generation_url}/create"
        return await self._start(url, {**settings, **source, "prompt": prompt}, decode_job, on_retry)

    async def generation_status(self, generation_id: str) -> GenerationJob:
        """How a picture job goes. Asked once, not tried again."""
        wire = await self._open()
        asked = wire.asked("picture")
        url = f"{self._generation_url}/status/{quote(generation_id, safe='')}"
        body = await wire.ask("GET", url, seconds=self._timeouts.reply, asked=asked)
        return _unwrapped(decode_job(body, known_id=generation_id), asked)

    async def run_generation(
        self,
        prompt: str,
        *,
        source_image_url: str | None = None,
        settings: Mapping[str, Any] = NOTHING,
        on_progress: OnProgress,
        on_retry: OnRetry | None = None,
    ) -> PictureResult:
        """Start a picture job and ask after it until it ends; a gap in the network does no harm."""
        job = await self.create_generation(
            prompt, source_image_url=source_image_url, settings=settings, on_retry=on_retry
        )
        on_progress(job.progress)
        if job.ended != "badly" and not (job.ended and job.result_urls):
            job = await end_of_job(job, self.generation_status, on_progress, self._timeouts)
        if job.ended == "well" and job.result_urls:
            return PictureResult(url=job.result_urls[0])
        words = clean(job.error or "", (await self._open()).redact)
        sentence = f"The picture could not be made: {words or 'the service gave no reason.'} Try again."
        raise AnswerError("No picture", sentence, retryable=True)

    async def download(self, url: str, *, on_retry: OnRetry | None = None) -> Picture:
        """Fetch and check a picture at an `http(s)` or `data:` address. Raises PictureError."""
        if url[:5].lower() == "data:":
            return check_picture(data_url_bytes(url))
        wire = await self._open()
        return await self._persistently(lambda: wire.picture(url), _always, on_retry)

    @property
    def _chat_url(self) -> str:
        return f"{self._config.base_url.rstrip('/')}/chat/completions"

    @property
    def _generation_url(self) -> str:
        return f"{self._config.generation_url.rstrip('/')}/generation"

    async def _open(self) -> Wire:
        async with self._opening:
            if self._wire is None:
                self._wire = await asyncio.to_thread(_open_wire, self._config, self._timeouts, self._redact)
            return self._wire

    async def _stream_once(self, body: bytes) -> AsyncGenerator[ChatDelta, None]:
        wire = await self._open()
        from animus_tui.api.sse import chat_deltas  # it needs httpx, which the wire has brought

        asked = wire.asked("answer")
        silence, accept = self._timeouts.stream_silence, "text/event-stream"
        empty, marks = True, list[str]()
        async with (
            wire.stream("POST", self._chat_url, body, seconds=silence, asked=asked, accept=accept) as chunks,
            aclosing(chat_deltas(chunks, asked)) as deltas,
        ):
            async for delta in deltas:
                empty = empty and delta.is_empty
                marks += delta.compliance_violations
                yield delta
        if empty:
            raise _empty_reply(marks, asked)

    async def _start(
        self,
        url: str,
        body: dict[str, Any],
        decode: Callable[[bytes], T | ReportedError],
        on_retry: OnRetry | None,
    ) -> T:
        wire = await self._open()
        asked, seconds = wire.asked("picture"), self._timeouts.image
        sent = encoded(body)

        async def once() -> T:
            answer = await wire.ask("POST", url, sent, seconds=seconds, asked=asked)
            return _unwrapped(decode(answer), asked)

        return await self._persistently(once, _surely_not_started, on_retry)

    async def _persistently(
        self,
        once: Callable[[], Awaitable[T]],
        may_again: Callable[[AnimusError], bool],
        on_retry: OnRetry | None,
    ) -> T:
        attempt = 1
        while True:
            try:
                return await once()
            except (NetworkError, ServiceBusy) as error:
                if not may_again(error):
                    raise
                attempt += 1
                await pause_or_raise(attempt, error, self._retry, self._rng, on_retry)


def _open_wire(config: ApiConfig, timeouts: Timeouts, redact: Redactor) -> Wire:
    from animus_tui.api import sse, wire  # noqa: F401 - imported here, off the event loop

    return wire.Wire(config, timeouts, redact)


def _unwrapped(decoded: T | ReportedError, asked: Asked) -> T:
    if isinstance(decoded, ReportedError):
        raise reported_error(decoded.what, asked)
    return decoded


def _chat_body(request: ChatRequest) -> bytes:
    """The request as JSON; with tools the model chooses whether to use them, unless the request says otherwise."""
    if request.tools and request.tool_choice is None:
        request = msgspec.structs.replace(request, tool_choice="auto")
    return encoded(request)


def _empty_reply(marks: list[str], asked: Asked) -> AnswerError:
    named = clean(", ".join(dict.fromkeys(marks)), asked.redact)
    why = f" Its content rules were named: {named}" if named else ""
    sentence = f"The service sent an empty reply.{why} Try again."
    return AnswerError("Empty reply", sentence, retryable=True)


def _always(_: AnimusError) -> bool:
    return True


def _surely_not_started(error: AnimusError) -> bool:
    """Whether no picture can have been begun: the service was never asked, or asked too often."""
    match error:
        case NetworkError(sent=False) | ServiceBusy(status=HTTPStatus.TOO_MANY_REQUESTS):
            return True
    return False
