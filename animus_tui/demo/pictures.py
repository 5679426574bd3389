"""The pictures: painted in a thread of their own, kept in memory within a bound."""

import asyncio
import secrets
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """The bytes behind a picture's address, and how they are sent."""

    data: bytes
    media_type: str = "image/png"
    status: int = 200
    limit: int | None = None
    """Bytes after which the connection breaks; None sends all."""
    hang: bool = False
    """Instead of breaking, the connection goes silent."""
    recipe: str | None = None
    """How it can be painted again, as part of its address."""


class PictureStore:
    """Pictures by id, least recently used first out, at most `limit` bytes (but always the newest)."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._pictures: OrderedDict[str, Picture] = OrderedDict()

    def add(self, picture: Picture) -> str:
        """Keep a picture; returns its id, which cannot be guessed."""
        key = secrets.token_hex(16)
        self._pictures[key] = picture
        self._size += len(picture.data)
        while self._size > self._limit and len(self._pictures) > 1:
            _, oldest = self._pictures.popitem(last=False)
            self._size -= len(oldest.data)
        return key

    def get(self, key: str) -> Picture | None:
        """The picture with this id, while it is kept."""
        if key in self._pictures:
            self._pictures.move_to_end(key)
        return self._pictures.get(key)


class Studio:
    """Paints one picture at a time beside the event loop."""

    def __init__(self) -> None:
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="painter")

    async def paint(self, prompt: str, *, width: int, height: int, seed: int, source: bytes | None) -> bytes:
        """A PNG; raises ValueError with a sentence when `source` is no picture."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._executor, _paint, prompt, width, height, seed, source)

    def close(self) -> None:
        """Drop what waits; a picture that is being painted is not waited for."""
        self._executor.shutdown(wait=False, cancel_futures=True)


def _paint(prompt: str, width: int, height: int, seed: int, source: bytes | None) -> bytes:
    # Pillow and the painter are loaded when the first picture is asked for, and in the thread.
    from animus_tui.demo.painter import paint

    return paint(prompt, width=width, height=height, seed=seed, source=source)
