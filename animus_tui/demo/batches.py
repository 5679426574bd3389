"""`POST /generation/batch`: several prompts at once, each with its own outcome.

A prompt that says "fail this" is not accepted; the others are. What is not accepted costs nothing.
"""

import asyncio
import secrets
from typing import Annotated

from msgspec import Meta, Struct
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from animus_tui.demo.faults import Effect, asked_fault, choose_effect, json_answer
from animus_tui.demo.jobs import (
    MOST_RESULTS,
    JobRequest,
    Plan,
    new_group,
    plan,
    refuse_too_many,
    seconds_left,
    start,
)
from animus_tui.demo.kinds import kind_of
from animus_tui.demo.wire import as_json, demo_of, read

REFUSED = "fail this"


class BatchPrompt(Struct, kw_only=True):
    """One of the prompts."""

    prompt: str
    face_swap: bool = True
    use_face_lora: bool = True
    use_body_lora: bool = True
    source_image_url: str | None = None


class BatchRequest(Struct, kw_only=True):
    """The request's body."""

    prompts: Annotated[list[BatchPrompt], Meta(min_length=1, max_length=MOST_RESULTS)]
    character_id: str | None = None
    group_id: str | None = None
    group_title: str | None = None


async def create(request: Request) -> Response:
    """Start a job for each prompt."""
    demo = demo_of(request)
    demo.stats.batches += 1
    wanted = await read(request, BatchRequest)
    effect = choose_effect([], request.headers.get("x-demo-fault"), demo.spent_faults)
    await asyncio.sleep(effect.delay)
    if effect.answer is not None:
        return effect.answer
    group = wanted.group_id or new_group()
    jobs = [_job(wanted, prompt) for prompt in wanted.prompts]
    outcomes = [await _planned(request, job) for job in jobs]
    plans = [outcome for outcome in outcomes if isinstance(outcome, Plan)]
    refuse_too_many(demo, len(plans))
    price = sum(planned.credits for planned in plans)
    shortage = demo.account.shortage(price)
    if shortage is not None:
        return as_json(shortage, 402)
    demo.account.take(price)
    results: list[dict[str, object]] = []
    for index, outcome in enumerate(outcomes):
        if isinstance(outcome, Plan):
            generation = start(demo, outcome, _effect(outcome, demo.spent_faults), group)
            told = {"generation_id": generation.key, "status": generation.status, "error": None}
        else:
            told = {"generation_id": None, "status": "failed", "error": outcome}
        results.append({**told, "prompt_index": index})
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
        "estimated_time": seconds_left(demo) if plans else 0,
        "credits_deducted": price,
        "remaining_balance": demo.account.balance,
        "results": results,
    }
    return json_answer(answer, effect)


def _job(wanted: BatchRequest, prompt: BatchPrompt) -> JobRequest:
    return JobRequest(
        prompt=prompt.prompt,
        face_swap=prompt.face_swap,
        use_face_lora=prompt.use_face_lora,
        use_body_lora=prompt.use_body_lora,
        source_image_url=prompt.source_image_url,
        character_id=wanted.character_id,
        group_id=wanted.group_id,
        group_title=wanted.group_title,
    )


async def _planned(request: Request, job: JobRequest) -> Plan | str:
    """What is to be made, or the sentence that says why it cannot be."""
    if REFUSED in job.prompt.lower():
        return "The prompt asked to be refused."
    try:
        return await plan(request, job)
    except HTTPException as refusal:
        return refusal.detail


def _effect(planned: Plan, spent: set[str]) -> Effect:
    """A prompt's own fault, as far as it is one of the picture and not of the answer."""
    prompt = planned.wanted.prompt
    return choose_effect([prompt], None, spent) if asked_fault(prompt) is not None else Effect()
