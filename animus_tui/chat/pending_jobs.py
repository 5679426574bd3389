"""Jobs that the service works at, kept in their conversation's folder until their pictures are there.

`conversations/<id>/jobs/<image id>.json`: written as soon as the service has named the job, or the picture that it made
at once, so that whatever happens to this program, the picture is fetched and not paid for a second time. Everything
here waits for the disk.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct, field

from animus_tui.atomic import make_folder, read_regular, remove_leftovers, write_atomically
from animus_tui.chat.messages import ImageRecord, now

if TYPE_CHECKING:
    from pathlib import Path

    from animus_tui.chat.storage.store import ConversationStore

log = logging.getLogger(__name__)

JOBS = "jobs"
LONGEST_WAIT = timedelta(days=7)
"""After which a job that fails at each start is forgotten."""


class PendingJob(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """All that is needed to go on with a job in another run of the program."""

    image_id: str
    generation_id: str = ""
    """The service's name of the job; empty where it made the picture at once."""
    url: str | None = None
    """Where that picture is."""
    seed: int | None = None
    """The one that was used for it, when it was told."""
    prompt: str
    message_id: str | None = None
    """The entry that gets further variants."""
    reply_to: str | None = None
    """The message that promised the picture."""
    source_url: str | None = None
    settings: dict[str, Any] = field(default_factory=dict)
    """By their names on the wire."""
    poster: ImageRecord | None = None
    """Of a clip: the picture that it began as."""
    cost: float | None = None
    """Credits."""
    created: str = field(default_factory=now)
    """ISO 8601 UTC."""


def keep(folder: Path, job: PendingJob) -> None:
    """Write it down in a conversation's folder, which this program writes. A disk that refuses is only logged."""
    jobs = folder / JOBS
    try:
        if not jobs.is_dir():
            make_folder(jobs)
        write_atomically(jobs / f"{job.image_id}.json", msgspec.json.encode(job))
    except OSError as error:
        log.warning("%s: job %s could not be kept: %s", jobs, job.generation_id or job.image_id, error)


def forget(folder: Path, image_id: str) -> None:
    """It has ended. A disk that refuses is only logged."""
    path = folder / JOBS / f"{image_id}.json"
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        log.warning("%s could not be removed: %s", path, error)


def is_recent(since: str) -> bool:
    """Whether a job that was asked for then (ISO 8601) is young enough to be asked after at each start."""
    try:
        begun = datetime.fromisoformat(since)
    except ValueError:
        return False
    if begun.tzinfo is None:
        begun = begun.replace(tzinfo=UTC)
    return datetime.now(UTC) - begun < LONGEST_WAIT


def conversations_with_jobs(store: ConversationStore) -> list[str]:
    """Ids of the conversations that have kept jobs, the one used last first. StoreError."""
    found = [(store.used(folder), folder) for folder in store.named_folders() if _files(folder)]
    return [folder.name for used, folder in sorted(found, reverse=True) if used]


def kept_jobs(folder: Path) -> list[PendingJob]:
    """The jobs of a conversation that this program writes, oldest first; one that cannot be read is only logged."""
    jobs: list[PendingJob] = []
    for path in _files(folder):
        try:
            job = msgspec.json.decode(read_regular(path), type=PendingJob)
        except (OSError, ValueError, RecursionError) as error:
            log.warning("%s is no job: %s", path, error)
            continue
        is_named = job.generation_id.strip() or job.url
        if path.name == f"{job.image_id}.json" and is_named and job.prompt.strip():
            jobs.append(job)
    try:
        remove_leftovers(folder / JOBS)
    except OSError as error:
        log.warning("%s: %s", folder / JOBS, error)
    return sorted(jobs, key=lambda job: job.created)


def _files(folder: Path) -> list[Path]:
    try:
        return [path for path in (folder / JOBS).glob("*.json") if path.is_file() and not path.is_symlink()]
    except OSError as error:
        log.warning("%s: %s", folder / JOBS, error)
        return []
