"""Making pictures: the simple endpoint, and jobs."""

from __future__ import annotations

import asyncio

import msgspec
import pytest
from msgspec.structs import replace

from animus_tui.backends.animus.client import AnimusClient
from animus_tui.backends.base.errors import (
    AnswerError,
    BackendError,
    NetworkError,
    OutOfCredits,
    ServiceBusy,
    ServiceError,
)
from animus_tui.backends.base.image_values import ImageOutput, ImageRequest, ImageResult
from animus_tui.backends.base.protocols import RetryNotice
from animus_tui.backends.http.timeouts import Timeouts
from animus_tui.config.schema import ApiConfig
from tests.support.backend_client import CAT, QUICK, client_of, closed_port, made
from tests.support.scripted_server import End, Script, ScriptedServer, answer, error, scripted

URL = "https://cdn.example/x.png"


def told(**fields: object) -> bytes:
    return answer(msgspec.json.encode(fields))


@pytest.mark.parametrize(
    "answered", [{"output": [URL]}, {"output": URL}, {"outputs": [URL]}, {"output": [None, URL]}]
)
async def test_all_three_shapes_of_a_picture_answer_are_understood(answered: dict[str, object]) -> None:
    async with scripted([told(**answered, seed=7)]) as server, client_of(server) as client:
        got = await client.generate(replace(CAT, width=512))
    assert got == ImageResult(images=[ImageOutput(URL, 7)])
    assert server.received[0].path == "/generate/image"
    assert server.received[0].json == {"prompt": "a cat", "width": 512}


async def test_an_edit_names_the_input_image() -> None:
    async with scripted([told(output=URL)]) as server, client_of(server) as client:
        await client.generate(ImageRequest(prompt="more vibrant", source_url="https://x.example/a.png"))
    assert server.received[0].json == {"prompt": "more vibrant", "input_image": "https://x.example/a.png"}


@pytest.mark.parametrize("answered", [{}, {"output": []}, {"output": ""}, {"output": None, "outputs": [" "]}])
async def test_an_answer_without_a_picture_is_an_error(answered: dict[str, object]) -> None:
    async with scripted([told(**answered)]) as server, client_of(server) as client:
        with pytest.raises(AnswerError, match="names no picture"):
            await client.generate(CAT)


async def test_402_of_a_picture_speaks_of_the_picture() -> None:
    async with (
        scripted([error(402, {"required": 2, "available": 0.5})]) as server,
        client_of(server) as client,
    ):
        with pytest.raises(OutOfCredits, match=r"The picture needs 2, the account has 0\.5\."):
            await client.generate(CAT)


async def test_an_image_job_is_never_created_twice_after_its_request_was_sent() -> None:
    rows_of_create: list[bool] = [True, False]
    for create in rows_of_create:
        rows_of_script: list[Script] = [
            [End.RESET],
            [b""],
            [b"HTTP/1.1 2"],
            [error(502)],
            [error(503)],
            [error(504)],
        ]
        for script in rows_of_script:
            async with scripted(script) as server, client_of(server) as client:
                with pytest.raises((NetworkError, ServiceBusy)) as caught:
                    await (client.submit(CAT) if create else client.generate(CAT))
            assert len(server.received) == 1
            assert caught.value.retryable


async def test_a_picture_that_takes_too_long_is_not_asked_for_again() -> None:
    timeouts = Timeouts(image=0.3)
    async with scripted([End.HANG]) as server, client_of(server, timeouts=timeouts) as client:
        with pytest.raises(NetworkError, match="No answer"):
            await client.generate(CAT)
        await server.until(1)
    assert len(server.received) == 1


async def test_429_before_a_picture_is_retried_as_nothing_was_started() -> None:
    notices = list[RetryNotice]()
    async with scripted([error(429)], [told(output=URL)]) as server, client_of(server) as client:
        assert (await client.generate(CAT, on_retry=notices.append)).images[0].url == URL
    assert [notice.attempt for notice in notices] == [2]


async def test_no_connection_before_a_picture_is_retried_as_nothing_was_sent() -> None:
    notices = list[RetryNotice]()
    config = ApiConfig(base_url=f"http://127.0.0.1:{closed_port()}", api_key="key-key-key")
    async with AnimusClient(config, retry=QUICK) as client:
        with pytest.raises(NetworkError):
            await client.generate(CAT, on_retry=notices.append)
    assert [notice.attempt for notice in notices] == [2, 3]


def job(status: str, **more: object) -> Script:
    return [told(generation_id="g/1", status=status, **more)]


async def run(server: ScriptedServer, *status: Script, **timeouts: float) -> tuple[str, list[float | None]]:
    """Run a job that answers so when it is asked; what it ended with, and the percents that were told."""
    server.by_path = {"/generation/create": [job("queued")], "/generation/status/g%2F1": list(status)}
    percents: list[float | None] = []
    soon = Timeouts(poll_first=0.001, poll_most=0.002, **timeouts)
    async with client_of(server, timeouts=soon) as client:
        try:
            result = await made(client, replace(CAT, source_url=URL, seed=3), on_progress=percents.append)
        except BackendError as failed:
            return str(failed), percents
    return result.result_urls[0], percents


async def test_a_job_is_created_polled_and_its_percent_told() -> None:
    async with scripted() as server:
        got = await run(
            server,
            job("processing", progress=10),
            job("Processing", progress=70.5),
            job("COMPLETED", progress=180, result_urls=[URL]),
        )
    assert got == (URL, [None, 10, 70.5, 100])
    assert server.received[0].json == {"prompt": "a cat", "source_image_url": URL, "seed": 3}


@pytest.mark.parametrize("word", ["completed", "complete", "Succeeded", "success", "done"])
async def test_words_that_end_a_job_well(word: str) -> None:
    async with scripted() as server:
        assert (await run(server, job(word, result_urls=[URL])))[0] == URL


@pytest.mark.parametrize("word", ["failed", "ERROR", "cancelled", "canceled"])
async def test_words_that_end_a_job_badly(word: str) -> None:
    async with scripted() as server:
        got, _ = await run(server, job(word, error="NSFW \x1b[2Jprompt"))
    assert got == "No picture: The picture could not be made: NSFW prompt. Try again."


async def test_a_job_that_ends_well_without_a_picture_is_an_error() -> None:
    async with scripted() as server:
        assert (await run(server, job("done"), settle=0.05))[0].startswith("No picture")


async def test_a_gap_in_the_network_while_polling_does_no_harm_and_creates_nothing_twice() -> None:
    gap: list[Script] = [[End.RESET], [error(503)], [b""], [error(429, more="Retry-After: 0\r\n")]]
    async with scripted() as server:
        got, percents = await run(server, job("running", progress=5), *gap, job("done", result_urls=[URL]))
    assert got == URL
    assert percents == [None, 5, None]
    assert server.asked("/generation/create") == 1


@pytest.mark.parametrize(
    "hitch",
    [
        [error(500)],
        [answer(b"<html>one moment</html>", kind="text/html")],
        [told(generation_id="g/1", status=7)],
        [told(error={"message": "lost for a moment"})],
        [b"not HTTP at all\r\n\r\n"],
    ],
    ids=["500", "HTML", "misshapen", "error object", "no HTTP"],
)
async def test_odd_answers_while_polling_do_not_lose_the_picture_that_is_paid_for(hitch: Script) -> None:
    four = [hitch] * 4
    async with scripted() as server:
        got, _ = await run(server, *four, job("running"), *four, job("done", result_urls=[URL]))
    assert got == URL
    assert server.asked("/generation/create") == 1
    assert server.asked("/generation/status/g%2F1") == 10


async def test_an_error_that_stays_while_polling_ends_the_wait_after_a_few_questions() -> None:
    async with scripted() as server:
        got, _ = await run(server, [error(500, {"message": "broken"})])
    assert "answered 500: broken." in got
    assert server.asked("/generation/create") == 1
    assert server.asked("/generation/status/g%2F1") == 6


@pytest.mark.parametrize("status", [401, 402, 403, 410])
async def test_an_error_that_waiting_does_not_cure_ends_the_wait_at_once(status: int) -> None:
    async with scripted() as server:
        got, _ = await run(server, [error(status, {"message": "no"})])
    assert f"answered {status}" in got or "Out of credits" in got or "no longer on the server" in got
    assert server.asked("/generation/status/g%2F1") == 1


async def test_a_percent_may_be_a_number_or_text_and_never_ends_a_job() -> None:
    rows: list[tuple[object, float | None]] = [
        ("50", 50),
        ("50%", 50),
        (" 7.5 ", 7.5),
        (50, 50),
        (-3, 0),
        (None, None),
        ("soon", None),
        ("nan", None),
    ]
    for told_as, percent in rows:
        async with scripted() as server:
            got, percents = await run(
                server, job("running", progress=told_as), job("done", progress=100, result_urls=URL)
            )
        assert (got, percents) == (URL, [None, percent, 100])


async def test_a_job_that_is_done_when_it_is_created_is_not_asked_for() -> None:
    async with scripted() as server, client_of(server) as client:
        server.scripts = [job("completed", result_urls=[URL])]
        assert (await made(client)).result_urls == [URL]
    assert len(server.received) == 1


async def test_a_job_that_fails_when_it_is_created_is_not_asked_for() -> None:
    async with scripted() as server, client_of(server) as client:
        server.scripts = [job("failed", error={"message": "no paint"})]
        with pytest.raises(AnswerError, match="The picture could not be made: no paint"):
            await made(client)
    assert len(server.received) == 1


@pytest.mark.parametrize("word", ["", "queued", "PENDING", "a new word", "not completed"])
async def test_any_other_word_means_that_the_job_still_runs(word: str) -> None:
    async with scripted() as server:
        got, _ = await run(server, job(word, result_urls=[]), job("done", result_urls=[URL]))
    assert got == URL
    assert server.asked("/generation/status/g%2F1") == 2


async def test_a_job_without_progress_ends_at_the_time_limit() -> None:
    async with scripted() as server:
        got, _ = await run(server, job("running"), image=1)
    assert got.startswith("No picture: The picture made no progress within 1 s.")


async def test_a_gap_longer_than_the_time_limit_is_an_error() -> None:
    async with scripted() as server:
        got, _ = await run(server, [End.RESET], image=1)
    assert got.startswith("Connection lost")


async def test_a_job_that_stays_unknown_ends_when_it_had_time_to_become_known() -> None:
    async with scripted() as server:
        got, _ = await run(server, [error(404, {"detail": "no such job"})], settle=0.05)
    assert got == "No picture: The picture is no longer on the server (the job expired)."
    assert server.asked("/generation/create") == 1
    assert server.asked("/generation/status/g%2F1") >= 2


async def test_a_create_answer_without_a_job_is_an_error() -> None:
    async with scripted([told(message="quota reached")]) as server, client_of(server) as client:
        with pytest.raises(AnswerError, match="quota reached"):
            await client.submit(CAT)


async def test_a_status_of_a_job_is_asked_for_once() -> None:
    async with scripted([error(500)]) as server, client_of(server) as client:
        with pytest.raises(ServiceError):
            await client.job_status("1")
    assert len(server.received) == 1


async def test_a_cancelled_picture_is_not_asked_for_again() -> None:
    async with scripted([End.HANG]) as server, client_of(server) as client:
        making = asyncio.create_task(client.generate(CAT))
        await server.arrived.wait()
        making.cancel()
        with pytest.raises(asyncio.CancelledError):
            await making
    assert len(server.received) == 1
