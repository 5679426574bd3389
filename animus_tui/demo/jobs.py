"""`/generation/create` and `/generation/status/{id}`: single pictures as jobs that report their percent."""

import asyncio
import secrets
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated

from msgspec import Meta
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from animus_tui.demo.faults import Effect, choose_effect, json_answer
from animus_tui.demo.orders import Order, PictureSettings, address, find_source, paint, settle
from animus_tui.demo.wire import as_json, demo_of, read

KEPT_JOBS = 256
STARTING_CREDITS = 1000
ENDED_WELL = frozenset({"completed", "complete", "succeeded", "success", "done"})


class JobRequest(PictureSettings):
    """The request's body, as far as single pictures go."""

    negative_prompt: str | None = None
    strength: Annotated[float, Meta(ge=0, le=1)] | None = None
    num_images: Annotated[int, Meta(ge=1)] = 1
    character_id: str | None = None
    source_image_url: str | None = None
    convert_to_video: bool = False
    group_id: str | None = None
    group_title: str | None = None
    generation_type: str | None = None


@dataclass(slots=True)
class Job:
    """One picture on its way."""

    prompt: str
    kind: str
    group: str
    seconds: float
    """How long it is going to take."""
    created_at: str = field(default_factory=lambda: datetime.now(UTC).isoformat())
    started: float = field(default_factory=time.monotonic)
    status: str = "pending"
    urls: list[str] = field(default_factory=list)
    error: str | None = None
    task: asyncio.Task[None] | None = None
    took: float | None = None

    @property
    def progress(self) -> int:
        """Percent; 100 only when it has ended."""
        if self.took is not None:
            return 100
        return min(99, int(100 * (time.monotonic() - self.started) / max(self.seconds, 0.001)))


class JobBook:
    """The jobs of a server, the newest few hundred."""

    def __init__(self) -> None:
        self._jobs: OrderedDict[str, Job] = OrderedDict()

    def add(self, job: Job) -> str:
        """Keep a job; returns its id."""
        key = f"gen_{secrets.token_hex(12)}"
        self._jobs[key] = job
        if len(self._jobs) > KEPT_JOBS:
            self._jobs.popitem(last=False)
        return key

    def get(self, key: str) -> Job | None:
        """The job with this id."""
        return self._jobs.get(key)

    def running(self) -> list[asyncio.Task[None]]:
        """The tasks of the jobs that have not ended."""
        return [job.task for job in self._jobs.values() if job.task is not None and not job.task.done()]


def _book(request: Request) -> JobBook:
    book = request.app.state.jobs
    assert isinstance(book, JobBook)  # noqa: S101 - set where the application is made
    return book


def _check(wanted: JobRequest) -> None:
    if wanted.num_images > 1:
        raise HTTPException(400, "This demo makes one picture a job; num_images must be 1.")
    if wanted.character_id is not None or wanted.convert_to_video:
        raise HTTPException(400, "This demo renders no characters and no videos.")


async def create(request: Request) -> Response:
    """Start a job."""
    demo = demo_of(request)
    demo.stats.jobs += 1
    wanted = await read(request, JobRequest)
    effect = choose_effect([wanted.prompt], request.headers.get("x-demo-fault"), demo.spent_faults)
    await asyncio.sleep(effect.delay)
    if effect.answer is not None:
        return effect.answer
    _check(wanted)
    source = await find_source(request, wanted.source_image_url)
    order = settle(wanted, source)
    seconds = demo.options.paint_ms / 1000
    kind = wanted.generation_type or ("photo_edit" if order.source is not None else "text_to_image")
    job = Job(wanted.prompt, kind, wanted.group_id or f"grp_{secrets.token_hex(8)}", seconds)
    key = _book(request).add(job)
    job.task = asyncio.create_task(_run(request, job, order, effect))
    answer = {
        "generation_id": key,
        "group_id": job.group,
        "status": "pending",
        "message": "The generation has started.",
        "estimated_time": max(1, round(seconds)),
        "credits_deducted": 1,
        "remaining_balance": STARTING_CREDITS - demo.stats.jobs,
    }
    return json_answer(answer, effect)


async def _run(request: Request, job: Job, order: Order, effect: Effect) -> None:
    job.status = "processing"
    try:
        picture = await paint(demo_of(request), order, effect)
    except HTTPException as error:
        job.status, job.error = "failed", error.detail
    else:
        job.status = effect.job_ends or "completed"
        if job.status.lower() in ENDED_WELL:
            job.urls = [address(request, picture)]
        else:
            job.error = effect.job_error
    job.took = time.monotonic() - job.started


async def status(request: Request) -> Response:
    """How far a job is."""
    demo = demo_of(request)
    demo.stats.polls += 1
    effect = choose_effect([], request.headers.get("x-demo-fault"), demo.spent_faults)
    if effect.answer is not None:
        return effect.answer
    key = request.path_params["key"]
    job = _book(request).get(key)
    if job is None:
        raise HTTPException(404, f"There is no generation {key}.")
    return as_json(
        {
            "generation_id": key,
            "group_id": job.group,
            "generation_type": job.kind,
            "status": job.status,
            "progress": job.progress,
            "result_urls": job.urls,
            "error": job.error,
            "created_at": job.created_at,
            "prompt": job.prompt,
            "service": "demo-painter",
            "performance_metadata": {} if job.took is None else {"total_seconds": round(job.took, 3)},
        }
    )
