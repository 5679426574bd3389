"""Following a picture job: when it is asked after, what it survives, and that it is never created twice."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import msgspec
import pytest

from animus_tui.backends.animus.client import LONGEST_ESTIMATE, AnimusClient, end_of_job, pause_at
from animus_tui.backends.animus.decode_media import GenerationJob
from animus_tui.backends.base.errors import (
    AnswerError,
    BackendError,
    Gone,
    JobFailed,
    NetworkError,
    ServiceError,
)
from animus_tui.backends.http.timeouts import Timeouts
from animus_tui.config.schema import ApiConfig
from tests.support.backend_client import CAT, SOON, client_of, made
from tests.support.scripted_server import End, Script, ScriptedServer, answer, error, scripted

URL = "https://cdn.example/x.png"
CREATE, STATUS = "/generation/create", "/generation/status/g1"


def told(**fields: object) -> Script:
    return [answer(msgspec.json.encode({"generation_id": "g1", **fields}))]


def nothing(_: object) -> None:
    pass


def moments(estimated: float, end: float) -> list[float]:
    """When a job is asked after until `end` seconds, when every answer comes at once."""
    at, asked = 0.0, list[float]()
    while (at := at + pause_at(at, estimated, Timeouts())) <= end:
        asked.append(round(at, 2))
    return asked


def test_without_an_estimate_the_pauses_grow_from_one_second_to_five() -> None:
    asked = moments(0, 40)
    pauses = [round(late - soon, 2) for soon, late in pairwise(asked)]
    assert asked[0] == 1
    assert pauses == sorted(pauses)
    assert pauses[-1] == pauses[-2] == 5
    assert len(asked) < 13


def test_the_expected_end_is_not_slept_through_and_asked_about_more_often() -> None:
    rows: list[float] = [2, 4, 9, 20, 30, 61.5, 600]
    for estimated in rows:
        asked = moments(estimated, estimated + 3)
        assert min(abs(at - estimated) for at in asked) < 1
        assert len([at for at in asked if at >= estimated]) >= 2
        pauses = [round(late - soon, 2) for soon, late in pairwise([0.0, *asked])]
        assert min(pauses) >= 1
        assert max(pauses) <= 5


@pytest.mark.parametrize("estimated", [1e9, -5, 0, None])
async def test_an_absurd_estimate_neither_delays_nor_prolongs_anything(estimated: float | None) -> None:
    """With a patience that ends when the longest estimate that is believed has hardly begun."""

    async def ask(_: str) -> GenerationJob:
        raise NetworkError("No connection", "There is none.", sent=False)

    timeouts = Timeouts(poll_first=0.001, poll_most=0.002, image=-LONGEST_ESTIMATE)
    with pytest.raises(NetworkError, match="There is none"):
        await asyncio.wait_for(end_of_job("g1", ask, nothing, timeouts, estimated=estimated), 60)


async def test_a_job_is_followed_by_its_id_alone() -> None:
    metadata = {"seed": "18446744073709551615", "steps": 20}
    async with scripted() as server, client_of(server) as client:
        server.by_path = {
            STATUS: [
                told(status="queued", progress=0),
                told(status="painting the eyes", progress="40%"),
                told(
                    status="Completed",
                    progress=100,
                    result_urls=[URL, URL + "2"],
                    group_id=7,
                    generation_type="text_to_image",
                    prompt="a cat",
                    service="x",
                    created_at="2025-01-02T03:04:05Z",
                    performance_metadata=metadata,
                    brand_new_field={"a": [1]},
                ),
            ]
        }
        percents: list[float | None] = []
        job = await client.follow("g1", on_progress=percents.append)
    assert percents == [0, 40, 100]
    assert job == GenerationJob(
        generation_id="g1",
        status="Completed",
        ended="well",
        progress=100,
        result_urls=[URL, URL + "2"],
        seed=18446744073709551615,
    )


async def test_what_a_job_costs_is_told_when_it_is_created() -> None:
    script = told(status="queued", estimated_time="0.01", credits_deducted=2, remaining_balance="7.5")
    async with scripted(script) as server, client_of(server) as client:
        job = await client.submit(CAT)
    assert (job.credits_deducted, job.remaining_balance, job.estimated_time) == (2, 7.5, 0.01)


async def test_a_job_that_was_created_is_not_lost_to_odd_fields() -> None:
    rows: list[dict[str, object]] = [
        {"status": None, "progress": None, "estimated_time": None, "result_urls": None},
        {"status": 7, "progress": [], "estimated_time": "soon", "result_urls": {"a": 1}},
        {"status": ["x"], "message": {"a": 1}, "credits_deducted": True, "remaining_balance": "much"},
        {"prompt": 5, "performance_metadata": "fast", "seed": "lucky", "service": {}, "created_at": 12},
        {"estimated_time": -3, "credits_deducted": 10**400, "seed": 1.5, "group_id": ""},
        {"error": "", "result_urls": [None, "", 5]},
    ]
    for odd in rows:
        async with scripted() as server, client_of(server) as client:
            server.by_path = {CREATE: [told(**odd)], STATUS: [told(status="done", result_urls=[URL])]}
            created = await client.submit(CAT)
            assert (created.generation_id, created.credits_deducted) == ("g1", None)
            assert (await client.follow("g1", on_progress=nothing)).result_urls == [URL]
        assert server.asked(CREATE) == 1


@pytest.mark.parametrize(
    ("trouble", "kind"),
    [
        ([error(401)], ServiceError),
        ([error(403, {"message": "no"})], ServiceError),
        ([error(500)], ServiceError),
        ([answer(b"<html>", kind="text/html")], AnswerError),
    ],
)
async def test_a_caller_that_tries_again_with_the_id_creates_nothing_twice(
    trouble: Script, kind: type[BackendError]
) -> None:
    async with scripted() as server, client_of(server) as client:
        server.by_path = {CREATE: [told(status="queued")], STATUS: [trouble]}
        created = await client.submit(CAT)
        with pytest.raises(kind) as caught:
            await client.follow(created.generation_id, on_progress=nothing)
        assert not isinstance(caught.value, JobFailed | Gone)
        server.by_path[STATUS] = [told(status="done", result_urls=[URL])]
        job = await client.follow(created.generation_id, on_progress=nothing)
    assert job.result_urls == [URL]
    assert server.asked(CREATE) == 1


@pytest.mark.parametrize("status", [404, 410])
async def test_a_job_that_the_service_does_not_know_is_gone(status: int) -> None:
    async with scripted([error(status, {"message": "what?"})]) as server, client_of(server) as client:
        with pytest.raises(Gone) as caught:
            await client.follow("g1", on_progress=nothing)
        with pytest.raises(Gone):
            await client.job_status("g1")
    assert str(caught.value) == "No picture: The picture is no longer on the server (the job expired)."
    assert not caught.value.retryable
    assert len(server.received) == 2 if status == 410 else len(server.received) > 2


@pytest.mark.parametrize(
    "reason", ["Out of\npaint \x1b[2J", {"message": "Out of paint"}, ["Out of", "paint"]]
)
async def test_a_job_that_fails_says_why_and_is_over(reason: object) -> None:
    async with scripted() as server, client_of(server) as client:
        server.by_path = {CREATE: [told(status="queued")], STATUS: [told(status="FAILED", error=reason)]}
        with pytest.raises(JobFailed, match=r"could not be made: Out of;? paint") as caught:
            await made(client)
    assert caught.value.retryable
    assert caught.value.sentence.isprintable()


@pytest.mark.parametrize("field", ["error", "message", "detail", "failure_reason"])
async def test_a_creation_that_answers_failed_says_why_and_is_asked_no_more(field: str) -> None:
    async with scripted() as server, client_of(server) as client:
        server.by_path = {CREATE: [told(status="failed", **{field: "Out of\npaint"})]}
        with pytest.raises(JobFailed, match=r"could not be made: Out of paint\."):
            await made(client)
    assert len(server.received) == 1


PREMATURE = {
    "404": [error(404)],
    "no result yet": told(status="completed", progress=100),
    "another job": told(generation_id="g2", status="completed", result_urls=["https://other.example/"]),
    "another job failed": told(generation_id="g2", status="failed", error="no"),
}


async def test_premature_answers_are_waited_out_and_nothing_is_created_twice() -> None:
    for what in PREMATURE:
        patient = Timeouts(poll_first=0.001, poll_most=0.002)
        async with scripted() as server, client_of(server, timeouts=patient) as client:
            server.by_path = {
                CREATE: [told(status="queued")],
                STATUS: [
                    *[PREMATURE[what]] * 3,
                    told(status="running"),
                    *[PREMATURE[what]] * 3,
                    told(status="done", result_urls=[URL]),
                ],
            }
            assert (await made(client)).result_urls == [URL]
        assert server.asked(CREATE) == 1


@pytest.mark.parametrize("what", ["another job", "another job failed"])
async def test_answers_about_another_job_are_never_taken_for_this_one(what: str) -> None:
    async with scripted(PREMATURE[what]) as server, client_of(server) as client:
        with pytest.raises(AnswerError, match="about another picture job") as caught:
            await client.follow("g1", on_progress=nothing)
    assert not isinstance(caught.value, JobFailed)


async def test_an_end_without_a_result_is_believed_in_the_end() -> None:
    async with scripted(PREMATURE["no result yet"]) as server, client_of(server) as client:
        with pytest.raises(JobFailed, match="gave no reason"):
            await client.follow("g1", on_progress=nothing)
    assert len(server.received) >= 2


class Counting(AnimusClient):
    """Counts the questions, also those that no server hears."""

    asked = 0

    async def job_status(self, generation_id: str) -> GenerationJob:
        self.asked += 1
        return await super().job_status(generation_id)


async def test_a_job_outlives_a_time_in_which_nothing_listens() -> None:
    played = ScriptedServer([told(status="running", progress=10)])
    listener = await asyncio.start_server(played.serve, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    config = ApiConfig(generation_url=f"http://127.0.0.1:{port}", api_key="key-key-key")
    percents: list[float | None] = []
    async with Counting(config, timeouts=SOON) as client:
        following = asyncio.create_task(client.follow("g1", on_progress=percents.append))
        await played.until(2)
        listener.close()
        await played.aclose()
        before = client.asked
        while client.asked < before + 5:
            await asyncio.sleep(0.005)
        back = ScriptedServer([told(status="done", progress=100, result_urls=[URL])])
        async with await asyncio.start_server(back.serve, "127.0.0.1", port):
            job = await following
            await back.aclose()
    assert job.result_urls == [URL]
    assert (percents[0], percents[-1]) == (10, 100)


@pytest.mark.parametrize("waits_for", ["an answer", "the next question"])
async def test_a_cancelled_wait_asks_no_more_and_leaves_nothing_open(waits_for: str) -> None:
    timeouts = SOON if waits_for == "an answer" else Timeouts(poll_first=0.001, poll_most=600)
    asked: Script = [End.HANG] if waits_for == "an answer" else told(status="running")
    before = asyncio.all_tasks()
    async with scripted(asked) as server:
        async with client_of(server, timeouts=timeouts) as client:
            told_once = asyncio.Event()
            following = asyncio.create_task(
                client.follow("g1", on_progress=lambda _: told_once.set(), estimated=3600)
            )
            await server.until(1)
            if waits_for != "an answer":
                await told_once.wait()
            following.cancel()
            with pytest.raises(asyncio.CancelledError):
                await following
            count = len(server.received)
            assert count <= 2
            # The server's side of each connection ends when ours is closed.
            await asyncio.wait(server.serving.keys(), timeout=30 if waits_for == "an answer" else 0)
            assert waits_for != "an answer" or all(task.done() for task in server.serving)
        assert len(server.received) == count
        assert asyncio.all_tasks() - before <= server.serving.keys()


async def test_jobs_are_followed_side_by_side() -> None:
    numbers = range(8)
    async with scripted() as server, client_of(server) as client:
        server.by_path = {
            f"/generation/status/{number}": [
                told(generation_id=str(number), status="running", progress=number),
                told(generation_id=str(number), status="done", result_urls=[f"{URL}?{number}"]),
            ]
            for number in numbers
        }
        jobs = await asyncio.gather(*(client.follow(str(number), on_progress=nothing) for number in numbers))
    assert [job.result_urls for job in jobs] == [[f"{URL}?{number}"] for number in numbers]


@pytest.mark.parametrize("identity", ["", " ", "\n"])
async def test_a_blank_id_is_never_sent(identity: str) -> None:
    async with scripted() as server, client_of(server) as client:
        for asking in (
            client.job_status(identity),
            client.account.delete_generation(identity),
            client.account.delete_group(identity),
            anext(client.account.pictures(identity)),
        ):
            with pytest.raises(ValueError, match="never blank"):
                await asking
    assert not server.received


@pytest.mark.parametrize(
    ("identity", "path"),
    [("..", "%2E%2E"), (".", "%2E"), ("a/../b", "a%2F..%2Fb"), ("a?b#c", "a%3Fb%23c"), ("ü", "%C3%BC")],
)
async def test_an_id_stays_one_part_of_the_path_whatever_it_holds(identity: str, path: str) -> None:
    async with scripted([answer(b"{}")]) as server, client_of(server) as client:
        await client.account.delete_generation(identity)
        await client.account.delete_group(identity)
    assert [request.path for request in server.received] == [
        f"/generation/{path}",
        f"/generation/groups/{path}",
    ]
