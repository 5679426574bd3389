"""Batches: what is sent, what came of each prompt, and that one is never sent twice."""

from __future__ import annotations

import msgspec
import pytest

from animus_tui.backends.animus.media_values import BatchPrompt, BatchReceipt, BatchResult
from animus_tui.backends.base.errors import AnswerError, NetworkError, OutOfCredits, ServiceBusy
from tests.support.backend_client import SECRET, client_of
from tests.support.scripted_server import End, Script, answer, error, scripted

TWO = [BatchPrompt(prompt="a cat"), BatchPrompt(prompt="a dog\n  with a hat")]


def told(**fields: object) -> Script:
    return [answer(msgspec.json.encode(fields))]


async def sent(script: Script, prompts: list[BatchPrompt] = TWO) -> BatchReceipt:
    async with scripted(script) as server, client_of(server) as client:
        return await client.create_batch(prompts)


async def test_only_what_is_set_is_sent_and_prompts_stay_as_they_are() -> None:
    prompts = [
        *TWO,
        BatchPrompt(prompt="me", face_swap=False, use_face_lora=True, source_image_url="https://x.example/a"),
    ]
    async with scripted(told(batch_id="b")) as server, client_of(server) as client:
        await client.create_batch(TWO)
        await client.create_batch(prompts, character_id="c", group_id="g", group_title="Holiday")
    plain, full = (request.json for request in server.received)
    assert {(request.method, request.path) for request in server.received} == {("POST", "/generation/batch")}
    assert plain == {"prompts": [{"prompt": "a cat"}, {"prompt": "a dog\n  with a hat"}]}
    assert full == {
        "prompts": [
            {"prompt": "a cat"},
            {"prompt": "a dog\n  with a hat"},
            {
                "prompt": "me",
                "face_swap": False,
                "use_face_lora": True,
                "source_image_url": "https://x.example/a",
            },
        ],
        "character_id": "c",
        "group_id": "g",
        "group_title": "Holiday",
    }


async def test_a_partial_failure_is_told_per_prompt_in_the_order_of_the_prompts() -> None:
    receipt = await sent(
        told(
            batch_id="b1",
            group_id="g1",
            generation_type="text_to_image",
            status="partial",
            message="One \x1b[31mfailed",
            total_requested="2",
            successful_submissions=1,
            failed_submissions=1,
            estimated_time=12,
            credits_deducted=1,
            remaining_balance=3.5,
            results=[
                {
                    "generation_id": None,
                    "status": "failed",
                    "prompt_index": 1,
                    "error": {"message": f"Bearer {SECRET} refused"},
                },
                {"generation_id": "x", "status": "queued", "prompt_index": 0, "error": None, "new": 1},
            ],
        )
    )
    assert receipt == BatchReceipt(
        batch_id="b1",
        group_id="g1",
        status="partial",
        message="One failed.",
        total_requested=2,
        successful_submissions=1,
        failed_submissions=1,
        estimated_time=12,
        credits_deducted=1,
        remaining_balance=3.5,
        results=[
            BatchResult(prompt_index=0, generation_id="x", status="queued"),
            BatchResult(prompt_index=1, status="failed", error="Bearer [secret] refused."),
        ],
    )
    assert [result.is_submitted for result in receipt.results] == [True, False]


async def test_counts_that_are_not_told_are_counted() -> None:
    results = [{"generation_id": "x"}, {"error": "no"}, {"generation_id": 7, "status": "Error"}]
    receipt = await sent(told(results=results, failed_submissions=None))
    assert (receipt.total_requested, receipt.successful_submissions, receipt.failed_submissions) == (3, 1, 2)


@pytest.mark.parametrize("index", [None, -1, "first", [], 1.5])
async def test_a_result_without_a_usable_index_has_that_of_its_place(index: object) -> None:
    results = [None, {"generation_id": "x", "prompt_index": index}, "odd"]
    assert (await sent(told(batch_id="b", results=results))).results == [
        BatchResult(prompt_index=1, generation_id="x")
    ]


async def test_results_that_share_an_index_have_those_of_their_places() -> None:
    results = [{"generation_id": "x", "prompt_index": 0}, {"generation_id": "y", "prompt_index": 0}]
    assert [
        (result.prompt_index, result.generation_id) for result in (await sent(told(results=results))).results
    ] == [
        (0, "x"),
        (1, "y"),
    ]


async def test_a_job_is_not_given_to_two_prompts() -> None:
    results = [{"generation_id": "x", "prompt_index": 0}, {"generation_id": "x", "prompt_index": 1}]
    first, second = (await sent(told(results=results))).results
    assert (first.generation_id, second.generation_id) == ("x", None)
    assert second.error == "The service named the job of another prompt."


@pytest.mark.parametrize("field", ["error", "message", "reason", "detail"])
async def test_a_prompt_that_was_refused_says_why(field: str) -> None:
    (result,) = (
        await sent(told(results=[{"generation_id": "x", "status": "failed", field: "Not allowed"}]))
    ).results
    assert not result.is_submitted
    assert result.error == "Not allowed."


@pytest.mark.parametrize("odd", [None, "none", {"a": 1}, [[]], 7])
async def test_odd_results_do_not_lose_the_batch(odd: object) -> None:
    receipt = await sent(told(batch_id=5, results=odd, estimated_time="long", message=["x"]))
    assert receipt == BatchReceipt(batch_id="5")


async def test_an_answer_that_names_no_batch_is_an_error_with_the_services_words() -> None:
    with pytest.raises(AnswerError, match="names no batch"):
        await sent(told())
    with pytest.raises(AnswerError, match="broke off the batch: too many prompts"):
        await sent(told(message="too many prompts"))


async def test_no_prompt_at_all_is_refused_before_anything_is_sent() -> None:
    async with scripted() as server, client_of(server) as client:
        with pytest.raises(ValueError, match="at least one"):
            await client.create_batch([])
    assert not server.received


async def test_a_batch_is_never_sent_twice_once_it_may_have_arrived() -> None:
    rows: list[Script] = [[End.RESET], [b""], [b"HTTP/1.1 2"], [error(502)], [error(503)], [error(504)]]
    for script in rows:
        async with scripted(script) as server, client_of(server) as client:
            with pytest.raises((NetworkError, ServiceBusy)):
                await client.create_batch(TWO)
        assert len(server.received) == 1


async def test_429_before_a_batch_is_retried_as_nothing_was_started() -> None:
    async with scripted([error(429)], told(batch_id="b")) as server, client_of(server) as client:
        assert (await client.create_batch(TWO)).batch_id == "b"
    assert len(server.received) == 2


async def test_402_of_a_batch_speaks_of_the_batch() -> None:
    with pytest.raises(OutOfCredits, match=r"The batch needs 8, the account has 3\.") as caught:
        await sent([error(402, {"required": 8, "available": "3.0"})])
    assert (caught.value.required, caught.value.available) == (8, 3)
