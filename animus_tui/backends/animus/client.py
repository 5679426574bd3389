"""The Animus service as a handful of coroutines. Errors are kinds of AnimusError."""

from __future__ import annotations

import asyncio
import random
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Self, TypeVar

import msgspec

from animus_tui.backends.animus.calls import Calls, Request, always, not_accepted, surely_not_started
from animus_tui.backends.animus.decode import decode_picture
from animus_tui.backends.animus.jobs import OnProgress
from animus_tui.backends.animus.studio import NOTHING, OnCreated, Studio
from animus_tui.backends.base.errors import AnimusError, AnswerError, NetworkError, PictureError, ServiceBusy
from animus_tui.backends.base.files import data_url_bytes, is_data_url
from animus_tui.backends.base.models import whole_reply
from animus_tui.backends.base.pictures import PICTURE
from animus_tui.backends.base.videos import VIDEO
from animus_tui.backends.http.encode import encoded
from animus_tui.backends.http.failures import clean
from animus_tui.backends.http.redact import Redactor
from animus_tui.backends.http.retry import OnRetry, RetryNotice, RetryPolicy
from animus_tui.backends.http.timeouts import Limit, Timeouts

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
    from types import TracebackType

    from animus_tui.backends.base.models import (
        ChatDelta,
        ChatReply,
        ChatRequest,
        Picture,
        PictureResult,
        Video,
    )
    from animus_tui.backends.http.failures import Asked
    from animus_tui.config import ApiConfig

T = TypeVar("T")

_YET_TO_COME = frozenset({403, 404, 409, 425})
"""Statuses with which storage answers for a file that it does not have yet."""

__all__ = ["AnimusClient", "OnCreated", "OnProgress", "OnRetry", "RetryNotice", "RetryPolicy", "Timeouts"]


class AnimusClient(Studio):
    """Chat, pictures and all of the studio of one account. An asynchronous context manager."""

    def __init__(
        self,
        config: ApiConfig,
        *,
        timeouts: Timeouts | None = None,
        retry: RetryPolicy = RetryPolicy(),  # noqa: B008 - frozen
        rng: random.Random | None = None,
        redact: Redactor | None = None,
    ) -> None:
        """`timeouts` are the usual ones by default, with the configured `first_word`.

        `redact` is told the secrets that this client learns, so that it can keep them out of a log as well.
        """
        timeouts = timeouts or Timeouts(first_word=config.first_word)
        rng = rng or random.Random()  # noqa: S311 - spreads retries, protects nothing
        calls = Calls(config, timeouts=timeouts, retry=retry, rng=rng, redact=redact or Redactor())
        super().__init__(calls, config.generation_url, timeouts)
        self._base = config.base_url.rstrip("/")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._calls.aclose()

    async def complete(self, request: ChatRequest, *, on_retry: OnRetry | None = None) -> ChatReply:
        """One whole reply, also when it comes as events. Sent again only while nothing shows that it was accepted.

        The reply's `image_prompt` leads to nothing by itself: no picture, history or event. An error that comes after
        a part of the reply has it in `said`.
        """
        body = _chat_body(msgspec.structs.replace(request, stream=False) if request.stream else request)

        async def once() -> ChatReply:
            pieces: list[ChatDelta] = []
            try:
                async with aclosing(self._answer(body, streamed=False)) as deltas:
                    async for delta in deltas:
                        pieces.append(delta)  # noqa: PERF401 - those before an error count
            except AnimusError as error:
                said = whole_reply(pieces)
                error.said = None if said.is_empty else said
                raise
            return whole_reply(pieces)

        return await self._calls.persistently(once, may_again=_says_nothing, on_retry=on_retry)

    async def stream_chat(
        self, request: ChatRequest, *, on_retry: OnRetry | None = None
    ) -> AsyncGenerator[ChatDelta, None]:
        """The pieces of a reply as they come, never with auto-turn. Sent again as `complete` does."""
        auto_turn = False if request.auto_turn else request.auto_turn
        body = _chat_body(msgspec.structs.replace(request, stream=True, auto_turn=auto_turn))
        attempt = 1
        while True:
            started = False
            try:
                async with aclosing(self._answer(body, streamed=True)) as deltas:
                    async for delta in deltas:
                        started = True
                        yield delta
            except (NetworkError, ServiceBusy) as error:
                if isinstance(error, NetworkError):
                    error.started = started
                if started or not not_accepted(error):
                    raise
                attempt += 1
                await self._calls.pause(attempt, error, on_retry)
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
        body = encoded({**settings, **source, "prompt": prompt})
        asking = Request(
            method="POST",
            url=f"{self._base}/generate/image",
            body=body,
            subject="picture",
            seconds=self._timeouts.image,
        )
        return await self._calls.persistently(
            lambda: self._calls.once(asking, decode_picture),
            may_again=surely_not_started,
            on_retry=on_retry,
        )

    async def download(self, url: str, *, is_new: bool = False, on_retry: OnRetry | None = None) -> Picture:
        """Fetch and check a picture at an `http(s)` or `data:` address. Raises PictureError.

        `is_new`: it was made a moment ago, so that it may take `Timeouts.settle` seconds until it is there, and whole.
        """
        if is_data_url(url):
            return await asyncio.to_thread(lambda: PICTURE.check(data_url_bytes(url, PICTURE)))
        wire = await self._calls.open()
        return await self._appeared(lambda: wire.picture(url), is_new=is_new, on_retry=on_retry)

    async def download_video(
        self, url: str, *, is_new: bool = False, on_retry: OnRetry | None = None
    ) -> Video:
        """Fetch and check a clip, an MP4 of at most 128 MiB, as `download` does a picture. Raises PictureError."""
        if is_data_url(url):
            return await asyncio.to_thread(lambda: VIDEO.check(data_url_bytes(url, VIDEO)))
        wire = await self._calls.open()
        return await self._appeared(lambda: wire.video(url), is_new=is_new, on_retry=on_retry)

    async def _appeared(
        self, fetch: Callable[[], Awaitable[T]], *, is_new: bool, on_retry: OnRetry | None
    ) -> T:
        """The file, waited for when it is new: storage may show it later than the job that made it tells of it."""
        clock, pause = asyncio.get_running_loop().time, self._timeouts.poll_first
        deadline = clock() + (self._timeouts.settle if is_new else 0.0)
        while True:
            try:
                return await self._calls.persistently(fetch, may_again=always, on_retry=on_retry)
            except PictureError as error:
                if not (error.retryable or error.status in _YET_TO_COME) or clock() + pause > deadline:
                    raise
            await asyncio.sleep(pause)
            pause = min(pause * 2, self._timeouts.poll_most)

    @property
    def _chat_url(self) -> str:
        return f"{self._base}/chat/completions"

    async def _answer(self, body: bytes, *, streamed: bool) -> AsyncGenerator[ChatDelta, None]:
        """The pieces of one answer. Raises AnswerError when all of them together are empty."""
        wire = await self._calls.open()
        from animus_tui.backends.animus.sse import chat_deltas  # it needs httpx, which the wire has brought

        times, asked = self._timeouts, wire.asked("answer")
        accept = "text/event-stream" if streamed else "application/json"
        limit = Limit(times.first_word)
        pieces: list[ChatDelta] = []
        async with wire.stream(
            "POST", self._chat_url, body, limit=limit, asked=asked, accept=accept
        ) as chunks:
            coming = chunks if streamed else _once_begun(chunks, lambda: limit.restart(times.reply))
            async with aclosing(chat_deltas(coming, asked)) as deltas:
                async for delta in deltas:
                    if streamed:
                        limit.restart(times.stream_silence)
                    pieces.append(delta)
                    yield delta
        if all(piece.is_empty for piece in pieces):
            raise _empty_reply(whole_reply(pieces), asked)


async def _once_begun(chunks: AsyncIterator[bytes], begin: Callable[[], None]) -> AsyncIterator[bytes]:
    """The chunks; `begin` is called before the first that is neither blank nor a comment."""
    has_begun = False
    async for chunk in chunks:
        if not has_begun and chunk.strip() and not chunk.lstrip().startswith(b":"):
            has_begun = True
            begin()
        yield chunk


def _says_nothing(error: AnimusError) -> bool:
    """Whether a chat request may be sent again after this error."""
    return not_accepted(error) and error.said is None


def _chat_body(request: ChatRequest) -> bytes:
    """The request as JSON; with tools the model chooses whether to use them, unless the request says otherwise."""
    if request.tools and request.tool_choice is None:
        request = msgspec.structs.replace(request, tool_choice="auto")
    return encoded(request)


def _empty_reply(reply: ChatReply, asked: Asked) -> AnswerError:
    named = clean(", ".join(reply.compliance_violations), asked.redact)
    why = f" Its content rules were named: {named}" if named else ""
    sentence = f"The service sent an empty reply.{why} Try again."
    return AnswerError("Empty reply", sentence, retryable=True)
