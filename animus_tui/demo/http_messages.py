"""Reading requests and sending answers: the parts of HTTP that all endpoints share."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import TypeVar, cast

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Scope, Send

from animus_tui.demo.state import Demo, NoCreditsError

T = TypeVar("T")
BODY_LIMIT = 48 * 1024 * 1024
"""Bytes; an image of 32 MiB as a data URL fits."""
SHORTENED = 2_000
"""Characters of a text that are kept of a recorded request."""
LARGEST_RECORD = 64 * 1024
"""Bytes of a recorded request's body; of a larger one only the beginning is kept, as text."""


def demo_of(scope: Request | Scope) -> Demo:
    """The state of the server that a request came to."""
    return cast("Demo", scope["app"].state.demo)


def base_of(request: Request) -> str:
    """The address of this server as whoever sent the request knows it."""
    return f"{request.url.scheme}://{request.url.netloc}"


def as_json(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer."""
    return Response(msgspec.json.encode(value), status, headers, media_type="application/json")


def refusal(status: int, message: str, headers: Mapping[str, str] | None = None) -> Response:
    """An error as the service sends it most of the time."""
    return as_json({"message": message}, status, headers)


async def refused(_request: Request, error: Exception) -> Response:
    """The answer for an `HTTPException` of the endpoints or the router."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class alone
    if isinstance(error, NoCreditsError):
        return as_json(error.body, error.status_code)
    return refusal(error.status_code, error.detail, error.headers)


async def failed(_request: Request, _error: Exception) -> Response:
    """A mistake in the demo itself, said in the service's shape; the server's log has the details."""
    return refusal(500, "The demo server has failed over this request. That is a bug.")


async def read(request: Request, shape: type[T]) -> T:
    """The request's body, recorded and checked against `shape`; 400 with the place of the mistake."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_LIMIT:
            raise HTTPException(413, f"The request is larger than {BODY_LIMIT // 2**20} MiB.")
    try:
        value = msgspec.json.decode(bytes(body))
        _record(request, value)
        return msgspec.convert(value, shape)
    except msgspec.ValidationError as error:
        raise HTTPException(400, f"{error}.") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise HTTPException(400, f"The body is no valid JSON: {error}.") from error
    except RecursionError as error:
        raise HTTPException(400, "The body is nested too deeply.") from error


def _record(request: Request, value: object) -> None:
    demo = demo_of(request)
    if demo.options.record_requests:
        body = _without_images(value)
        encoded = msgspec.json.encode(body)
        if len(encoded) > LARGEST_RECORD:
            body = encoded[:SHORTENED].decode(errors="replace")
        entry = {"path": request.url.path, "accept": request.headers.get("accept"), "body": body}
        demo.stats.requests.append(entry)


def _without_images(value: object) -> object:
    """A body without the bulk of the images that its addresses may carry."""
    if not isinstance(value, dict):
        return value
    kept = dict(value)
    for key in ("input_image", "source_image_url"):
        if kept.get(key):
            kept[key] = str(kept[key])[:SHORTENED]
    if isinstance(kept.get("prompts"), list):
        kept["prompts"] = [_without_images(each) for each in kept["prompts"]]
    return kept


class Delivery(StreamingResponse):
    """A body that is sent piece by piece, and perhaps never to its end."""

    def __init__(
        self,
        pieces: Sequence[bytes],
        *,
        media_type: str,
        pause: float = 0,
        status_code: int = 200,
        headers: Mapping[str, str] | None = None,
        limit: int | None = None,
        hang: bool = False,
    ) -> None:
        """`pause`: seconds between pieces. After `limit` bytes the connection breaks, or is silent (`hang`)."""
        super().__init__(_paced(pieces, pause), status_code, headers, media_type)
        self._limit = limit
        self._hang = hang

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
