"""Batches: what is sent, what came of each prompt, and that one is never sent twice."""

from __future__ import annotations

import msgspec
import pytest
from msgspec.structs import replace

from animus_tui.backends.base.errors import AnswerError, NetworkError, OutOfCredits, ServiceBusy
from animus_tui.backends.base.image_values import CharacterOptions, ImageRequest, JobProgress
from tests.support.backend_client import SECRET, client_of
from tests.support.scripted_server import End, Script, answer, error, scripted

TWO = [ImageRequest(prompt="a cat"), ImageRequest(prompt="a dog\n  with a hat")]


def told(**fields: object) -> Script:
    return [answer(msgspec.json.encode(fields))]


async def sent(script: Script) -> list[JobProgress | AnswerError]:
    async with scripted(script) as server, client_of(server) as client:
        return await client.submit_batch(TWO)


def outcomes(jobs: list[JobProgress | AnswerError]) -> list[str]:
    """The id of each job, or why there is none."""
    reasons = (job.sentence if isinstance(job, AnswerError) else job.generation_id for job in jobs)
    return [reason.removeprefix("The picture was not begun: ") for reason in reasons]


async def test_only_what_is_set_is_sent_and_prompts_stay_as_they_are() -> None:
    character = CharacterOptions(id="c", face_swap=False, face_lora=True)
    async with scripted(told(batch_id="b")) as server, client_of(server) as client:
        await client.submit_batch(TWO)
        await client.submit_batch([replace(TWO[0], character=character, group="Holiday")])
    plain, full = (request.json for request in server.received)
    assert {(request.method, request.path) for request in server.received} == {("POST", "/generation/batch")}
    assert plain == {"prompts": [{"prompt": "a cat"}, {"prompt": "a dog\n  with a hat"}]}
    assert full == {
        "prompts": [{"prompt": "a cat", "face_swap": False, "use_face_lora": True}],
        "character_id": "c",
        "group_title": "Holiday",
    }


async def test_a_partial_failure_is_told_per_prompt_in_the_order_of_the_prompts() -> None:
    refused = {"message": f"Bearer {SECRET} refused\x1b[31m"}
    results = [
        {"generation_id": None, "status": "failed", "prompt_index": 1, "error": refused},
        {"generation_id": "x", "status": "queued", "prompt_index": 0, "error": None, "new": 1},
    ]
    job, error = await sent(
        told(batch_id="b1", estimated_time=12, credits_deducted="1", remaining_balance=3.5, results=results)
    )
    assert job == JobProgress(generation_id="x", estimated_time=12, credits_deducted=1, remaining_balance=3.5)
    assert outcomes([error]) == ["Bearer [secret] refused."]


async def test_the_cost_of_a_batch_is_shared_by_the_jobs_that_were_started() -> None:
    results = [{"generation_id": "x"}, {"generation_id": 7}]
    first, second = await sent(told(results=results, credits_deducted=3))
    assert isinstance(first, JobProgress)
    assert isinstance(second, JobProgress)
    assert (first.credits_deducted, second.credits_deducted) == (1.5, 1.5)
    assert second.generation_id == "7"


@pytest.mark.parametrize("index", [None, -1, "first", [], 1.5])
async def test_a_result_without_a_usable_index_has_that_of_its_place(index: object) -> None:
    results = [None, {"generation_id": "x", "prompt_index": index}, "odd"]
    assert outcomes(await sent(told(batch_id="b", results=results))) == ["the service gave no reason.", "x"]


async def test_results_that_share_an_index_have_those_of_their_places() -> None:
    results = [{"generation_id": "x", "prompt_index": 0}, {"generation_id": "y", "prompt_index": 0}]
    assert outcomes(await sent(told(results=results))) == ["x", "y"]


async def test_a_job_is_not_given_to_two_prompts() -> None:
    results = [{"generation_id": "x", "prompt_index": 0}, {"generation_id": "x", "prompt_index": 1}]
    assert outcomes(await sent(told(results=results))) == [
        "x",
        "The service named the job of another prompt.",
    ]


@pytest.mark.parametrize("field", ["error", "message", "reason", "detail"])
async def test_a_prompt_that_was_refused_says_why(field: str) -> None:
    result = {"generation_id": "x", "status": "Failed", field: "Not allowed"}
    assert outcomes(await sent(told(results=[result])))[0] == "Not allowed."


@pytest.mark.parametrize("odd", [None, "none", {"a": 1}, [[]], 7])
async def test_odd_results_do_not_lose_the_words_of_the_batch(odd: object) -> None:
    jobs = await sent(told(batch_id=5, results=odd, estimated_time="long", message="We are closed"))
    assert outcomes(jobs) == ["We are closed."] * 2


async def test_an_answer_that_names_no_batch_is_an_error_with_the_services_words() -> None:
    with pytest.raises(AnswerError, match="names no batch"):
        await sent(told())
    with pytest.raises(AnswerError, match="broke off the batch: too many prompts"):
        await sent(told(message="too many prompts"))


async def test_a_batch_is_never_sent_twice_once_it_may_have_arrived() -> None:
    rows: list[Script] = [[End.RESET], [b""], [b"HTTP/1.1 2"], [error(502)], [error(503)], [error(504)]]
    for script in rows:
        async with scripted(script) as server, client_of(server) as client:
            with pytest.raises((NetworkError, ServiceBusy)):
                await client.submit_batch(TWO)
        assert len(server.received) == 1


async def test_429_before_a_batch_is_retried_as_nothing_was_started() -> None:
    results = [{"generation_id": "x"}, {"generation_id": "y"}]
    async with scripted([error(429)], told(results=results)) as server, client_of(server) as client:
        assert outcomes(await client.submit_batch(TWO)) == ["x", "y"]
    assert len(server.received) == 2


async def test_402_of_a_batch_speaks_of_the_batch() -> None:
    with pytest.raises(OutOfCredits, match=r"The batch needs 8, the account has 3\.") as caught:
        await sent([error(402, {"required": 8, "available": "3.0"})])
    assert (caught.value.required, caught.value.available) == (8, 3)
