"""`/generation/create`, `/generation/batch` and `/generation/status/{id}`: images, edits and videos as jobs.

A job whose prompt says "fail this" or "fail later" is accepted and ends badly when more than half of it is done.
In a batch a prompt that says "fail this" is not accepted; the others are. What is not accepted costs nothing.
"""

import asyncio
import math
import secrets
import time
from typing import Annotated

from msgspec import Meta, Struct
from msgspec.structs import asdict, replace
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from animus_tui.demo.catalog import ready_character
from animus_tui.demo.faults import Effect, asked_effect, effect_of_text, json_answer
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
)
from animus_tui.demo.http_messages import base_of
from animus_tui.demo.images import ImageSettings, Source, find_source, keep, made, recipe_of
from animus_tui.demo.pictures import Handling, Recipe, Share, Steps
from animus_tui.demo.state import AT_ONCE, Demo, demo_of, read

MOST_UNFINISHED = 64
"""Results on their way at the same time."""
SEVERAL = 0.5
"""Share of the usual time that each of several results of one job takes."""
REFUSED, FAILS = "fail this", ("fail this", "fail later")
FAILS_AT = 0.6
"""Share of the time after which such a job fails."""
TOLD = ("negative_prompt", "strength", "guidance_scale", "num_inference_steps", "character_id", "model")
"""Settings that `performance_metadata` repeats."""


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

    def kind(self) -> Kind:
        """The kind that is asked for or named; 400 when the request lacks what the kind needs."""
        if self.generation_type is not None:
            if self.generation_type not in KINDS:
                raise HTTPException(400, f"generation_type is one of {', '.join(KINDS)}.")
            kind = KINDS[self.generation_type]
        elif self.convert_to_video:
            kind = VIDEO
        elif self.character_id is not None:
            kind = CHARACTER_RENDER
        else:
            kind = PHOTO_EDIT if self.source_image_url is not None else TEXT_TO_IMAGE
        for field in kind.needs:
            if getattr(self, field) is None:
                raise HTTPException(400, f"{field} is missing; the generation type {kind.name} needs it.")
        return kind


class Plan(Struct, frozen=True):
    """A job with everything settled, before it is paid for."""

    wanted: JobRequest
    kind: Kind
    recipes: list[Recipe]
    """One a result; the seeds count up from the first, so that each can be had again by itself."""
    source: Source | None


async def _planned(request: Request, wanted: JobRequest) -> Plan:
    """What is to be made; 400 or 404 with a sentence when it cannot be."""
    demo = demo_of(request)
    if wanted.num_images > MOST_RESULTS:
        raise HTTPException(400, f"num_images takes a whole number from 1 to {MOST_RESULTS}.")
    if wanted.convert_to_video and wanted.source_image_url is None:
        raise HTTPException(400, "convert_to_video needs a source_image_url.")
    if wanted.group_id in demo.library.deleted_groups:
        raise HTTPException(404, f"There is no group {wanted.group_id}.")
    kind = wanted.kind()
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
    first = recipe_of(demo, wanted, source, handling)
    seeds = [(first.seed + number) % 2**63 for number in range(wanted.num_images)]
    return Plan(wanted, kind, [replace(first, seed=seed) for seed in seeds], source)


def _charge(demo: Demo, plans: list[Plan]) -> float:
    """Take the price of jobs and return it; 429 when too many were on their way, 402 for too few credits."""
    unfinished = sum(each.count for each in demo.library.unfinished())
    if unfinished + sum(len(plan.recipes) for plan in plans) > MOST_UNFINISHED:
        sentence = f"More than {MOST_UNFINISHED} images at the same time are too many; wait for some of them."
        raise HTTPException(429, sentence, {"Retry-After": "2"})
    price = sum(plan.kind.credits * len(plan.recipes) for plan in plans)
    demo.take_credits(price)
    return price


def _started(demo: Demo, plan: Plan, effect: Effect, group: str) -> Generation:
    """Begin a job that is paid for."""
    wanted, first, seeds = plan.wanted, plan.recipes[0], [recipe.seed for recipe in plan.recipes]
    size = {} if plan.kind is VIDEO else {"width": first.width, "height": first.height}
    asked = {name: getattr(wanted, name) for name in TOLD if getattr(wanted, name) is not None}
    generation = Generation(
        prompt=wanted.prompt,
        kind=plan.kind,
        group=group,
        settings={"seed": seeds[0], "seeds": seeds} | size | asked,
        count=len(seeds),
        seconds=demo.options.paint_ms / 1000 * plan.kind.effort * (1 if len(seeds) == 1 else SEVERAL),
        poll_fault=effect.poll,
    )
    demo.library.add(generation, title=wanted.group_title, character=wanted.character_id)
    generation.task = asyncio.create_task(_run(demo, generation, plan, effect))
    return generation


async def _run(demo: Demo, generation: Generation, plan: Plan, effect: Effect) -> None:
    """Make the results of a job one after the other, and end it well or badly."""
    status, error = effect.job_ends or "completed", effect.job_error
    results = []
    async with demo.slots:
        started = time.monotonic()
        try:
            for recipe in plan.recipes:
                generation.begin()
                if any(words in recipe.prompt.lower() for words in FAILS):
                    await asyncio.sleep(generation.seconds * FAILS_AT)
                    raise HTTPException(400, "The painter dropped the brush, as the prompt asked.")  # noqa: TRY301
                is_video = plan.kind is VIDEO
                picture = await made(demo, recipe, plan.source, effect, generation.seconds, is_video=is_video)
                results.append(keep(demo, picture))
                generation.done += 1
        except HTTPException as refusal:
            status, error = "failed", refusal.detail
        except Exception:
            # A mistake in the painter is one job's trouble: nobody waits for ever, and the log has the details.
            generation.end("failed", [], "The painter has failed. That is a bug.", time.monotonic() - started)
            raise
    is_well = status.lower() in ENDED_WELL
    generation.end(status, results if is_well else [], None if is_well else error, time.monotonic() - started)
    demo.library.results |= {each.key: each for each in generation.results}


def _paid(demo: Demo, price: float) -> dict[str, object]:
    """What both answers tell: the seconds until all that is on its way is done, the price, and what is left."""
    waiting = demo.library.unfinished()
    longest = max((each.seconds * each.count for each in waiting), default=0.0)
    work = sum(each.seconds * (each.count - each.done) for each in waiting)
    seconds = max(1, math.ceil(max(longest, work / AT_ONCE))) if waiting else 0
    return {"estimated_time": seconds, "credits_deducted": price, "remaining_balance": demo.credits}


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
    }
    return json_answer({**answer, **_paid(demo, price)}, effect)


async def create_batch(request: Request) -> Response:
    """Start a job for each prompt that can be accepted."""
    demo = demo_of(request)
    demo.stats.batches += 1
    batch = await read(request, BatchRequest)
    effect = await asked_effect(request)
    group = batch.group_id or f"grp_{secrets.token_hex(8)}"
    shared = {name: getattr(batch, name) for name in ("character_id", "group_id", "group_title")}
    jobs = [JobRequest(**asdict(prompt), **shared) for prompt in batch.prompts]
    outcomes = [await _planned_or_refused(request, job) for job in jobs]
    plans = [outcome for outcome in outcomes if isinstance(outcome, Plan)]
    price = _charge(demo, plans)
    results: list[dict[str, object]] = []
    for index, outcome in enumerate(outcomes):
        told: dict[str, object] = {"generation_id": None, "status": "failed", "error": outcome}
        if isinstance(outcome, Plan):
            # A prompt's own fault is one of its image, not of this answer.
            generation = _started(demo, outcome, effect_of_text(outcome.wanted.prompt), group)
            told = {"generation_id": generation.key, "status": generation.status, "error": None}
        results.append(told | {"prompt_index": index})
    failed = len(outcomes) - len(plans)
    answer = {
        "batch_id": f"bat_{secrets.token_hex(8)}",
        "group_id": group if plans else None,
        "generation_type": jobs[0].kind().name,
        "status": "failed" if not plans else "partial" if failed else "pending",
        "message": f"{len(plans)} of {len(outcomes)} generations have started.",
        "total_requested": len(outcomes),
        "successful_submissions": len(plans),
        "failed_submissions": failed,
        "results": results,
    }
    return json_answer({**answer, **_paid(demo, price)}, effect)


async def _planned_or_refused(request: Request, job: JobRequest) -> Plan | str:
    """What is to be made, or the sentence that says why it cannot be."""
    if REFUSED in job.prompt.lower():
        return "The prompt asked to be refused."
    try:
        return await _planned(request, job)
    except HTTPException as refusal:
        return refusal.detail


async def status(request: Request) -> Response:
    """How far a job is."""
    demo, key = demo_of(request), request.path_params["key"]
    demo.stats.polls += 1
    generation = demo.library.generations.get(key)
    fault = generation.poll_fault if generation is not None else None
    if generation is not None:
        generation.poll_fault = None
    effect = await asked_effect(request, fault)
    if generation is None:
        raise HTTPException(404, f"There is no generation {key}.")
    return json_answer(generation.as_answer(base_of(request)), effect)
