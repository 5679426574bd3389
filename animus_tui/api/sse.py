"""A streamed answer: bytes → server-sent events → deltas."""

from __future__ import annotations

import asyncio
import logging
from contextlib import aclosing, suppress
from typing import TYPE_CHECKING

from animus_tui.api.decode import (
    MalformedChunkError,
    ReportedError,
    decode_chunk,
    decode_reply,
    reply_as_delta,
)
from animus_tui.api.errors import AnimusError, AnswerError, NetworkError
from animus_tui.api.failures import HTML_CAME, Asked, reported_error
from animus_tui.api.http_library import httpx, httpx_sse

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator

    from animus_tui.api.models import ChatDelta

log = logging.getLogger("animus_tui.api")

BOM = b"\xef\xbb\xbf"
LAST_WORDS = 0.05  # seconds for the body's end after [DONE]: only a connection read to its end is used again
MOST_BLANKS = 4096  # bytes of white space before anything else


class EventStream(httpx.AsyncByteStream):
    """The events of a body; the last one may be unfinished, which marks the stream `torn`.

    Always UTF-8, as the standard says, whatever the answer's header calls it.
    """

    def __init__(self, chunks: AsyncIterator[bytes]) -> None:
        self._chunks = chunks
        self.torn = False
        """The body is over and its last line was never ended."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        last = b""
        async for chunk in self._chunks:
            last = chunk or last
            yield chunk
        self.torn = bool(last) and last[-1:] not in (b"\n", b"\r")
        yield b"\n\n"

    def events(self) -> AsyncGenerator[httpx_sse.ServerSentEvent, None]:
        """The events, with or without data, in order."""
        response = httpx.Response(200, headers={"content-type": "text/event-stream"}, stream=self)
        response.encoding = "utf-8-sig"
        return httpx_sse.EventSource(response).aiter_sse()


async def chat_deltas(chunks: AsyncIterator[bytes], asked: Asked) -> AsyncGenerator[ChatDelta, None]:
    """The pieces of an answer, blank ones left out; JSON in place of events is one piece.

    Raises AnswerError, the ServiceError that an error object names, NetworkError when the end is torn.
    """
    head = await _head(chunks)
    match head.removeprefix(BOM).lstrip()[:1]:
        case b"{" | b"[":
            yield _whole(head + b"".join([chunk async for chunk in chunks]), asked)
            return
        case b"<":
            sentence = f"The answer cannot be read: {HTML_CAME}. Check the address of the service."
            raise AnswerError("Answer not understood", sentence)
    async with aclosing(_event_deltas(EventStream(_chained(head, chunks)), asked)) as deltas:
        async for delta in deltas:
            yield delta


async def _event_deltas(stream: EventStream, asked: Asked) -> AsyncGenerator[ChatDelta, None]:
    malformed, readable = 0, False
    async with aclosing(stream.events()) as events:
        async for event in events:
            data = event.data.strip()
            if data == "[DONE]":
                await _read_out(events)
                return
            try:
                delta = _delta(event, asked) if data else None
            except MalformedChunkError:
                if stream.torn:
                    break
                malformed += 1
                log.warning("A malformed chunk was skipped, number %d of this answer", malformed)
                continue
            if stream.torn:
                stream.torn = delta is None
            if delta is not None and not delta.is_blank:
                readable = True
                yield delta
    if stream.torn:
        sentence = "The answer broke off in the middle. Check the network and try again."
        raise NetworkError("Connection lost", sentence, sent=True, started=True)
    if malformed and not readable:
        sentence = f"None of the answer's {malformed} pieces could be read. Try again."
        raise AnswerError("Answer not understood", sentence, retryable=True)


def _delta(event: httpx_sse.ServerSentEvent, asked: Asked) -> ChatDelta:
    try:
        decoded = decode_chunk(event.data)
    except MalformedChunkError:
        if event.event != "error":
            raise
        decoded = ReportedError(event.data)
    if isinstance(decoded, ReportedError):
        raise _error(decoded, asked)
    return decoded


def _whole(body: bytes, asked: Asked) -> ChatDelta:
    reply = decode_reply(body)
    if isinstance(reply, ReportedError):
        raise _error(reply, asked)
    return reply_as_delta(reply)


def _error(reported: ReportedError, asked: Asked) -> AnimusError:
    return reported_error(reported.what, asked)


async def _head(chunks: AsyncIterator[bytes]) -> bytes:
    """Bytes up to and with the first that tells JSON, markup and events apart."""
    head = b""
    async for chunk in chunks:
        head += chunk
        if (head.removeprefix(BOM).strip() and not BOM.startswith(head)) or len(head) > MOST_BLANKS:
            break
    return head


async def _chained(head: bytes, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    if head:
        yield head
    async for chunk in chunks:
        yield chunk


async def _read_out(events: AsyncIterator[httpx_sse.ServerSentEvent]) -> None:
    with suppress(TimeoutError, httpx.HTTPError, AnimusError):
        async with asyncio.timeout(LAST_WORDS):
            async for _ in events:
                pass
