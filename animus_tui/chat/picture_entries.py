"""Records of pictures, and the history entry of one with variants: grown, and chosen from. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from animus_tui.backends.base.files import is_data_url
from animus_tui.chat.messages import ChatMessage, ImageRecord, record_description
from animus_tui.chat.picture_options import as_settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from animus_tui.chat.image_job import ImageJob


def record_of(
    job: ImageJob, index: int, file: str, width: int, height: int, *, video: str | None = None
) -> ImageRecord:
    """What is kept of the job's result with this index; `width` and `height` in pixels."""
    result, created = job.results[index], job.created
    settings = as_settings(replace(job.options, count=None))
    if job.count > 1:
        settings.pop("seed", None)  # each of them has another one
    if result.seed is not None:
        settings["seed"] = result.seed
    cost = created.credits_deducted if created is not None else None
    return ImageRecord(
        prompt=job.prompt,
        url=None if is_data_url(result.url) else result.url,
        file=file,
        settings=settings,
        source_url=job.source_url,
        width=width,
        height=height,
        video=video,
        model=job.model or job.options.model,
        cost=None if cost is None else cost / len(job.results),
        generation_id=created.generation_id if created is not None else None,
    )


def with_variants(message: ChatMessage, records: Sequence[ImageRecord]) -> ChatMessage:
    """The picture's entry with more variants, the first of which is the one shown."""
    if message.image is None:
        raise ValueError(f"message {message.id} shows no picture")
    return chosen(replace(message, variants=[*(message.variants or [message.image]), *records]), records[0])


def chosen(message: ChatMessage, record: ImageRecord) -> ChatMessage:
    """The entry with `record`, one of its variants, as the picture that is shown and that the model knows of."""
    return replace(message, image=record, content=record_description(record), undecided=False)
