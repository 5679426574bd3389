"""A server that answers as it is told: `POST /v3/chat/completions`, on the loopback address, in its own process.

The user's last message says what the reply is, in settings such as `tokens=2000 rate=1000 last=Word`: `tokens` how
long it is, `rate` tokens a second (0: as fast as they are taken, -1: all in one event), `last` its last word without
SUFFIX, `hold` milliseconds before the first token, `kind` the name of a text among KINDS if it is to be one of these.
One line of JSON on standard output tells when the last token had been handed to the kernel, on the system's monotonic
clock.
"""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
import time
from types import TracebackType
from typing import Any, Self

from tests.bench.pane.homes import ROOT
from tests.bench.pane.messages import TOKEN_LENGTH, reply_tokens
from tests.bench.pane.texts import KINDS

SETTING = re.compile(r"\b(tokens|rate|last|hold|kind)=(-?\w+)")
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
SUFFIX = "mark"
"""Follows `last` in the reply, which so ends with a word that is not in the user's message."""
TICK = 0.001
"""Seconds that pass at least between two looks at the clock."""


class ScriptedServer:
    """`with ScriptedServer() as server:` the server runs; `server.address` is where."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.pane.server"], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        self.address = self._line()["address"]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def last_sent(self, last: str) -> float:
        """When the reply that ends with this word was sent; it is waited for."""
        while (line := self._line())["last"] != last:
            pass
        return float(line["time"])

    def _line(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line: dict[str, Any] = json.loads(self._process.stdout.readline())
        return line


def _event(content: str) -> bytes:
    choice = {"index": 0, "delta": {"content": content}, "finish_reason": None}
    chunk = {"id": "bench", "object": "chat.completion.chunk", "choices": [choice]}
    return _chunk(f"data: {json.dumps(chunk)}\n\n".encode())


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def _tell(**line: object) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def _tokens(count: int, last_word: str, kind: str) -> list[str]:
    if not kind:
        return reply_tokens(count, last_word=last_word)
    text = f"{KINDS[kind](count * TOKEN_LENGTH)}\n\n{last_word}"
    return [text[at : at + TOKEN_LENGTH] for at in range(0, len(text), TOKEN_LENGTH)]


async def _send(writer: asyncio.StreamWriter, settings: dict[str, str]) -> None:
    last = settings.get("last", "done")
    tokens = _tokens(int(settings.get("tokens", "1")), last + SUFFIX, settings.get("kind", ""))
    rate = int(settings.get("rate", "-1"))
    await asyncio.sleep(int(settings.get("hold", "0")) / 1000)
    if rate < 0:
        tokens = ["".join(tokens)]
    start = time.monotonic()
    for number, token in enumerate(tokens):
        while rate > 0 and time.monotonic() < start + number / rate:
            await asyncio.sleep(TICK)
        writer.write(_event(token))
        await writer.drain()
    _tell(last=last, time=time.monotonic())
    writer.write(_chunk(b"data: [DONE]\n\n") + b"0\r\n\r\n")
    await writer.drain()


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: *(\d+)", head)
        body = json.loads(await reader.readexactly(int(length[1]) if length else 0))
        writer.write(HEAD)
        await _send(writer, dict(SETTING.findall(body["messages"][-1]["content"])))
    except (ConnectionError, asyncio.IncompleteReadError):
        pass  # the program was ended in the middle of a reply
    finally:
        writer.close()


async def _serve() -> None:
    server = await asyncio.start_server(_answer, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    _tell(address=f"http://{host}:{port}")
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve())
