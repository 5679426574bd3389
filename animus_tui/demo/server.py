"""The server itself: uvicorn inside a running event loop, or alone until it is told to stop."""

import asyncio
import os
import secrets
import signal
import socket
import threading
import time
from collections.abc import Callable
from ipaddress import ip_address
from types import TracebackType
from typing import Self
from urllib.parse import urlencode

import uvicorn

from animus_tui.demo.access import LOOPBACK_NAMES
from animus_tui.demo.app import create_app
from animus_tui.demo.state import Demo, DemoOptions, DemoStats

BACKLOG = 128
CLOSE_TIMEOUT = 0.4
"""Seconds that open connections have at the end."""
SILENT = 100
"""A log level above all others: faults on request are no news."""


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the host."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def bind(host: str, port: int) -> socket.socket:
    """A listening socket; OSError when the address cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, port))
        sock.listen(BACKLOG)
    except OSError:
        sock.close()
        raise
    return sock


class DemoServer:
    """`async with DemoServer() as server:` runs a server in this event loop; `server.url` is where."""

    def __init__(
        self,
        options: DemoOptions | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        sock: socket.socket | None = None,
        api_key: str | None = None,
    ) -> None:
        """`sock`: a socket that listens there already. OSError when the address cannot be had."""
        self.api_key = api_key or f"demo-{secrets.token_hex(16)}"
        self._sock = sock or bind(host, port)
        bound_host, bound_port = self._sock.getsockname()[:2]
        self.url = (
            f"http://[{bound_host}]:{bound_port}"
            if ":" in bound_host
            else f"http://{bound_host}:{bound_port}"
        )
        names = (*LOOPBACK_NAMES, host, bound_host)
        self.state = Demo(options or DemoOptions(), frozenset({self.api_key}))
        """What the endpoints share."""
        self.app = create_app(self.state, names)

    @property
    def base_url(self) -> str:
        """Chat and pictures."""
        return f"{self.url}/v3"

    @property
    def generation_url(self) -> str:
        """Pictures as jobs."""
        return f"{self.url}/v2"

    @property
    def token_url(self) -> str:
        """The token endpoint, with the key that it asks for."""
        return f"{self.url}/token?{urlencode({'key': self.api_key})}"

    @property
    def stats(self) -> DemoStats:
        """What was asked so far."""
        return self.state.stats

    async def __aenter__(self) -> Self:
        config = uvicorn.Config(
            self.app,
            http="h11",
            ws="none",
            lifespan="off",
            log_config=None,
            log_level=SILENT,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            backlog=BACKLOG,
            timeout_keep_alive=75,
        )
        config.load()
        self._server = uvicorn.Server(config)
        # `Server.serve` would install signal handlers and wake up ten times a second; neither is ours to do.
        self._server.lifespan = config.lifespan_class(config)
        await self._server.startup(sockets=[self._sock])
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop at once: open answers are cut, so that nobody waits for a slow one."""
        state = self._server.server_state
        for listener in self._server.servers:
            listener.close()
        tasks = [*state.tasks, *self.state.running()]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=CLOSE_TIMEOUT / 2)
        for connection in list(state.connections):
            connection.shutdown()
        last_call = time.monotonic() + CLOSE_TIMEOUT / 2
        while state.connections and time.monotonic() < last_call:  # noqa: ASYNC110 - uvicorn tells nobody when a connection is gone
            await asyncio.sleep(0.002)
        for connection in list(state.connections):
            connection.transport.abort()
        await asyncio.sleep(0)  # for the transports to let go of their sockets


async def serve_forever(
    server: DemoServer, *, parent_pipe: bool = False, ready: Callable[[], None] = lambda: None
) -> None:
    """Run until SIGINT or SIGTERM or, with `parent_pipe`, until standard input ends."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    if parent_pipe:
        threading.Thread(target=_await_end_of_input, args=(loop, stop), daemon=True).start()
    async with server:
        ready()
        await stop.wait()


def _await_end_of_input(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    while os.read(0, 4096):
        pass
    loop.call_soon_threadsafe(stop.set)


def run(
    host: str = "127.0.0.1",
    port: int = 0,
    *,
    announce: Callable[[str], None],
    sock_fd: int | None = None,
    parent_pipe: bool = False,
    api_key: str | None = None,
    options: DemoOptions | None = None,
) -> int:
    """Serve until told to stop; returns the exit code. `announce` gets one line a piece of news.

    The first one is the address; the key follows when nobody chose it.
    `sock_fd`: an inherited listening socket. When the address cannot be had, one sentence and exit code 1.
    """
    try:
        sock = socket.socket(fileno=sock_fd) if sock_fd is not None else bind(host, port)
        server = DemoServer(options, host, sock=sock, api_key=api_key)
    except OSError as error:
        announce(f"The demo server cannot listen on {host} port {port}: {error.strerror or error}.")
        return 1
    if sock_fd is None and not is_loopback(host):
        announce(f"Warning: {host} is not a loopback address; others on the network can use this server.")

    def tell() -> None:
        announce(server.url)
        if not api_key:
            announce(f"API key: {server.api_key}")

    asyncio.run(serve_forever(server, parent_pipe=parent_pipe, ready=tell))
    return 0
