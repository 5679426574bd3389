"""What the stand-in for ComfyUI tells over `/ws`, in the order in which the real one does, and its faults."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import Any

import msgspec
from websockets.frames import Frame
from websockets.http11 import Request
from websockets.protocol import State
from websockets.server import ServerProtocol

from tests.support.loopback_server import HTML, NOT_FOUND, Answer, Asked, Takeover

REFUSALS = {
    "refused": Answer({"error": "forbidden"}, status=403),
    "missing": NOT_FOUND,
    "page": HTML,
}
FAULTS = (
    *REFUSALS,
    "leads away",
    "hangs",
    "wrong key",
    "breaks off",
    "cut",
    "silent",
    "nonsense",
    "huge",
    "endless",
)
"""What can be wrong with the WebSocket. Two more ways of it are none: `old` and `no previews`."""


class Listener:
    """A WebSocket that somebody has opened."""

    def __init__(self, connection: socket.socket) -> None:
        self.texts: list[dict[str, Any]] = []
        """What the other end has sent."""
        self._connection = connection
        self._protocol = ServerProtocol()
        self._sending = threading.Lock()

    @property
    def takes_metadata(self) -> bool:
        """Whether the first text announced it."""
        match self.texts[:1]:
            case [{"type": "feature_flags", "data": {"supports_preview_metadata": True}}]:
                return True
        return False

    def accept(self, asked: Asked, *, key: str = "") -> None:
        """Answer the handshake; `key` in place of the right one."""
        lines = "".join(f"{name}: {value}\r\n" for name, value in asked.headers.items())
        self._protocol.receive_data(f"GET {asked.path} HTTP/1.1\r\n{lines}\r\n".encode())
        (request,) = self._protocol.events_received()
        assert isinstance(request, Request)
        response = self._protocol.accept(request)
        if key:
            del response.headers["Sec-WebSocket-Accept"]
            response.headers["Sec-WebSocket-Accept"] = key
        self._protocol.send_response(response)
        self._flush()

    def send(self, data: bytes | str) -> None:
        """Send a message; nothing to whoever has gone."""
        with self._sending:
            if self._protocol.state is not State.OPEN:
                return
            if isinstance(data, str):
                self._protocol.send_text(data.encode("utf-8", "surrogateescape"))
            else:
                self._protocol.send_binary(data)
            self._flush()

    def ping(self) -> None:
        with self._sending:
            if self._protocol.state is State.OPEN:
                self._protocol.send_ping(b"there?")
                self._flush()

    def close(self) -> None:
        """End it as the protocol says."""
        with self._sending:
            if self._protocol.state is State.OPEN:
                self._protocol.send_close(1001, "going away")
                self._flush()

    def cut(self) -> None:
        """End it without a word."""
        with suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)

    def take(self) -> bool:
        """Wait for something and note it; whether more may come."""
        try:
            data = self._connection.recv(1 << 16)
        except OSError:
            return False
        with self._sending:
            if data:
                self._protocol.receive_data(data)
            else:
                self._protocol.receive_eof()
            for event in self._protocol.events_received():
                if isinstance(event, Frame) and event.opcode == 1:
                    self.texts.append(msgspec.json.decode(event.data))
            self._flush()
        return bool(data)

    def _flush(self) -> None:
        try:
            for data in self._protocol.data_to_send():
                self._connection.sendall(data)
        except OSError:
            pass


class Events:
    """All who listen, by the name that they gave: one each, as with the real one."""

    def __init__(self, fault: str, closing: threading.Event, leads_to: str) -> None:
        self.listeners: dict[str, Listener] = {}
        self.seen: list[Listener] = []
        """All that there were."""
        self.fault = fault
        self.closing = closing
        self._leads_to = leads_to
        self.changed = threading.Condition()

    def opened(self, asked: Asked) -> Answer | Takeover:
        """What is answered to somebody who wants to listen."""
        if self.fault in REFUSALS:
            return REFUSALS[self.fault]
        if self.fault == "leads away":
            return Answer(b"", status=302, headers={"Location": f"{self._leads_to}/ws"})

        def run(connection: socket.socket) -> None:
            if self.fault == "hangs":
                self.closing.wait()
                return
            listener, name = Listener(connection), asked.query.get("clientId", "")
            listener.accept(asked, key="wrong" if self.fault == "wrong key" else "")
            if self.fault != "silent":
                listener.send(_text("status", {"status": {"exec_info": {"queue_remaining": 1}}, "sid": name}))
            while listener.take():  # the first text is the one that announces
                if name not in self.listeners:
                    if listener.takes_metadata and self.fault not in ("old", "silent"):
                        listener.send(_text("feature_flags", {"supports_preview_metadata": True}))
                    with self.changed:
                        self.listeners[name] = listener
                        self.seen.append(listener)
                        self.changed.notify_all()
            with self.changed:
                if self.listeners.get(name) is listener:
                    del self.listeners[name]

        return Takeover(run)

    def tell(self, kind: str, data: dict[str, Any], client: str | None = None) -> None:
        """Tell a client, or all of them."""
        self.send(_text(kind, data), client)

    def send(self, message: bytes | str, client: str | None = None) -> None:
        """Send it to a client, or to all of them."""
        if self.fault == "silent":
            return
        with self.changed:
            chosen = [one for name, one in self.listeners.items() if client in (None, name)]
        for one in chosen:
            one.send(message)

    def of_job(self, name: str, nodes: dict[str, Any], client: str) -> JobEvents:
        """What is told of a job."""
        return JobEvents(self, name, nodes, client)


class JobEvents:
    """What is told of one job to the client that has begun it."""

    def __init__(self, events: Events, name: str, nodes: dict[str, Any], client: str) -> None:
        self._events = events
        self._name = name
        self._client = client
        self._nodes = nodes
        self._is_old = events.fault == "old"
        self._states: dict[str, dict[str, Any]] = {}

    def await_listener(self) -> None:
        """Wait until the client listens."""
        with self._events.changed:
            while not self._events.closing.is_set() and self._client not in self._events.listeners:
                self._events.changed.wait(0.05)

    def begin(self) -> None:
        """Tell all that comes before the sampler."""
        self._tell("execution_start", {})
        self._tell("execution_cached", {"nodes": ["7"] if "7" in self._nodes else []})
        if "7" in self._nodes:
            self._state("7", 1, 1, "finished")
        for node in self._nodes:
            if node not in ("3", "7", "9"):
                self._executing(node)
                self._state(node, 1, 1, "finished")
        self._executing("3")

    def step(self, step: int, steps: int, preview: bytes | None) -> None:
        """Tell that the sampler has done another step; `preview` is what the picture looks like."""
        self._state("3", step, steps, "running")
        if preview is not None and self._events.fault != "no previews":
            self._show(preview)
        self._tell("progress", {"value": step, "max": steps, "node": "3"})
        self._go_wrong(preview or b"")

    def end(self, message: list[Any]) -> None:
        """Tell how it has ended, which the history tells by `message`."""
        kind, data = message
        if kind == "execution_interrupted":
            self._events.tell(kind, {"prompt_id": self._name, "executed": [], **data})
        elif kind == "execution_error":
            self._tell(kind, {"executed": [], "traceback": [], "current_inputs": {}, **data})
        else:
            self._state("3", 1, 1, "finished")
            self._executing("9")
            self._state("9", 1, 1, "finished")
            self._tell("executed", {"node": "9", "output": {"images": []}})
            self._tell("execution_success", {})

    def done(self) -> None:
        """Tell that the history has it."""
        self._tell("executing", {"node": None})
        self._events.tell("status", {"status": {"exec_info": {"queue_remaining": 0}}})

    def _executing(self, node: str) -> None:
        self._tell("executing", {"node": node, "display_node": node})
        self._state(node, 0, 1, "running")

    def _state(self, node: str, value: float, most: float, state: str) -> None:
        self._states[node] = {"value": value, "max": most, "state": state, "node_id": node}
        if not self._is_old:
            self._tell("progress_state", {"nodes": self._states})

    def _show(self, preview: bytes) -> None:
        listener = self._events.listeners.get(self._client)
        if listener is None:
            return
        if listener.takes_metadata and not self._is_old:
            metadata = msgspec.json.encode(
                {"node_id": "3", "prompt_id": self._name, "image_type": "image/png"}
            )
            listener.send(with_metadata(metadata, preview))
        else:
            listener.send((1).to_bytes(4, "big") + (2).to_bytes(4, "big") + preview)

    def _tell(self, kind: str, data: dict[str, Any]) -> None:
        self._events.tell(kind, {"prompt_id": self._name, **data}, self._client)

    def _go_wrong(self, preview: bytes) -> None:
        listener = self._events.listeners.get(self._client)
        if listener is None:
            return
        match self._events.fault:
            case "breaks off":
                listener.close()
            case "cut":
                listener.cut()
            case "huge":  # more than is shown, and still one message
                listener.send(
                    with_metadata(msgspec.json.encode({"prompt_id": self._name}), preview + bytes(9 << 20))
                )
                listener.send(" " * (2 << 20))
            case "endless":  # more than is read
                listener.send(bytes(20 << 20))
            case "nonsense":
                for message in nonsense(self._name):
                    listener.send(message)
                listener.ping()


def with_metadata(metadata: bytes, picture: bytes) -> bytes:
    """A picture as newer servers send it."""
    return (4).to_bytes(4, "big") + len(metadata).to_bytes(4, "big") + metadata + picture


def nonsense(name: str) -> list[bytes | str]:
    """Messages that no server should send about the job of that name."""

    def of(kind: str, **data: object) -> str:
        return _text(kind, {"prompt_id": name, **data})

    return [
        "",
        "no JSON",
        "[" * 100_000,
        '{"type": "progress", "data": {"value": NaN}}',
        "[]",
        '{"type": 5, "data": {}}',
        '{"type": "progress"}',
        of("progress_state", nodes=[1]),
        of("progress_state", nodes={"3": 5, "5": {"value": "a", "max": None}, "6": {"value": 1, "max": 0}}),
        of("progress_state", nodes={"another": {"value": 1, "max": 1, "state": "finished"}}),
        of("progress", value="a", max=[]),
        of("progress", value=-5, max=-1, node=7),
        of("progress", value=10**400, max=1, node={}),
        of("executing", node=["3"]),
        of("execution_cached", nodes=[1, None, {}]),
        of("executed"),
        _text("execution_error", {"prompt_id": ["3"], "exception_message": 5}),
        "\udcff\udcfe",
        b"",
        b"\0",
        b"\0\0\0\x01\0\0\0\x02no picture",
        b"\0\0\0\x04\xff\xff\xff\xff{}",
        b"\0\0\0\x04\0\0\0\x02[]picture",
        b"\0\0\0\x09 something new",
    ]


def _text(kind: str, data: dict[str, Any]) -> str:
    return msgspec.json.encode({"type": kind, "data": data}).decode()
