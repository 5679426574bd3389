"""The rows of the failures table, against a server that fails in each of these ways."""

from __future__ import annotations

import asyncio
import random

import msgspec
import pytest

from animus_tui.backends.animus.client import AnimusClient
from animus_tui.backends.base.errors import (
    AnswerError,
    NetworkError,
    OutOfCredits,
    ServiceBusy,
    ServiceError,
    SignedOut,
)
from animus_tui.backends.base.protocols import RetryNotice
from animus_tui.backends.http.requests import RetryPolicy, delay_before
from animus_tui.backends.http.timeouts import Timeouts
from animus_tui.config.schema import ApiConfig
from tests.support.backend_client import (
    ONCE,
    QUICK,
    REQUEST,
    SOON,
    client_of,
    closed_port,
    failure,
    pings,
    streamed,
)
from tests.support.scripted_server import (
    End,
    Script,
    answer,
    chunk,
    error,
    events,
    reply,
    scripted,
    stream_head,
)


async def test_no_connection_is_retried_twice_with_growing_pauses_then_it_is_a_retryable_error() -> None:
    config = ApiConfig(base_url=f"http://127.0.0.1:{closed_port()}", api_key="key-key-key")
    notices: list[RetryNotice] = []
    policy = RetryPolicy(base=0.01, jitter=0)
    async with AnimusClient(config, retry=policy) as client:
        with pytest.raises(NetworkError) as caught:
            await client.complete(REQUEST, on_retry=notices.append)
    assert [(notice.attempt, notice.delay) for notice in notices] == [(2, 0.01), (3, 0.02)]
    assert caught.value.retryable
    assert not caught.value.sent
    assert caught.value.title == "No connection"
    assert "127.0.0.1 could not be reached: the connection was refused" in caught.value.sentence
    assert "Check whether the server runs and try again." in caught.value.sentence


async def test_no_answer_in_time_is_a_retryable_error_and_the_request_is_not_sent_again() -> None:
    notices: list[RetryNotice] = []
    async with (
        scripted([End.HANG]) as server,
        client_of(server, timeouts=Timeouts(first_word=0.3)) as client,
    ):
        with pytest.raises(NetworkError) as caught:
            await client.complete(REQUEST, on_retry=notices.append)
        await server.until(1)
    assert (len(server.received), notices) == (1, [])
    assert caught.value.title == "No answer"
    assert "within 0.3 s" in caught.value.sentence
    assert caught.value.retryable
    assert caught.value.sent


async def test_an_answer_that_only_drips_ends_at_the_time_limit_too() -> None:
    drip: Script = [reply()[:-20], *pings(b" ", 0.02, 200)]
    async with (
        scripted(drip) as server,
        client_of(server, timeouts=Timeouts(reply=0.1), retry=ONCE) as client,
    ):
        with pytest.raises(NetworkError, match="No answer"):
            await client.complete(REQUEST)


async def test_silence_in_a_stream_keeps_what_came_and_is_not_sent_again() -> None:
    script: Script = [stream_head(), events(chunk("one ")), End.HANG]
    async with (
        scripted(script) as server,
        client_of(server, timeouts=Timeouts(stream_silence=1)) as client,
    ):
        got = await streamed(client)
    assert got.text == "one "
    assert isinstance(got.error, NetworkError)
    assert len(server.received) == 1


async def test_silence_before_the_first_word_of_a_stream_is_not_sent_again() -> None:
    first: Script = [stream_head(), End.HANG]
    async with (
        scripted(first) as server,
        client_of(server, timeouts=Timeouts(first_word=0.3)) as client,
    ):
        got = await streamed(client)
    assert isinstance(got.error, NetworkError)
    assert (got.error.title, got.error.retryable) == ("No answer", True)
    assert (len(server.received), got.notices) == (1, [])


async def test_comments_that_keep_a_stream_alive_are_not_silence() -> None:
    script: Script = [stream_head(), *pings(b": ping\n\n", 0.2, 7), events(chunk("hello"), "[DONE]")]
    async with (
        scripted(script) as server,
        client_of(server, timeouts=Timeouts(stream_silence=1), retry=ONCE) as client,
    ):
        got = await streamed(client)
    assert (got.text, got.error) == ("hello", None)


@pytest.mark.parametrize("ending", [End.RESET, b"", b"HTTP/1.1 200 OK\r\nContent-Le"])
async def test_a_connection_that_breaks_before_anything_was_answered_is_retried(ending: bytes | End) -> None:
    async with scripted([ending], [ending], [reply("third")]) as server, client_of(server) as client:
        got = await client.complete(REQUEST)
    assert got.content == "third"
    assert len(server.received) == 3


@pytest.mark.parametrize("ending", [reply()[:-3], reply().partition(b"{")[0]])
async def test_a_connection_that_breaks_within_the_answer_is_not_sent_again(ending: bytes) -> None:
    async with scripted([ending], [reply("second")]) as server, client_of(server) as client:
        with pytest.raises(NetworkError, match="Connection lost") as caught:
            await client.complete(REQUEST)
    assert len(server.received) == 1
    assert caught.value.retryable


async def test_a_connection_that_breaks_after_a_long_silence_is_not_sent_again() -> None:
    async with (
        scripted([0.5, b""], [reply("second")]) as server,
        client_of(server, timeouts=Timeouts(connect=0.2)) as client,
    ):
        with pytest.raises(NetworkError, match="it was closed before an answer came"):
            await client.complete(REQUEST)
    assert len(server.received) == 1


async def test_a_kept_connection_that_the_server_closed_meanwhile_is_replaced() -> None:
    async with (
        scripted([reply("first"), End.KEEP], [b""], [reply("second")]) as server,
        client_of(server) as client,
    ):
        assert (await client.complete(REQUEST)).content == "first"
        assert (await client.complete(REQUEST)).content == "second"
    assert len(server.received) == 3


TOO_LONG = "Set a smaller history_size, or begin a new conversation."
NO_EYES = "image input is not supported - hint: if this is unexpected, you may need to provide the mmproj"


@pytest.mark.parametrize(
    ("status", "told", "sentence"),
    [
        (
            400,
            {"message": "request (931 tokens) exceeds the context size (512 tokens)"},
            f"The service answered 400: request (931 tokens) exceeds the context size (512 tokens). {TOO_LONG}",
        ),
        (
            500,
            {"message": "Context size has been exceeded.", "type": "server_error"},
            f"The service answered 500: Context size has been exceeded. {TOO_LONG}",
        ),
        (500, {"message": NO_EYES}, f"The service answered 500: {NO_EYES}."),
    ],
)
async def test_what_another_try_does_not_help_is_not_to_be_tried_again(
    status: int, told: dict[str, str], sentence: str
) -> None:
    async with scripted([error(status, {"error": told})]) as server, client_of(server) as client:
        refusal = (await streamed(client)).error
        assert isinstance(refusal, ServiceError)
        assert refusal.sentence == sentence
        assert not refusal.retryable
    assert len(server.received) == 1


async def test_an_answer_that_grows_beyond_the_context_says_what_to_do() -> None:
    broken = {"error": {"code": 500, "message": "Context size has been exceeded.", "type": "server_error"}}
    script = [stream_head(), events(chunk("Once upon"), msgspec.json.encode(broken).decode())]
    async with scripted(script) as server, client_of(server) as client:
        got = await streamed(client)
    assert got.error is not None
    assert got.error.sentence.endswith(f"Context size has been exceeded. {TOO_LONG}")


@pytest.mark.parametrize("status", [429, 502, 503, 504])
async def test_429_502_503_504_are_retried_and_then_succeed(status: int) -> None:
    async with (
        scripted([error(status)], [error(status)], [reply("there")]) as server,
        client_of(server) as client,
    ):
        assert (await client.complete(REQUEST)).content == "there"
    assert len(server.received) == 3


@pytest.mark.parametrize("status", [429, 502, 503, 504])
async def test_429_502_503_504_of_a_stream_are_retried_twice_and_then_a_retryable_error(status: int) -> None:
    async with scripted([error(status, {"message": "too much"})]) as server, client_of(server) as client:
        got = await streamed(client)
    assert [notice.attempt for notice in got.notices] == [2, 3]
    assert all(isinstance(notice.error, ServiceBusy) for notice in got.notices)
    assert isinstance(got.error, ServiceBusy)
    assert got.error.status == status
    assert got.error.retryable
    assert f"answered {status}: too much." in got.error.sentence
    assert len(server.received) == 3


async def test_retry_after_in_seconds_is_the_pause() -> None:
    busy, notices = error(429, more="Retry-After: 1\r\n"), list[RetryNotice]()
    async with scripted([busy], [reply("there")]) as server, client_of(server) as client:
        assert (await client.complete(REQUEST, on_retry=notices.append)).content == "there"
    assert [notice.delay for notice in notices] == [1.0]


@pytest.mark.parametrize(("value", "delay"), [("0.5", 0.5), (".25", 0.25), ("1.", 1.0), ("00.750", 0.75)])
async def test_retry_after_with_a_fraction_is_the_pause(value: str, delay: float) -> None:
    busy, notices = error(503, more=f"Retry-After: {value}\r\n"), list[RetryNotice]()
    async with scripted([busy], [reply("there")]) as server, client_of(server) as client:
        assert (await client.complete(REQUEST, on_retry=notices.append)).content == "there"
    assert [notice.delay for notice in notices] == [delay]
    assert isinstance(notices[0].error, ServiceBusy)
    assert f"It asks to wait {delay:g} s." in notices[0].error.sentence


async def test_a_retry_after_that_is_no_time_leaves_the_pause_to_us() -> None:
    rows: list[str] = [
        "-1",
        "1e3",
        "nan",
        "inf",
        "0x10",
        "1,5",
        "1.5.2",
        "soon",
        "0",
        "0.0",
        "Mon, 99 Foo 2015",
    ]
    for value in rows:
        busy, notices = error(429, more=f"Retry-After: {value}\r\n"), list[RetryNotice]()
        async with scripted([busy], [reply("there")]) as server, client_of(server) as client:
            assert (await client.complete(REQUEST, on_retry=notices.append)).content == "there"
        assert [notice.delay < 0.01 for notice in notices] == [True]


async def test_a_retry_after_of_60_s_is_honoured_and_one_with_a_fraction_more_is_not() -> None:
    for value, delay in (("60", 60.0), ("60.5", None)):
        caught = await failure([error(429, more=f"Retry-After: {value}\r\n")])
        assert delay_before(2, caught, RetryPolicy(), random.Random(1)) == delay


async def test_retry_after_as_a_date_is_measured_against_the_answers_own_clock() -> None:
    dates = "Date: Mon, 05 Jan 2015 10:00:00 GMT\r\nRetry-After: Mon, 05 Jan 2015 10:00:01 GMT\r\n"
    notices = list[RetryNotice]()
    async with scripted([error(503, more=dates)], [reply("there")]) as server, client_of(server) as client:
        assert (await client.complete(REQUEST, on_retry=notices.append)).content == "there"
    assert [notice.delay for notice in notices] == [1.0]


async def test_a_retry_after_beyond_60_s_gives_up_at_once_and_says_how_long() -> None:
    busy, notices = error(429, {"message": "slow down"}, more="Retry-After: 600\r\n"), list[RetryNotice]()
    async with scripted([busy]) as server, client_of(server) as client:
        with pytest.raises(ServiceBusy, match="10 minutes") as caught:
            await client.complete(REQUEST, on_retry=notices.append)
    assert not notices
    assert len(server.received) == 1
    assert caught.value.retry_after == 600
    assert caught.value.title == "Too many requests"


async def test_401_with_an_api_key_is_signed_out_at_once_with_the_reason() -> None:
    async with scripted([error(401, {"message": "Unknown key"})]) as server, client_of(server) as client:
        with pytest.raises(SignedOut) as caught:
            await client.complete(REQUEST)
    assert len(server.received) == 1
    assert caught.value.title == "Signed out"
    assert "Unknown key." in caught.value.sentence
    assert "api_key" in caught.value.sentence


async def test_402_is_out_of_credits_with_the_figures_that_came() -> None:
    rows: list[tuple[object, str]] = [
        (
            {"error": "no_credits", "message": "Top up.", "required": 2, "available": 0.5},
            "needs 2, the account has 0.5.",
        ),
        (
            {"detail": {"message": "Top up.", "required_credits": "2.50", "balance": 1}},
            "needs 2.5, the account has 1.",
        ),
        ({"error": {"message": "Top up."}, "needed": 3}, "The answer needs 3."),
        ({"message": "Top up.", "remaining_balance": 0}, "The account has 0."),
        ({"message": "Top up.", "shortfall": 1.5, "status": 402}, "names these figures: shortfall 1.5."),
        ({"message": "Top up."}, "Top up."),
    ]
    for body, told in rows:
        caught = await failure([error(402, body)], retry=QUICK)
        assert isinstance(caught, OutOfCredits)
        assert caught.title == "Out of credits"
        assert told in caught.sentence
        assert "Top up." in caught.sentence
        assert not caught.retryable


async def test_a_402_says_each_figure_once() -> None:
    rows: list[tuple[str, str]] = [
        ("This needs 2 credits, and 0.5 are left.", "The answer needs 2, the account has 0.5."),
        (
            "You have 0.5. It costs 2. Pay at x.example.",
            "The answer needs 2, the account has 0.5. Pay at x.example.",
        ),
        ("It needs 2.00 credits of your 0.50.", "The answer needs 2, the account has 0.5."),
        ("You have 0.5 of 2: buy 1.5.", "You have 0.5 of 2: buy 1.5."),
        ("Top up within 7 days.", "The answer needs 2, the account has 0.5. Top up within 7 days."),
        ("Use plan v2.", "The answer needs 2, the account has 0.5. Use plan v2."),
        ("", "The answer needs 2, the account has 0.5."),
    ]
    for message, told in rows:
        body = {"error": "no_credits", "message": message, "required": 2, "available": 0.5}
        if not message:
            body = {"required": 2, "available": 0.5}
        caught = await failure([error(402, body)], retry=QUICK)
        assert caught.sentence == f"{told} Add credits to the account and try again."


async def test_other_4xx_and_5xx_give_status_and_the_services_own_sentence() -> None:
    rows: list[tuple[int, object]] = [
        *((status, {"message": "The words"}) for status in (400, 403, 404, 418, 422, 500, 501)),
        (400, {"detail": "The words"}),
        (422, {"detail": [{"loc": ["body", "The words"], "msg": "is wrong"}]}),
        (422, {"detail": ["The words", "and more"]}),
        (404, {"error": "The words"}),
        (500, {"error": {"message": "The words", "type": "x"}}),
        (403, {"error": "bad", "message": "The words"}),
        (501, "The words"),
    ]
    for status, body in rows:
        caught = await failure([error(status, body)], retry=QUICK)
        assert isinstance(caught, ServiceError)
        assert caught.status == status
        assert f"answered {status}: The words" in caught.sentence
        assert caught.retryable == (status >= 500)


async def test_a_status_without_a_body_is_named_in_words() -> None:
    assert "answered 404 (Not Found)." in (await failure([error(404)])).sentence


@pytest.mark.parametrize("status", [200, 403, 500])
async def test_an_html_error_page_is_named_and_its_markup_never_shown(status: int) -> None:
    page = answer(b"\n<!doctype html><h1>Oops</h1>", status=status, kind="text/html")
    caught = await failure([page])
    assert "an HTML page came instead of JSON" in caught.sentence
    assert "<" not in caught.sentence
    assert "Oops" not in caught.sentence


async def test_the_services_sentence_is_cut_and_cleaned() -> None:
    caught = await failure([error(400, {"message": "\x1b[2J\x1b]52;c;aGk=\x07bad\r\n\u202e" + "x" * 5000})])
    assert "bad xxx" in caught.sentence
    assert caught.sentence.isprintable()
    assert len(caught.sentence) < 450


async def test_an_error_body_that_never_ends_still_gives_the_status() -> None:
    head = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 1000\r\n\r\nhalf of it"
    caught = await failure([head])
    assert isinstance(caught, ServiceError)
    assert caught.status == 400


async def test_an_empty_reply_is_said_and_retryable() -> None:
    rows: list[bytes] = [
        reply(""),
        reply(None),
        reply("  \n"),
        answer(b"", status=204),
        answer(b""),
        answer(b'{"choices": []}'),
    ]
    for body in rows:
        async with scripted([body]) as server, client_of(server) as client:
            with pytest.raises(AnswerError, match="The service sent an empty reply") as caught:
                await client.complete(REQUEST)
        assert caught.value.title == "Empty reply"
        assert caught.value.retryable
        assert len(server.received) == 1


async def test_an_empty_reply_names_the_content_rules_that_came_with_it() -> None:
    body = b'{"choices": [{"message": {"content": ""}}], "compliance_violations": ["drug_use"]}'
    assert "drug_use" in (await failure([answer(body)])).sentence


@pytest.mark.parametrize(
    "only", [{"image_prompt": "a cat"}, {"reasoning": "hm"}, {"tool_calls": [{"id": "1"}]}]
)
async def test_a_reply_without_text_but_with_something_else_is_not_empty(only: dict[str, object]) -> None:
    async with scripted([reply(None, **only)]) as server, client_of(server) as client:
        got = await client.complete(REQUEST)
    assert got.content == ""


async def test_a_reply_of_the_wrong_shape_names_the_path() -> None:
    caught = await failure([answer(b'{"choices": [{"message": {"content": 5}}]}')])
    assert isinstance(caught, AnswerError)
    assert "at choices[0].message.content" in caught.sentence


async def test_an_error_object_with_status_200_is_an_error() -> None:
    caught = await failure([answer(b'{"error": {"message": "model asleep"}}')])
    assert "model asleep." in caught.sentence
    assert caught.retryable


async def test_an_answer_without_end_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("animus_tui.backends.http.transport.LARGEST_ANSWER", 100_000)
    caught = await failure([answer(b" " * 200_000)])
    assert "Answer too long" in str(caught)


async def test_a_cancelled_request_leaves_at_once_and_the_client_goes_on() -> None:
    async with scripted([End.HANG], [reply("next")]) as server, client_of(server, timeouts=SOON) as client:
        waiting = asyncio.create_task(client.complete(REQUEST))
        await server.arrived.wait()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert (await client.complete(REQUEST)).content == "next"
