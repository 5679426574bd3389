"""What the service tells of a job that has ended well. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from animus_tui.api.models import GenerationJob


class Result(Struct, frozen=True):
    """One picture or clip that was made."""

    url: str
    seed: int | None = None
    """The one that was used, when it was told."""


def results_of(job: GenerationJob) -> list[Result]:
    """All that was made. Seeds of several stand in a list `seeds` of the job's metadata, if anywhere."""
    urls, several = job.result_urls, job.performance_metadata.get("seeds")
    if isinstance(several, list) and len(several) == len(urls):
        seeds = [seed if isinstance(seed, int) else None for seed in several]
    else:
        seeds = [job.seed if len(urls) == 1 else None] * len(urls)
    return [Result(url, seed) for url, seed in zip(urls, seeds, strict=True)]


def model_of(job: GenerationJob) -> str | None:
    """What it was made with, when that was told."""
    model = job.performance_metadata.get("model")
    return model if isinstance(model, str) and model.strip() else None
