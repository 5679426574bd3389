"""A small HTTP server on a port of its own, in a thread: for a program that runs here as for one of its own."""

from __future__ import annotations

import base64
import io
import random
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qsl, urlsplit

import msgspec
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType


@dataclass
class Asked:
    """One request as it arrived."""

    method: str
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        """The body, decoded."""
        return msgspec.json.decode(self.body, type=dict[str, Any])


class Answer(msgspec.Struct):
    """What a server says to a request."""

    body: bytes | dict[str, Any] | list[Any] | Iterator[bytes]
    """Bytes, JSON, or parts that are sent as they come."""
    status: int = 200
    kind: str = "application/json"
    headers: dict[str, str] = {}


class Takeover(msgspec.Struct):
    """In place of an answer: what does the rest on the connection, after which that is closed."""

    run: Callable[[socket.socket], None]


HTML = Answer(b"<!doctype html><title>A page</title>", kind="text/html")
NOT_FOUND = Answer({"detail": "Not Found"}, status=404)


class LoopbackServer:
    """Answers what `answer` says, each request in a thread of its own. A context manager."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        """All requests so far."""
        self.closing = threading.Event()
        self._server = _quiet_server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        """`http://127.0.0.1:PORT`."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def of(self, path: str) -> list[Asked]:
        """The requests for a path."""
        return [asked for asked in self.asked if asked.path == path]

    def respond(self, asked: Asked) -> Answer | Takeover | None:
        """Note the request and answer it; None closes the connection without a word."""
        self.asked.append(asked)
        return self.answer(asked)

    def answer(self, asked: Asked) -> Answer | Takeover | None:
        """The answer to a request."""
        raise NotImplementedError


def _quiet_server(owner: LoopbackServer) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = owner.respond(
                Asked(self.command, parts.path, dict(parse_qsl(parts.query)), headers, body)
            )
            if answer is None:
                self.close_connection = True
                return
            if isinstance(answer, Takeover):
                self.close_connection = True
                answer.run(self.connection)
                return
            try:
                self.send(answer)
            except OSError:  # whoever asked has gone
                self.close_connection = True

        def send(self, answer: Answer) -> None:
            parts = answer.body
            told = {"Content-Type": answer.kind, **answer.headers}
            if isinstance(parts, bytes | dict | list):
                whole = parts if isinstance(parts, bytes) else msgspec.json.encode(parts)
                told["Content-Length"] = str(len(whole))
                parts = iter([whole])
            else:
                told["Connection"] = "close"
            self.send_response(answer.status)
            for name, value in told.items():
                self.send_header(name, value)
            self.end_headers()
            for part in parts:
                self.wfile.write(part)

        do_GET = do_POST = handle_any  # noqa: N815 - names of the library

        def log_message(self, *_: object) -> None:
            """Nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """A connection that the other end has reset: nothing."""

    return Server(("127.0.0.1", 0), Handler)


def drawn(width: int, height: int, seed: int, *, part: float = 1.0) -> bytes:
    """A PNG of noise that the seed chooses, so that a mosaic has glyphs; the lower rows are grey until `part` is 1."""
    picture = Image.new("RGB", (width, height), (90, 90, 90))
    done = max(1, round(height * part))
    noise = random.Random(seed).randbytes(width * done * 3)
    picture.paste(Image.frombytes("RGB", (width, done), noise), (0, 0))
    held = io.BytesIO()
    picture.save(held, "PNG")
    return held.getvalue()


def huge() -> bytes:
    """A small PNG of more pixels than are accepted."""
    held = io.BytesIO()
    Image.new("1", (8000, 6000)).save(held, "PNG")
    return held.getvalue()


def encoded(picture: bytes) -> str:
    """A picture in base64."""
    return base64.b64encode(picture).decode()
