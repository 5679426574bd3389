"""AUTOMATIC1111's WebUI, Forge and whatever else speaks `/sdapi/v1`: an ImageBackend.

A picture is made within one request. Meanwhile `progress` is asked, which tells of whatever the server makes at the
moment: `PictureWatch` finds out whether that is this picture.
"""

from __future__ import annotations

import asyncio
import binascii
import uuid
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from animus_tui.backends.automatic1111.wire import (
    ServerProgress,
    decode_names,
    decode_pictures,
    decode_progress,
    picture_body,
)
from animus_tui.backends.base.errors import BackendError, NetworkError, ServiceError
from animus_tui.backends.base.protocols import IMAGE_OPTIONS, ImageCapabilities
from animus_tui.backends.http.answer_errors import NO_SUCH_PATH
from animus_tui.backends.http.image_client import (
    PATIENCE,
    SEEDS,
    ImageClient,
    open_with_password,
    source_bytes,
)
from animus_tui.backends.http.requests import Request

if TYPE_CHECKING:
    from typing import Unpack

    from animus_tui.addresses import Redactor
    from animus_tui.backends.base.image_values import ImageRequest, ImageResult
    from animus_tui.backends.base.protocols import OnPreview, OnProgress, OnRetry
    from animus_tui.backends.http.requests import Tuning

DEFAULT_URL = "http://127.0.0.1:7860"
API = "/sdapi/v1"
ANSWER_SECONDS = 20.0
"""Seconds within which a request that makes no picture is answered; a busy server takes its time."""
SOON = 3.0
"""Seconds in which the server tells what it makes before a picture is asked for; nobody waits for longer."""
PARTING_SECONDS = 2.0
"""Seconds within which the server takes an interruption, for which the user or the end of the program waits."""


class PictureWatch:
    """Tells this picture's progress from that of the pictures of others, and passes on what is new of it."""

    def __init__(
        self,
        task: str,
        before: ServerProgress | None,
        on_progress: OnProgress | None,
        on_preview: OnPreview | None,
    ) -> None:
        """`task` is the name that this picture was given; `before` what ran before it was asked for."""
        self._on_progress = on_progress
        self._on_preview = on_preview
        self._task = task
        self._foreign = before.stamp if before is not None and before.is_running else ""
        self._shown = ""

    def is_ours(self, progress: ServerProgress) -> bool:
        """Whether the server is making this picture now.

        Newer servers name the task. Others only tell when a picture was begun: one that was begun before is another.
        """
        if not progress.is_running:
            return False
        if progress.task:
            return progress.task == self._task
        return not self._foreign or progress.stamp != self._foreign

    async def tell(self, progress: ServerProgress) -> None:
        """Pass on how far the picture is and how it looks, where this is about it."""
        if not self.is_ours(progress):
            return
        if self._on_progress is not None:
            self._on_progress(progress.percent)
        if self._on_preview is not None and progress.image and progress.image != self._shown:
            self._shown = progress.image
            with suppress(binascii.Error):  # half of one; the next may be whole
                self._on_preview(await asyncio.to_thread(_unpacked, progress.image))


class Automatic1111Client(ImageClient):
    """One WebUI, with or without a name and a password."""

    image_capabilities = ImageCapabilities(edits_bytes=True, options=IMAGE_OPTIONS - {"group"}, cancels=True)

    def __init__(
        self,
        base_url: str | None,
        key: str | None,
        redact: Redactor,
        **tuning: Unpack[Tuning],
    ) -> None:
        """`base_url` is the usual one by default, `key` has the form `name:password`."""
        address = (base_url or DEFAULT_URL).rstrip("/").removesuffix(API)
        opening = partial(open_with_password, address, key)
        super().__init__(address, opening, redact, **tuning)

    async def generate(
        self,
        request: ImageRequest,
        *,
        on_retry: OnRetry | None = None,
        on_progress: OnProgress | None = None,
        on_preview: OnPreview | None = None,
    ) -> ImageResult:
        """Make pictures of a prompt, or change one. Cancelled, it interrupts the server, if that makes this picture."""
        task = f"task({uuid.uuid4().hex})"
        before = await self._progress(SOON)
        known = before if isinstance(before, ServerProgress) else None
        watch = PictureWatch(task, known, on_progress, on_preview)
        making = asyncio.create_task(self._make(request, task, on_retry))
        try:
            await self._watch(making, watch, can_be_asked=not isinstance(before, ServiceError))
            return await making
        except asyncio.CancelledError:
            making.cancel()
            await asyncio.shield(self._interrupt(watch))
            raise
        finally:
            making.cancel()
            await asyncio.wait({making})

    async def image_models(self) -> list[str]:
        """The names of the models. Raises BackendError."""
        return await self._names("sd-models")

    async def samplers(self) -> list[str]:
        """The names of the samplers. Raises BackendError."""
        return await self._names("samplers")

    # A picture

    async def _make(self, request: ImageRequest, task: str, on_retry: OnRetry | None) -> ImageResult:
        seed = self.requests.rng.randrange(SEEDS) if request.seed is None else request.seed
        source = None
        if request.source_url is not None:
            source = await asyncio.to_thread(source_bytes, request.source_url)
        body = await asyncio.to_thread(picture_body, request, seed=seed, task=task, source=source)
        asking = Request(
            method="POST",
            url=self._url("txt2img" if source is None else "img2img"),
            body=body,
            subject="picture",
            seconds=PATIENCE,
        )
        decode = partial(decode_pictures, count=request.count or 1, seed=seed)
        try:
            return await self.requests.make(asking, decode, on_retry, in_thread=True)
        except ServiceError as error:
            raise self._explained(error) from error

    def _explained(self, error: ServiceError) -> ServiceError:
        if error.status not in NO_SUCH_PATH:
            return error
        sentence = (
            f"There is no image API at {self.base} (it answered {error.status}). Start the WebUI with --api, and check "
            "base_url in [image]."
        )
        return ServiceError("No image API", sentence, status=error.status)

    async def _watch(
        self, making: asyncio.Task[ImageResult], watch: PictureWatch, *, can_be_asked: bool
    ) -> None:
        """Tell how far the picture is until it is there. Raises NetworkError when the server makes nothing."""
        clock = asyncio.get_running_loop().time
        deadline = clock() + (self.requests.timeouts.image if can_be_asked else self.patience)
        while not making.done():
            await asyncio.wait(
                {making}, timeout=self.requests.timeouts.poll_first if can_be_asked else deadline - clock()
            )
            if making.done():
                return
            if can_be_asked:
                progress = await self._progress()
                if isinstance(progress, ServiceError):
                    can_be_asked, deadline = False, clock() + self.patience
                elif progress is not None and progress.is_running:
                    deadline = clock() + self.requests.timeouts.image
                    await watch.tell(progress)
            if clock() >= deadline:
                raise _nothing_made(self.requests.timeouts.image)

    async def _progress(self, seconds: float = ANSWER_SECONDS) -> ServerProgress | ServiceError | None:
        """How far the server is; an error where it does not tell at all, None where it did not answer this time."""
        asking = Request(method="GET", url=self._url("progress"), subject="progress", seconds=seconds)
        try:
            async with asyncio.timeout(seconds):
                return await self.requests.once(asking, decode_progress, in_thread=True)
        except ServiceError as error:
            return error if error.status in NO_SUCH_PATH else None
        except (BackendError, TimeoutError):
            return None

    async def _interrupt(self, watch: PictureWatch) -> None:
        """Interrupt the server, if it makes this picture; else it would stop one that somebody else waits for."""
        asking = Request(
            method="POST",
            url=self._url("interrupt"),
            body=b"{}",
            subject="interruption",
            seconds=PARTING_SECONDS,
        )
        with suppress(BackendError, TimeoutError):
            async with asyncio.timeout(PARTING_SECONDS):
                progress = await self._progress()
                if isinstance(progress, ServerProgress) and watch.is_ours(progress):
                    await self.requests.once(asking, lambda body: body)

    async def _names(self, path: str) -> list[str]:
        asking = Request(method="GET", url=self._url(path), subject="list", seconds=ANSWER_SECONDS)
        try:
            return await self.requests.once(asking, decode_names)
        except ServiceError as error:
            raise self._explained(error) from error

    def _url(self, path: str) -> str:
        return f"{self.base}{API}/{path}"


def _unpacked(image: str) -> bytes:
    return binascii.a2b_base64(image.rpartition(",")[2])


def _nothing_made(seconds: float) -> NetworkError:
    sentence = f"The server has made nothing for {seconds:g} s. Look at its own window, then try again."
    return NetworkError("No progress", sentence, sent=True, accepted=True)
