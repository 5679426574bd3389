"""How long is waited for what."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from animus_tui.backends.animus.client import AnimusClient
from animus_tui.backends.base.errors import BackendError, NetworkError
from animus_tui.backends.base.protocols import RetryNotice
from animus_tui.backends.http.requests import RetryPolicy
from animus_tui.backends.http.timeouts import Timeouts
from animus_tui.config.schema import ApiConfig
from tests.support.backend_client import CAT, ONCE, QUICK, REQUEST, client_of, pings, streamed
from tests.support.scripted_server import (
    End,
    Script,
    ScriptedServer,
    Step,
    chunk,
    events,
    reply,
    scripted,
    stream_head,
)

HOURS = 10_000.0
"""A limit that is never reached."""


@pytest.fixture
def full_port() -> Iterator[int]:
    """A port whose server lets nobody in: the queue before it is full."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port: int = listener.getsockname()[1]
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(("127.0.0.1", port))
        yield port


def test_the_documented_times_are_connect_10_first_word_300_silence_60_reply_120_image_300() -> None:
    limits = Timeouts()
    assert (limits.connect, limits.stream_silence, limits.reply, limits.image) == (10, 60, 120, 300)
    assert limits.first_word == 300


def test_a_chat_has_2_more_tries_and_retry_after_is_honoured_up_to_60_s() -> None:
    policy = RetryPolicy()
    assert (policy.tries, policy.longest_wait) == (3, 60)
    assert policy.jitter > 0


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a full queue refuses instead of waiting")
async def test_no_connection_in_time_is_retried_also_for_a_picture_as_nothing_was_sent(
    full_port: int,
) -> None:
    config = ApiConfig(base_url=f"http://127.0.0.1:{full_port}", api_key="key-key-key")
    limits = Timeouts(connect=0.1, reply=HOURS, image=HOURS)
    notices: list[RetryNotice] = []
    async with AnimusClient(config, timeouts=limits, retry=QUICK) as client:
        with pytest.raises(NetworkError, match=r"could not be reached within 0\.1 s") as caught:
            await client.generate(CAT, on_retry=notices.append)
        with pytest.raises(NetworkError):
            await client.complete(REQUEST, on_retry=notices.append)
    assert (caught.value.title, caught.value.sent, caught.value.retryable) == ("No connection", False, True)
    assert [notice.attempt for notice in notices] == [2, 3, 2, 3]


def only(**limits: float) -> Timeouts:
    """These limits, with all the others out of reach."""
    out_of_reach = {name: HOURS for name in Timeouts.__struct_fields__ if not name.startswith("poll")}
    return Timeouts(**{**out_of_reach, **limits})


async def asked_both_ways(server: ScriptedServer, limits: Timeouts) -> list[BackendError | None]:
    """The errors of a streamed and of a whole reply, in that order."""
    async with client_of(server, timeouts=limits) as client:
        errors = [(await streamed(client)).error]
        try:
            await client.complete(REQUEST)
        except BackendError as error:
            return [*errors, error]
    return [*errors, None]


async def test_an_image_has_its_own_time() -> None:
    async with (
        scripted([End.HANG]) as server,
        client_of(server, timeouts=only(image=0.1), retry=ONCE) as client,
    ):
        with pytest.raises(NetworkError, match=r"within 0\.1 s"):
            await client.generate(CAT)
        with pytest.raises(NetworkError, match=r"within 0\.1 s"):
            await client.submit(CAT)


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"


async def test_the_first_word_has_its_own_time_in_total_and_the_request_is_sent_once() -> None:
    rows: list[Script] = [
        [End.HANG],
        [HEAD, *pings(b"X-Still-Here: 1\r\n", 0.02, 500)],
        [*pings(b"HTTP/1.1 100 Continue\r\n\r\n", 0.02, 500)],
        [stream_head(), End.HANG],
        [stream_head(), *pings(b": still thinking\n\n", 0.02, 500)],
        [stream_head(), *pings(events(chunk("")), 0.02, 500)],
        [stream_head(), *pings(b"\n", 0.02, 500)],
        [stream_head(kind="application/json"), *pings(b" ", 0.02, 500)],
    ]
    for script in rows:
        async with scripted(script) as server:
            # A whole reply of blank pieces has begun, so that it has the time of a reply.
            errors = await asked_both_ways(server, only(first_word=0.3, reply=0.3))
        for error in errors:
            assert isinstance(error, NetworkError)
            assert "within 0.3 s" in error.sentence
            assert error.retryable
        assert len(server.received) == 2


async def test_a_slow_first_word_is_waited_for_longer_than_any_later_silence() -> None:
    slow: list[Step] = [0.4, stream_head(), 0.4, events(chunk("hello"), "[DONE]")]
    async with scripted(slow, [0.4, reply("hello")]) as server:
        assert await asked_both_ways(server, only(stream_silence=0.3, reply=0.3)) == [None, None]
    assert len(server.received) == 2


async def test_comments_between_words_are_not_words() -> None:
    script: list[Step] = [stream_head(), events(chunk("one")), *pings(b": ping\n\n", 0.02, 500)]
    async with scripted(script) as server, client_of(server, timeouts=only(stream_silence=0.3)) as client:
        got = await streamed(client)
    assert got.text == "one"
    assert isinstance(got.error, NetworkError)
    assert len(server.received) == 1
    assert "within 0.3 s" in got.error.sentence


async def test_a_whole_reply_has_its_own_time_once_it_has_begun() -> None:
    begun: list[Step] = [reply()[:-20], End.HANG]
    async with scripted(begun) as server, client_of(server, timeouts=only(reply=0.2)) as client:
        with pytest.raises(NetworkError, match=r"within 0\.2 s"):
            await client.complete(REQUEST)
    assert len(server.received) == 1


async def test_the_configured_time_for_the_first_word_counts() -> None:
    async with scripted([End.HANG]) as server:
        config = ApiConfig(base_url=server.url, api_key="key-key-key", first_word=1)
        async with AnimusClient(config) as client:
            with pytest.raises(NetworkError, match="did not answer within 1 s"):
                await client.complete(REQUEST)
    assert len(server.received) == 1


async def test_a_reader_that_leaves_during_endless_headers_is_free_at_once() -> None:
    async with (
        scripted([HEAD, *pings(b"X-Still-Here: 1\r\n", 0.02, 5000)], [reply("next")]) as server,
        client_of(server) as client,
    ):
        waiting = asyncio.create_task(streamed(client))
        await server.arrived.wait()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert (await client.complete(REQUEST)).content == "next"


async def test_a_stream_may_last_longer_than_a_whole_reply_may() -> None:
    script: list[Step] = [stream_head(), *pings(events(chunk("word ")), 0.1, 5), events("[DONE]")]
    limits = Timeouts(reply=0.05, stream_silence=HOURS)
    async with scripted(script) as server, client_of(server, timeouts=limits, retry=ONCE) as client:
        got = await streamed(client)
    assert (got.text, got.error) == ("word " * 5, None)


async def test_a_token_has_its_own_time_and_then_sign_in_failed() -> None:
    limits = Timeouts(connect=HOURS, stream_silence=HOURS, reply=HOURS, image=HOURS, token=0.1)
    async with (
        scripted([reply()], token=[[End.HANG]]) as server,
        client_of(server, timeouts=limits, token_provider=True) as client,
    ):
        got = await streamed(client)
    assert got.error is not None
    assert got.error.title == "Sign-in failed"
    assert "did not answer within 0.1 s" in got.error.sentence
    assert got.error.retryable
    assert server.asked("/chat/completions") == 0
