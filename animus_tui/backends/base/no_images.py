"""What stands in the place of an image service where none is configured."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from animus_tui.backends.base.errors import BackendError
from animus_tui.backends.base.files import PICTURE, data_url_bytes, is_data_url
from animus_tui.backends.base.protocols import ImageBackend, ImageCapabilities

if TYPE_CHECKING:
    from animus_tui.backends.base.image_values import ImageRequest, ImageResult, Picture
    from animus_tui.backends.base.protocols import OnPreview, OnProgress, OnRetry

SENTENCE = "No service makes pictures: name one with backend in [image] of the configuration."


class NoImages(ImageBackend):
    """An ImageBackend that makes nothing, and says so."""

    image_capabilities = ImageCapabilities(generates=False, options=frozenset())
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
        raise BackendError("No pictures", SENTENCE)

    async def download(self, url: str, *, is_new: bool = False, on_retry: OnRetry | None = None) -> Picture:
        """The picture in a `data:` address, as a chat service may send one; any other address is refused."""
        if not is_data_url(url):
            raise BackendError("No pictures", SENTENCE)
        return await asyncio.to_thread(lambda: PICTURE.check(data_url_bytes(url, PICTURE)))
