"""After a 401: one token refresh and one retry, whoever else is refused, waiting or cancelled."""

from __future__ import annotations

import asyncio

import pytest

from animus_tui.backends.base.errors import SignedOut, SignInError
from tests.support.backend_client import CAT, REQUEST, client_of, handed_out, used
from tests.support.scripted_server import End, Script, answer, error, reply, scripted


async def test_401_is_one_token_refresh_and_one_retry_then_signed_out_with_the_reason() -> None:
    async with (
        scripted(
            [error(401, {"detail": "Account closed"})], token=[handed_out("one"), handed_out("two")]
        ) as server,
        client_of(server, token_provider=True) as client,
    ):
        with pytest.raises(SignedOut) as caught:
            await client.complete(REQUEST)
    assert used(server) == ["one", "two"]
    assert caught.value.title == "Signed out"
    assert "answered 401: Account closed." in caught.value.sentence
    assert "token provider" in caught.value.sentence


async def test_401_of_a_stream_is_refreshed_and_retried_too() -> None:
    async with (
        scripted([error(401)], [reply("there")], token=[handed_out("one"), handed_out("two")]) as server,
        client_of(server, token_provider=True) as client,
    ):
        assert [delta.content async for delta in client.stream_chat(REQUEST)] == ["there"]
    assert used(server) == ["one", "two"]


async def test_a_refresh_that_fails_is_sign_in_failed_and_the_next_request_asks_again() -> None:
    async with (
        scripted(
            [error(401)], [reply("there")], token=[handed_out("one"), [error(503)], handed_out("two")]
        ) as server,
        client_of(server, token_provider=True) as client,
    ):
        with pytest.raises(SignInError, match="answered 503"):
            await client.complete(REQUEST)
        assert (await client.complete(REQUEST)).content == "there"
    assert used(server) == ["one", "two"]


async def test_concurrent_401s_are_refreshed_once_even_when_the_provider_hands_out_the_same_token() -> None:
    all_came = asyncio.Event()
    refused: list[Script] = [[all_came, error(401)] for _ in range(5)]
    async with (
        scripted([reply()], *refused, [reply()], token=[handed_out("same")]) as server,
        client_of(server, token_provider=True) as client,
    ):
        await client.complete(REQUEST)
        asking = [asyncio.create_task(client.complete(REQUEST)) for _ in range(5)]
        await server.until(6, "/chat/completions")
        all_came.set()
        await asyncio.gather(*asking)
    assert server.asked("/token") == 2
    assert server.asked("/chat/completions") == 11


async def test_a_401_while_the_token_is_being_replaced_in_vain_asks_the_provider_again() -> None:
    """The second request's token is gone when its 401 comes, because the first one's refresh failed."""
    first_one_failed = asyncio.Event()
    late: Script = [first_one_failed, error(401)]
    async with (
        scripted(
            [reply()],
            [error(401)],
            late,
            [reply("there")],
            token=[handed_out("one"), [error(503)], handed_out("two")],
        ) as server,
        client_of(server, token_provider=True) as client,
    ):
        await client.complete(REQUEST)
        asking = [asyncio.create_task(client.complete(REQUEST)) for _ in range(2)]
        await server.until(3, "/chat/completions")
        await asyncio.wait(asking, return_when=asyncio.FIRST_COMPLETED)
        first_one_failed.set()
        both = await asyncio.gather(*asking, return_exceptions=True)
    assert sorted(type(result).__name__ for result in both) == ["ChatReply", "SignInError"]
    assert used(server) == ["one", "one", "one", "two"]


async def test_the_cancelled_leader_of_a_refresh_after_401_does_not_fail_the_others() -> None:
    leader_asks = asyncio.Event()
    late: Script = [leader_asks, error(401)]
    tokens: list[Script] = [handed_out("one"), [End.HANG], handed_out("two")]
    async with (
        scripted([reply()], late, [error(401)], [reply("there")], token=tokens) as server,
        client_of(server, token_provider=True) as client,
    ):
        await client.complete(REQUEST)
        other = asyncio.create_task(client.complete(REQUEST))
        await server.until(2, "/chat/completions")
        leader = asyncio.create_task(client.complete(REQUEST))
        await server.until(2, "/token")
        leader_asks.set()
        await asyncio.sleep(0.1)  # by now the other one waits for the leader's token, most likely
        leader.cancel()
        assert (await other).content == "there"
        with pytest.raises(asyncio.CancelledError):
            await leader
    assert used(server) == ["one", "one", "one", "two"]


@pytest.mark.parametrize("path", ["generate/image", "generation/create"])
async def test_401_of_a_picture_is_refreshed_and_sent_again_as_nothing_was_made(path: str) -> None:
    made = answer(b'{"output": "https://x.example/1.png", "generation_id": "1"}')
    async with (
        scripted([error(401)], [made], token=[handed_out("one"), handed_out("two")]) as server,
        client_of(server, token_provider=True) as client,
    ):
        await (client.generate(CAT) if path == "generate/image" else client.submit(CAT))
    assert used(server) == ["one", "two"]
    assert server.asked(f"/{path}") == 2


async def test_401_of_a_picture_on_the_services_own_server_is_refreshed_then_signed_out() -> None:
    async with (
        scripted([error(401, {"detail": "Expired"})], token=[handed_out("one"), handed_out("two")]) as server,
        client_of(server, token_provider=True) as client,
    ):
        with pytest.raises(SignedOut, match="answered 401: Expired"):
            await client.download(f"{server.url}/media/1.png")
    assert used(server) == ["one", "two"]


async def test_the_refreshed_token_serves_the_requests_after_it() -> None:
    async with (
        scripted([error(401)], [reply()], token=[handed_out("one"), handed_out("two")]) as server,
        client_of(server, token_provider=True) as client,
    ):
        for _ in range(3):
            await client.complete(REQUEST)
    assert used(server) == ["one", "two", "two", "two"]
