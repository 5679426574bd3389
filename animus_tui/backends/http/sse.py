"""A streamed answer: bytes → server-sent events → pieces of a chat reply, as OpenAI-compatible services send them."""

from __future__ import annotations

import asyncio
import logging
import re
from contextlib import aclosing, suppress
from typing import TYPE_CHECKING

import msgspec

from animus_tui.backends.base.errors import AnswerError, BackendError, NetworkError
from animus_tui.backends.http.answer_errors import HTML_CAME, ErrorContext, reported_error
from animus_tui.backends.http.chat_bodies import decode_chunk, decode_reply
from animus_tui.backends.http.http_library import httpx, httpx_sse
from animus_tui.backends.http.json_bodies import (
    DONE,
    MalformedEventError,
    ReportedError,
    log_left_out,
    not_json,
)

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator

    from animus_tui.backends.base.chat_values import ChatDelta

log = logging.getLogger("animus_tui.backends")

BOM = b"\xef\xbb\xbf"
LAST_WORDS = 0.05  # seconds for the body's end after [DONE]: only a connection read to its end is used again
MOST_BLANKS = 4096  # bytes of white space before anything else


_LINE_END = re.compile(rb"\r\n|\r|\n")
DATA = b"data:"
_FIELDS = (b"data:", b"event:", b"id:", b"retry:")
_FIELD = re.compile(rb"(?:data|event|id|retry)?:|data$")
_ESCAPE = r"(?<!\\)(?P<before>(?:\\\\)*)(?P<half>\\u[dD]{}[0-9a-fA-F]{{2}})"
_FIRST_HALF = re.compile(_ESCAPE.format("[89abAB]") + '(?=")')
"""The first half of a surrogate pair as the last character of a JSON string."""
_SECOND_HALF = re.compile(r'(?<=")(?P<half>\\u[dD][c-fC-F][0-9a-fA-F]{2})')
"""The second half of one as the first character of a JSON string."""


class EventStream(httpx.AsyncByteStream):
    """The events of a body; the last one may be unfinished, which marks the stream `torn`.

    Always UTF-8, as the standard says, whatever the answer's header calls it. An event ends with a blank line, or
    as soon as its first line of data is whole: some servers leave the blank lines out.
    """

    def __init__(self, chunks: AsyncIterator[bytes]) -> None:
        self._chunks = chunks
        self._continues = False
        """Whether the data of an event began and is not whole."""
        self._ended_without_blank = False
        """Whether the last line was all of an event."""
        self.torn = False
        """Whether the body is over and its last line was never ended."""
        self.foreign = b""
        """The first line, when there was one and no line so far is one of an event."""
        self.size = 0
        """Bytes of the body that have come so far."""
        self._has_fields = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        last = b""
        unfinished: list[bytes] = []
        async for chunk in self._chunks:
            last = chunk or last
            self.size += len(chunk)
            if b"\n" not in chunk and b"\r" not in chunk:
                unfinished.append(chunk)
                continue
            text = b"".join([*unfinished, chunk])
            waits = text.endswith(b"\r")  # for the other half of a line's end
            *lines, rest = _LINE_END.split(text[:-1] if waits else text)
            unfinished = [rest + b"\r" if waits else rest]
            yield b"".join([self._line(line) for line in lines])
        self.torn = bool(last) and last[-1:] not in (b"\n", b"\r")
        yield b"".join([self._line(line) for line in _LINE_END.split(b"".join(unfinished))]) + b"\n"

    def events(self) -> AsyncGenerator[httpx_sse.ServerSentEvent, None]:
        """The events, with or without data, in order."""
        response = httpx.Response(200, headers={"content-type": "text/event-stream"}, stream=self)
        response.encoding = "utf-8-sig"
        return httpx_sse.EventSource(response).aiter_sse()

    def _line(self, line: bytes) -> bytes:
        """The line with its end, and with that of its event where it can be told."""
        if not line:
            self._continues = self._ended_without_blank = False
            return b"\n"
        if not self._has_fields:
            self._has_fields = _FIELD.match(line) is not None
            self.foreign = b"" if self._has_fields else self.foreign or line
        if self._continues or not line.startswith(DATA):
            return line + b"\n"
        data = line[len(DATA) :].strip()
        is_whole = _is_object(data) or (data == DONE and self._ended_without_blank)
        self._continues, self._ended_without_blank = not is_whole, is_whole
        return line + (b"\n\n" if is_whole else b"\n")


def _is_object(data: bytes) -> bool:
    """Whether the data is a whole JSON object."""
    if not (data.startswith(b"{") and data.endswith(b"}")):
        return False
    try:
        msgspec.json.decode(data, type=msgspec.Raw)
    except (ValueError, RecursionError):
        return False
    return True


class SplitCharacters:
    """Joins surrogate pairs that a stream cuts in two, as servers in JavaScript do in the middle of an emoji.

    The first half is taken out of its event and goes before the second half in the next one.
    """

    def __init__(self) -> None:
        self._half = ""
        """What the event before ended with, as JSON escapes it."""

    def mended(self, data: str) -> str:
        """The JSON of the next event, without half of a character whose other half may be in the one behind it."""
        half, self._half = self._half, ""
        if half:
            data = _SECOND_HALF.sub(lambda found: half + found["half"], data)
        if "\\u" in data:
            data = _FIRST_HALF.sub(self._take_out, data)
        return data

    def _take_out(self, found: re.Match[str]) -> str:
        self._half = found["half"]
        return found["before"]


async def chat_deltas(chunks: AsyncIterator[bytes], context: ErrorContext) -> AsyncGenerator[ChatDelta, None]:
    """The pieces of an answer, blank ones left out; JSON in place of events is one piece.

    Raises AnswerError, the ServiceError that an error object names, NetworkError when the end is torn.
    """
    odd: list[str] = []
    try:
        async with aclosing(_pieces(chunks, context, odd)) as deltas:
            async for delta in deltas:
                if not delta.is_blank:
                    yield delta
    finally:
        log_left_out(odd)


async def _pieces(
    chunks: AsyncIterator[bytes], context: ErrorContext, odd: list[str]
) -> AsyncGenerator[ChatDelta, None]:
    head = await beginning(chunks)
    match head.removeprefix(BOM).lstrip()[:1]:
        case b"{" | b"[":
            body = head + b"".join([chunk async for chunk in chunks])
            decoded = decode_reply(body, odd)
            if (delta := _said(decoded)) is not None:
                yield delta
            if isinstance(decoded, ReportedError):
                raise reported_error(decoded.what, context)
            return
        case b"<":
            sentence = f"The answer cannot be read: {HTML_CAME}. Check the address of the service."
            raise AnswerError("Answer not understood", sentence)
    events = EventStream(chained(head.removeprefix(BOM), chunks))
    async with aclosing(_event_deltas(events, context, odd)) as deltas:
        async for delta in deltas:
            yield delta


async def _event_deltas(
    stream: EventStream, context: ErrorContext, odd: list[str]
) -> AsyncGenerator[ChatDelta, None]:
    malformed, begun, readable = 0, False, False
    characters = SplitCharacters()
    async with aclosing(stream.events()) as events:
        async for event in events:
            for data in _parts(event.data):
                if data == DONE.decode():
                    await _read_out(events)
                    return
                try:
                    decoded = _decoded(characters.mended(data), event.event, odd, begun=begun)
                except MalformedEventError:
                    if stream.torn:
                        break
                    malformed += 1
                    log.warning("A malformed chunk was skipped, number %d of this answer", malformed)
                    continue
                stream.torn = False
                if (delta := _said(decoded)) is not None:
                    begun = begun or not delta.is_empty
                    readable = readable or not delta.is_blank
                    yield delta
                if isinstance(decoded, ReportedError):
                    raise reported_error(decoded.what, context)
    _check_end(stream, malformed, readable=readable)


def _said(decoded: ChatDelta | ReportedError) -> ChatDelta | None:
    return decoded.said if isinstance(decoded, ReportedError) else decoded


def _check_end(stream: EventStream, malformed: int, *, readable: bool) -> None:
    """Raises NetworkError when the end is missing, AnswerError when nothing of all that came can be read."""
    is_cut_field = any(name.startswith(stream.foreign) for name in _FIELDS)
    if stream.foreign and not (stream.torn and is_cut_field):
        raise not_json(stream.foreign, stream.size)
    if stream.torn:
        sentence = "The answer broke off in the middle. Check the network and try again."
        raise NetworkError("Connection lost", sentence, sent=True, accepted=True)
    if malformed and not readable:
        sentence = f"None of the answer's {malformed} pieces could be read. Try again."
        raise AnswerError("Answer not understood", sentence, retryable=True)


def _parts(data: str) -> list[str]:
    """The data of one event; of several events whose ends are missing, that of each."""
    data = data.strip()
    if "\n" not in data:
        return [data] if data else []
    lines = [line.strip() for line in data.split("\n")]
    are_whole = all((line[:1], line[-1:]) == ("{", "}") or line == DONE.decode() for line in lines)
    return lines if are_whole else [data]


def _decoded(data: str, name: str, odd: list[str], *, begun: bool) -> ChatDelta | ReportedError:
    """What the data of an event of that name says. Raises MalformedEventError."""
    if name != "error":
        return decode_chunk(data, odd, begun)
    with suppress(MalformedEventError):
        decoded = decode_chunk(data, odd, begun)
        if isinstance(decoded, ReportedError) or not decoded.is_blank:
            return decoded
    try:
        return ReportedError(msgspec.json.decode(data))
    except (ValueError, RecursionError):
        return ReportedError(data)


async def beginning(chunks: AsyncIterator[bytes]) -> bytes:
    """Bytes up to and with the first that tells JSON, markup and events apart."""
    head = b""
    async for chunk in chunks:
        head += chunk
        if (head.removeprefix(BOM).strip() and not BOM.startswith(head)) or len(head) > MOST_BLANKS:
            break
    return head


async def chained(head: bytes, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """A body whose beginning was read before."""
    if head:
        yield head
    async for chunk in chunks:
        yield chunk


async def _read_out(events: AsyncIterator[httpx_sse.ServerSentEvent]) -> None:
    with suppress(TimeoutError, httpx.HTTPError, BackendError):
        async with asyncio.timeout(LAST_WORDS):
            async for _ in events:
                pass
