"""The connection to one service: requests out, bodies in, failures as errors, files by their address.

What the bodies mean is not known here. A compressed body is unpacked a little at a time: it can hold a thousand times
what came.
"""

from __future__ import annotations

import asyncio
import logging
import zlib
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Protocol, TypeVar

from animus_tui.addresses import is_near
from animus_tui.backends.base.errors import AnswerError, BackendError, NetworkError, PictureError
from animus_tui.backends.base.files import ENOUGH_TO_TELL
from animus_tui.backends.http.answer_errors import BUSY, ErrorContext, message_in, service_error
from animus_tui.backends.http.http_library import httpx
from animus_tui.backends.http.network_errors import (
    can_be_asked,
    network_errors,
    no_answer,
    origin,
    service_url,
)
from animus_tui.backends.http.timeouts import Limit

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator

    from animus_tui.addresses import Redactor
    from animus_tui.backends.base.files import FileKind
    from animus_tui.backends.http.timeouts import Timeouts


MOST_AT_ONCE = 64 << 10  # bytes that are unpacked before the reader can say that it is enough
_ENOUGH_TO_TELL = 16  # bytes from which it can be told whether a body is packed at all
_EITHER_HEADER = zlib.MAX_WBITS | 32  # gzip's or zlib's
_NO_HEADER = -zlib.MAX_WBITS
_UNPACKED = ("", "identity")
_GZIP = b"\x1f\x8b\x08"
_PLAIN = (b"\x89PNG", b"\xff\xd8\xff", b"RIFF", b"GIF8")
"""How files begin that are never packed once more, whatever a server says of them."""
_TEXT = bytes(range(0x20, 0x7F)) + b"\t\r\n"


class _Unpacker(Protocol):
    """What `zlib.decompressobj` returns; its class has no public name."""

    @property
    def eof(self) -> bool: ...

    @property
    def unconsumed_tail(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


async def pieces(response: httpx.Response) -> AsyncIterator[bytes]:
    """The body as it comes, unpacked. Raises httpx's errors, DecodingError for a packing that is not known.

    The bytes decide, not `Content-Encoding`: servers put false ones on pictures that they store, and on errors.
    httpx's own unpacking has no bound, and nested packings multiply.
    """
    label = response.headers.get("content-encoding", "").strip().lower()
    enough = len(_GZIP) if label in _UNPACKED else _ENOUGH_TO_TELL
    raw = response.aiter_raw()
    start = b""
    async for packed in raw:
        start += packed
        if len(start) >= enough:
            break
    unpacker = _unpacker(label, start)
    if unpacker is None:
        if start:
            yield start
        async for packed in raw:
            yield packed
        return
    for piece in _unpacked(unpacker, start):
        yield piece
    while not unpacker.eof:
        following = await anext(raw, None)
        if following is None:
            break
        for piece in _unpacked(unpacker, following):
            yield piece


def _unpacker(label: str, start: bytes) -> _Unpacker | None:
    """What unpacks a body that begins so; None when it is not packed. Raises DecodingError."""
    if start.startswith(_GZIP) and "," not in label:
        return zlib.decompressobj(_EITHER_HEADER)
    if label in _UNPACKED or not start or _is_plain(start):
        return None
    if label in ("gzip", "x-gzip", "deflate"):
        # zlib's header (RFC 1950): the method, and a check over two bytes. "deflate" often comes without it.
        has_header = start[0] & 0x0F == zlib.DEFLATED and int.from_bytes(start[:2], "big") % 31 == 0
        return zlib.decompressobj(_EITHER_HEADER if has_header or label != "deflate" else _NO_HEADER)
    raise httpx.DecodingError("an unknown packing")


def _is_plain(start: bytes) -> bool:
    """Whether a body that begins so is a picture, a clip or a text, and not packed."""
    return (
        start.startswith(_PLAIN)
        or start[4:8] == b"ftyp"
        or not start[:_ENOUGH_TO_TELL].translate(None, _TEXT)
    )


def _unpacked(unpacker: _Unpacker, packed: bytes) -> Iterator[bytes]:
    full = True
    while packed or full:
        try:
            piece = unpacker.decompress(packed, MOST_AT_ONCE)
        except zlib.error as error:
            raise httpx.DecodingError(str(error)) from error
        packed, full = unpacker.unconsumed_tail, len(piece) == MOST_AT_ONCE
        if piece:
            yield piece


class Connection(Protocol):
    """What httpcore gives for a connection that is no longer HTTP; its class has no public name."""

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109
        """What comes next, empty at the end. Raises httpcore's errors."""

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        """Send all of it. Raises httpcore's errors."""


T = TypeVar("T")

LARGEST_ANSWER = 64 << 20  # bytes; a picture may come inside the JSON
LARGEST_REFUSAL = 64 << 10  # bytes of an error's body that are read
REFUSAL_SECONDS = 5.0  # an error's status is worth more than its slow words
MOST_REDIRECTS = 5
PART = 1 << 20


class Transport:
    """One httpx client that signs requests to the service's own addresses."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        *,
        auth: httpx.Auth | None,
        own: Iterable[str],
        timeouts: Timeouts,
        redact: Redactor,
        advice: str = "",
    ) -> None:
        """`own`: addresses of the service, to which alone `auth` is applied. `advice`: about a refused sign-in.

        Raises BackendError when one of the addresses cannot be asked.
        """
        _quieten_libraries()
        self._http = client
        self._auth = auth
        self._own = {origin(service_url(url)) for url in own}
        self._timeouts = timeouts
        self._redact = redact
        self._advice = advice

    async def aclose(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    def context(self, subject: str, find: Callable[[object], str] = message_in) -> ErrorContext:
        """What the sentence of a failure needs to know; `subject` is what was asked for, such as `answer`.

        `find` finds the service's own sentence in the decoded body of a refusal.
        """
        return ErrorContext(subject, self._redact, self._advice, find)

    @asynccontextmanager
    async def stream(
        self,
        method: str,
        url: str,
        body: bytes | None,
        *,
        limit: Limit,
        context: ErrorContext,
        accept: str,
        content_type: str = "application/json",
    ) -> AsyncIterator[AsyncIterator[bytes]]:
        """The body of a good answer as it comes, head and body within the limit. Raises BackendError kinds."""
        headers = {"Accept": accept} | ({} if body is None else {"Content-Type": content_type})
        request = self._request(method, service_url(url), headers, body, None)
        begun, answered = asyncio.get_running_loop().time(), False
        try:
            async with self._answer(request, limit, silence=limit.seconds) as response:
                answered = True
                if not response.is_success:
                    raise await self._refusal(response, context)
                yield _limited(response, limit)
        except NetworkError as error:
            # A connection that is closed at once was not listened to; later, somebody may have worked for the answer.
            lasted = asyncio.get_running_loop().time() - begun >= self._timeouts.connect
            error.accepted = error.accepted or answered or (error.sent and lasted)
            raise

    @asynccontextmanager
    async def switched(
        self, url: str, headers: dict[str, str], *, seconds: float, context: ErrorContext
    ) -> AsyncIterator[tuple[list[tuple[str, str]], Connection]]:
        """A connection of its own, which the service has switched to another protocol, and the headers of its answer.

        It goes the way of all requests: with the sign-in, the proxy and the certificates, and to no other address.
        `seconds`: until it stands. Raises BackendError kinds, also where the service switches nothing.
        """
        request = self._request("GET", service_url(url), headers, None, None)
        async with self._answer(request, Limit(seconds), silence=seconds) as response:
            if response.status_code == httpx.codes.SWITCHING_PROTOCOLS:
                yield response.headers.multi_items(), response.extensions["network_stream"]
                return
            if response.is_error:
                raise await self._refusal(response, context)
        sentence = f"{request.url.host} answered {response.status_code} and switches to no other protocol."
        raise AnswerError("Answer not understood", sentence)

    @asynccontextmanager
    async def _answer(
        self,
        request: httpx.Request,
        limit: Limit,
        *,
        silence: float,
        told: str = "",
        advice: str = "Check the address of the service.",
    ) -> AsyncIterator[httpx.Response]:
        """The answer as it begins, to a request that is signed when it goes to the service itself.

        `told` names the host in errors, `silence` in seconds and `advice` are for their sentences.
        """
        host = request.url.host
        auth = self._auth if origin(request.url) in self._own else None
        connect = self._timeouts.connect
        with network_errors(told or host, connect=connect, silence=silence, advice=advice):
            response = await _in_time(self._http.send(request, stream=True, auth=auth), limit, host)
            try:
                yield response
            finally:
                await response.aclose()

    async def file(self, url: str, kind: FileKind[T]) -> T:
        """Fetch and check a file over http(s), following redirects; only the service itself sees the sign-in.

        Raises PictureError, and other BackendError kinds.
        """
        return kind.check(await self._bytes_of(url, kind))

    async def _bytes_of(self, url: str, kind: FileKind[T]) -> bytes:
        request = self._file_request(file_url(url, None, kind), kind)
        first, limit = request.url.host, Limit(self._timeouts.image)
        for _ in range(MOST_REDIRECTS + 1):
            host = request.url.host
            told = host if host == first else f"{host} (where {first} leads)"
            silence = self._timeouts.stream_silence
            async with self._answer(
                request, limit, silence=silence, told=told, advice="Try again."
            ) as response:
                if not response.has_redirect_location:
                    return await self._file_in(response, kind)
            request = self._file_request(file_url(response.headers["Location"], request.url, kind), kind)
            if is_near(request.url.host) and not (is_near(first) or origin(request.url) in self._own):
                sentence = (
                    f"{host} leads to {request.url.host}, within your own network; that is not followed."
                )
                raise PictureError(kind.title, sentence)
        sentence = f"The {kind.noun}'s address leads on and on, the last time to {host}. Try again."
        raise PictureError(kind.title, sentence)

    async def _file_in(self, response: httpx.Response, kind: FileKind[T]) -> bytes:
        status = response.status_code
        if status in BUSY or (status == httpx.codes.UNAUTHORIZED and origin(response.url) in self._own):
            raise await self._refusal(response, self.context(kind.noun))
        if not response.is_success:
            broken = status >= httpx.codes.INTERNAL_SERVER_ERROR
            again = f"It may have expired; make the {kind.noun} again."
            advice = "Try again in a moment." if broken else again
            sentence = f"{response.url.host} answered {status} instead of the {kind.noun}. {advice}"
            raise PictureError(kind.title, sentence, status=status, retryable=broken)
        try:
            async with asyncio.timeout(self._timeouts.image):
                parts = await _read_whole(response, kind)
        except TimeoutError:
            raise no_answer(response.url.host, self._timeouts.image) from None
        # In a thread, where many bytes are put together without holding up anybody.
        return await asyncio.to_thread(b"".join, parts)

    def _request(
        self, method: str, url: httpx.URL, headers: dict[str, str], body: bytes | None, seconds: float | None
    ) -> httpx.Request:
        """`seconds` of silence break it; None when a limit of its own does."""
        timeout = httpx.Timeout(seconds, connect=self._timeouts.connect)
        return self._http.build_request(method, url, headers=headers, content=body, timeout=timeout)

    def _file_request(self, url: httpx.URL, kind: FileKind[T]) -> httpx.Request:
        return self._request("GET", url, {"Accept": kind.media_types}, None, self._timeouts.stream_silence)

    async def _refusal(self, response: httpx.Response, context: ErrorContext) -> BackendError:
        body = bytearray()
        with suppress(TimeoutError, httpx.HTTPError):
            async with asyncio.timeout(REFUSAL_SECONDS):
                async for piece in pieces(response):
                    body += piece
                    if len(body) >= LARGEST_REFUSAL:
                        break
        return service_error(response.status_code, response.headers, bytes(body), context)


def file_url(address: str, base: httpx.URL | None, kind: FileKind[T]) -> httpx.URL:
    """The address of a file, relative to the one that leads there. Raises PictureError when it cannot be asked."""
    try:
        url = httpx.URL(address) if base is None else base.join(address)
    except httpx.InvalidURL:
        url = httpx.URL()
    if not can_be_asked(url):
        is_other = url.scheme.isalnum() and url.scheme not in ("http", "https") and not url.host
        named = f"a {url.scheme}: address" if is_other else "a broken address"
        who = "The service named" if base is None else f"{base.host} leads to"
        sentence = f"{who} {named}; {kind.noun}s come from http, https and data: addresses only."
        raise PictureError(kind.title, sentence)
    return url


async def _read_whole(response: httpx.Response, kind: FileKind[T]) -> list[bytes]:
    """The body in parts of about `PART` bytes. Raises PictureError as soon as it cannot be what is kind."""
    parts, part, size = list[bytes](), bytearray(), 0
    async for piece in pieces(response):
        part += piece
        size += len(piece)
        if size > kind.most:
            raise kind.too_large(size)
        if not parts and len(part) >= ENOUGH_TO_TELL and not kind.begins(bytes(part[:ENOUGH_TO_TELL])):
            raise kind.something_else(bytes(part))
        if len(part) >= PART:
            parts.append(bytes(part))
            part.clear()
    return [*parts, bytes(part)]


async def _in_time(coming: Awaitable[T], limit: Limit, host: str) -> T:
    """The result of an awaitable. Raises NetworkError once the limit has passed."""
    try:
        return await limit.wait_for(coming)
    except TimeoutError:
        error = no_answer(host, limit.seconds)
        error.accepted = True
        raise error from None


async def _limited(response: httpx.Response, limit: Limit) -> AsyncIterator[bytes]:
    size, body = 0, pieces(response)
    while (piece := await _in_time(anext(body, None), limit, response.url.host)) is not None:
        size += len(piece)
        if size > LARGEST_ANSWER:
            sentence = f"The answer is longer than {LARGEST_ANSWER >> 20} MiB and was not read to its end."
            raise AnswerError("Answer too long", sentence)
        yield piece


def _quieten_libraries() -> None:
    """Keep libraries from logging addresses, whose queries may hold secrets, and the bytes of pictures."""
    for name in ("httpx", "httpcore", "websockets"):
        logging.getLogger(name).setLevel(logging.WARNING)
