"""Images and clips by their address, checked and waited for: storage may show a file later than its job tells of it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

from animus_tui.backends.base.errors import PictureError
from animus_tui.backends.base.file_kinds import data_url_bytes, is_data_url
from animus_tui.backends.base.picture_files import PICTURE
from animus_tui.backends.base.video_files import VIDEO
from animus_tui.backends.http.requests import always

if TYPE_CHECKING:
    from animus_tui.backends.base.file_kinds import FileKind
    from animus_tui.backends.base.image_values import Picture, Video
    from animus_tui.backends.base.protocols import OnRetry
    from animus_tui.backends.http.requests import Requests
    from animus_tui.backends.http.timeouts import Timeouts

T = TypeVar("T")

_YET_TO_COME = frozenset({403, 404, 409, 425})
"""Statuses with which storage answers for a file that it does not have yet."""


class Downloads:
    """Fetches files for one service. Raises PictureError, and other BackendError kinds."""

    def __init__(self, requests: Requests, timeouts: Timeouts) -> None:
        self._requests = requests
        self._timeouts = timeouts

    async def picture(self, url: str, *, is_new: bool = False, on_retry: OnRetry | None = None) -> Picture:
        """The picture at an `http(s)` or `data:` address.

        `is_new`: it was made a moment ago, so that it may take `Timeouts.settle` seconds until it is there, and whole.
        """
        return await self._file(url, PICTURE, is_new=is_new, on_retry=on_retry)

    async def video(self, url: str, *, is_new: bool = False, on_retry: OnRetry | None = None) -> Video:
        """The clip at an address, an MP4 of at most 128 MiB; otherwise as `picture`."""
        return await self._file(url, VIDEO, is_new=is_new, on_retry=on_retry)

    async def _file(self, url: str, kind: FileKind[T], *, is_new: bool, on_retry: OnRetry | None) -> T:
        if is_data_url(url):
            return await asyncio.to_thread(lambda: kind.check(data_url_bytes(url, kind)))
        transport = await self._requests.transport()
        clock, pause = asyncio.get_running_loop().time, self._timeouts.poll_first
        deadline = clock() + (self._timeouts.settle if is_new else 0.0)
        while True:
            try:
                return await self._requests.persistently(
                    lambda: transport.file(url, kind), may_again=always, on_retry=on_retry
                )
            except PictureError as error:
                if not (error.retryable or error.status in _YET_TO_COME) or clock() + pause > deadline:
                    raise
            await asyncio.sleep(pause)
            pause = min(pause * 2, self._timeouts.poll_most)
