"""Several prompts in one request to the image service."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from animus_tui.backends.base.errors import AnswerError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from animus_tui.backends.base.image_values import ImageRequest, JobProgress
    from animus_tui.backends.base.protocols import ImageBackend


class Batch:
    """One request for several prompts. It is sent once, by whoever asks first for the job of a prompt."""

    def __init__(self, client: ImageBackend, requests: Sequence[ImageRequest]) -> None:
        """`client.can_batch` is true of each request, and they are alike but for their prompts."""
        self._client = client
        self._requests = requests
        self._asking: asyncio.Task[list[JobProgress | AnswerError]] | None = None

    async def job_of(self, index: int) -> JobProgress:
        """The service's job for a prompt, by its index. Raises BackendError when there is none."""
        if self._asking is None:
            self._asking = asyncio.create_task(self._client.submit_batch(self._requests))
        job = (await asyncio.shield(self._asking))[index]
        if isinstance(job, AnswerError):
            raise job
        return job

    async def close(self) -> None:
        """Cancel the request, if it is still under way."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.wait({self._asking})
            if not self._asking.cancelled():
                self._asking.exception()  # told by those who waited for it, if anyone did
