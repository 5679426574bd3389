"""Progress and previews of a job over ComfyUI's WebSocket. Without one, polling alone finds the end of the job."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING
from urllib.parse import quote

from animus_tui.backends.base.errors import BackendError
from animus_tui.backends.comfyui.job_watch import JobWatch, announced

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from animus_tui.backends.base.protocols import OnPreview, OnProgress
    from animus_tui.backends.comfyui.job_watch import QueuedJob
    from animus_tui.backends.http.requests import Requests
    from animus_tui.backends.http.websocket import WebSocket

log = logging.getLogger(__name__)

OPENING_SECONDS = 10.0
"""Seconds within which the WebSocket stands; a job does not wait for it."""
MOST_BYTES = 8 << 20
"""Bytes of a preview, at most; a larger one is not shown."""
MOST_TEXT = 1 << 20
"""Bytes of a text that is read; those that matter here are short."""
LONG_TEXT = 64 << 10
"""Bytes of a text that is read in a thread."""
MOST_FAILURES = 5
"""WebSockets in a row that tell nothing of the job, until no other one is opened."""


class ProgressListener:
    """Listens to what the server tells of one job while it is followed."""

    def __init__(
        self,
        requests: Requests,
        base_url: str,
        on_progress: OnProgress,
        on_preview: OnPreview | None,
    ) -> None:
        self._requests = requests
        self._base = base_url
        self._on_progress = on_progress
        self._on_preview = on_preview
        self._watch: JobWatch | None = None
        self._listening: asyncio.Task[None] | None = None
        self._ending = asyncio.Event()

    @property
    def percent(self) -> float | None:
        """How far the job is, from 0 to 100, when the server tells it."""
        return None if self._watch is None else self._watch.percent

    @property
    def failure(self) -> str:
        """Why the job failed, once the server has told it."""
        return "" if self._watch is None else self._watch.failure

    def start(self, job: QueuedJob) -> None:
        """Listen from now on, if not yet. The server tells a job's state to the client id that began it."""
        if self._listening is None and job.client_id:
            self._watch = JobWatch(job)
            self._listening = asyncio.create_task(self._listen(self._watch, job.client_id))

    async def pause(self, seconds: float) -> None:
        """Wait for so long, or until the server has told that the job is over."""
        self._ending.clear()
        try:
            async with asyncio.timeout(seconds):
                await self._ending.wait()
        except TimeoutError:
            pass

    async def close(self) -> None:
        """Stop listening."""
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.wait({self._listening})

    async def _listen(self, watch: JobWatch, client_id: str) -> None:
        """Open a WebSocket, and another one when it breaks off, until the job is over or none tells anything."""
        failures = 0
        while failures < MOST_FAILURES and not watch.failure:
            before = watch.percent
            try:
                await self._listen_once(watch, client_id)
            except BackendError as error:
                log.info("ComfyUI's WebSocket: %s", error)
                if not error.retryable:
                    return
            failures = failures + 1 if watch.percent == before else 0
            await asyncio.sleep(self._requests.timeouts.poll_most)

    async def _listen_once(self, watch: JobWatch, client_id: str) -> None:
        transport = await self._requests.transport()
        open_websocket = await asyncio.to_thread(_opener)
        url = f"{self._base}/ws?clientId={quote(client_id, safe='')}"
        async with open_websocket(
            transport, url, seconds=OPENING_SECONDS, most=MOST_BYTES, context=transport.context("progress")
        ) as socket:
            await socket.send(announced(with_previews=self._on_preview is not None))
            async for message in socket.messages():
                if not message.is_text:
                    if self._on_preview is not None and (preview := watch.preview_in(message.data)):
                        self._on_preview(preview)
                elif len(message.data) <= MOST_TEXT:
                    await self._take_text(watch, message.data)

    async def _take_text(self, watch: JobWatch, text: bytes) -> None:
        told, endings = watch.percent, watch.endings
        if len(text) > LONG_TEXT:
            await asyncio.to_thread(watch.take_text, text)
        else:
            watch.take_text(text)
        if watch.percent is not None and (told is None or int(watch.percent) > int(told)):
            self._on_progress(watch.percent)
        if watch.failure or watch.endings > endings:
            self._ending.set()


def _opener() -> Callable[..., AbstractAsyncContextManager[WebSocket]]:
    from animus_tui.backends.http.websocket import open_websocket  # some 50 ms that nothing else needs

    return open_websocket
