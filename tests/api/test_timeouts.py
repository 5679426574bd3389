"""How long is waited for what."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from animus_tui.api.client import AnimusClient, RetryNotice, RetryPolicy, Timeouts
from animus_tui.api.errors import NetworkError
from animus_tui.config import ApiConfig
from tests.api.scripted_server import End, Step, chunk, events, reply, scripted, stream_head
from tests.api.support import ONCE, QUICK, REQUEST, client_of, streamed
from tests.api.test_failures import pings

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


def test_the_documented_times_are_connect_10_silence_60_reply_120_image_300() -> None:
    limits = Timeouts()
    assert (limits.connect, limits.stream_silence, limits.reply, limits.image) == (10, 60, 120, 300)


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
            await client.generate_image("a cat", on_retry=notices.append)
        with pytest.raises(NetworkError):
            await client.complete(REQUEST, on_retry=notices.append)
    assert (caught.value.title, caught.value.sent, caught.value.retryable) == ("No connection", False, True)
    assert [notice.attempt for notice in notices] == [2, 3, 2, 3]


async def test_a_reply_has_its_own_time_and_a_stream_its_own_silence() -> None:
    """Each limit is tried with all the others out of reach."""
    only_reply = Timeouts(connect=HOURS, stream_silence=HOURS, reply=0.1, image=HOURS, token=HOURS)
    only_silence = Timeouts(connect=HOURS, stream_silence=0.1, reply=HOURS, image=HOURS, token=HOURS)
    only_image = Timeouts(connect=HOURS, stream_silence=HOURS, reply=HOURS, image=0.1, token=HOURS)
    async with scripted([End.HANG]) as server:
        async with client_of(server, timeouts=only_reply, retry=ONCE) as client:
            with pytest.raises(NetworkError, match=r"within 0\.1 s"):
                await client.complete(REQUEST)
        async with client_of(server, timeouts=only_silence, retry=ONCE) as client:
            error = (await streamed(client)).error
            assert isinstance(error, NetworkError)
            assert "within 0.1 s" in error.sentence
        async with client_of(server, timeouts=only_image, retry=ONCE) as client:
            with pytest.raises(NetworkError, match=r"within 0\.1 s"):
                await client.generate_image("a cat")
            with pytest.raises(NetworkError, match=r"within 0\.1 s"):
                await client.create_generation("a cat")


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
