"""Image jobs on disk, in their conversation's folder; every function waits for the disk.

`jobs/<image id>.json` is written as soon as the service has given the job an id, or has made the image at once: after a
crash the image is fetched and not paid for a second time. `begun/<image id>.json` is there from the start until then,
and stays when the job fails: whether the service made that image is not known, so only the user may request it again.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from animus_tui.atomic import ensure_folder, read_regular, remove_leftovers, write_atomically
from animus_tui.backends.base.image_values import ImageOutput, JobProgress
from animus_tui.chat.images.job import ImageJob
from animus_tui.chat.images.options import as_settings, from_record
from animus_tui.chat.messages import ImageRecord, now
from animus_tui.chat.storage.conversation_folder import REQUESTS

if TYPE_CHECKING:
    from collections.abc import Container

    from animus_tui.chat.storage.conversation import StoredConversation
    from animus_tui.chat.storage.conversation_writer import ConversationWriter
    from animus_tui.chat.storage.store import ConversationStore

log = logging.getLogger(__name__)

JOBS = "jobs"
LONGEST_WAIT = timedelta(days=7)
"""After which a job that fails at each start is forgotten."""


class StoredJob(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """The JSON of a job, with which another run of the program goes on with it."""

    image_id: str
    generation_id: str = ""
    """The service's id of the job; empty where it made the image at once."""
    service: str = ""
    """`ImageBackend.identity` of the service that gave that id."""
    url: str | None = None
    """Where that image is."""
    seed: int | None = None
    """The seed that was used for it, when the service told it."""
    prompt: str
    sent_prompt: str | None = None
    """The prompt that is sent, where it is not the prompt itself."""
    message_id: str | None = None
    """The history entry that gets further variants."""
    reply_to: str | None = None
    """The message that promised the image."""
    source_url: str | None = None
    source_file: str | None = None
    """The image that is edited, its path below the conversation's folder."""
    source_path: str | None = None
    """The user's file that is edited, until it is kept as `source_file`."""
    settings: dict[str, Any] = msgspec.field(default_factory=dict)
    """By their names on the wire."""
    poster: ImageRecord | None = None
    """Of a video: the image that it begins as."""
    cost: float | None = None
    """Credits."""
    created: str = msgspec.field(default_factory=now)
    """ISO 8601 UTC."""
    failure: tuple[str, str] | None = None
    """Title and sentence of why it failed; None when the program ended meanwhile."""
    told: str = ""
    """When another run of the program told of it first: ISO 8601 UTC."""


def save_job(job: ImageJob) -> None:
    """Write a job that the service has given an id, if another run of the program can go on with it."""
    if _can_go_on(job):
        write_job(job.writer.stored.folder, _stored(job))
        _remove(job, REQUESTS)


def save_request(job: ImageJob) -> None:
    """Write what is asked for, until the service has given the job an id."""
    if job.is_request and not _can_go_on(job) and (job.outlives_program or job.is_watched):
        write_job(job.writer.stored.folder, _request(job), REQUESTS)


def save_failure(job: ImageJob, title: str, sentence: str, *, is_final: bool) -> None:
    """Write that a job failed, and why, where somebody looks at it; `is_final`: it is not resumed at the next start.

    Of an image that a reply promised nothing is kept: the reply itself says that it is missing.
    """
    if _can_go_on(job) and not is_final:
        return
    _remove(job, JOBS)
    if job.is_request and job.is_watched and job.reply_to is None:
        write_job(job.writer.stored.folder, replace(_request(job), failure=(title, sentence)), REQUESTS)
    else:
        _remove(job, REQUESTS)


def _can_go_on(job: ImageJob) -> bool:
    """Whether another run of the program can go on with what the service has begun or made."""
    return job.is_lasting and job.outlives_program


def _request(job: ImageJob) -> StoredJob:
    """The JSON of what was asked for, without what the service said to it."""
    return replace(_stored(job), generation_id="", service="", url=None, seed=None, cost=None)


def _stored(job: ImageJob) -> StoredJob:
    created = job.created
    made = job.results[0] if created is None and job.results else None
    return StoredJob(
        image_id=job.image_id,
        generation_id=created.generation_id if created is not None else "",
        service=job.service if created is not None else "",
        url=made.url if made is not None else None,
        seed=made.seed if made is not None else None,
        prompt=job.prompt,
        sent_prompt=job.sent_prompt,
        message_id=job.message_id,
        reply_to=job.reply_to,
        source_url=job.source_url,
        source_file=job.source_file,
        source_path=str(job.source_path) if job.source_path and not job.source_file else None,
        settings=as_settings(job.options),
        poster=job.poster,
        cost=created.credits_deducted if created is not None else None,
        created=job.since,
    )


def write_job(folder: Path, job: StoredJob, kind: str = JOBS) -> None:
    """Write a job to a conversation's folder, which this program writes. A disk that refuses is only logged."""
    jobs = folder / kind
    try:
        ensure_folder(jobs)
        write_atomically(jobs / f"{job.image_id}.json", msgspec.json.encode(job))
    except OSError as error:
        log.warning("%s: job %s could not be kept: %s", jobs, job.generation_id or job.image_id, error)


def remove_job(job: ImageJob) -> None:
    """Remove the files of a job that has ended. A disk that refuses is only logged."""
    _remove(job, JOBS)
    _remove(job, REQUESTS)


def _remove(job: ImageJob, kind: str) -> None:
    path = job.writer.stored.folder / kind / f"{job.image_id}.json"
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        log.warning("%s could not be removed: %s", path, error)


def is_recent(job: ImageJob) -> bool:
    """Whether a job is recent enough to be resumed at each start."""
    try:
        begun = datetime.fromisoformat(job.since)
    except ValueError:
        return False
    if begun.tzinfo is None:
        begun = begun.replace(tzinfo=UTC)
    return datetime.now(UTC) - begun < LONGEST_WAIT


def conversations_with_jobs(store: ConversationStore) -> list[str]:
    """Ids of the conversations that have kept jobs, the one used last first. StoreError."""
    found = [(store.used(folder), folder) for folder in store.named_folders() if _files(folder)]
    return [folder.name for used, folder in sorted(found, reverse=True) if used]


def read_jobs(folder: Path) -> list[StoredJob]:
    """The jobs of a conversation that this program writes, oldest first; one that cannot be read is only logged."""
    return [job for job in _read(folder, JOBS) if job.generation_id.strip() or job.url]


def read_requests(stored: StoredConversation, known: Container[str]) -> list[StoredJob]:
    """The images that were asked for and not made, oldest first, of a conversation written here.

    Their files are removed once another run of the program has told of them and the user has said something since.
    `known`: ids of the jobs of this run, which are not told for the first time.
    """
    if not (stored.folder / REQUESTS).is_dir():
        return []
    said = (message.timestamp for message in reversed(stored.newest) if message.role == "user")
    newest = next(said, "")
    begun = []
    for job in _read(stored.folder, REQUESTS):
        if job.told and newest > job.told:
            (stored.folder / REQUESTS / f"{job.image_id}.json").unlink(missing_ok=True)
            continue
        if not job.told and job.image_id not in known:
            write_job(stored.folder, replace(job, told=now()), REQUESTS)
        begun.append(job)
    return begun


def _read(folder: Path, kind: str) -> list[StoredJob]:
    jobs: list[StoredJob] = []
    for path in _files(folder, kind):
        try:
            job = msgspec.json.decode(read_regular(path), type=StoredJob)
        except (OSError, ValueError, RecursionError) as error:
            log.warning("%s is no job: %s", path, error)
            continue
        if path.name == f"{job.image_id}.json" and job.prompt.strip():
            jobs.append(job)
    try:
        remove_leftovers(folder / kind)
    except OSError as error:
        log.warning("%s: %s", folder / kind, error)
    return sorted(jobs, key=lambda job: job.created)


def job_of(stored: StoredJob, writer: ConversationWriter) -> ImageJob:
    """The job that an earlier run of the program has kept, to be run in its conversation."""
    created = None
    if stored.generation_id:
        created = JobProgress(generation_id=stored.generation_id, credits_deducted=stored.cost)
    return ImageJob(
        writer=writer,
        prompt=stored.prompt,
        sent_prompt=stored.sent_prompt,
        image_id=stored.image_id,
        message_id=stored.message_id,
        reply_to=stored.reply_to,
        source_url=stored.source_url,
        source_file=stored.source_file,
        source_path=Path(stored.source_path) if stored.source_path else None,
        options=from_record(stored.settings),
        poster=stored.poster,
        created=created,
        service=stored.service,
        results=[ImageOutput(stored.url, stored.seed)] if stored.url else [],
        since=stored.created,
        is_resumed=True,
    )


def is_in_history(job: ImageJob) -> bool:
    """Whether the job's images are in the history, as when the program ended before it removed the job's file."""
    try:
        entry = job.writer.stored.get(job.message_id or job.image_id)
    except KeyError:
        return False
    records = [*(entry.variants or []), *([entry.image] if entry.image else [])]
    if job.created is not None:
        return any(record.generation_id == job.created.generation_id for record in records)
    if not job.results:  # only begun: an entry of its own has its id
        return job.message_id is None
    return any(record.url == result.url for record in records for result in job.results)


def _files(folder: Path, kind: str = JOBS) -> list[Path]:
    try:
        return [path for path in (folder / kind).glob("*.json") if path.is_file() and not path.is_symlink()]
    except OSError as error:
        log.warning("%s: %s", folder / kind, error)
        return []
