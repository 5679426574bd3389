"""Answers: the parts of HTTP that all endpoints share. Nothing here knows the server's state."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import TypeVar, cast

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.types import Send

T = TypeVar("T")


class AnswerInstead(Exception):  # noqa: N818 - no error: an answer in place of the usual one
    """Raised anywhere below an endpoint to send an answer that was made already."""

    def __init__(self, answer: Response) -> None:
        super().__init__("an answer in place of the usual one")
        self.answer = answer


def refusal(status: int, message: str, headers: Mapping[str, str] | None = None) -> Response:
    """An error as the service sends it most of the time."""
    return JSONResponse({"message": message}, status, headers)


async def refused(_request: Request, error: Exception) -> Response:
    """The answer for an exception: of the endpoints, of the router, or a mistake in the demo itself."""
    if isinstance(error, AnswerInstead):
        return error.answer
    if isinstance(error, HTTPException):
        return refusal(error.status_code, error.detail, error.headers)
    return refusal(500, "The demo server has failed over this request. That is a bug.")


def base_of(request: Request) -> str:
    """The address of this server as whoever sent the request knows it."""
    return f"{request.url.scheme}://{request.url.netloc}"


def page_of(
    request: Request, items: Sequence[T], *, default: int, most: int
) -> tuple[Sequence[T], dict[str, object]]:
    """The part of a list that a request asks for, and the answer's `pagination`.

    400 for a limit outside 1..`most` or an offset below 0.
    """
    limit = _number(request, "limit", default, least=1, most=most)
    offset = _number(request, "offset", 0, least=0, most=2**31)
    part = items[offset : offset + limit]
    has_more = offset + len(part) < len(items)
    return part, {"limit": limit, "offset": offset, "returned": len(part), "has_more": has_more}


def _number(request: Request, name: str, default: int, *, least: int, most: int) -> int:
    text = request.query_params.get(name, str(default))
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 12 else -1
    if not least <= number <= most:
        raise HTTPException(400, f"{name} takes a whole number from {least} to {most}.")
    return number


class Delivery(StreamingResponse):
    """A body that is sent piece by piece, and perhaps never to its end."""

    def __init__(
        self,
        pieces: Sequence[bytes],
        media_type: str,
        status_code: int = 200,
        headers: Mapping[str, str] | None = None,
        *,
        pause: float = 0,
        limit: int | None = None,
        hang: bool = False,
    ) -> None:
        """`pause`: seconds between pieces. After `limit` bytes the connection breaks, or is silent (`hang`)."""
        super().__init__(_paced(pieces, pause), status_code, headers, media_type)
        self._limit, self._hang = limit, hang

    async def stream_response(self, send: Send) -> None:
        """Send the pieces up to the limit. Returning in the middle makes uvicorn drop the connection."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        left = self._limit
        async for piece in self.body_iterator:
            part = bytes(cast("bytes", piece))[:left]
            if part:
                await send({"type": "http.response.body", "body": part, "more_body": True})
            if left is not None:
                left -= len(part)
                if left <= 0:
                    if self._hang:
                        await asyncio.Event().wait()
                    return
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _paced(pieces: Sequence[bytes], pause: float) -> AsyncIterator[bytes]:
    for index, piece in enumerate(pieces):
        if index:
            await asyncio.sleep(pause)
        yield piece
