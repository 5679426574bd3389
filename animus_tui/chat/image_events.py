"""What a picture's job tells, as values: one function an event."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from animus_tui.backends.base.errors import OutOfCredits
from animus_tui.chat.events import (
    ImageGenerationComplete,
    ImageGenerationError,
    ImageGenerationProgress,
    ImageGenerationStart,
    RetryScheduled,
)

if TYPE_CHECKING:
    from animus_tui.backends.animus.client import RetryNotice
    from animus_tui.backends.base.errors import AnimusError
    from animus_tui.chat.image_job import ImageJob
    from animus_tui.chat.messages import ChatMessage


def start(job: ImageJob) -> ImageGenerationStart:
    """It begins, or goes on."""
    return ImageGenerationStart(
        conversation_id=job.transcript.id,
        image_id=job.image_id,
        prompt=job.prompt,
        message_id=job.message_id,
        reply_to=job.reply_to,
        count=job.count,
        is_video=job.is_video,
        is_resumed=job.is_resumed,
    )


def progress(job: ImageJob) -> ImageGenerationProgress:
    """How far it is now."""
    return ImageGenerationProgress(
        conversation_id=job.transcript.id,
        image_id=job.image_id,
        percent=job.percent,
        elapsed=time.monotonic() - job.started,
        estimated=job.estimated,
    )


def retry(job: ImageJob, notice: RetryNotice) -> RetryScheduled:
    """The service is asked again later."""
    return RetryScheduled(
        conversation_id=job.transcript.id,
        delay=round(notice.delay * 1000),
        attempt=notice.attempt,
        title=notice.error.title,
        image_id=job.image_id,
    )


def failure_of(job: ImageJob, error: AnimusError) -> ImageGenerationError:
    """The wire or the service was in the way."""
    figures = (error.required, error.available) if isinstance(error, OutOfCredits) else (None, None)
    return failure(job, error.title, error.sentence, retryable=error.retryable, figures=figures)


def failure(
    job: ImageJob,
    title: str,
    sentence: str,
    *,
    retryable: bool,
    figures: tuple[float | None, float | None] = (None, None),
) -> ImageGenerationError:
    """No picture, and why; `figures`: credits that it takes and credits that are left."""
    required, available = figures
    return ImageGenerationError(
        conversation_id=job.transcript.id,
        image_id=job.image_id,
        prompt=job.prompt,
        title=title,
        error=sentence,
        retryable=retryable,
        message_id=job.message_id,
        reply_to=job.reply_to,
        required=required,
        available=available,
    )


def complete(job: ImageJob, message: ChatMessage, trouble: str | None) -> ImageGenerationComplete:
    """What came is in the entry; `trouble`: why some did not come."""
    records = [job.records[index] for index in sorted(job.records)]
    path_of = job.transcript.stored.path_of
    shown = records[0]
    missing = max(job.count, len(job.results)) - len(records)
    if missing and trouble is None:
        trouble = f"The service made only {len(records)} of {job.count} pictures."
    return ImageGenerationComplete(
        conversation_id=job.transcript.id,
        image_id=job.image_id,
        prompt=job.prompt,
        image_url=shown.url,
        path=str(path_of(shown.file)),
        message_id=message.id,
        paths=[str(path_of(record.file)) for record in records],
        video=None if shown.video is None else str(path_of(shown.video)),
        missing=missing,
        error=trouble,
    )
