"""A real llama.cpp server: what the client reads from it, and how it refuses. Runs where the server is installed."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from animus_tui.backends.base.chat_values import ChatReply, ChatRequest, RequestMessage, Sampling, whole_reply
from animus_tui.backends.base.errors import ServiceError, SignedOut
from animus_tui.backends.base.no_images import NoImages
from animus_tui.backends.http.http_library import httpx
from animus_tui.backends.openai.client import OpenAIClient
from animus_tui.chat.attachments import Attachment
from animus_tui.chat.events import MessageError, MessageTokens
from animus_tui.chat.promises.question import question, read_answer
from animus_tui.chat.session import ChatSession
from animus_tui.chat.storage.store import ConversationStore
from animus_tui.config.schema import ApiConfig, AutoTurnConfig, ChatConfig, Config
from tests.support.backend_client import SECRET, text_of
from tests.support.chat_service import png
from tests.support.llama_server import CONTEXT, MODEL, LlamaServer, llama_server, why_missing

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(why_missing()), reason=why_missing()),
    pytest.mark.xdist_group("llama.cpp"),
]
PICTURE = f"data:image/png;base64,{base64.b64encode(png()).decode()}"
SHORT = Sampling(max_tokens=12, temperature=0)


@pytest.fixture(scope="module")
def server() -> Iterator[LlamaServer]:
    with llama_server("planted-key-of-llama-cpp") as running:
        yield running


def api(server: LlamaServer, key: str | None = None) -> ApiConfig:
    return ApiConfig(backend="openai", base_url=server.url, api_key=key or server.key)


def asking(*words: str) -> ChatRequest:
    messages = [RequestMessage(role="user", content=" ".join(words))]
    return ChatRequest(model=MODEL, messages=messages, sampling=SHORT)


async def streamed(client: OpenAIClient, request: ChatRequest) -> ChatReply:
    return whole_reply([delta async for delta in client.stream_chat(request)])


async def test_it_streams_and_counts_and_the_same_words_come_whole(server: LlamaServer) -> None:
    async with OpenAIClient(api(server)) as client:
        assert await client.models() == [MODEL]
        streaming = await streamed(client, asking("Say hello."))
        whole = await client.complete(asking("Say hello."))
    assert streaming.content.strip()
    assert streaming.content == whole.content
    assert streaming.usage is not None
    assert streaming.usage.completion_tokens in range(1, 13)
    assert streaming.usage == whole.usage
    assert streaming.finish_reason == whole.finish_reason


async def test_pings_while_it_reads_a_long_prompt_are_no_words(server: LlamaServer) -> None:
    words = " ".join(f"apple {number}," for number in range(120))
    body = {"model": MODEL, "messages": [{"role": "user", "content": words}], "stream": True, "max_tokens": 5}
    headers = {"Authorization": f"Bearer {server.key}"}
    async with httpx.AsyncClient(timeout=60, trust_env=False) as http:
        answer = await http.post(f"{server.url}/chat/completions", json=body, headers=headers)
    assert answer.content.startswith(b":")
    assert (await text_of(answer.content)).strip()


async def test_a_wrong_key_a_picture_to_the_blind_and_a_conversation_that_is_too_long_are_told(
    server: LlamaServer,
) -> None:
    async with OpenAIClient(api(server, SECRET)) as client:
        with pytest.raises(SignedOut, match=r"401.*Check api_key") as refused:
            await streamed(client, asking("Hi"))
        assert SECRET not in str(refused.value)
    looking = RequestMessage(role="user", content="What is it?", images=[PICTURE])
    seen = ChatRequest(model=MODEL, messages=[looking])
    async with OpenAIClient(api(server)) as client:
        with pytest.raises(ServiceError, match="image input is not supported"):
            await client.complete(seen)
        with pytest.raises(ServiceError, match=rf"{CONTEXT}.*Set a smaller history_size"):
            await streamed(client, asking(*["word"] * 2 * CONTEXT))


async def test_the_question_whether_a_picture_was_promised_is_answered_by_its_schema(
    server: LlamaServer,
) -> None:
    request = question(MODEL, "Sure! I'll send you a picture of the lake.", "Show me the lake")
    async with OpenAIClient(api(server)) as client:
        answer = (await client.complete(request)).content
    told = json.loads(answer)
    assert list(told) == ["promises_picture", "description", "shows_writer"]
    promise = read_answer(answer)
    assert (promise is None) == (not told["promises_picture"] or not told["description"].strip())


async def test_a_picture_that_the_model_cannot_see_is_told_with_what_to_do(
    server: LlamaServer, tmp_path: Path
) -> None:
    config = Config(api=api(server), chat=ChatConfig(model=MODEL, max_tokens=4))
    async with (
        OpenAIClient(config.api) as client,
        ChatSession(client, NoImages(), ConversationStore(tmp_path), config) as session,
    ):
        with session.events.subscribe() as subscription:
            await session.send("What is it?", [Attachment(name="a.png", data=png(), width=8, height=6)])
            await session.wait()
            (told,) = [event.error for event in subscription.pending() if isinstance(event, MessageError)]
        assert "image input is not supported" in told
        assert told.endswith("choose one that can, or send the message without them.")
        await session.send("Hello")
        await session.wait()
        assert session.conversation.messages[-1].role == "assistant"


async def test_a_session_shows_its_words_as_they_come_and_keeps_them(
    server: LlamaServer, tmp_path: Path
) -> None:
    chat = ChatConfig(model=MODEL, max_tokens=12, top_k=5, repetition_penalty=1.1)
    config = Config(api=api(server), chat=chat, auto_turn=AutoTurnConfig(enabled=False))
    async with (
        OpenAIClient(config.api) as client,
        ChatSession(client, NoImages(), ConversationStore(tmp_path), config) as session,
    ):
        with session.events.subscribe() as subscription:
            await session.send("Tell me about the sea.")
            await session.wait()
            told = [event.content for event in subscription.pending() if isinstance(event, MessageTokens)]
        said = session.conversation.messages[-1]
        assert said.content == "".join(told)
        assert len(told) > 1
        assert said.finish_reason == "length"
        assert said.usage is not None
        assert said.usage.completion_tokens == 12
