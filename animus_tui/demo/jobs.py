"""`/generation/create`, `/generation/batch` and `/generation/status/{id}`: images and videos as jobs.

A job whose prompt says "fail this" or "fail later" is accepted and ends badly when more than half of it is done.
In a batch a prompt that says "fail this" is not accepted; the others are. What is not accepted costs nothing.
"""

import asyncio
import math
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta, Struct
from msgspec.structs import replace
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from animus_tui.demo.characters import ready_character
from animus_tui.demo.faults import Effect, asked_effect, asked_fault, effect_of, json_answer
from animus_tui.demo.generations import (
    CHARACTER_RENDER,
    ENDED_WELL,
    KINDS,
    MOST_RESULTS,
    PHOTO_EDIT,
    TEXT_TO_IMAGE,
    VIDEO,
    Generation,
    Kind,
    Result,
)
from animus_tui.demo.http_messages import base_of, demo_of, read
from animus_tui.demo.images import ImageSettings, Source, filmed, find_source, keep, painted, recipe_of
from animus_tui.demo.recipes import Handling, Recipe, Share, Steps
from animus_tui.demo.state import AT_ONCE, Demo

MOST_UNFINISHED = 64
"""Results on their way at the same time."""
SEVERAL = 0.5
"""Share of the usual time that each of several results of one job takes."""
REFUSED, FAILS = "fail this", ("fail this", "fail later")
FAILS_AT = 0.6
"""Share of the time after which such a job fails."""


class JobRequest(ImageSettings):
    """The body of `/generation/create`."""

    negative_prompt: str | None = None
    strength: Share | None = None
    num_images: Steps = 1
    character_id: str | None = None
    use_face_lora: bool = True
    use_body_lora: bool = True
    face_swap: bool = True
    source_image_url: str | None = None
    convert_to_video: bool = False
    group_id: str | None = None
    group_title: str | None = None
    generation_type: str | None = None


class BatchPrompt(Struct, kw_only=True):
    """One of the prompts of a batch."""

    prompt: str
    face_swap: bool = True
    use_face_lora: bool = True
    use_body_lora: bool = True
    source_image_url: str | None = None


class BatchRequest(Struct, kw_only=True):
    """The body of `/generation/batch`."""

    prompts: Annotated[list[BatchPrompt], Meta(min_length=1, max_length=MOST_RESULTS)]
    character_id: str | None = None
    group_id: str | None = None
    group_title: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """A job with everything settled, before it is paid for."""

    wanted: JobRequest
    kind: Kind
    recipe: Recipe
    source: Source | None

    @property
    def credits(self) -> float:
        """What all its results cost."""
        return self.kind.credits * self.wanted.num_images

    @property
    def recipes(self) -> list[Recipe]:
        """One a result; the seeds count up from the first, so that each can be had again by itself."""
        seeds = [(self.recipe.seed + number) % 2**63 for number in range(self.wanted.num_images)]
        return [replace(self.recipe, seed=seed) for seed in seeds]


def kind_of(wanted: JobRequest) -> Kind:
    """The kind that a request asks for, or that it names; 400 when it lacks what the kind needs."""
    if wanted.generation_type is not None:
        if wanted.generation_type not in KINDS:
            raise HTTPException(400, f"generation_type is one of {', '.join(KINDS)}.")
        kind = KINDS[wanted.generation_type]
    elif wanted.convert_to_video:
        kind = VIDEO
    elif wanted.character_id is not None:
        kind = CHARACTER_RENDER
    else:
        kind = PHOTO_EDIT if wanted.source_image_url is not None else TEXT_TO_IMAGE
    for field in kind.needs:
        if getattr(wanted, field) is None:
            raise HTTPException(400, f"{field} is missing; the generation type {kind.name} needs it.")
    return kind


async def _planned(request: Request, wanted: JobRequest) -> Plan:
    """What is to be made; 400 or 404 with a sentence when it cannot be."""
    demo = demo_of(request)
    if wanted.num_images > MOST_RESULTS:
        raise HTTPException(400, f"num_images takes a whole number from 1 to {MOST_RESULTS}.")
    if wanted.convert_to_video and wanted.source_image_url is None:
        raise HTTPException(400, "convert_to_video needs a source_image_url.")
    if wanted.group_id is not None and demo.library.was_deleted(wanted.group_id):
        raise HTTPException(404, f"There is no group {wanted.group_id}.")
    kind = kind_of(wanted)
    character = ready_character(wanted.character_id) if wanted.character_id is not None else None
    keeps_face = character is not None and (wanted.use_face_lora or wanted.face_swap)
    handling = Handling(
        negative=wanted.negative_prompt,
        strength=wanted.strength,
        steps=wanted.num_inference_steps,
        guidance=wanted.guidance_scale,
        likeness=character.face if character is not None and keeps_face else None,
    )
    source = await find_source(request, wanted.source_image_url)
    return Plan(wanted, kind, recipe_of(demo, wanted, source, handling), source)


def _started(demo: Demo, plan: Plan, effect: Effect, group: str) -> Generation:
    """Begin a job that is paid for."""
    wanted, seeds = plan.wanted, [recipe.seed for recipe in plan.recipes]
    settings: dict[str, object] = {"seed": seeds[0], "seeds": seeds}
    if plan.kind is not VIDEO:
        settings |= {"width": plan.recipe.width, "height": plan.recipe.height}
    told = ("negative_prompt", "strength", "guidance_scale", "num_inference_steps", "character_id", "model")
    asked = {name: getattr(wanted, name) for name in told}
    generation = Generation(
        prompt=wanted.prompt,
        kind=plan.kind,
        group=group,
        settings=settings | {name: value for name, value in asked.items() if value is not None},
        count=wanted.num_images,
        seconds=demo.options.paint_ms / 1000 * plan.kind.effort * (1 if wanted.num_images == 1 else SEVERAL),
        poll_fault=effect.poll,
    )
    demo.library.add(generation, title=wanted.group_title, character=wanted.character_id)
    generation.task = asyncio.create_task(_run(demo, generation, plan, effect))
    return generation


def _charge(demo: Demo, plans: list[Plan]) -> float:
    """Take the price of jobs and return it; 429 when too many were on their way, 402 for too few credits."""
    results = sum(plan.wanted.num_images for plan in plans)
    if sum(each.count for each in demo.library.unfinished()) + results > MOST_UNFINISHED:
        sentence = f"More than {MOST_UNFINISHED} images at the same time are too many; wait for some of them."
        raise HTTPException(429, sentence, {"Retry-After": "2"})
    price = sum(plan.credits for plan in plans)
    demo.take_credits(price)
    return price


def _paid(demo: Demo, price: float) -> Mapping[str, object]:
    """What both answers tell: the seconds until all that is on its way is done, the price, and what is left."""
    waiting = demo.library.unfinished()
    longest = max((each.seconds * each.count for each in waiting), default=0.0)
    work = sum(each.seconds * (each.count - each.done) for each in waiting)
    return {
        "estimated_time": max(1, math.ceil(max(longest, work / AT_ONCE))) if waiting else 0,
        "credits_deducted": price,
        "remaining_balance": demo.credits,
    }


async def create(request: Request) -> Response:
    """Start a job."""
    demo = demo_of(request)
    demo.stats.jobs += 1
    wanted = await read(request, JobRequest)
    effect = await asked_effect(request, wanted.prompt)
    plan = await _planned(request, wanted)
    price = _charge(demo, [plan])
    generation = _started(demo, plan, effect, wanted.group_id or f"grp_{secrets.token_hex(8)}")
    answer = {
        "generation_id": generation.key,
        "group_id": generation.group,
        "status": generation.status,
        "message": "The generation has started.",
        **_paid(demo, price),
    }
    return json_answer(answer, effect)


async def create_batch(request: Request) -> Response:
    """Start a job for each prompt that can be accepted."""
    demo = demo_of(request)
    demo.stats.batches += 1
    wanted = await read(request, BatchRequest)
    effect = await asked_effect(request)
    group = wanted.group_id or f"grp_{secrets.token_hex(8)}"
    jobs = [_job_of(wanted, prompt) for prompt in wanted.prompts]
    outcomes = [await _planned_or_refused(request, job) for job in jobs]
    plans = [outcome for outcome in outcomes if isinstance(outcome, Plan)]
    price = _charge(demo, plans)
    results: list[dict[str, object]] = []
    for index, outcome in enumerate(outcomes):
        told: dict[str, object] = {"generation_id": None, "status": "failed", "error": outcome}
        if isinstance(outcome, Plan):
            # A prompt's own fault is one of its image, not of this answer.
            prompt = outcome.wanted.prompt
            own = (
                effect_of((asked_fault(prompt) or "").split())
                if asked_fault(prompt) is not None
                else Effect()
            )
            generation = _started(demo, outcome, own, group)
            told = {"generation_id": generation.key, "status": generation.status, "error": None}
        results.append(told | {"prompt_index": index})
    failed = len(outcomes) - len(plans)
    answer = {
        "batch_id": f"bat_{secrets.token_hex(8)}",
        "group_id": group if plans else None,
        "generation_type": kind_of(jobs[0]).name,
        "status": "failed" if not plans else "partial" if failed else "pending",
        "message": f"{len(plans)} of {len(outcomes)} generations have started.",
        "total_requested": len(outcomes),
        "successful_submissions": len(plans),
        "failed_submissions": failed,
        **_paid(demo, price),
        "results": results,
    }
    return json_answer(answer, effect)


def _job_of(batch: BatchRequest, prompt: BatchPrompt) -> JobRequest:
    """One prompt of a batch as a job of its own."""
    return JobRequest(
        prompt=prompt.prompt,
        face_swap=prompt.face_swap,
        use_face_lora=prompt.use_face_lora,
        use_body_lora=prompt.use_body_lora,
        source_image_url=prompt.source_image_url,
        character_id=batch.character_id,
        group_id=batch.group_id,
        group_title=batch.group_title,
    )


async def _planned_or_refused(request: Request, job: JobRequest) -> Plan | str:
    """What is to be made, or the sentence that says why it cannot be."""
    if REFUSED in job.prompt.lower():
        return "The prompt asked to be refused."
    try:
        return await _planned(request, job)
    except HTTPException as refusal:
        return refusal.detail


async def _run(demo: Demo, generation: Generation, plan: Plan, effect: Effect) -> None:
    status, error = "failed", None
    results: list[Result] = []
    async with demo.slots:
        started = time.monotonic()
        try:
            for recipe in plan.recipes:
                generation.begin()
                if any(words in recipe.prompt.lower() for words in FAILS):
                    await asyncio.sleep(generation.seconds * FAILS_AT)
                    raise HTTPException(400, "The painter dropped the brush, as the prompt asked.")  # noqa: TRY301
                if plan.kind is VIDEO and plan.source is not None and effect.image is None:
                    image = await filmed(demo, plan.source, generation.seconds)
                else:
                    image = await painted(demo, recipe, plan.source, effect, generation.seconds)
                results.append(keep(demo, image))
                generation.done += 1
        except HTTPException as refusal:
            error = refusal.detail
        except Exception:
            # A mistake in the painter is one job's trouble: nobody waits for ever, and the log has the details.
            generation.end("failed", [], "The painter has failed. That is a bug.", time.monotonic() - started)
            raise
        else:
            status = effect.job_ends or "completed"
    if status.lower() not in ENDED_WELL:
        results, error = [], error or effect.job_error
    demo.library.add_results(results)
    generation.end(status, results, error, time.monotonic() - started)


async def status(request: Request) -> Response:
    """How far a job is."""
    demo = demo_of(request)
    demo.stats.polls += 1
    key = request.path_params["key"]
    generation = demo.library.generations.get(key)
    words, poll_fault = None, generation.poll_fault if generation is not None else ()
    if generation is not None and poll_fault:
        words, generation.poll_fault = f"!fault {' '.join(poll_fault)}", ()
    effect = await asked_effect(request, words)
    if generation is None:
        raise HTTPException(404, f"There is no generation {key}.")
    return json_answer(generation.as_answer(base_of(request)), effect)
