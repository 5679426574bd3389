"""Image services in a session, and what came of a picture that one of them was asked for."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from animus_tui.backends.base.errors import BackendError
from animus_tui.backends.base.image_values import ImageOutput, ImageRequest, Picture
from animus_tui.backends.base.protocols import ImageBackend
from animus_tui.backends.http.requests import RetryPolicy
from animus_tui.backends.http.timeouts import Timeouts
from animus_tui.backends.openai.client import OpenAIClient
from animus_tui.chat.session import ChatSession
from animus_tui.chat.storage.store import ConversationStore
from animus_tui.config.schema import ApiConfig, AutoTurnConfig, Config, ImageConfig

SOON = Timeouts(poll_first=0.01, poll_most=0.02, settle=0.1)
ONCE = RetryPolicy(tries=1)
SMALL = ImageRequest(prompt="a fox", width=64, height=48, steps=3, guidance=5.5)


class Made:
    """What came of a request: pictures, or the error that came in their place."""

    def __init__(self) -> None:
        self.outputs: Sequence[ImageOutput] = ()
        self.pictures: list[Picture] = []
        self.error: BackendError | None = None
        self.percents: list[float | None] = []
        self.previews: list[bytes] = []

    @property
    def sentence(self) -> str:
        """Title and sentence of the error; empty when there is none."""
        return str(self.error or "")

    @property
    def seeds(self) -> list[int | None]:
        """Of each picture."""
        return [output.seed for output in self.outputs]


async def made_by(client: ImageBackend, request: ImageRequest = SMALL) -> Made:
    """Ask for pictures as the session does, and fetch them."""
    made = Made()
    try:
        if client.image_capabilities.jobs:
            job = await client.submit(request)
            done = await client.follow(job.generation_id, on_progress=made.percents.append)
            made.outputs = done.images
        else:
            result = await client.generate(
                request, on_progress=made.percents.append, on_preview=made.previews.append
            )
            made.outputs = result.images
        for output in made.outputs:
            made.pictures.append(await client.download(output.url))
    except BackendError as error:
        made.error = error
    return made


@asynccontextmanager
async def image_session(
    folder: Path, images: ImageBackend, *, answers_at: str = "http://127.0.0.1:9"
) -> AsyncIterator[ChatSession]:
    """A session that has its pictures made there; who answers in it listens at an address, or is not there."""
    config = Config(
        image=ImageConfig(width=64, height=64, save_dir=str(folder / "saved")),
        auto_turn=AutoTurnConfig(min_delay=0, max_delay=0),
    )
    async with (
        OpenAIClient(ApiConfig(backend="openai", base_url=answers_at)) as chat,
        ChatSession(chat, images, ConversationStore(folder), config, rng=random.Random(1)) as session,
    ):
        yield session
