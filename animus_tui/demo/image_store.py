"""Images in memory, within a bound, and the thread that paints them."""

import asyncio
import secrets
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """The bytes of an image or a video, and how they are sent."""

    data: bytes
    media_type: str = "image/png"
    status: int = 200
    limit: int | None = None
    """Bytes after which the connection breaks; None sends all."""
    hang: bool = False
    """At the limit the connection goes silent instead of breaking."""
    recipe: str | None = None
    """How it can be painted again, as part of its address."""


class ImageStore:
    """Images by id, least recently used first out, at most `limit` bytes (but always the newest)."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._images: OrderedDict[str, Image] = OrderedDict()

    def add(self, image: Image, key: str | None = None) -> str:
        """Keep an image under its old id or a new one, which cannot be guessed; returns the id."""
        key = key or secrets.token_hex(16)
        self.remove(key)
        self._images[key] = image
        self._size += len(image.data)
        while self._size > self._limit and len(self._images) > 1:
            _, oldest = self._images.popitem(last=False)
            self._size -= len(oldest.data)
        return key

    def get(self, key: str) -> Image | None:
        """The image with this id, while it is kept."""
        if key in self._images:
            self._images.move_to_end(key)
        return self._images.get(key)

    def remove(self, key: str) -> None:
        """Drop the image with this id, if it is kept."""
        image = self._images.pop(key, None)
        self._size -= len(image.data) if image is not None else 0


class PainterThread:
    """One thread beside the event loop, for one image at a time."""

    def __init__(self) -> None:
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="painter")
        self._turn = asyncio.Lock()

    async def run(self, work: Callable[[], bytes]) -> bytes:
        """What `work` makes in the thread; raises what it raises."""
        return await asyncio.get_running_loop().run_in_executor(self._executor, work)

    async def run_behind_others(self, work: Callable[[], bytes]) -> bytes:
        """The same for what is painted once more: at most one such at a time, so that jobs come in between."""
        async with self._turn:
            return await self.run(work)

    def close(self) -> None:
        """Drop what waits; an image that is being painted is not waited for."""
        self._executor.shutdown(wait=False, cancel_futures=True)
