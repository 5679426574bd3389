"""The pictures: painted in a thread of their own, kept in memory within a bound."""

import asyncio
import secrets
from collections import OrderedDict
from collections.abc import Callable
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

    def add(self, picture: Picture, key: str | None = None) -> str:
        """Keep a picture, under its old id or a new one, which cannot be guessed; returns the id."""
        key = key or secrets.token_hex(16)
        self.remove(key)
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

    def remove(self, key: str) -> None:
        """Let go of the picture with this id, if it is kept."""
        picture = self._pictures.pop(key, None)
        self._size -= len(picture.data) if picture is not None else 0


class Studio:
    """Paints one picture at a time beside the event loop."""

    def __init__(self) -> None:
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="painter")
        self._turn = asyncio.Lock()

    async def run(self, work: Callable[[], bytes]) -> bytes:
        """What `work` makes, in the painter's thread; raises what it raises."""
        return await asyncio.get_running_loop().run_in_executor(self._executor, work)

    async def run_patiently(self, work: Callable[[], bytes]) -> bytes:
        """The same for what nobody waits for at his desk: one at a time, so that jobs come in between."""
        async with self._turn:
            return await self.run(work)

    def close(self) -> None:
        """Drop what waits; a picture that is being painted is not waited for."""
        self._executor.shutdown(wait=False, cancel_futures=True)
