"""A client of a service with OpenAI's chat API, which a scripted server plays."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from animus_tui.backends.base.chat_values import ChatReply, ChatRequest, whole_reply
from animus_tui.backends.base.errors import BackendError
from animus_tui.backends.http.requests import RetryPolicy
from animus_tui.backends.http.timeouts import Timeouts
from animus_tui.backends.openai.client import OpenAIClient
from animus_tui.config.schema import ApiConfig
from tests.support.backend_client import QUICK, REQUEST
from tests.support.scripted_server import ScriptedServer, events, stream_head


@asynccontextmanager
async def client_of(
    server: ScriptedServer,
    *,
    retry: RetryPolicy = QUICK,
    timeouts: Timeouts | None = None,
    key: str | None = None,
) -> AsyncIterator[OpenAIClient]:
    config = ApiConfig(backend="openai", base_url=f"{server.url}/v1", api_key=key)
    async with OpenAIClient(config, retry=retry, timeouts=timeouts) as client:
        yield client


async def streamed(client: OpenAIClient, request: ChatRequest = REQUEST) -> ChatReply:
    """What a stream gave; an error has that in `said`."""
    pieces = []
    try:
        async for delta in client.stream_chat(request):
            pieces.append(delta)
    except BackendError as failure:
        failure.said = whole_reply(pieces)
        raise
    return whole_reply(pieces)


def stream(*data: Any, done: bool = True, between: bytes = b"") -> list[bytes]:
    """A streamed answer of these chunks, each given as text or as an object."""
    texts = [item if isinstance(item, str) else json.dumps(item) for item in data]
    parts = [events(text) for text in [*texts, *(["[DONE]"] if done else [])]]
    return [stream_head(), between.join(parts)]
