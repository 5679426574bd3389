"""Signing in with a token provider or an API key."""

from __future__ import annotations

import asyncio
import time

import httpx
import jwt
import pytest

from animus_tui.addresses import Redactor
from animus_tui.backends.animus.auth import TokenAuth
from animus_tui.backends.animus.client import AnimusClient
from animus_tui.backends.base.errors import SignedOut, SignInError
from animus_tui.backends.http.timeouts import Timeouts
from animus_tui.config.schema import ApiConfig
from tests.support.backend_client import REQUEST, SECRET, client_of, closed_port, handed_out, used
from tests.support.scripted_server import End, Script, answer, error, reply, scripted

KEY = "a-signing-key-that-is-not-ours-and-long-enough"


def token(*, lives: float | None = 3600.0, name: str = "t") -> str:
    """A JWT that ends in so many seconds; None: it does not say."""
    claims: dict[str, object] = {"sub": name}
    return jwt.encode(claims if lives is None else {**claims, "exp": time.time() + lives}, KEY)


@pytest.mark.parametrize(
    "shape",
    [
        '{"animus": {"token": "TOKEN"}, "livekit": {"token": "other", "url": "wss://x"}}',
        '{"accessToken": "TOKEN"}',
        '{"animus": null, "accessToken": " TOKEN "}',
    ],
)
async def test_both_shapes_of_a_token_providers_answer_are_understood(shape: str) -> None:
    fresh = token()
    script = [answer(shape.replace("TOKEN", fresh).encode())]
    async with (
        scripted([reply()], token=[script]) as server,
        client_of(server, token_provider=True) as client,
    ):
        await client.complete(REQUEST)
    request = server.received[0]
    assert (request.method, request.path, request.body) == ("POST", "/token", b"")
    assert request.headers["accept"] == "application/json"
    assert "authorization" not in request.headers
    assert used(server) == [fresh]


async def test_an_api_key_is_the_token_as_it_is() -> None:
    async with scripted([reply()]) as server, client_of(server) as client:
        await client.complete(REQUEST)
    assert used(server) == [SECRET]


async def test_the_token_provider_wins_over_an_api_key() -> None:
    async with scripted([reply()], token=[handed_out("opaque")]) as server:
        config = ApiConfig(base_url=server.url, token_provider_url=f"{server.url}/token", api_key=SECRET)
        async with AnimusClient(config) as client:
            await client.complete(REQUEST)
    assert used(server) == ["opaque"]


async def test_without_credentials_the_request_goes_unsigned_and_a_401_tells_what_to_set() -> None:
    async with scripted([error(401)]) as server, AnimusClient(ApiConfig(base_url=server.url)) as client:
        with pytest.raises(SignedOut, match="Set token_provider_url or api_key"):
            await client.complete(REQUEST)
    assert "authorization" not in server.received[0].headers


async def test_a_token_serves_many_requests() -> None:
    async with (
        scripted([reply()], token=[handed_out(token())]) as server,
        client_of(server, token_provider=True) as client,
    ):
        for _ in range(3):
            await client.complete(REQUEST)
    assert server.asked("/token") == 1


async def test_a_token_is_dead_60_seconds_before_its_end() -> None:
    clock = [1000.0]
    tokens = [jwt.encode({"exp": end}, KEY) for end in (1100, 2000)]
    async with (
        scripted([reply()], token=list(map(handed_out, tokens))) as server,
        httpx.AsyncClient() as http,
    ):
        config = ApiConfig(token_provider_url=f"{server.url}/token")
        auth = TokenAuth(config, http, Redactor(), timeouts=Timeouts(), now=lambda: clock[0])
        for clock[0] in (1000, 1039, 1040):
            await http.get(f"{server.url}/x", auth=auth)
    assert used(server) == [tokens[0], tokens[0], tokens[1]]


async def test_a_token_without_exp_or_one_that_arrives_expired_is_used_until_the_api_answers_401() -> None:
    rows: list[str] = [
        token(lives=None),
        token(lives=-1000),
        token(lives=30),
        "opaque-token",
        jwt.encode({"exp": 10**400}, KEY),
        jwt.encode({"exp": float("nan")}, KEY),
        jwt.encode({"exp": "soon"}, KEY),
        f"eyJhbGciOiJIUzI1NiJ9.{'W1tb' * 12_000}.x",
        "eyJhbGciOiJIUzI1NiJ9.W10.x",
    ]
    for odd in rows:
        good = token(name="good")
        async with (
            scripted(
                [reply()], [reply()], [error(401)], [reply()], token=[handed_out(odd), handed_out(good)]
            ) as server,
            client_of(server, token_provider=True) as client,
        ):
            for _ in range(3):
                await client.complete(REQUEST)
        assert used(server) == [odd, odd, odd, good]
        assert server.asked("/token") == 2


async def test_tokens_of_concurrent_requests_are_fetched_once() -> None:
    slow: Script = [0.1, *handed_out(token())]
    async with scripted([reply()], token=[slow]) as server, client_of(server, token_provider=True) as client:
        await asyncio.gather(*(client.complete(REQUEST) for _ in range(10)))
    assert server.asked("/token") == 1
    assert server.asked("/chat/completions") == 10


async def test_a_cancelled_fetch_leaves_the_others_their_token() -> None:
    slow: Script = [0.2, *handed_out("opaque")]
    async with scripted([reply()], token=[slow]) as server, client_of(server, token_provider=True) as client:
        first = asyncio.create_task(client.complete(REQUEST))
        await server.arrived.wait()
        second = asyncio.create_task(client.complete(REQUEST))
        await asyncio.sleep(0)
        first.cancel()
        assert (await second).content == "hello"
    assert used(server) == ["opaque"]


@pytest.mark.parametrize("key", ["two words", "line\nbreak", "ключ-ключ"])
async def test_an_api_key_that_cannot_be_sent_is_refused_without_showing_it(key: str) -> None:
    async with (
        scripted([reply()]) as server,
        AnimusClient(ApiConfig(base_url=server.url, api_key=key)) as client,
    ):
        with pytest.raises(SignInError, match="The API key holds a space") as caught:
            await client.complete(REQUEST)
    assert key not in str(caught.value)
    assert not server.received


async def test_a_token_provider_that_fails_is_sign_in_failed_with_status_and_cause() -> None:
    rows: list[tuple[bytes, str]] = [
        (error(500, {"message": "database down"}), "answered 500: database down."),
        (error(403), "answered 403"),
        (answer(b"<html>login</html>", kind="text/html"), "an HTML page came instead of JSON"),
        (answer(b'{"token": "x"}'), "neither animus.token nor accessToken"),
        (answer(b'{"animus": {"token": 5}}'), "animus.token"),
        (answer(b'{"accessToken": " "}'), "neither"),
        (answer(b'{"accessToken": "two words"}'), "a space"),
        (answer(b"", status=302, more="Location: http://[::1\r\n"), "no address. Check token_provider_url"),
        (answer(b"", status=302), "answered 302"),
        (b"", "it was closed"),
    ]
    for token, told in rows:
        async with (
            scripted([reply()], token=[[token]]) as server,
            client_of(server, token_provider=True) as client,
        ):
            with pytest.raises(SignInError) as caught:
                await client.complete(REQUEST)
        assert caught.value.title == "Sign-in failed"
        assert told in caught.value.sentence
        assert server.asked("/token") == 1
        assert server.asked("/chat/completions") == 0


async def test_a_token_provider_out_of_reach_is_sign_in_failed_and_retryable() -> None:
    config = ApiConfig(token_provider_url=f"http://127.0.0.1:{closed_port()}/token")
    async with AnimusClient(config) as client:
        with pytest.raises(SignInError, match="refused") as caught:
            await client.complete(REQUEST)
    assert caught.value.retryable


@pytest.mark.parametrize("address", ["nonsense?key=value", "ftp://host/token"])
async def test_a_token_provider_without_a_usable_address_is_sign_in_failed(address: str) -> None:
    async with AnimusClient(ApiConfig(token_provider_url=address)) as client:
        with pytest.raises(SignInError, match="is not an address that can be asked") as caught:
            await client.complete(REQUEST)
    assert "value" not in str(caught.value)
    assert not caught.value.retryable


async def test_a_token_provider_that_fails_is_asked_once_for_all_who_wait_for_it() -> None:
    slow: Script = [0.5, error(500, {"message": "database down"})]
    async with (
        scripted([reply("there")], token=[slow, handed_out("opaque")]) as server,
        client_of(server, token_provider=True) as client,
    ):
        first = asyncio.create_task(client.complete(REQUEST))
        await server.arrived.wait()
        waiting = [first, *(asyncio.create_task(client.complete(REQUEST)) for _ in range(4))]
        failed = await asyncio.gather(*waiting, return_exceptions=True)
        assert [str(error) for error in failed] == [str(failed[0])] * 5
        assert "answered 500: database down." in str(failed[0])
        assert server.asked("/token") == 1
        assert (await client.complete(REQUEST)).content == "there"
    assert server.asked("/token") == 2


async def test_a_new_request_after_a_cancelled_fetch_fetches_again() -> None:
    async with (
        scripted([reply("there")], token=[[End.HANG], handed_out("opaque")]) as server,
        client_of(server, token_provider=True) as client,
    ):
        first = asyncio.create_task(client.complete(REQUEST))
        await server.arrived.wait()
        first.cancel()
        assert (await client.complete(REQUEST)).content == "there"
    assert used(server) == ["opaque"]


async def test_a_token_that_dies_between_two_requests_is_fetched_once_for_all_that_run_then() -> None:
    clock = [1000.0]
    first, second = (jwt.encode({"exp": end}, KEY) for end in (1100, 9000))
    async with (
        scripted([reply()], token=[handed_out(first), [0.1, *handed_out(second)]]) as server,
        httpx.AsyncClient() as http,
    ):
        config = ApiConfig(token_provider_url=f"{server.url}/token")
        auth = TokenAuth(config, http, Redactor(), timeouts=Timeouts(), now=lambda: clock[0])
        await http.get(f"{server.url}/x", auth=auth)
        clock[0] = 1050
        await asyncio.gather(*(http.get(f"{server.url}/x", auth=auth) for _ in range(5)))
    assert used(server) == [first, *[second] * 5]
    assert server.asked("/token") == 2


async def test_a_name_and_a_password_in_the_address_of_the_token_provider_are_for_it_alone() -> None:
    async with scripted([reply()], token=[handed_out("opaque")]) as server:
        address = server.url.replace("//", "//me:hidden-word@")
        config = ApiConfig(base_url=server.url, token_provider_url=f"{address}/token")
        async with AnimusClient(config) as client:
            await client.complete(REQUEST)
    assert server.received[0].headers["authorization"].startswith("Basic ")
    assert used(server) == ["opaque"]


@pytest.mark.parametrize(
    ("status", "method"), [(301, "POST"), (302, "POST"), (303, "GET"), (307, "POST"), (308, "POST")]
)
async def test_a_redirect_of_the_token_provider_is_followed_on_its_own_server(
    status: int, method: str
) -> None:
    async with scripted([reply()]) as server:
        server.by_path = {
            "/token": [[answer(b"", status=status, more="Location: /token/?tenant=7\r\n")]],
            "/token/?tenant=7": [[answer(b"", status=308, more=f"Location: {server.url}/last\r\n")]],
            "/last": [handed_out("opaque")],
        }
        address = server.url.replace("//", "//me:hidden-word@")
        async with AnimusClient(
            ApiConfig(base_url=server.url, token_provider_url=f"{address}/token")
        ) as client:
            await client.complete(REQUEST)
    asked = [(request.method, request.path) for request in server.received[:3]]
    assert asked == [("POST", "/token"), (method, "/token/?tenant=7"), (method, "/last")]
    assert all(request.headers["authorization"].startswith("Basic ") for request in server.received[:3])
    assert used(server)[-1] == "opaque"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_of_the_token_provider_to_another_server_is_told_and_not_followed(
    status: int,
) -> None:
    there = "https://me:planted-word@other.example:8443/login?code=planted-code#planted-part"
    moved = answer(b"", status=status, more=f"Location: {there}\r\n")
    async with (
        scripted([reply()], token=[[moved]]) as server,
        client_of(server, token_provider=True) as client,
    ):
        with pytest.raises(SignInError) as caught:
            await client.complete(REQUEST)
    assert caught.value.sentence == (
        f"The token provider failed: 127.0.0.1 answered {status} and names another address, "
        "https://other.example:8443/login?…. It is not followed: set token_provider_url to it if it is right."
    )
    assert len(server.received) == 1


async def test_a_token_provider_that_redirects_for_ever_is_asked_six_times() -> None:
    moved = answer(b"", status=307, more="Location: /token\r\n")
    async with (
        scripted([reply()], token=[[moved]]) as server,
        client_of(server, token_provider=True) as client,
    ):
        with pytest.raises(
            SignInError, match=r"redirects again and again, the last time to http://127\.0\.0\.1"
        ):
            await client.complete(REQUEST)
    assert server.asked("/token") == 6
