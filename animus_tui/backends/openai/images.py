"""Images by OpenAI's API, which LocalAI and stable-diffusion.cpp's server speak, too: an ImageBackend."""

from __future__ import annotations

import asyncio
import re
from contextlib import aclosing
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from msgspec.structs import replace

from animus_tui.backends.base.errors import AnswerError, ServiceError
from animus_tui.backends.base.protocols import ImageCapabilities
from animus_tui.backends.http.image_client import ImageClient, picture_form, source_bytes
from animus_tui.backends.http.json_bodies import ReportedError, encoded
from animus_tui.backends.http.requests import Request, surely_not_started, unwrapped
from animus_tui.backends.http.timeouts import Limit
from animus_tui.backends.openai.wire import Partial, decode_event, decode_images, decode_models

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from typing import Unpack

    from animus_tui.addresses import Redactor
    from animus_tui.backends.base.image_values import ImageRequest, ImageResult
    from animus_tui.backends.base.protocols import OnPreview, OnProgress, OnRetry
    from animus_tui.backends.http.answer_errors import ErrorContext
    from animus_tui.backends.http.requests import Tuning
    from animus_tui.backends.http.timeouts import Timeouts
    from animus_tui.backends.http.transport import Transport

PARTIAL_IMAGES = 3
"""How often a picture in the making is shown at most, which is all that the API sends."""
_SHOWS_PARTIALS = re.compile(r"gpt-image|chatgpt-image")
"""Models that send pictures in the making; others refuse to be asked for them."""
LIST_SECONDS = 20.0
"""Seconds within which the list of models is answered."""


class OpenAIImageClient(ImageClient):
    """One service with `images/generations` and `images/edits` below its address."""

    image_capabilities = ImageCapabilities(edits_bytes=True, options=frozenset({"size", "count", "model"}))

    def __init__(
        self,
        base_url: str,
        key: str | None,
        redact: Redactor,
        **tuning: Unpack[Tuning],
    ) -> None:
        """Without a key nothing is sent to sign in, as a server on one's own machine needs it."""
        opening = partial(_open_transport, base_url, key)
        super().__init__(base_url, opening, redact, **tuning)

    async def generate(
        self,
        request: ImageRequest,
        *,
        on_retry: OnRetry | None = None,
        on_progress: OnProgress | None = None,
        on_preview: OnPreview | None = None,
    ) -> ImageResult:
        """Make pictures of a prompt, or change one; models that can send previews of it meanwhile."""
        fields = _fields(request)
        if on_preview is not None and _streams(request):
            asking = await self._asking(request, fields | {"stream": True, "partial_images": PARTIAL_IMAGES})
            try:
                return await self.requests.persistently(
                    lambda: self._streamed(asking, on_preview),
                    may_again=surely_not_started,
                    on_retry=on_retry,
                )
            except ServiceError as error:
                # An account may be allowed pictures and no streams; a refusal has cost nothing.
                if error.status != HTTPStatus.BAD_REQUEST or "stream" not in error.sentence.lower():
                    raise
        asking = await self._asking(request, fields)
        return await self.requests.make(asking, self._decode, on_retry, in_thread=True)

    async def image_models(self) -> list[str]:
        """The names of all models of the service, those for chat among them. Raises BackendError."""
        asking = Request(
            method="GET", url=f"{self.base}/models", subject="list of models", seconds=LIST_SECONDS
        )
        return await self.requests.once(asking, decode_models)

    async def _asking(self, request: ImageRequest, fields: dict[str, Any]) -> Request:
        asking = Request(
            method="POST",
            url=f"{self.base}/images/generations",
            body=encoded(fields),
            subject="picture",
            seconds=self.patience,
        )
        if request.source_url is None:
            return asking
        picture = await asyncio.to_thread(source_bytes, request.source_url)
        texts = {name: str(value).lower() if value is True else str(value) for name, value in fields.items()}
        form = await asyncio.to_thread(picture_form, "image", picture, "image", texts)
        url = f"{self.base}/images/edits"
        return replace(asking, url=url, body=form.body, content_type=form.content_type)

    def _decode(self, body: bytes) -> ImageResult | ReportedError:
        return decode_images(body, self._whole)

    def _whole(self, address: str) -> str:
        """The address of a picture, with what it lacks; a broken one is told when it is asked."""
        try:
            return urljoin(f"{self.base}/", address)
        except ValueError:
            return address

    async def _streamed(self, asking: Request, on_preview: OnPreview) -> ImageResult:
        """The answer to a request for a stream, which may come as one JSON object all the same."""
        from animus_tui.backends.http.sse import (  # they need httpx, which is here by then
            EventStream,
            beginning,
            chained,
        )

        transport = await self.requests.transport()
        context, limit = transport.context(asking.subject), Limit(asking.seconds)

        def show(picture: bytes) -> None:
            limit.restart(asking.seconds)
            on_preview(picture)

        async with transport.stream(
            asking.method,
            asking.url,
            asking.body,
            limit=limit,
            context=context,
            accept="text/event-stream",
            content_type=asking.content_type,
        ) as chunks:
            head = await beginning(chunks)
            if head.lstrip().startswith((b"{", b"[", b"<")):
                body = head + b"".join([chunk async for chunk in chunks])
                return unwrapped(await asyncio.to_thread(self._decode, body), context)
            async with aclosing(EventStream(chained(head, chunks)).events()) as events:
                return await _picture_of(((event.data async for event in events)), context, show)


async def _picture_of(data: AsyncIterator[str], context: ErrorContext, on_preview: OnPreview) -> ImageResult:
    """The picture that a stream ends with. Raises AnswerError when there is none, and what the stream reports."""
    async for text in data:
        event = unwrapped(await asyncio.to_thread(decode_event, text), context)
        if isinstance(event, Partial):
            on_preview(event.picture)
        elif event is not None:
            return event
    raise AnswerError(
        "No picture", "The answer ended before the picture was there. Try again.", retryable=True
    )


def _streams(request: ImageRequest) -> bool:
    is_one = (request.count or 1) == 1
    return is_one and request.model is not None and _SHOWS_PARTIALS.search(request.model) is not None


def _fields(request: ImageRequest) -> dict[str, Any]:
    """What is sent beside the picture to change. Nothing more: an unknown field is an error there."""
    fields: dict[str, Any] = {"prompt": request.prompt, "n": request.count or 1}
    if request.model is not None:
        fields["model"] = request.model
    if request.width is not None and request.height is not None:
        fields["size"] = f"{request.width}x{request.height}"
    return fields


def _open_transport(base_url: str, key: str | None, timeouts: Timeouts, redact: Redactor) -> Transport:
    from animus_tui.backends.http import connection  # httpx takes 100 ms, in the thread of the first request

    advice = "Check api_key in [image] of the configuration, or that in [api]."
    return connection.open_with_key(base_url, key, timeouts, redact, advice=advice)
