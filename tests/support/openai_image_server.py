"""A stand-in for OpenAI's image API with a model that shows its pictures as they grow."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator

from tests.support.loopback_server import NOT_FOUND, Answer, Asked, LoopbackServer, drawn, encoded


class OpenAIImageServer(LoopbackServer):
    """`hold` keeps each picture at its half until it is set. No two pictures are alike."""

    def __init__(self, key: str) -> None:
        super().__init__()
        self.hold = threading.Event()
        self.hold.set()
        self._key = key
        self._made = 0

    def answer(self, asked: Asked) -> Answer | None:
        if asked.headers.get("authorization") != f"Bearer {self._key}":
            return Answer({"error": {"message": "Incorrect API key provided."}}, status=401)
        match asked.path:
            case "/v1/models":
                return Answer({"data": [{"id": "gpt-image-1"}]})
            case "/v1/images/generations":
                width, height = map(int, asked.json["size"].split("x"))
            case "/v1/images/edits":
                width, height = 96, 64
            case _:
                return NOT_FOUND
        self._made += 1
        if b"partial_images" in asked.body:
            return Answer(self._growing(width, height, self._made), kind="text/event-stream")
        return Answer({"data": [{"b64_json": encoded(drawn(width, height, self._made))}]})

    def _growing(self, width: int, height: int, seed: int) -> Iterator[bytes]:
        yield self._event("partial_image", drawn(width, height, seed, part=0.5))
        while not (self.hold.wait(0.01) or self.closing.is_set()):
            pass
        yield self._event("completed", drawn(width, height, seed))

    def _event(self, kind: str, picture: bytes) -> bytes:
        told = {"type": f"image_generation.{kind}", "b64_json": encoded(picture)}
        return f"event: {told['type']}\ndata: {json.dumps(told)}\n\n".encode()
