"""Bodies of answers, unpacked a little at a time: a compressed one can hold a thousand times what came."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

MOST_AT_ONCE = 64 << 10  # bytes that are unpacked before the reader can say that it is enough
_EITHER_HEADER = zlib.MAX_WBITS | 32  # gzip's or zlib's


async def pieces(response: httpx.Response) -> AsyncIterator[bytes]:
    """The body as it comes, unpacked. Raises httpx's errors, DecodingError for a packing that is not known.

    httpx's own unpacking has no bound, and nested packings multiply.
    """
    match response.headers.get("content-encoding", "").strip().lower():
        case "" | "identity":
            async for chunk in response.aiter_raw():
                yield chunk
        case "gzip" | "x-gzip" | "deflate":
            unpacker = zlib.decompressobj(_EITHER_HEADER)
            async for packed in response.aiter_raw():
                for piece in _unpacked(unpacker, packed):
                    yield piece
                if unpacker.eof:
                    break
        case _:
            raise httpx.DecodingError("an unknown packing")


def _unpacked(unpacker: zlib._Decompress, packed: bytes) -> Iterator[bytes]:
    full = True
    while packed or full:
        try:
            piece = unpacker.decompress(packed, MOST_AT_ONCE)
        except zlib.error as error:
            raise httpx.DecodingError(str(error)) from error
        packed, full = unpacker.unconsumed_tail, len(piece) == MOST_AT_ONCE
        if piece:
            yield piece
