"""What is written down of a picture job for another run of the program, and whether that has anything left to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from animus_tui.chat.pending_jobs import PendingJob
from animus_tui.chat.picture_options import as_settings

if TYPE_CHECKING:
    from animus_tui.chat.image_job import ImageJob
    from animus_tui.chat.messages import ImageRecord


def pending_of(job: ImageJob) -> PendingJob:
    """All that is needed to go on with a job that the service has named, or with the picture that it made at once."""
    created = job.created
    made = job.results[0] if created is None else None
    return PendingJob(
        image_id=job.image_id,
        generation_id=created.generation_id if created is not None else "",
        url=made.url if made is not None else None,
        seed=made.seed if made is not None else None,
        prompt=job.prompt,
        message_id=job.message_id,
        reply_to=job.reply_to,
        source_url=job.source_url,
        settings=as_settings(job.options),
        poster=job.poster,
        cost=created.credits_deducted if created is not None else None,
        created=job.since,
    )


def is_in_history(job: ImageJob) -> bool:
    """Whether its pictures are in their entry already, as when the program ended before it forgot the job."""
    try:
        entry = job.transcript.stored.get(job.message_id or job.image_id)
    except KeyError:
        return False
    records = [*(entry.variants or []), *([entry.image] if entry.image else [])]
    return any(_is_of(job, record) for record in records)


def _is_of(job: ImageJob, record: ImageRecord) -> bool:
    if job.created is not None:
        return record.generation_id == job.created.generation_id
    return any(record.url == result.url for result in job.results)
