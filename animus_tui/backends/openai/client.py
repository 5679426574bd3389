"""Any service with OpenAI's chat API, as coroutines. Errors are kinds of BackendError."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from functools import partial
from typing import TYPE_CHECKING, Any, Self, Unpack

from msgspec.structs import replace

from animus_tui.addresses import Redactor
from animus_tui.backends.base.errors import BackendError, ServiceBusy, ServiceError
from animus_tui.backends.base.protocols import ChatCapabilities, RetryNotice
from animus_tui.backends.http.chat_endpoint import ChatEndpoint
from animus_tui.backends.http.json_bodies import encoded
from animus_tui.backends.http.requests import Request, Requests, Tuning
from animus_tui.backends.http.timeouts import Timeouts
from animus_tui.backends.openai.encode import LearnedFields, chat_fields, refusable, sendable, service_at
from animus_tui.backends.openai.wire import decode_models, decode_token_counts
from animus_tui.config.schema import AUTO_MODEL

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence
    from types import TracebackType

    from animus_tui.backends.base.chat_values import ChatDelta, ChatReply, ChatRequest
    from animus_tui.backends.base.protocols import OnPiece, OnRetry
    from animus_tui.backends.http.transport import Transport
    from animus_tui.config.schema import ApiConfig

LOADING_PAUSE = 2.0
"""Seconds between two requests while the service loads its model and takes none."""


class OpenAIClient:
    """A ChatBackend for one service at `config.base_url`, with `config.api_key`. An asynchronous context manager."""

    chat_capabilities = ChatCapabilities(
        streaming=True, tools=True, schemas=True, image_input=True, models=True
    )

    def __init__(
        self, config: ApiConfig, *, redact: Redactor | None = None, **tuning: Unpack[Tuning]
    ) -> None:
        """`timeouts` are the usual ones by default, with the configured `first_word`."""
        tuning["timeouts"] = tuning.get("timeouts") or Timeouts(first_word=config.first_word)
        self._requests = Requests(partial(_open_transport, config), redact or Redactor(), **tuning)
        self._base = config.base_url.rstrip("/")
        self._service = service_at(config.base_url)
        self._learned = LearnedFields(self._service.length)
        self.usual_model: str | None = None
        """The model that answers where none is named: the first of the list, once it is known."""
        self._chat = ChatEndpoint(f"{self._base}/chat/completions", self._requests)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._requests.aclose()

    async def complete(
        self, request: ChatRequest, *, on_retry: OnRetry | None = None, on_piece: OnPiece | None = None
    ) -> ChatReply:
        """One whole reply, as `ChatBackend.complete` says.

        A server on the user's own machine may be slow, and a whole reply is silent up to its end: it is asked for a
        stream.
        """
        handler = _RefusalHandler(self._learned, self._requests.timeouts.first_word, on_retry)
        request = await self._with_model(request, handler)
        while True:
            # Tool calls that a small model writes as text are only found in a whole reply.
            streams = not (self._service.host or request.tools or request.answer_schema)
            fields = self._fields(request, stream=streams)
            try:
                return await self._chat.complete(
                    encoded(fields), streamed=streams, on_retry=on_retry, on_piece=on_piece
                )
            except BackendError as error:
                await handler.prepare(error, request, fields)

    async def stream_chat(
        self, request: ChatRequest, *, on_retry: OnRetry | None = None
    ) -> AsyncGenerator[ChatDelta, None]:
        """The pieces of a reply as they come, as `ChatBackend.stream_chat` says."""
        handler, has_begun = (
            _RefusalHandler(self._learned, self._requests.timeouts.first_word, on_retry),
            False,
        )
        request = await self._with_model(request, handler)
        while True:
            fields = self._fields(request, stream=True)
            try:
                async with aclosing(self._chat.stream(encoded(fields), on_retry=on_retry)) as deltas:
                    async for delta in deltas:
                        has_begun = True
                        yield delta
            except BackendError as error:
                if has_begun:
                    raise
                await handler.prepare(error, request, fields)
            else:
                return

    async def models(self) -> list[str]:
        """The names of the models of the service, as it lists them. Raises BackendError kinds."""
        asking = Request(
            method="GET",
            url=f"{self._base}/models",
            subject="list of models",
            seconds=self._requests.timeouts.reply,
        )
        names = await self._requests.ask(asking, decode_models)
        if not self._service.host:
            self.usual_model = next(iter(names), None)
        return names

    async def count_tokens(self, texts: Sequence[str]) -> list[int] | None:
        """How many tokens the model makes of each text, as llama.cpp tells; None where nobody does. BackendError.

        It is no part of OpenAI's API, and stands beside that: services of others are not asked.
        """
        if self._service.host:
            return None
        asking = Request(
            method="POST",
            url=f"{self._base.removesuffix('/v1')}/tokenize",
            body=encoded({"content": "\n".join(texts), "with_pieces": True}),
            subject="number of tokens",
            seconds=self._requests.timeouts.reply,
        )
        return await self._requests.once(asking, lambda body: decode_token_counts(body, texts))

    async def _with_model(self, request: ChatRequest, handler: _RefusalHandler) -> ChatRequest:
        """The request for a model that the service lists, where none is named. Raises BackendError."""
        if request.model != AUTO_MODEL:
            return request
        is_asked = self._service.host != ""  # a list of a hundred has no usual one
        while self.usual_model is None and not is_asked:
            try:
                await self.models()
                is_asked = True
            except ServiceError as error:
                await handler.prepare(error, request, {"messages": []})
        if self.usual_model is None:
            raise BackendError(
                "No model", "No model is named. Choose one with /model, or set model in [chat]."
            )
        return replace(request, model=self.usual_model)

    async def check_key(self, path: str) -> None:
        """Ask for something below the address that only a good key may ask for. Raises BackendError kinds."""
        asking = Request(
            method="GET", url=f"{self._base}/{path}", subject="key", seconds=self._requests.timeouts.reply
        )
        await self._requests.once(asking, lambda _: None)

    def _fields(self, request: ChatRequest, *, stream: bool) -> dict[str, Any]:
        return chat_fields(request, self._service, self._learned, stream=stream)


class _RefusalHandler:
    """Decides whether a request that was refused is sent once more: in another form, or to a model that is there."""

    def __init__(self, learned: LearnedFields, patience: float, on_retry: OnRetry | None) -> None:
        """`patience`: seconds for which a model may load."""
        self._learned = learned
        self._until = asyncio.get_running_loop().time() + patience
        self._on_retry = on_retry
        self._attempt = 1

    async def prepare(self, error: BackendError, request: ChatRequest, fields: dict[str, Any]) -> None:
        """Wait until it can be sent again. Raises the error where that would change nothing."""
        if error.wants_turns and not self._learned.takes_turns:
            messages = (sendable(request.messages, takes_turns=takes) for takes in (False, True))
            self._learned.takes_turns = next(messages) != next(messages)
            if self._learned.takes_turns:
                return
        if not isinstance(error, ServiceError):
            raise error
        if self._learned.learn(error.refused_names, refusable(fields)):
            return
        is_patient = asyncio.get_running_loop().time() + LOADING_PAUSE < self._until
        if not (isinstance(error, ServiceBusy) and error.is_starting and is_patient):
            raise error
        self._attempt += 1
        if self._on_retry is not None:
            self._on_retry(RetryNotice(delay=LOADING_PAUSE, attempt=self._attempt, error=error))
        await asyncio.sleep(LOADING_PAUSE)


def _open_transport(config: ApiConfig, timeouts: Timeouts, redact: Redactor) -> Transport:
    # httpx takes 100 ms: it is imported in the thread of the first request, with what will read the stream.
    from animus_tui.backends.http import connection, sse  # noqa: F401

    advice = "Check api_key." if config.api_key else "Set api_key in [api]: the service wants one."
    return connection.open_with_key(config.base_url, config.api_key, timeouts, redact, advice=advice)
