"""Bodies of answers, unpacked a little at a time: a compressed one can hold a thousand times what came."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Protocol

from animus_tui.backends.http.http_library import httpx

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

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
