"""What goes out: addresses, headers and bodies, row by row."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import pytest

from animus_tui.backends.animus.client import AnimusClient
from animus_tui.backends.animus.encode import chat_body
from animus_tui.backends.base.chat_values import (
    ChatRequest,
    MoreSampling,
    ReplyFeatures,
    RequestMessage,
    Sampling,
)
from animus_tui.backends.base.image_values import ImageRequest
from animus_tui.backends.http.json_bodies import encoded
from animus_tui.config.schema import DEFAULT_BASE_URL, DEFAULT_GENERATION_URL, ApiConfig
from tests.support.backend_client import REQUEST, SECRET, client_of
from tests.support.scripted_server import Received, Script, answer, reply, scripted

ANSWERS = {
    "output": "https://x.example/1.png",
    "generation_id": "a/b?c",
    "status": "queued",
    "batch_id": "b",
    "groups": [],
    "generations": [],
    "characters": [],
}
PICTURE = msgspec.json.encode(ANSWERS)

Ask = Callable[[AnimusClient], Awaitable[Any]]


async def stream(client: AnimusClient) -> None:
    async for _ in client.stream_chat(REQUEST):
        pass


CALLS: dict[str, tuple[Ask, str, str, str]] = {
    "chat": (lambda client: client.complete(REQUEST), "POST", "/v3/chat/completions", "application/json"),
    "streamed chat": (stream, "POST", "/v3/chat/completions", "text/event-stream"),
    "picture": (
        lambda client: client.generate(ImageRequest(prompt="x")),
        "POST",
        "/v3/generate/image",
        "application/json",
    ),
    "job": (
        lambda client: client.submit(ImageRequest(prompt="x")),
        "POST",
        "/v2/generation/create",
        "application/json",
    ),
    "status": (
        lambda client: client.job_status("a/b?c"),
        "GET",
        "/v2/generation/status/a%2Fb%3Fc",
        "application/json",
    ),
    "batch": (
        lambda client: client.submit_batch([ImageRequest(prompt="x")]),
        "POST",
        "/v2/generation/batch",
        "application/json",
    ),
    "groups": (
        lambda client: anext(client.account.groups(), None),
        "GET",
        "/v2/generation/groups?limit=50&offset=0",
        "application/json",
    ),
    "group": (
        lambda client: anext(client.account.pictures("a/b?c"), None),
        "GET",
        "/v2/generation/groups/a%2Fb%3Fc?limit=50&offset=0",
        "application/json",
    ),
    "deletion": (
        lambda client: client.account.delete_generation("a/b?c"),
        "DELETE",
        "/v2/generation/a%2Fb%3Fc",
        "application/json",
    ),
    "characters": (
        lambda client: anext(client.account.characters(), None),
        "GET",
        "/v2/characters?limit=50&offset=0",
        "application/json",
    ),
}


async def sent(ask: Ask, script: Script, *, slash: str = "") -> tuple[list[Received], list[Received]]:
    """What the chat's server and what the jobs' server received."""
    async with scripted(script) as chat, scripted(script) as jobs:
        config = ApiConfig(
            base_url=f"{chat.url}/v3{slash}", generation_url=f"{jobs.url}/v2{slash}", api_key=SECRET
        )
        async with AnimusClient(config) as client:
            await ask(client)
    return chat.received, jobs.received


async def body_of(request: ChatRequest, *, streamed: bool = False) -> dict[str, object]:
    async with scripted([reply()]) as server, client_of(server) as client:
        if streamed:
            assert [delta async for delta in client.stream_chat(request)]
        else:
            await client.complete(request)
    return server.received[0].json


async def test_every_request_goes_to_its_base_url_with_the_bearer_token_and_says_what_it_accepts() -> None:
    rows_of_slash: list[str] = ["", "/"]
    for slash in rows_of_slash:
        for call in CALLS:
            ask, method, path, accept = CALLS[call]
            script = [reply() if "chat" in call else answer(PICTURE)]
            at_chat, at_jobs = await sent(ask, script, slash=slash)
            assert (len(at_chat), len(at_jobs)) == ((1, 0) if path.startswith("/v3") else (0, 1))
            request = (at_chat or at_jobs)[0]
            assert (request.method, request.path) == (method, path)
            assert request.headers["authorization"] == f"Bearer {SECRET}"
            assert request.headers["accept"] == accept
            assert request.headers.get("content-type") == ("application/json" if method == "POST" else None)
            assert (request.body == b"") == (method != "POST")


def test_the_documented_base_urls_are_the_defaults() -> None:
    assert DEFAULT_BASE_URL == "https://api.animusai.co/v3"
    assert DEFAULT_GENERATION_URL == "https://api.animusai.co/v2"


async def test_a_picture_of_either_service_is_fetched_with_the_token() -> None:
    png = b"no picture, but asked for"
    async with (
        scripted([answer(png)]) as chat,
        scripted([answer(png)]) as jobs,
        scripted([answer(png)]) as cdn,
    ):
        config = ApiConfig(base_url=f"{chat.url}/v3", generation_url=f"{jobs.url}/v2", api_key=SECRET)
        async with AnimusClient(config) as client:
            for server in (chat, jobs, cdn):
                with pytest.raises(Exception, match="came instead of a PNG"):
                    await client.download(f"{server.url}/media/1.png")
    assert [server.received[0].headers.get("authorization") for server in (chat, jobs, cdn)] == [
        f"Bearer {SECRET}",
        f"Bearer {SECRET}",
        None,
    ]


def test_only_what_is_set_is_sent_and_model_and_messages_always() -> None:
    request = ChatRequest(model="m", messages=[])
    assert msgspec.json.decode(chat_body(request)) == {"model": "m", "messages": []}


def test_every_documented_field_of_a_chat_request_has_its_name_on_the_wire() -> None:
    fields: dict[str, Any] = {
        "model": "m",
        "messages": [{"role": "system", "content": "s"}],
        "temperature": 0.5,
        "top_p": 0.9,
        "n": 2,
        "max_tokens": 100,
        "stop": ["END"],
        "presence_penalty": 0.1,
        "frequency_penalty": -0.1,
        "best_of": 2,
        "top_k": 3,
        "repetition_penalty": 1.1,
        "min_p": 0.0,
        "length_penalty": 1.0,
        "stream": False,
        "compliance": False,
        "reasoning": True,
        "show_reasoning": True,
        "check_image_generation": False,
        "autoTurn": True,
        "tools": [{"type": "function"}],
        "tool_choice": "none",
    }
    request = ChatRequest(
        model="m",
        messages=[RequestMessage(role="system", content="s")],
        stream=False,
        reasoning=True,
        sampling=msgspec.convert(fields, Sampling),
        more_sampling=msgspec.convert(fields, MoreSampling),
        features=ReplyFeatures(auto_turn=True, image_prompts=False, compliance=False),
        tools=[{"type": "function"}],
        tool_choice="none",
    )
    assert msgspec.json.decode(chat_body(request)) == fields


def test_a_message_is_sent_with_its_documented_keys_and_its_content_also_when_null() -> None:
    calls = [{"id": "1", "function": {"name": "f", "arguments": "{}"}}]
    messages = [
        RequestMessage(role="assistant", content=None, name="v", tool_calls=calls),
        RequestMessage(role="tool", content="4", tool_call_id="1"),
    ]
    assert msgspec.json.decode(encoded(messages)) == [
        {"role": "assistant", "content": None, "name": "v", "tool_calls": calls},
        {"role": "tool", "content": "4", "tool_call_id": "1"},
    ]


@pytest.mark.parametrize("auto_turn", [True, False, None])
async def test_stream_is_never_true_together_with_auto_turn(auto_turn: bool | None) -> None:
    request = msgspec.structs.replace(REQUEST, features=ReplyFeatures(auto_turn=auto_turn), stream=True)
    whole, streamed = await body_of(request), await body_of(request, streamed=True)
    assert (whole["stream"], whole.get("autoTurn")) == (False, auto_turn)
    assert streamed["stream"] is True
    assert streamed.get("autoTurn") == (None if auto_turn is None else False)


async def test_tool_choice_is_auto_when_tools_are_given_unless_something_else_is_said() -> None:
    rows_of_streamed: list[bool] = [True, False]
    for streamed in rows_of_streamed:
        rows_of_chosen: list[tuple[str | None, str]] = [
            (None, "auto"),
            ("auto", "auto"),
            ("none", "none"),
            ("required", "required"),
        ]
        for chosen, told in rows_of_chosen:
            request = msgspec.structs.replace(REQUEST, tools=[{"type": "function"}], tool_choice=chosen)
            assert (await body_of(request, streamed=streamed))["tool_choice"] == told


async def test_without_tools_no_tool_choice_is_sent() -> None:
    assert "tool_choice" not in await body_of(REQUEST)


async def test_a_request_beyond_ascii_arrives_as_utf8() -> None:
    request = msgspec.structs.replace(
        REQUEST, messages=[RequestMessage(role="user", content="jaźń 🌅\u2028x")]
    )
    assert (await body_of(request))["messages"] == [{"role": "user", "content": "jaźń 🌅\u2028x"}]


async def test_settings_of_a_picture_are_sent_as_they_are() -> None:
    request = ImageRequest(prompt="a cat", source_url="https://x/a.png", width=512, seed=0)
    at_chat, _ = await sent(lambda client: client.generate(request), [answer(PICTURE)])
    assert at_chat[0].json == {
        "width": 512,
        "seed": 0,
        "prompt": "a cat",
        "input_image": "https://x/a.png",
    }
