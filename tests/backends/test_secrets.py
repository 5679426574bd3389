"""A planted key and a planted token appear in no error, log, notice or repr."""

from __future__ import annotations

import asyncio
import base64
import logging
import traceback

import msgspec
import pytest

from animus_tui.backends.animus.client import AnimusClient
from animus_tui.backends.base.errors import BackendError, NetworkError
from animus_tui.config.schema import ApiConfig
from tests.support.backend_client import CAT, ONCE, REQUEST, SECRET, TOKEN, client_of, made, streamed
from tests.support.scripted_server import (
    End,
    Script,
    answer,
    chunk,
    error,
    events,
    read_request,
    reply,
    scripted,
    stream_head,
)

GOOD_TOKEN: Script = [answer(msgspec.json.encode({"animus": {"token": TOKEN}}))]
ECHOES = [f"bad credential {SECRET} and {TOKEN}", f"Bearer {SECRET}", f"{'x' * 280} {SECRET}{TOKEN}"]


def failures_that_echo(words: str) -> list[Script]:
    """Failing answers that repeat a secret in every place that is shown."""
    stream = stream_head()
    return [
        *([error(status, {"message": words})] for status in (400, 401, 402, 403, 429, 500, 503)),
        [error(402, {"message": words, "required": words, words: 5})],
        [error(422, {"detail": [{"loc": ["body", words], "msg": words}]})],
        [answer(words.encode(), status=500, kind="text/plain")],
        [answer(msgspec.json.encode({"error": {"message": words}}))],
        [stream, events(chunk("so far"), msgspec.json.encode({"error": words}).decode())],
        [stream, events(chunk("so far"), words, msgspec.json.encode({"choices": words}).decode()), End.RESET],
        [stream, b"event: error\ndata: " + words.encode() + b"\n\n"],
        [b"HTTP/1.1 200 OK\r\n" + words.encode() + b"\r\n\r\n"],
        [words.encode() + b"\r\n\r\n"],
        [b"HTTP/1.1 200 " + words.encode() + b"\r\nContent-Length: " + words.encode() + b"\r\n\r\n"],
        [error(429, more=f"Retry-After: {words}\r\n")],
        [answer(b"", status=302, more=f"Location: https://x.example/{words}\r\n")],
        [answer(b"{}", more=f"Content-Encoding: {words}\r\n")],
        [answer(msgspec.json.encode({"choices": [], "compliance_violations": [words]}))],
        [answer(msgspec.json.encode({"status": "failed", "error": words}))],
        [answer(msgspec.json.encode({"choices": [{words: words}], "output": {words: words}}))],
        [answer(msgspec.json.encode({"output": f"ftp://{words}/"}))],
        [End.RESET],
    ]


async def seen(client: AnimusClient, port: int) -> str:
    """Everything that a user or a log could get to see of a stream and of a plain request."""
    got = await streamed(client)
    texts = [repr(client), str(client), *(repr(notice) for notice in got.notices), repr(got.error)]
    asking = (
        client.complete(REQUEST),
        client.generate(CAT),
        client.job_status("1"),
        made(client),
        client.submit_batch([CAT]),
        anext(client.account.groups()),
        anext(client.account.pictures("g")),
        anext(client.account.characters()),
        client.account.delete_group("g"),
        client.account.delete_generation("g"),
        client.download_video(f"http://127.0.0.1:{port}/clip"),
    )
    for ask in asking:
        try:
            await ask
        except StopAsyncIteration:
            continue
        except BackendError as failed:
            texts += [str(failed), repr(failed), failed.sentence, *traceback.format_exception(failed)]
    return "\n".join(texts)


def half(secret: str) -> str:
    return secret[: len(secret) // 2]


@pytest.mark.parametrize(
    ("words", "provider"),
    # Who signs in with tokens has no key of its own: without a token in the words there is nothing to look for.
    [(words, False) for words in ECHOES] + [(words, True) for words in ECHOES if TOKEN in words],
)
@pytest.mark.slow
async def test_a_planted_secret_appears_nowhere(
    words: str, caplog: pytest.LogCaptureFixture, *, provider: bool
) -> None:
    caplog.set_level(logging.DEBUG, "animus_tui")
    for script in failures_that_echo(words):
        async with (
            scripted(script, token=[GOOD_TOKEN]) as server,
            client_of(server, token_provider=provider) as client,
        ):
            shown = await seen(client, server.port) + caplog.text
            # The key is foreign text to a client that signs in with tokens; "Bearer" and known tokens still go.
            mine = TOKEN if provider else SECRET
            assert half(mine) not in shown
            assert half(TOKEN) not in shown
        caplog.clear()


@pytest.mark.parametrize(
    "script",
    [
        [error(500, {"message": f"cannot sign {TOKEN}"})],
        [answer(msgspec.json.encode({"token": TOKEN, "accessToken": None}))],
        [answer(msgspec.json.encode({"accessToken": [TOKEN]}))],
        [answer(msgspec.json.encode({"accessToken": f"{TOKEN} {TOKEN}"}))],
        [answer(TOKEN.encode(), kind="text/plain")],
        [answer(f"<html>{TOKEN}</html>".encode(), kind="text/html")],
    ],
)
async def test_a_failing_token_provider_never_gives_its_token_away(
    script: Script, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with (
        scripted([reply()], token=[script]) as server,
        client_of(server, token_provider=True) as client,
    ):
        shown = await seen(client, server.port) + caplog.text
    assert "Sign-in failed" in shown
    assert half(TOKEN) not in shown


async def test_what_a_job_or_a_batch_says_of_itself_is_told_without_secrets() -> None:
    words = ECHOES[0]
    body = {
        "generation_id": "g",
        "batch_id": "b",
        "status": "failed",
        "error": {"message": words},
        "message": words,
        "results": [{"error": words}],
    }
    async with scripted([answer(msgspec.json.encode(body))]) as server, client_of(server) as client:
        job = await client.submit(CAT)
        batch = await client.submit_batch([CAT])
        with pytest.raises(BackendError) as caught:
            await client.follow("g", on_progress=lambda _: None)
    shown = f"{job} {batch} {caught.value}"
    assert half(SECRET) not in shown
    assert half(TOKEN) not in shown
    assert shown.count("bad credential [secret] and [secret].") == 3


async def test_addresses_with_secrets_in_their_query_are_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    async with scripted([error(404)]) as server, client_of(server) as client:
        caplog.set_level(logging.DEBUG)
        with pytest.raises(BackendError) as caught:
            await client.download(f"{server.url}/x.png?signature={SECRET}")
    assert SECRET not in caplog.text + str(caught.value)


@pytest.mark.parametrize("provider", [True, False])
async def test_a_server_that_sends_the_request_back_is_not_quoted(*, provider: bool) -> None:
    """h11 quotes the line that it cannot read, and here that line is the `Authorization` header."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await read_request(reader)
        token = request.headers["authorization"].encode()
        writer.write(b"HTTP/1.1 200 OK\r\nAuthorization " + token + b"\r\n\r\n")
        writer.close()

    async with (
        await asyncio.start_server(echo, "127.0.0.1", 0) as server,
        scripted(GOOD_TOKEN) as signs_in,
    ):
        config = ApiConfig(
            base_url=f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}",
            api_key=None if provider else SECRET,
            token_provider_url=signs_in.url if provider else None,
        )
        async with AnimusClient(config, retry=ONCE) as client:
            with pytest.raises(NetworkError, match="what came is not HTTP") as caught:
                await client.complete(REQUEST)
    shown = "".join(traceback.format_exception(caught.value))
    assert half(SECRET) not in shown
    assert half(TOKEN) not in shown


@pytest.mark.parametrize(
    "address",
    [
        "//{host}/token?key={secret}",
        "//me:{secret}@{host}/token",
        "//{host}/token?{secret}",
        "//{host}/#{secret}",
        "//{secret}@{host}/token",
    ],
)
async def test_what_the_address_of_the_token_provider_holds_is_not_told_when_it_is_sent_back(
    address: str,
) -> None:
    async with scripted([error(403, {"message": f"{SECRET} is not known here"})]) as server:
        host = server.url.removeprefix("http://")
        provider = "http:" + address.format(host=host, secret=SECRET)
        async with AnimusClient(ApiConfig(base_url=server.url, token_provider_url=provider)) as client:
            with pytest.raises(BackendError, match=r"answered 403: \[secret\] is not known here") as caught:
                await client.complete(REQUEST)
    assert half(SECRET) not in "".join(traceback.format_exception(caught.value))


async def test_a_token_provider_that_sends_the_password_back_as_it_came_is_not_quoted() -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await read_request(reader)
        writer.write(error(403, {"message": f"{request.headers['authorization']} is not known here"}))
        writer.close()

    async with await asyncio.start_server(echo, "127.0.0.1", 0) as server:
        host = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        config = ApiConfig(
            base_url="http://127.0.0.1:9", token_provider_url=f"http://me:{SECRET}@{host}/token"
        )
        async with AnimusClient(config) as client:
            with pytest.raises(BackendError, match=r"answered 403: Basic \[secret\] is not known") as caught:
                await client.complete(REQUEST)
    assert base64.b64encode(f"me:{SECRET}".encode()).decode()[:-4] not in "".join(
        traceback.format_exception(caught.value)
    )


async def test_the_environments_proxy_and_its_password_are_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    async with scripted([error(407, {"message": "no"})]) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url.replace("//", f"//me:{SECRET}@"))
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        async with AnimusClient(
            ApiConfig(base_url="https://service.invalid", api_key="key-key-key"), retry=ONCE
        ) as client:
            with pytest.raises(
                BackendError, match=r"to service\.invalid without a sign-in \(407\)"
            ) as caught:
                await client.complete(REQUEST)
    assert half(SECRET) not in "".join(traceback.format_exception(caught.value))
