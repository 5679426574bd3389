"""A server that plays what it is told to: bytes, pauses, broken connections; what no good server does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum
from http import HTTPStatus

import msgspec


class End(Enum):
    """How a script may end, other than with an orderly close."""

    RESET = "reset the connection"
    HANG = "say nothing more"
    KEEP = "wait for the next request on the same connection"


Step = bytes | float | asyncio.Event | End
"""Bytes are sent, seconds slept, an event is waited for."""
Script = Sequence[Step]


@dataclass
class Received:
    """One request as it arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, object]:
        """The body, decoded."""
        return msgspec.json.decode(self.body, type=dict[str, object])


@dataclass
class ScriptedServer:
    """Plays one script a request, the last one again and again; scripts by path go before the others."""

    scripts: list[Script]
    by_path: dict[str, list[Script]] = field(default_factory=dict)
    received: list[Received] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    connections: int = 0
    serving: dict[asyncio.Task[None], asyncio.StreamWriter] = field(default_factory=dict)
    port: int = 0

    @property
    def url(self) -> str:
        """`http://127.0.0.1:PORT`."""
        return f"http://127.0.0.1:{self.port}"

    def asked(self, path: str) -> int:
        """How many requests came for `path`."""
        return sum(request.path == path for request in self.received)

    async def until(self, count: int, path: str | None = None) -> None:
        """Wait until that many requests came, for `path` or for anything."""
        while (len(self.received) if path is None else self.asked(path)) < count:
            await asyncio.sleep(0.005)

    def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        self.connections += 1
        self.serving[asyncio.create_task(self._converse(reader, writer))] = writer

    async def aclose(self) -> None:
        """End all connections at once; none is left to the garbage collector and its warnings."""
        for task, writer in self.serving.items():
            task.cancel()
            writer.transport.abort()
        outcomes = await asyncio.gather(*self.serving, return_exceptions=True)
        assert all(isinstance(outcome, asyncio.CancelledError | None) for outcome in outcomes), outcomes

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while await self._answer(reader, writer):
                pass
        writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        request = await read_request(reader)
        self.received.append(request)
        self.arrived.set()
        scripts = self.by_path.get(request.path, self.scripts)
        script = scripts.pop(0) if len(scripts) > 1 else scripts[0]
        for step in script:
            match step:
                case bytes():
                    writer.write(step)
                    await writer.drain()
                    await asyncio.sleep(0)
                case float():
                    await asyncio.sleep(step)
                case asyncio.Event():
                    await step.wait()
                case End.RESET:
                    writer.transport.abort()
                case End.HANG:
                    await reader.read()
                case End.KEEP:
                    return True
        return False


async def read_request(reader: asyncio.StreamReader) -> Received:
    """One request, all of it."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, path, _ = head[0].split(" ")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:]) if name}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Received(method, path, headers, body)


@asynccontextmanager
async def scripted(*scripts: Script, **by_path: list[Script]) -> AsyncIterator[ScriptedServer]:
    """A running server; `by_path` is keyed by the path's last part."""
    server = ScriptedServer(list(scripts) or [[error(500)]])
    listener = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.port = listener.sockets[0].getsockname()[1]
    server.by_path = {f"/{name}": list(played) for name, played in by_path.items()}
    try:
        yield server
    finally:
        listener.close()
        await server.aclose()


def answer(body: bytes, *, status: int = 200, kind: str = "application/json", more: str = "") -> bytes:
    """A whole HTTP answer with a length."""
    phrase = HTTPStatus(status).phrase
    head = f"HTTP/1.1 {status} {phrase}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{more}\r\n"
    return head.encode() + body


def error(status: int, body: object = None, *, more: str = "") -> bytes:
    """An error status with a JSON body."""
    return answer(b"" if body is None else msgspec.json.encode(body), status=status, more=more)


def reply(content: str | None = "hello", **message: object) -> bytes:
    """A whole chat answer."""
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": content, **message},
        "finish_reason": "stop",
    }
    return answer(msgspec.json.encode({"id": "1", "object": "chat.completion", "choices": [choice]}))


def chunk(content: str | None = None, **delta: object) -> str:
    """One chunk of a stream as JSON."""
    words = delta if content is None else {"content": content, **delta}
    return msgspec.json.encode({"choices": [{"index": 0, "delta": words, "finish_reason": None}]}).decode()


def events(*data: str, end: str = "\n") -> bytes:
    """Server-sent events, one `data:` line each."""
    return "".join(f"data: {item}{end}{end}" for item in data).encode()


def stream_head(*, chunked: bool = False, kind: str = "text/event-stream") -> bytes:
    """The head of a streamed answer; without `chunked` the body ends where the connection does."""
    how = "Transfer-Encoding: chunked" if chunked else "Connection: close"
    return f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n{how}\r\n\r\n".encode()


def in_chunks(*parts: bytes, end: bool = True) -> list[bytes]:
    """Parts of a body in HTTP's chunked coding, with or without its end."""
    return [*(b"%x\r\n%b\r\n" % (len(part), part) for part in parts), *([b"0\r\n\r\n"] if end else [])]
