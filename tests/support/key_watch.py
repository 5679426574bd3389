"""Who got which key: all that arrives at a server is kept, and searched for keys in every form that HTTP gives them."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from tests.support.loopback_server import Answer, Asked, LoopbackServer, Takeover
from tests.support.scripted_server import ScriptedServer

if TYPE_CHECKING:
    from collections.abc import Callable

_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{12,}={0,2}")


class Recorder(LoopbackServer):
    """Answers what it is told to; for the parts that are no service, such as a place where pictures are."""

    def __init__(self, answers: Callable[[Asked], Answer | Takeover | None]) -> None:
        super().__init__()
        self._answers = answers

    def answer(self, asked: Asked) -> Answer | Takeover | None:
        return self._answers(asked)


def keys_at(server: LoopbackServer | ScriptedServer, keys: Mapping[str, str]) -> set[str]:
    """The names of the keys that a server was sent, plain or in base64, wherever they stood."""
    return {name for name, key in keys.items() if any(key.encode() in part for part in _parts(server))}


def _parts(server: LoopbackServer | ScriptedServer) -> Iterable[bytes]:
    """All that arrived, and what stands in it in base64."""
    for data in _sent(server):
        yield data
        for found in _BASE64.findall(data):
            try:
                yield base64.b64decode(found + b"=" * (-len(found) % 4), altchars=None)
            except binascii.Error:
                continue


def _sent(server: LoopbackServer | ScriptedServer) -> Iterable[bytes]:
    if isinstance(server, ScriptedServer):
        for request in server.received:
            yield f"{request.method} {request.path} {request.headers}".encode()
            yield request.body
        return
    for asked in server.asked:
        yield f"{asked.method} {asked.path} {asked.query} {dict(asked.headers)}".encode()
        yield asked.body
