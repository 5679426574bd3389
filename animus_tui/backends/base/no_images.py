"""What stands in the place of an image service where none is configured."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NoReturn

from animus_tui.backends.base.errors import BackendError
from animus_tui.backends.base.files import PICTURE, data_url_bytes, is_data_url
from animus_tui.backends.base.protocols import ImageCapabilities

if TYPE_CHECKING:
    from collections.abc import Sequence

    from animus_tui.backends.base.errors import AnswerError
    from animus_tui.backends.base.image_values import ImageRequest, ImageResult, JobProgress, Picture, Video
    from animus_tui.backends.base.protocols import OnPreview, OnProgress, OnRetry

SENTENCE = "No service makes pictures: name one with backend in [image] of the configuration."


class NoImages:
    """An ImageBackend that can do nothing, and says so."""

    image_capabilities = ImageCapabilities(generates=False, sizes=False)
    account = None
    identity = "none"

    async def generate(
        self,
        request: ImageRequest,
        *,
        on_retry: OnRetry | None = None,
        on_progress: OnProgress | None = None,
        on_preview: OnPreview | None = None,
    ) -> ImageResult:
        """Refused."""
        _refuse()

    async def submit(self, request: ImageRequest, *, on_retry: OnRetry | None = None) -> JobProgress:
        """Refused."""
        _refuse()

    def can_batch(self, request: ImageRequest) -> bool:
        """Always false."""
        return False

    async def submit_batch(self, requests: Sequence[ImageRequest]) -> list[JobProgress | AnswerError]:
        """Refused."""
        _refuse()

    async def follow(
        self,
        generation_id: str,
        *,
        on_progress: OnProgress,
        on_preview: OnPreview | None = None,
        estimated: float | None = None,
    ) -> JobProgress:
        """Refused."""
        _refuse()

    async def abandon(self, generation_id: str) -> None:
        """Do nothing: there are no jobs."""

    async def image_models(self) -> list[str]:
        """An empty list."""
        return []

    async def samplers(self) -> list[str]:
        """An empty list."""
        return []

    async def download(self, url: str, *, is_new: bool = False, on_retry: OnRetry | None = None) -> Picture:
        """The picture in a `data:` address, as a chat service may send one; any other address is refused."""
        if not is_data_url(url):
            _refuse()
        return await asyncio.to_thread(lambda: PICTURE.check(data_url_bytes(url, PICTURE)))

    async def download_video(
        self, url: str, *, is_new: bool = False, on_retry: OnRetry | None = None
    ) -> Video:
        """Refused."""
        _refuse()


def _refuse() -> NoReturn:
    raise BackendError("No pictures", SENTENCE)
