"""One image generation job: what was asked for, how far it is, and what it has produced."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field
from msgspec.structs import replace

from animus_tui.backends.base.errors import OutOfCredits
from animus_tui.backends.base.files import is_data_url
from animus_tui.backends.base.image_values import ImageOutput, JobProgress, Picture, Video
from animus_tui.chat.events import (
    ImageGenerationComplete,
    ImageGenerationError,
    ImageGenerationProgress,
    ImageGenerationStart,
)
from animus_tui.chat.images.options import NO_OPTIONS, PictureOptions, as_settings, image_request
from animus_tui.chat.images.previews import Preview
from animus_tui.chat.messages import ChatMessage, ImageRecord, image_message, new_id, now, record_description
from animus_tui.chat.storage.conversation_writer import ConversationWriter
from animus_tui.errors import UserError

if TYPE_CHECKING:
    from animus_tui.backends.base.errors import BackendError
    from animus_tui.backends.base.image_values import ImageRequest
    from animus_tui.backends.base.protocols import RetryNotice


class GeneratedImage(Struct, frozen=True, kw_only=True):
    """The images of a job, which are on disk and in the history."""

    message: ChatMessage
    """The history entry that shows it."""
    records: tuple[ImageRecord, ...]
    """What is known of each image of the job; the first one is shown."""
    paths: tuple[Path, ...]
    """Absolute path of the file of each; of a video the MP4 file."""
    missing: int = 0
    """How many more images were asked for and did not come."""
    error: str | None = None
    """Why, in one sentence, when some are missing."""

    @property
    def record(self) -> ImageRecord:
        """What is known of the first image."""
        return self.records[0]

    @property
    def path(self) -> Path:
        """Absolute path of the first image, or of the video."""
        return self.paths[0]

    @property
    def url(self) -> str:
        """Where the service has the first image; the `file:` URL of one that came inside the answer itself."""
        return self.record.url or self.path.as_uri()


class ImageError(UserError):
    """A job ended without an image: the service, the network or the disk failed, or it was cancelled."""

    def __init__(self, title: str, sentence: str, *, retryable: bool, image_id: str) -> None:
        super().__init__(sentence, title=title)
        self.retryable = retryable
        """Whether another try may succeed."""
        self.image_id = image_id
        """Id of the job, for another try."""


class ImageJob(Struct, eq=False, kw_only=True):
    """A job of one conversation. A failed job can be run again and goes on where it stopped."""

    writer: ConversationWriter
    prompt: str
    """The prompt, without what is joined to it."""
    sent_prompt: str | None = None
    """The prompt that is sent, where more is joined to it."""
    image_id: str = field(default_factory=new_id)
    """Id of the job in events, and of its history entry when that is a new one."""
    message_id: str | None = None
    """The history entry that gets further variants; None for a new entry."""
    reply_to: str | None = None
    """The message that promised the image."""
    source_url: str | None = None
    """Address of the image that is edited or animated."""
    source_file: str | None = None
    """The file of the image that is edited, below the conversation's folder."""
    source_path: Path | None = None
    """A file of the user's that is edited, until it is kept as `source_file`."""
    options: PictureOptions = NO_OPTIONS
    """The options as they are sent to the service."""
    poster: ImageRecord | None = None
    """Of a video: the image that it begins as."""
    submit: Callable[[], Coroutine[Any, Any, JobProgress]] | None = None
    """Creates the service's job the first time, when it is one of a batch."""
    since: str = field(default_factory=now)
    """When it was asked for: ISO 8601 UTC."""
    is_resumed: bool = False
    """Whether another run of the program began it."""
    is_request: bool = True
    """Whether the service is asked for it; it is not for an image that came within a reply."""
    is_watched: bool = True
    """Whether somebody looks at the conversation: why it failed is kept for the next start."""
    outlives_program: bool = True
    """Whether the service still knows it when the program has ended; the demo server ends with the program."""
    creating: asyncio.Task[JobProgress] | None = None
    """The request that creates the service's job, until its answer is read; a cancellation of the job leaves it."""
    was_refused: bool = False
    """Whether the service has refused the request so far, and is asked again."""
    created: JobProgress | None = None
    """The service's job, once it has an id: from then on nothing is paid for twice."""
    service: str = ""
    """`ImageBackend.identity` of the service that gave this id."""
    results: list[ImageOutput] = field(default_factory=list)
    """The addresses, once the service has told them."""
    fetched: dict[int, Picture | Video] = field(default_factory=dict)
    """Files that are downloaded and not on disk yet, by their index in `results`."""
    records: dict[int, ImageRecord] = field(default_factory=dict)
    """Images that are on disk, by their index in `results`."""
    model: str | None = None
    """The image model, when the service told it."""
    started: float = 0.0
    """`time.monotonic()` when it was last run."""
    percent: float | None = None
    """Progress from 0 to 100, when the service tells it."""
    preview: Preview | None = None
    """The image so far, when the service sends previews."""
    is_given_up: bool = False
    """Whether the user has cancelled it: it is not resumed at the next start."""
    generated: GeneratedImage | None = None
    """The images, once they are in the history."""
    failure: ImageGenerationError | None = None
    """Why it failed, when it was last run."""

    @property
    def request(self) -> ImageRequest:
        """The request to the service."""
        prompt = self.sent_prompt or self.prompt
        return image_request(prompt, self.options, source_url=self.source_url, is_video=self.is_video)

    @property
    def is_edit(self) -> bool:
        """Whether it starts from an image, which it changes or animates."""
        return any((self.source_url, self.source_file, self.source_path))

    @property
    def is_video(self) -> bool:
        """Whether an image becomes a video."""
        return self.poster is not None

    @property
    def count(self) -> int:
        """How many images are asked for."""
        return self.options.count or 1

    @property
    def is_lasting(self) -> bool:
        """Whether another run of the program can fetch what was made, or is being made."""
        # An address that holds the image itself (data:) is written to a file at once.
        return self.created is not None or any(not is_data_url(result.url) for result in self.results)

    # What is stored

    def add_record(self, index: int, file: str, width: int, height: int, *, video: str | None = None) -> None:
        """Note that the result with this index is on disk; `width` and `height` in pixels."""
        result, created = self.results[index], self.created
        settings = as_settings(replace(self.options, count=None))
        if self.count > 1:
            settings.pop("seed", None)  # each of several images has another one
        if result.seed is not None:
            settings["seed"] = result.seed
        cost = created.credits_deducted if created is not None else None
        self.records[index] = ImageRecord(
            prompt=self.prompt,
            sent_prompt=self.sent_prompt,
            url=None if is_data_url(result.url) else result.url,
            file=file,
            settings=settings,
            source_url=self.source_url,
            source_file=self.source_file,
            width=width,
            height=height,
            video=video,
            model=self.model or self.options.model,
            cost=None if cost is None else cost / len(self.results),
            generation_id=created.generation_id if created is not None else None,
        )

    async def store(self, trouble: str | None) -> None:
        """Enter what is on disk into the history; `trouble` says why some of the images are missing."""
        records = [self.records[index] for index in sorted(self.records)]
        entry = None
        if self.message_id is not None:
            try:
                entry = self.writer.stored.get(self.message_id)
            except KeyError:
                self.message_id = None  # it was deleted meanwhile; what was paid for is kept all the same
        if entry is not None and entry.image is not None:
            variants = [*(entry.variants or [entry.image]), *records]
            message = with_chosen(replace(entry, variants=variants), records[0])
        else:
            message = image_message(*records, message_id=self.image_id, reply_to=self.reply_to)
        missing = max(self.count, len(self.results)) - len(records)
        if missing and trouble is None:
            trouble = f"The service made only {len(records)} of {self.count} pictures."
        path_of = self.writer.stored.path_of
        generated = GeneratedImage(
            message=message,
            records=tuple(records),
            paths=tuple(path_of(record.video or record.file) for record in records),
            missing=missing,
            error=trouble,
        )
        self.generated = generated
        await self.writer.put_anywhere(message)

    # What is published

    def publish_start(self) -> None:
        """Publish that the job begins or goes on."""
        self.writer.publish(
            ImageGenerationStart(
                image_id=self.image_id,
                prompt=self.prompt,
                message_id=self.message_id,
                reply_to=self.reply_to,
                count=self.count,
                is_video=self.is_video,
                is_resumed=self.is_resumed,
            )
        )

    def publish_progress(self, percent: float | None) -> None:
        """Publish how far the job is, from 0 to 100."""
        self.percent = percent
        preview = self.preview
        self.writer.publish(
            ImageGenerationProgress(
                image_id=self.image_id,
                percent=percent,
                elapsed=time.monotonic() - self.started,
                estimated=self.created.estimated_time if self.created is not None else None,
                preview=str(preview.path) if preview is not None else None,
                preview_size=(preview.width, preview.height) if preview is not None else (0, 0),
            )
        )

    def show_preview(self, preview: Preview | None) -> None:
        """Publish the image so far; None: there is no preview any more."""
        self.preview = preview
        if preview is not None:
            self.publish_progress(self.percent)

    def publish_retry(self, notice: RetryNotice) -> None:
        """Publish that the service is asked again later."""
        self.was_refused = True
        self.writer.publish_retry(notice, image_id=self.image_id)

    def publish_complete(self) -> None:
        """Publish what is in the history now."""
        generated = self.generated
        if generated is None:
            raise RuntimeError("a job is complete when its images are stored")
        path_of = self.writer.stored.path_of
        self.writer.publish(
            ImageGenerationComplete(
                image_id=self.image_id,
                prompt=self.prompt,
                image_url=generated.record.url,
                path=str(path_of(generated.record.file)),
                message_id=generated.message.id,
                paths=[str(path_of(record.file)) for record in generated.records],
                video=str(generated.path) if self.is_video else None,
                missing=generated.missing,
                error=generated.error,
            )
        )

    def publish_failure(self, title: str, sentence: str, *, error: BackendError | None = None) -> None:
        """Publish that there is no image, and why; `error` tells whether another try may succeed."""
        credits_told = error if isinstance(error, OutOfCredits) else None
        self.failure = ImageGenerationError(
            image_id=self.image_id,
            prompt=self.prompt,
            title=title,
            error=sentence,
            retryable=error is None or error.retryable,
            message_id=self.message_id,
            reply_to=self.reply_to,
            required=credits_told.required if credits_told else None,
            available=credits_told.available if credits_told else None,
        )
        self.writer.publish(self.failure)


def with_chosen(message: ChatMessage, record: ImageRecord) -> ChatMessage:
    """The history entry with `record`, one of its variants, as the image that is shown and that the model knows of."""
    return replace(message, image=record, content=record_description(record), undecided=False)
