"""A planted key and a planted token appear in no error, log, notice or repr."""

from __future__ import annotations

import logging
import traceback

import jwt
import msgspec
import pytest

from animus_tui.api.client import AnimusClient
from animus_tui.api.errors import AnimusError
from tests.api.scripted_server import End, Script, answer, chunk, error, events, reply, scripted, stream_head
from tests.api.support import REQUEST, SECRET, client_of, streamed

TOKEN = jwt.encode({"sub": "planted", "exp": 9_999_999_999}, "k" * 40)
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
        [End.RESET],
    ]


async def seen(client: AnimusClient) -> str:
    """Everything that a user or a log could get to see of a stream and of a plain request."""
    got = await streamed(client)
    texts = [repr(client), str(client), *(repr(notice) for notice in got.notices), repr(got.error)]
    for ask in (client.complete(REQUEST), client.generate_image("a cat"), client.generation_status("1")):
        try:
            await ask
        except AnimusError as failed:
            texts += [str(failed), repr(failed), failed.sentence, *traceback.format_exception(failed)]
    return "\n".join(texts)


def half(secret: str) -> str:
    return secret[: len(secret) // 2]


@pytest.mark.parametrize("words", ECHOES, ids=["both", "bearer", "at the cut"])
@pytest.mark.parametrize("provider", [True, False])
async def test_a_planted_secret_appears_nowhere(
    words: str, caplog: pytest.LogCaptureFixture, *, provider: bool
) -> None:
    caplog.set_level(logging.DEBUG, "animus_tui")
    for script in failures_that_echo(words):
        async with (
            scripted(script, token=[GOOD_TOKEN]) as server,
            client_of(server, token_provider=provider) as client,
        ):
            shown = await seen(client) + caplog.text
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
        shown = await seen(client) + caplog.text
    assert "Sign-in failed" in shown
    assert half(TOKEN) not in shown


async def test_addresses_with_secrets_in_their_query_are_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    async with scripted([error(404)]) as server, client_of(server) as client:
        caplog.set_level(logging.DEBUG)
        with pytest.raises(AnimusError) as caught:
            await client.download(f"{server.url}/x.png?signature={SECRET}")
    assert SECRET not in caplog.text + str(caught.value)
