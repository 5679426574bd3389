"""Clients and requests for the tests of the wire."""

from __future__ import annotations

import atexit
import io
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import jwt
import msgspec
import pytest
from msgspec.structs import replace
from PIL import Image

from animus_tui.backends.animus.client import AnimusClient
from animus_tui.backends.base.chat_values import (
    ChatDelta,
    ChatReply,
    ChatRequest,
    MoreSampling,
    ReplyFeatures,
    RequestMessage,
    Sampling,
    whole_reply,
)
from animus_tui.backends.base.errors import BackendError
from animus_tui.backends.base.image_values import ImageRequest, JobProgress, finished
from animus_tui.backends.base.protocols import OnProgress, RetryNotice
from animus_tui.backends.http.answer_errors import ErrorContext
from animus_tui.backends.http.chat_bodies import decode_reply
from animus_tui.backends.http.json_bodies import ReportedError
from animus_tui.backends.http.requests import RetryPolicy
from animus_tui.backends.http.sse import chat_deltas
from animus_tui.backends.http.timeouts import Timeouts
from animus_tui.config.schema import ApiConfig
from animus_tui.demo.server import DemoServer
from animus_tui.printable import printable
from tests.support.scripted_server import Script, ScriptedServer, Step, answer, chunk, events, scripted

SECRET = "planted-secret-k7Zq91xWvB"
TOKEN = jwt.encode({"sub": "planted", "exp": 9_999_999_999}, "k" * 40)
REQUEST = ChatRequest(model="m", messages=[RequestMessage(role="user", content="Hi")])
FULL_REQUEST = replace(
    REQUEST,
    reasoning=True,
    sampling=Sampling(temperature=0.5, top_p=0.9, n=2, max_tokens=50, stop=["END"], presence_penalty=0.1),
    tools=[{"type": "function", "function": {"name": "picture"}}],
    more_sampling=MoreSampling(top_k=5, min_p=0.1, repetition_penalty=1.1, best_of=2, length_penalty=1),
    features=ReplyFeatures(auto_turn=True, image_prompts=True, compliance=True),
)
"""Every option of a request."""
QUICK = RetryPolicy(base=0.001, most=0.002)
ONCE = RetryPolicy(tries=1)
SOON = Timeouts(poll_first=0.001, poll_most=0.002, settle=0.02)


WORDS = ["Zażółć ", "gęślą ", "jaźń 🌅", " end"]
SAID = "".join(WORDS)
BODY = events(*map(chunk, WORDS), "[DONE]")
ASKED = ErrorContext("answer", lambda text: text)


@asynccontextmanager
async def client_of(
    server: ScriptedServer,
    *,
    retry: RetryPolicy = QUICK,
    timeouts: Timeouts = SOON,
    token_provider: bool = False,
) -> AsyncIterator[AnimusClient]:
    """A client of the server, with an API key or with the server's `/token` as its token provider."""
    config = ApiConfig(
        base_url=server.url,
        generation_url=server.url,
        api_key=None if token_provider else SECRET,
        token_provider_url=f"{server.url}/token" if token_provider else None,
    )
    async with AnimusClient(config, timeouts=timeouts, retry=retry) as client:
        yield client


class Stream:
    """What a stream gave: its pieces, and the error that ended it."""

    def __init__(self) -> None:
        self.deltas: list[ChatDelta] = []
        self.error: BackendError | None = None
        self.notices: list[RetryNotice] = []

    @property
    def text(self) -> str:
        """All visible text."""
        return "".join(delta.content for delta in self.deltas)


async def streamed(client: AnimusClient) -> Stream:
    """Read one streamed reply to its end, good or bad."""
    got = Stream()
    try:
        async for delta in client.stream_chat(REQUEST, on_retry=got.notices.append):
            got.deltas.append(delta)
    except BackendError as error:
        got.error = error
    return got


async def fed(*parts: bytes) -> AsyncIterator[bytes]:
    """A body in parts."""
    for part in parts:
        yield part


async def read(*parts: bytes) -> tuple[list[ChatDelta], BackendError | None]:
    """What a body gives, whole or in parts."""
    deltas: list[ChatDelta] = []
    try:
        async for delta in chat_deltas(fed(*parts), ASKED):
            deltas.append(delta)
    except BackendError as error:
        return deltas, error
    return deltas, None


async def text_of(*parts: bytes) -> str:
    """The visible text of a body that is read without an error."""
    deltas, error = await read(*parts)
    assert error is None
    return "".join(delta.content for delta in deltas)


CAT = ImageRequest(prompt="a cat")


async def made(
    client: AnimusClient, request: ImageRequest = CAT, *, on_progress: OnProgress = lambda _: None
) -> JobProgress:
    """A picture that is made in a job, which is followed to its end as the application does."""
    job = await client.submit(request)
    on_progress(job.progress)
    if job.ended == "badly" or (job.ended and job.result_urls):
        return finished(job)
    return await client.follow(job.generation_id, on_progress=on_progress, estimated=job.estimated_time)


def closed_port() -> int:
    """A port on which nothing listens, and nothing else can: it stays taken."""
    probe = socket.socket()
    probe.bind(("127.0.0.1", 0))
    atexit.register(probe.close)
    port: int = probe.getsockname()[1]
    return port


def pings(what: bytes, pause: float, times: int) -> list[Step]:
    steps: list[Step] = [what, pause]
    return steps * times


async def failure(script: Script, *, retry: RetryPolicy = ONCE) -> BackendError:
    async with scripted(script) as server, client_of(server, retry=retry) as client:
        with pytest.raises(BackendError) as caught:
            await client.complete(REQUEST)
    return caught.value


def picture(kind: str, size: tuple[int, int] = (37, 21), **options: object) -> bytes:
    """A picture of that kind as Pillow writes it."""
    held = io.BytesIO()
    Image.new("RGB", size, (200, 120, 40)).save(held, kind, **options)
    return held.getvalue()


FILM = b"\0\0\0\x18ftypmp42" + b"\x10\xff\xd9\x20\xff\xda\x30" + bytes(40)
"""What a "motion photo" has behind its picture, with bytes that look like markers."""


def told(**fields: object) -> Script:
    return [answer(msgspec.json.encode(fields))]


def is_fit_for_the_screen(sentence: str) -> bool:
    return printable(sentence, newlines=False) == sentence


def handed_out(value: str) -> list[bytes]:
    return [answer(msgspec.json.encode({"accessToken": value}))]


def used(server: ScriptedServer) -> list[str]:
    """The tokens of the chat requests, in order."""
    asked = (request for request in server.received if request.path != "/token")
    return [request.headers["authorization"].removeprefix("Bearer ") for request in asked]


def config_of(demo: DemoServer, *, api_key: bool = False) -> ApiConfig:
    return ApiConfig(
        base_url=demo.base_url,
        generation_url=demo.generation_url,
        token_provider_url=None if api_key else demo.token_url,
        api_key=demo.api_key if api_key else None,
    )


def reply_in(body: bytes, odd: list[str] | None = None) -> ChatReply | ReportedError:
    """A whole chat answer as one reply."""
    said = decode_reply(body, odd)
    return said if isinstance(said, ReportedError) else whole_reply([said])
