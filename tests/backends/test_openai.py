"""Services with OpenAI's chat API, each with what it does differently, against a scripted server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from animus_tui.backends.base.chat_values import (
    ChatReply,
    RequestMessage,
    Usage,
)
from animus_tui.backends.base.errors import BackendError, SignedOut
from animus_tui.backends.base.no_images import NoImages
from animus_tui.backends.base.protocols import RetryNotice
from animus_tui.backends.http.requests import RetryPolicy
from animus_tui.backends.http.timeouts import Timeouts
from animus_tui.backends.openai import client as openai_client
from animus_tui.backends.openai.client import OpenAIClient
from animus_tui.config.schema import ApiConfig
from tests.support.backend_client import REQUEST, SECRET
from tests.support.image_clients import image_session
from tests.support.openai_client import client_of, stream, streamed
from tests.support.scripted_server import (
    Script,
    answer,
    chunk,
    error,
    events,
    reply,
    scripted,
    stream_head,
)

PICTURE = "data:image/png;base64,AAAA"
IMAGES = [{"type": "image_url", "image_url": {"url": PICTURE}}]


def delta(**fields: Any) -> dict[str, Any]:
    """A chunk with these fields."""
    return {"choices": [{"index": 0, "delta": fields, "finish_reason": None}]}


def ending(reason: str, **choice: Any) -> dict[str, Any]:
    """The last chunk of a choice."""
    return {"choices": [{"index": 0, "delta": {}, "finish_reason": reason, **choice}]}


USAGE = {"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 2, "total_tokens": 9}}
PARTS = [
    {"type": "thinking", "thinking": [{"type": "text", "text": "Hm. "}]},
    {"type": "text", "text": "Hello"},
]
READ: dict[str, tuple[Script, ChatReply]] = {
    "OpenAI: usage in a last chunk without choices": (
        stream(chunk("Hello"), ending("stop"), USAGE),
        ChatReply(content="Hello", finish_reason="stop", usage=Usage(prompt_tokens=7, completion_tokens=2)),
    ),
    "OpenAI: cut at the length limit": (
        stream(chunk("Hello"), ending("length")),
        ChatReply(content="Hello", finish_reason="length"),
    ),
    "OpenAI: cut by the content filter": (
        stream(chunk("Hello"), ending("content_filter")),
        ChatReply(content="Hello", finish_reason="content_filter"),
    ),
    "Mistral: content in parts, some of them thoughts": (
        stream({"choices": [{"index": 0, "delta": {"content": PARTS}}]}, chunk(" there")),
        ChatReply(content="Hello there", reasoning="Hm. "),
    ),
    "DeepSeek: reasoning_content": (
        stream(delta(content=None, reasoning_content="Hm."), chunk("Hello")),
        ChatReply(content="Hello", reasoning="Hm."),
    ),
    "OpenRouter: comments while it waits": (
        stream(chunk("Hel"), chunk("lo"), between=b": OPENROUTER PROCESSING\n\n"),
        ChatReply(content="Hello"),
    ),
    "OpenRouter: reasoning twice, as text and as details": (
        stream(delta(content="", reasoning="Hm.", reasoning_details=[{"text": "Hm."}]), chunk("Hello")),
        ChatReply(content="Hello", reasoning="Hm."),
    ),
    "OpenRouter: nothing but a picture": (
        stream(delta(role="assistant", content="", images=IMAGES), ending("stop")),
        ChatReply(images=[PICTURE], finish_reason="stop"),
    ),
    "vLLM: reasoning": (
        stream(delta(reasoning="Hm."), chunk("Hello")),
        ChatReply(content="Hello", reasoning="Hm."),
    ),
    "llama.cpp: null as the first content, bare pings, timings": (
        stream(
            delta(role="assistant", content=None),
            chunk("Hello"),
            {**ending("stop"), "timings": {}},
            between=b":\n\n",
        ),
        ChatReply(content="Hello", finish_reason="stop"),
    ),
    "Ollama: a whole answer in place of a stream": (
        [reply("Hello")],
        ChatReply(content="Hello", finish_reason="stop"),
    ),
    "KoboldCpp: no [DONE]": (
        stream(chunk("Hello"), ending("stop"), done=False),
        ChatReply(content="Hello", finish_reason="stop"),
    ),
    "LM Studio: think tags in the text, which the session takes out": (
        stream(chunk("<think>Hm.</think>"), chunk("Hello")),
        ChatReply(content="<think>Hm.</think>Hello"),
    ),
}


@pytest.mark.parametrize("case", READ)
async def test_a_stream_is_read_as_each_service_writes_it(case: str) -> None:
    script, expected = READ[case]
    async with scripted(script) as server, client_of(server) as client:
        assert await streamed(client) == expected


async def test_deepseek_gets_no_thoughts_back(tmp_path: Path) -> None:
    """One generation of its models refuses them."""
    thinks = stream(delta(content=None, reasoning_content="Hm."), chunk("Hello"))
    async with (
        scripted(thinks) as server,
        image_session(tmp_path, NoImages(), answers_at=server.url) as session,
    ):
        for words in ("Hi", "And now?"):
            await session.send(words)
            await session.wait()
        first, second = (request for request in server.received if request.path == "/chat/completions")
    assert len(second.body) > len(first.body)
    assert b"Hello" in second.body
    assert b"Hm." not in second.body
    assert b"reasoning" not in second.body


BROKEN: dict[str, tuple[Script, str, str]] = {
    "OpenRouter: an error at the top, after the start": (
        stream(chunk("Hel"), {**ending("error"), "error": {"code": 502, "message": "Provider left"}}),
        "Provider left",
        "Hel",
    ),
    "OpenRouter: an error inside the choice": (
        stream(chunk("Hel"), ending("error", error={"code": 429, "message": "Too many at once"})),
        "Too many at once",
        "Hel",
    ),
    "OpenRouter: an error event before the first word": (
        [stream_head(), b'event: error\ndata: {"error": {"code": 503, "message": "No provider"}}\n\n'],
        "No provider",
        "",
    ),
    "OpenRouter: credits": (
        [error(402, {"error": {"code": 402, "message": "Insufficient credits"}})],
        "Insufficient credits",
        "",
    ),
    "Mistral: an error object whose message is a list of details": (
        [
            error(
                422,
                {
                    "object": "error",
                    "message": {
                        "detail": [{"type": "missing", "loc": ["body", "model"], "msg": "Field required"}]
                    },
                },
            )
        ],
        "model: Field required",
        "",
    ),
    "llama.cpp: a conversation that is too long": (
        [
            error(
                400,
                {
                    "error": {
                        "code": 400,
                        "message": "request exceeds the available context size (2048 tokens)",
                        "type": "exceed_context_size_error",
                        "n_ctx": 2048,
                    }
                },
            )
        ],
        r"context size \(2048 tokens\)\. Set a smaller history_size",
        "",
    ),
    "llama.cpp: a picture to a model that sees none": (
        [
            error(
                500,
                {"error": {"code": 500, "message": "image input is not supported", "type": "server_error"}},
            )
        ],
        "image input is not supported",
        "",
    ),
    "vLLM: a model that is not there": (
        [error(404, {"object": "error", "message": "The model `x` does not exist.", "code": 404})],
        "does not exist. Check the address of the service and the name of the model",
        "",
    ),
    "LocalAI: an error as text": ([error(500, {"error": "model crashed"})], "model crashed", ""),
}


@pytest.mark.parametrize("case", BROKEN)
async def test_an_error_has_the_services_sentence_and_what_was_said_before_it(case: str) -> None:
    script, sentence, said = BROKEN[case]
    async with scripted(script) as server, client_of(server, retry=RetryPolicy(tries=1)) as client:
        with pytest.raises(BackendError, match=sentence) as caught:
            await streamed(client)
        assert caught.value.said is not None
        assert caught.value.said.content == said


async def test_an_error_within_an_accepted_answer_is_no_reason_to_ask_again() -> None:
    script, _, _ = BROKEN["OpenRouter: an error event before the first word"]
    async with scripted(script) as server, client_of(server) as client:
        for asking in (streamed(client), client.complete(REQUEST)):
            with pytest.raises(BackendError, match="No provider"):
                await asking
        assert len(server.received) == 2


async def test_images_to_look_at_stand_beside_the_words() -> None:
    seen = replace(REQUEST, messages=[RequestMessage(role="user", content="What is this?", images=[PICTURE])])
    async with scripted([reply("A lake.")]) as server, client_of(server) as client:
        await client.complete(seen)
    content = [{"type": "text", "text": "What is this?"}, *IMAGES]
    assert server.received[0].json["messages"] == [{"role": "user", "content": content}]


async def test_tools_and_a_schema_are_sent_as_openai_has_them() -> None:
    tool = {"type": "function", "function": {"name": "picture"}}
    schema = {"type": "object"}
    async with scripted([reply("{}")]) as server, client_of(server) as client:
        await client.complete(replace(REQUEST, tools=[tool], answer_schema=schema))
    body = server.received[0].json
    assert (body["tools"], body["tool_choice"]) == ([tool], "auto")
    named = {"name": "answer", "strict": True, "schema": schema}
    assert body["response_format"] == {"type": "json_schema", "json_schema": named}


async def test_a_slow_first_word_is_waited_for_and_asked_for_once() -> None:
    slow: Script = [stream_head(), b":\n\n", 0.3, *stream(chunk("Hello"))[1:]]
    without_a_byte: Script = [0.3, *stream(chunk("Hello"))]  # as Ollama while it loads a model
    times = Timeouts(first_word=5, reply=0.1, stream_silence=0.1)
    async with scripted(slow, without_a_byte) as server, client_of(server, timeouts=times) as client:
        assert [(await streamed(client)).content for _ in range(2)] == ["Hello"] * 2
        assert len(server.received) == 2
    silent: Script = [stream_head(), b":\n\n", 2.0]
    times = Timeouts(first_word=0.2)
    async with scripted(silent) as server, client_of(server, timeouts=times) as client:
        for asking in (streamed(client), client.complete(REQUEST)):
            with pytest.raises(BackendError, match=r"did not answer within 0\.2 s"):
                await asking
        assert len(server.received) == 2


async def test_a_whole_reply_may_take_as_long_as_words_keep_coming() -> None:
    words: list[bytes | float] = [stream_head()]
    for word in ("One ", "by ", "one ", "they ", "come."):
        words += [0.15, events(chunk(word))]
    times = Timeouts(first_word=0.4, reply=0.4, stream_silence=0.4)
    async with scripted([*words, events("[DONE]")]) as server, client_of(server, timeouts=times) as client:
        assert (await client.complete(REQUEST)).content == "One by one they come."
        assert (server.received[0].json["stream"], len(server.received)) == (True, 1)


async def test_llama_cpp_is_waited_for_while_it_loads_its_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openai_client, "LOADING_PAUSE", 0.01)
    loading: Script = [
        error(503, {"error": {"message": "Loading model", "type": "unavailable_error", "code": 503}})
    ]
    notices: list[RetryNotice] = []
    once = RetryPolicy(tries=1)
    async with (
        scripted(loading, loading, loading, [reply("Hello")]) as server,
        client_of(server, retry=once) as client,
    ):
        assert (await client.complete(REQUEST, on_retry=notices.append)).content == "Hello"
        assert ([notice.attempt for notice in notices], len(server.received)) == ([2, 3, 4], 4)
    async with (
        scripted(loading) as server,
        client_of(server, retry=once, timeouts=Timeouts(first_word=0.05)) as client,
    ):
        with pytest.raises(BackendError, match="Loading model"):
            await asyncio.wait_for(streamed(client), 5)


async def test_it_is_waited_for_while_it_loads_also_where_no_model_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(openai_client, "LOADING_PAUSE", 0.01)
    loading: Script = [
        error(503, {"error": {"message": "Loading model", "type": "unavailable_error", "code": 503}})
    ]
    models = answer(json.dumps({"data": [{"id": "one"}]}).encode())
    notices: list[RetryNotice] = []
    once = RetryPolicy(tries=1)
    async with (
        scripted(loading, loading, [models], [reply("Hello")]) as server,
        client_of(server, retry=once) as client,
    ):
        request = replace(REQUEST, model="auto")
        assert (await client.complete(request, on_retry=notices.append)).content == "Hello"
        assert ([notice.attempt for notice in notices], client.usual_model) == ([2, 3], "one")
        assert {notice.error.title for notice in notices} == {"Not ready yet"}
    async with (
        scripted(loading) as server,
        client_of(server, retry=once, timeouts=Timeouts(first_word=0.05)) as client,
    ):
        with pytest.raises(BackendError, match="Loading model"):
            await asyncio.wait_for(client.complete(request), 5)


async def test_where_no_model_is_named_the_first_one_answers_but_not_of_a_service_with_a_hundred() -> None:
    unnamed = replace(REQUEST, model="auto")
    models = answer(json.dumps({"data": [{"id": "one"}, {"id": "two"}]}).encode())
    async with scripted([models], [reply("Hello")]) as server, client_of(server) as client:
        assert (await client.complete(unnamed)).content == "Hello"
        await client.complete(unnamed)
        assert [request.path for request in server.received][1:] == ["/v1/chat/completions"] * 2
        assert [request.json["model"] for request in server.received[1:]] == ["one"] * 2
    async with OpenAIClient(ApiConfig(backend="openai", base_url="https://api.openai.com/v1")) as client:
        with pytest.raises(BackendError, match="Choose one with /model"):
            await client.complete(unnamed)


KEYS = [(None, "Set api_key in"), (SECRET, "Check api_key")]


@pytest.mark.parametrize(("key", "advice"), KEYS)
async def test_a_key_is_sent_where_there_is_one_and_never_shown(key: str | None, advice: str) -> None:
    refused = error(401, {"error": {"message": f"Incorrect API key provided: {SECRET}"}})
    async with scripted([refused]) as server, client_of(server, key=key) as client:
        with pytest.raises(SignedOut, match=advice) as caught:
            await streamed(client)
        sent = server.received[0].headers.get("authorization")
    assert sent == (None if key is None else f"Bearer {SECRET}")
    assert key is None or SECRET not in str(caught.value)


MODELS: dict[str, tuple[Sequence[object] | object, list[str]]] = {
    "Ollama": (
        {"object": "list", "data": [{"id": "llama3.2:3b"}, {"id": "qwen3"}]},
        ["llama3.2:3b", "qwen3"],
    ),
    "llama.cpp": ({"data": [{"id": "smollm2", "meta": {}}], "models": [{"name": "x"}]}, ["smollm2"]),
    "odd entries": ({"data": [{"id": None}, None, {"id": "a"}]}, ["a"]),
    "none": ({"data": None}, []),
}


@pytest.mark.parametrize("case", MODELS)
async def test_the_models_of_a_service_are_listed(case: str) -> None:
    body, names = MODELS[case]
    script: Script = [answer(json.dumps(body).encode())]
    async with scripted(script) as server, client_of(server) as client:
        assert await client.models() == names
        assert (server.received[0].method, server.received[0].path) == ("GET", "/v1/models")
