"""`/generation/create` and `/generation/status/{id}`: pictures and clips as jobs that report their percent.

A job whose prompt says "fail this" or "fail later" is accepted and ends badly when more than half of it is done.
"""

import asyncio
import math
import secrets
import time
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from animus_tui.demo.characters import sitter
from animus_tui.demo.faults import Effect, choose_effect, effect_of, json_answer
from animus_tui.demo.kinds import VIDEO, Kind, kind_of
from animus_tui.demo.library import ENDED_WELL, Generation, Result
from animus_tui.demo.orders import Order, PictureSettings, film, find_source, keep, paint, settle, with_seed
from animus_tui.demo.recipes import Handling, Share, Steps
from animus_tui.demo.state import AT_ONCE, Demo
from animus_tui.demo.telling import generation_status
from animus_tui.demo.wire import as_json, demo_of, read

MOST_RESULTS = 16
"""Of one request, pictures."""
MOST_UNFINISHED = 64
"""Results on their way at the same time; more is a 429."""
SEVERAL = 0.5
"""Share of the time that each of several results of one job takes."""
FAILS = ("fail this", "fail later")
FAILS_AT = 0.6
"""Share of the time after which such a job fails."""


class JobRequest(PictureSettings):
    """The request's body."""

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


@dataclass(frozen=True, slots=True)
class Plan:
    """A job with everything settled, before it is paid for."""

    wanted: JobRequest
    kind: Kind
    order: Order

    @property
    def credits(self) -> float:
        """What all its results cost."""
        return self.kind.credits * self.wanted.num_images

    @property
    def seeds(self) -> list[int]:
        """One a result, counting up from the first, so that each can be had again by itself."""
        return [(self.order.recipe.seed + number) % 2**63 for number in range(self.wanted.num_images)]


async def plan(request: Request, wanted: JobRequest) -> Plan:
    """What is to be made; 400 or 404 with a sentence when it cannot be."""
    demo = demo_of(request)
    if wanted.num_images > MOST_RESULTS:
        raise HTTPException(400, f"num_images takes a whole number from 1 to {MOST_RESULTS}.")
    if wanted.convert_to_video and wanted.source_image_url is None:
        raise HTTPException(400, "convert_to_video needs a source_image_url.")
    if wanted.group_id is not None and demo.library.was_deleted(wanted.group_id):
        raise HTTPException(404, f"There is no group {wanted.group_id}.")
    kind = kind_of(wanted)
    character = sitter(wanted.character_id) if wanted.character_id is not None else None
    keeps_face = wanted.use_face_lora or wanted.face_swap
    handling = Handling(
        negative=wanted.negative_prompt,
        strength=wanted.strength,
        steps=wanted.num_inference_steps,
        guidance=wanted.guidance_scale,
        likeness=character.face if character is not None and keeps_face else None,
    )
    source = await find_source(request, wanted.source_image_url)
    return Plan(wanted, kind, settle(demo, wanted, source, handling))


def start(demo: Demo, plan: Plan, effect: Effect, group: str) -> Generation:
    """Begin a job that is paid for."""
    wanted, recipe = plan.wanted, plan.order.recipe
    asked = {
        "negative_prompt": wanted.negative_prompt,
        "strength": wanted.strength,
        "guidance_scale": wanted.guidance_scale,
        "num_inference_steps": wanted.num_inference_steps,
        "character_id": wanted.character_id,
        "model": wanted.model,
    }
    settings: dict[str, object] = {"seed": plan.seeds[0], "seeds": plan.seeds}
    if plan.kind is not VIDEO:
        settings |= {"width": recipe.width, "height": recipe.height}
    generation = Generation(
        prompt=wanted.prompt,
        kind=plan.kind,
        group=group,
        settings=settings | {name: value for name, value in asked.items() if value is not None},
        count=wanted.num_images,
        seconds=demo.options.paint_ms / 1000 * plan.kind.effort * (1 if wanted.num_images == 1 else SEVERAL),
        hitch=effect.poll,
    )
    demo.library.add(generation, title=wanted.group_title, character=wanted.character_id)
    generation.task = asyncio.create_task(_run(demo, generation, plan, effect))
    return generation


def new_group() -> str:
    """The id of a group that is not there yet."""
    return f"grp_{secrets.token_hex(8)}"


def seconds_left(demo: Demo) -> int:
    """How long all that is on its way is going to take, in whole seconds, at least 1."""
    work = sum(each.seconds * (each.count - each.done) for each in demo.library.unfinished())
    longest = max((each.seconds * each.count for each in demo.library.unfinished()), default=0.0)
    return max(1, math.ceil(max(longest, work / AT_ONCE)))


def refuse_too_many(demo: Demo, results: int) -> None:
    """429 when so many more results were too many at the same time."""
    if sum(each.count for each in demo.library.unfinished()) + results > MOST_UNFINISHED:
        sentence = (
            f"More than {MOST_UNFINISHED} pictures at the same time are too many; wait for some of them."
        )
        raise HTTPException(429, sentence, {"Retry-After": "2"})


async def create(request: Request) -> Response:
    """Start a job."""
    demo = demo_of(request)
    demo.stats.jobs += 1
    wanted = await read(request, JobRequest)
    effect = choose_effect([wanted.prompt], request.headers.get("x-demo-fault"), demo.spent_faults)
    await asyncio.sleep(effect.delay)
    if effect.answer is not None:
        return effect.answer
    planned = await plan(request, wanted)
    refuse_too_many(demo, wanted.num_images)
    shortage = demo.account.shortage(planned.credits)
    if shortage is not None:
        return as_json(shortage, 402)
    demo.account.take(planned.credits)
    generation = start(demo, planned, effect, wanted.group_id or new_group())
    answer = {
        "generation_id": generation.key,
        "group_id": generation.group,
        "status": generation.status,
        "message": "The generation has started.",
        "estimated_time": seconds_left(demo),
        "credits_deducted": planned.credits,
        "remaining_balance": demo.account.balance,
    }
    return json_answer(answer, effect)


async def _run(demo: Demo, generation: Generation, plan: Plan, effect: Effect) -> None:
    status, error = "failed", None
    results: list[Result] = []
    async with demo.easels:
        started = time.monotonic()
        try:
            for seed in plan.seeds:
                generation.begin()
                if any(words in plan.wanted.prompt.lower() for words in FAILS):
                    await asyncio.sleep(generation.seconds * FAILS_AT)
                    raise HTTPException(400, "The painter dropped the brush, as the prompt asked.")  # noqa: TRY301
                order = with_seed(plan.order, seed)
                if plan.kind is VIDEO and effect.image is None:
                    picture = await film(demo, order, generation.seconds)
                else:
                    picture = await paint(demo, order, effect, generation.seconds)
                results.append(keep(demo, picture))
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
    generation = demo.library.generation(key)
    effect = choose_effect([], request.headers.get("x-demo-fault"), demo.spent_faults)
    if generation is not None and generation.hitch:
        effect, generation.hitch = effect_of(generation.hitch), ()
    await asyncio.sleep(effect.delay)
    if effect.answer is not None:
        return effect.answer
    if generation is None:
        raise HTTPException(404, f"There is no generation {key}.")
    return json_answer(generation_status(request, generation), effect)
