"""A real small server that answers as it is told: each test scripts the replies and decides when they come."""

from __future__ import annotations

import asyncio
import base64
import json
import socket
import struct
import zlib
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

KEY = "planted-key-4711-do-not-tell"
TOKEN = "planted-token-0815-do-not-tell"


def png(width: int = 8, height: int = 6, shade: int = 0) -> bytes:
    """A real grey PNG."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = b"".join(b"\x00" + bytes([shade]) * width for _ in range(height))
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def reply(content: str | None = "", **message: Any) -> dict[str, Any]:
    """The body of a whole answer."""
    return {"choices": [{"index": 0, "message": {"role": "assistant", "content": content, **message}}]}


def chunk(content: str | None = None, **delta: Any) -> dict[str, Any]:
    """One piece of a streamed answer."""
    return {"choices": [{"index": 0, "delta": ({} if content is None else {"content": content}) | delta}]}


@dataclass
class Answer:
    """What the service says to one request: a body, or the pieces of a stream with gates between them."""

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    gate: asyncio.Event | None = None
    """The answer begins when this is set."""
    pieces: Sequence[Any] | None = None
    """Chunks, and events that are waited for."""
    cut: bool = False
    """Break the connection after the pieces instead of `[DONE]`."""
    done: bool = True
    """Close the stream with `[DONE]`."""


class Service:
    """Scripted answers for chat, pictures and files, and everything that was asked."""

    def __init__(self) -> None:
        self.chat: deque[Answer] = deque()
        self.images: deque[Answer] = deque()
        self.files: deque[Answer] = deque()
        self.jobs: deque[Answer] = deque()
        """For the creation of a picture job and each question about it."""
        self.tokens: deque[Answer] = deque()
        """What the token provider says."""
        self.job_bodies: list[dict[str, Any]] = []
        self.chat_bodies: list[dict[str, Any]] = []
        self.media_bodies: list[dict[str, Any]] = []
        """Requests with images, as Animus gets them."""
        self.image_bodies: list[dict[str, Any]] = []
        self.asked = asyncio.Event()
        """Set at each chat request."""
        self.models: list[str] = []
        """What it lists as its models."""
        self.url = ""
        self.answer_chat: Callable[[dict[str, Any]], Answer] = lambda _: self.chat.popleft()
        """Gives the answer to a request's body; by default the next one that was queued."""
        self.answer_image: Callable[[dict[str, Any]], Answer] = lambda _: self.images.popleft()
        self.answer_job: Callable[[str, str, dict[str, Any]], Answer] = lambda *_: self.jobs.popleft()
        """Gives the answer to a method, a path below `/v2/` and a body."""

    def say(self, *replies: dict[str, Any]) -> None:
        """Queue whole answers."""
        self.chat.extend(Answer(body) for body in replies)

    def show(self, shade: int = 0, *, gate: asyncio.Event | None = None) -> None:
        """Queue one picture, whose bytes come in the answer itself."""
        self.images.append(self.picture(shade, gate=gate))

    @staticmethod
    def picture(shade: int, *, gate: asyncio.Event | None = None) -> Answer:
        """The answer that holds a picture."""
        data = base64.b64encode(png(shade=shade)).decode()
        return Answer({"output": [f"data:image/png;base64,{data}"]}, gate=gate)

    async def _chat(self, request: Request) -> Response:
        self.chat_bodies.append(await request.json())
        self.asked.set()
        return await self._play(self.answer_chat(self.chat_bodies[-1]))

    async def _media(self, request: Request) -> Response:
        self.media_bodies.append(await request.json())
        return await self._play(self.answer_chat(self.media_bodies[-1]))

    async def _models(self, _request: Request) -> Response:
        return JSONResponse({"data": [{"id": name} for name in self.models]})

    async def _image(self, request: Request) -> Response:
        self.image_bodies.append(await request.json())
        return await self._play(self.answer_image(self.image_bodies[-1]))

    async def _job(self, request: Request) -> Response:
        body = await request.json() if request.method == "POST" else {}
        if request.method == "POST":
            self.job_bodies.append(body)
        return await self._play(self.answer_job(request.method, request.url.path.removeprefix("/v2/"), body))

    async def _token(self, _request: Request) -> Response:
        return await self._play(self.tokens.popleft())

    async def _file(self, request: Request) -> Response:
        return await self._play(self.files.popleft())

    async def _play(self, answer: Answer) -> Response:
        if answer.gate is not None:
            await answer.gate.wait()
        if answer.pieces is not None:
            return StreamingResponse(_stream(answer), media_type="text/event-stream")
        if isinstance(answer.body, bytes):
            return Response(answer.body, answer.status, answer.headers)
        return JSONResponse(answer.body, answer.status, answer.headers)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Service]:
        app = Starlette(
            routes=[
                Route("/v3/chat/completions", self._chat, methods=["POST"]),
                Route("/v3/media/completions", self._media, methods=["POST"]),
                Route("/v3/models", self._models),
                Route("/v3/generate/image", self._image, methods=["POST"]),
                Route("/v2/{path:path}", self._job, methods=["GET", "POST", "DELETE"]),
                Route("/file/{name}", self._file),
                Route("/token", self._token, methods=["POST"]),
            ]
        )
        with socket.create_server(("127.0.0.1", 0)) as listening:
            self.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
            config = uvicorn.Config(
                app, log_level="critical", lifespan="off", timeout_graceful_shutdown=0, ws="none"
            )
            server = uvicorn.Server(config)
            serving = asyncio.create_task(server._serve(sockets=[listening]))
            while not server.started:
                await asyncio.sleep(0.005)
            try:
                yield self
            finally:
                server.should_exit = True
                server.force_exit = True
                await serving
                for connection in list(server.server_state.connections):
                    connection.transport.abort()
                await asyncio.sleep(0)  # for the transports to let go


class CutError(Exception):
    """Raised inside the server to cut a connection."""


async def _stream(answer: Answer) -> AsyncIterator[bytes]:
    for piece in answer.pieces or ():
        if isinstance(piece, asyncio.Event):
            await piece.wait()
        elif isinstance(piece, bytes):
            yield piece
        else:
            yield f"data: {json.dumps(piece)}\n\n".encode()
    if answer.cut:
        raise CutError
    if answer.done:
        yield b"data: [DONE]\n\n"
