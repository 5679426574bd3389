"""A WebSocket (RFC 6455) over the connection of a service: messages in, texts out.

The package `websockets` knows the protocol, `Transport` makes the connection. It is imported when a WebSocket is
needed, in a thread: it takes some 50 ms.
"""

from __future__ import annotations

from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, NamedTuple

from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.uri import parse_uri

from animus_tui.backends.base.errors import AnswerError, NetworkError
from animus_tui.backends.http.http_library import httpcore

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from animus_tui.backends.http.answer_errors import ErrorContext
    from animus_tui.backends.http.transport import Connection, Transport

AT_ONCE = 64 << 10  # bytes that are read at a time
WRITING_SECONDS = 3.0
"""Seconds within which the other end takes what is sent: a text, an answer to a ping, the end."""
_ANYWHERE = parse_uri("ws://localhost/")  # the address is that of the request
_OF_HTTP = frozenset({"host", "user-agent", "accept-encoding"})
"""Headers of the handshake that every request has anyway."""


class Message(NamedTuple):
    """A whole message that was received."""

    data: bytes
    is_text: bool
    """Whether it was sent as text, which is not checked to be UTF-8."""


class WebSocket:
    """An open WebSocket."""

    def __init__(self, protocol: ClientProtocol, connection: Connection, most: int) -> None:
        """`most`: bytes of a message; a longer one is left out."""
        self._protocol = protocol
        self._connection = connection
        self._most = most
        self._parts: list[bytes] = []
        self._is_text = False

    async def send(self, text: str) -> None:
        """Send a text. Raises NetworkError."""
        self._protocol.send_text(text.encode())
        await self._write()

    async def messages(self) -> AsyncIterator[Message]:
        """The messages, until the other end closes or breaks the protocol. Raises NetworkError when it breaks off."""
        while True:
            for message in self._received():
                yield message
            await self._write()
            if self._protocol.state is not State.OPEN:
                return
            try:
                data = await self._connection.read(AT_ONCE)
            except httpcore.NetworkError as error:
                raise _broken() from error
            if data:
                self._protocol.receive_data(data)
            else:
                self._protocol.receive_eof()

    async def close(self) -> None:
        """Tell the other end that nothing more is wanted. Nobody waits for its answer."""
        if self._protocol.state is State.OPEN:
            self._protocol.send_close()
            with suppress(NetworkError):
                await self._write()

    def _received(self) -> Iterator[Message]:
        for event in self._protocol.events_received():
            if not isinstance(event, Frame) or event.opcode not in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
                continue
            if event.opcode is not Opcode.CONT:
                self._is_text = event.opcode is Opcode.TEXT
            self._parts.append(bytes(event.data))
            if event.fin:
                data = b"".join(self._parts)
                self._parts.clear()
                if len(data) <= self._most:
                    yield Message(data, self._is_text)

    async def _write(self) -> None:
        for data in self._protocol.data_to_send():
            if not data:
                return  # the end; the connection is closed by whoever has opened it
            try:
                await self._connection.write(data, WRITING_SECONDS)
            except (httpcore.NetworkError, httpcore.TimeoutException) as error:
                raise _broken() from error


@asynccontextmanager
async def open_websocket(
    transport: Transport, url: str, *, seconds: float, most: int, context: ErrorContext
) -> AsyncIterator[WebSocket]:
    """A WebSocket at an `http(s)` address of a service. Raises BackendError kinds.

    `seconds`: until it stands. `most`: bytes of a message; one of more than twice as many ends it.
    """
    protocol = ClientProtocol(_ANYWHERE, max_size=2 * most)
    asked = protocol.connect()
    protocol.send_request(asked)
    protocol.data_to_send()  # it is sent as a request of the service
    headers = {name: value for name, value in asked.headers.raw_items() if name.lower() not in _OF_HTTP}
    async with transport.switched(url, headers, seconds=seconds, context=context) as (answered, connection):
        lines = "".join(f"{name}: {value}\r\n" for name, value in answered)
        protocol.receive_data(f"HTTP/1.1 101 Switching Protocols\r\n{lines}\r\n".encode("latin-1", "replace"))
        if protocol.handshake_exc is not None:
            sentence = "What answers is no WebSocket. Check the address of the service."
            raise AnswerError("Answer not understood", sentence) from protocol.handshake_exc
        socket = WebSocket(protocol, connection, most)
        try:
            yield socket
        finally:
            await socket.close()


def _broken() -> NetworkError:
    return NetworkError("Connection lost", "The connection broke. Try again.", sent=True, accepted=True)
