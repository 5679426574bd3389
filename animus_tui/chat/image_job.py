"""One picture in the making: asked for, fetched, checked, stored, and told on the bus."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from msgspec.structs import asdict, replace

from animus_tui.api.errors import AnimusError
from animus_tui.chat.events import (
    ImageGenerationComplete,
    ImageGenerationError,
    ImageGenerationProgress,
    ImageGenerationStart,
    RetryScheduled,
)
from animus_tui.chat.messages import ChatMessage, ImageRecord, image_description, image_message, new_id
from animus_tui.chat.store import StoreError
from animus_tui.config import ImageConfig

if TYPE_CHECKING:
    from collections.abc import Mapping

    from animus_tui.api.client import AnimusClient, RetryNotice
    from animus_tui.api.models import Picture, PictureResult
    from animus_tui.chat.transcript import Transcript

TICK = 1.0
"""Seconds between two progress events while nothing else is heard."""
SENT_SETTINGS = ("model", "width", "height", "guidance_scale", "num_inference_steps", "seed")


def changed_settings(config: ImageConfig, asked: Mapping[str, Any]) -> dict[str, Any]:
    """What is sent beside the prompt: the settings that differ from the service's defaults, and what was asked for.

    Picture jobs (`generation/create`) know no `model`: the service chooses it.
    """
    defaults, own = asdict(ImageConfig()), asdict(config)
    changed = {name: own[name] for name in SENT_SETTINGS if own[name] != defaults[name]}
    changed |= {name: value for name, value in asked.items() if value is not None}
    if config.endpoint == "generation/create":
        changed.pop("model", None)
    return changed


@dataclass(eq=False, kw_only=True)
class ImageJob:
    """What is to be painted, and how far it has come. A failed job can be run again and goes on where it stopped."""

    transcript: Transcript
    prompt: str
    image_id: str = field(default_factory=new_id)
    message_id: str | None = None
    """The history entry that gets a further variant; None for a new picture."""
    reply_to: str | None = None
    source_url: str | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    started: float = 0.0
    """`time.monotonic()` at the start."""
    percent: float | None = None
    result: PictureResult | None = None
    """The address, once the service has told it: from then on nothing is paid for twice."""
    picture: Picture | None = None
    """The bytes, once they are fetched."""
    is_stored: bool = False
    """Whether it ended well."""

    async def run(self, client: AnimusClient, config: ImageConfig) -> None:
        """Make the picture. Errors are told on the bus; cancelling is told as a failure that can be tried again."""
        conversation_id = self.transcript.id
        self.started = time.monotonic()
        self.transcript.publish(
            ImageGenerationStart(
                conversation_id=conversation_id,
                image_id=self.image_id,
                prompt=self.prompt,
                message_id=self.message_id,
                reply_to=self.reply_to,
            )
        )
        try:
            ticking = asyncio.create_task(self._tick())
            try:
                await self._fetch(client, config)
            finally:
                ticking.cancel()
            message = self._store()
        except AnimusError as error:
            self._fail(error.title, error.sentence, retryable=error.retryable)
        except StoreError as error:
            self._fail("Picture not saved", error.sentence, retryable=True)
        except asyncio.CancelledError:
            self._fail("Stopped", "The picture was not waited for.", retryable=True)
            raise
        else:
            self._tell_complete(message)

    async def _fetch(self, client: AnimusClient, config: ImageConfig) -> None:
        if self.result is None:
            self.settings = changed_settings(config, self.settings)
            if config.endpoint == "generation/create":
                self.result = await client.run_generation(
                    self.prompt,
                    source_image_url=self.source_url,
                    settings=self.settings,
                    on_progress=self._advance,
                    on_retry=self._announce_retry,
                )
            else:
                self.result = await client.generate_image(
                    self.prompt,
                    input_image_url=self.source_url,
                    settings=self.settings,
                    on_retry=self._announce_retry,
                )
        if self.picture is None:
            self.picture = await client.download(self.result.url, on_retry=self._announce_retry)

    def _store(self) -> ChatMessage:
        """Keep the bytes and enter the picture into the history."""
        if self.result is None or self.picture is None:
            raise RuntimeError("a picture is stored after it was fetched")
        seed = {} if self.result.seed is None else {"seed": self.result.seed}
        url = self.result.url
        record = ImageRecord(
            prompt=self.prompt,
            url=None if url.startswith("data:") else url,
            file=self.transcript.stored.write_image(self.picture.data, self.picture.kind),
            settings={**self.settings, **seed},
            source_url=self.source_url,
            width=self.picture.width,
            height=self.picture.height,
        )
        message = image_message(record, message_id=self.image_id, reply_to=self.reply_to)
        if self.message_id is not None:
            message = with_variant(self.transcript.stored.get(self.message_id), record)
        self.transcript.put(message)
        self.is_stored = True
        return message

    async def _tick(self) -> None:
        """Tell once a second that it goes on."""
        while True:
            await asyncio.sleep(TICK)
            self._advance(self.percent)

    def _advance(self, percent: float | None) -> None:
        self.percent = percent
        self.transcript.publish(
            ImageGenerationProgress(
                conversation_id=self.transcript.id,
                image_id=self.image_id,
                percent=percent,
                elapsed=time.monotonic() - self.started,
            )
        )

    def _announce_retry(self, notice: RetryNotice) -> None:
        self.transcript.publish(
            RetryScheduled(
                conversation_id=self.transcript.id,
                delay=round(notice.delay * 1000),
                attempt=notice.attempt,
                title=notice.error.title,
                image_id=self.image_id,
            )
        )

    def _fail(self, title: str, sentence: str, *, retryable: bool) -> None:
        self.transcript.publish(
            ImageGenerationError(
                conversation_id=self.transcript.id,
                image_id=self.image_id,
                prompt=self.prompt,
                title=title,
                error=sentence,
                retryable=retryable,
                message_id=self.message_id,
                reply_to=self.reply_to,
            )
        )

    def _tell_complete(self, message: ChatMessage) -> None:
        record = message.image
        if record is None:
            raise RuntimeError("a stored picture has a record")
        self.transcript.publish(
            ImageGenerationComplete(
                conversation_id=self.transcript.id,
                image_id=self.image_id,
                prompt=self.prompt,
                image_url=record.url,
                path=str(self.transcript.stored.path_of(record.file)),
                message_id=message.id,
            )
        )


def with_variant(message: ChatMessage, record: ImageRecord) -> ChatMessage:
    """The picture's entry with one more variant, which is the one shown."""
    if message.image is None:
        raise ValueError(f"message {message.id} shows no picture")
    return chosen(replace(message, variants=[*(message.variants or [message.image]), record]), record)


def chosen(message: ChatMessage, record: ImageRecord) -> ChatMessage:
    """The entry with `record`, one of its variants, as the picture that is shown and that the model knows of."""
    content = image_description(record.prompt, edited=record.source_url is not None)
    return replace(message, image=record, content=content)
