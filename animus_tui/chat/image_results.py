"""How a job of the service ended: what was made, and why nothing was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from animus_tui.backends.base.errors import AnimusError, Gone, JobFailed, PictureError, ServiceError

if TYPE_CHECKING:
    from animus_tui.backends.animus.client import AnimusClient
    from animus_tui.backends.base.models import GenerationJob

UNUSABLE = frozenset({400, 404, 410, 422, 424})
"""Statuses with which a service may refuse a request because of a picture that it was to fetch."""


class Result(Struct, frozen=True):
    """One picture or clip that was made."""

    url: str
    seed: int | None = None
    """The one that was used, when it was told."""


def results_of(job: GenerationJob) -> list[Result]:
    """All that was made."""
    urls = job.result_urls
    seeds: list[int | None] = [None] * len(urls)
    if len(job.seeds) == len(urls):
        seeds = [*job.seeds]
    elif len(urls) == 1:
        seeds = [job.seed]
    return [Result(url, seed) for url, seed in zip(urls, seeds, strict=True)]


def model_of(job: GenerationJob) -> str | None:
    """What it was made with, when that was told."""
    model = job.performance_metadata.get("model")
    return model if isinstance(model, str) and model.strip() else None


async def explained(error: AnimusError, source_url: str | None, client: AnimusClient) -> AnimusError:
    """What to tell when a picture could not be made: the source that is not there any more, or the error itself.

    The service's own words for that are not known, so the source is asked for.
    """
    refused = isinstance(error, JobFailed) or (
        isinstance(error, ServiceError) and error.status in UNUSABLE and not isinstance(error, Gone)
    )
    if source_url is None or not refused:
        return error
    try:
        await client.download(source_url)
    except PictureError as missing:
        if missing.retryable:
            return error
        return PictureError(
            "Picture out of reach", f"The picture to change cannot be fetched: {missing.sentence}"
        )
    except AnimusError:
        pass
    return error
