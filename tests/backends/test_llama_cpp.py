"""A real llama.cpp server: what the client reads from it, and how it refuses. Runs where the server is installed."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from msgspec import convert
from msgspec.structs import replace

from animus_tui.backends.base.chat_values import (
    ChatReply,
    ChatRequest,
    RequestMessage,
    Sampling,
    Usage,
    whole_reply,
)
from animus_tui.backends.base.errors import ServiceError, SignedOut
from animus_tui.backends.base.no_images import NoImages
from animus_tui.backends.discovery import PLACES, find_services
from animus_tui.backends.http.http_library import httpx
from animus_tui.backends.openai.client import OpenAIClient
from animus_tui.chat.attachments import Attachment
from animus_tui.chat.events import MessageError, MessageTokens
from animus_tui.chat.history_window import chat_request
from animus_tui.chat.messages import ChatMessage
from animus_tui.chat.promises.finder import question, read_answer
from animus_tui.chat.session import ChatSession
from animus_tui.chat.storage.store import ConversationStore
from animus_tui.chat.token_meter import TokenMeter, estimated_tokens
from animus_tui.cli.connect import ServiceFinder
from animus_tui.cli.grammar import read
from animus_tui.config.connect_questions import KeyRefused
from animus_tui.config.schema import ApiConfig, AutoTurnConfig, ChatConfig, Config
from animus_tui.config.services import Connection
from tests.support.backend_client import SECRET, text_of
from tests.support.chat_service import png
from tests.support.llama_server import CONTEXT, MODEL, LlamaServer, llama_server, why_missing

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(why_missing()), reason=why_missing()),
    pytest.mark.xdist_group("llama.cpp"),
]
PICTURE = f"data:image/png;base64,{base64.b64encode(png()).decode()}"
IN_TURNS = """{% for message in messages %}
{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}
{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}
{% endif %}<|im_start|>{{ message['role'] }}
{{ message['content'] }}<|im_end|>
{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant
{% endif %}"""
"""A template that refuses what the templates of Gemma and Mistral refuse, in their words."""
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


@pytest.mark.parametrize("speakers", ["uuau", "au", "uaau"])
async def test_a_template_that_wants_turns_gets_them(speakers: str) -> None:
    roles = {"u": "user", "a": "assistant"}
    messages = [
        convert({"role": roles[each], "content": f"Word {number}."}, RequestMessage)
        for number, each in enumerate(speakers)
    ]
    request = ChatRequest(model=MODEL, messages=messages, sampling=SHORT)
    with llama_server("planted-key-of-llama-cpp", IN_TURNS) as strict:
        async with OpenAIClient(api(strict)) as client:
            assert (await streamed(client, request)).content.strip()
            assert (await client.complete(request)).content.strip()


async def test_it_is_found_and_without_its_key_nobody_is_let_in(server: LlamaServer, tmp_path: Path) -> None:
    place = next(each for each in PLACES if each.id == "llamacpp")
    place = replace(place, port=urlsplit(server.url).port or 0)
    (found,) = await asyncio.to_thread(find_services, [place], seconds=20)
    assert (found.id, found.base_url) == ("llamacpp", server.url)
    finder = ServiceFinder(read([]), {"HOME": str(tmp_path)})
    connection = Connection(title=found.title, backend="openai", base_url=found.base_url)
    with pytest.raises(KeyRefused):
        await finder.check(connection)
    assert await finder.check(replace(connection, api_key=server.key)) == [MODEL]


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


TEXTS = {
    "English": "I went down to the river after work, and the light on the water was so good that I stayed for an "
    "hour. Nobody else was there but an old man with a dog, who told me that it had been like this all week.",
    "German": "Nach der Arbeit bin ich noch zum Fluss hinuntergegangen, und das Licht auf dem Wasser war so schön, "
    "dass ich eine Stunde geblieben bin. Außer einem alten Mann mit seinem Hund war niemand da.",
    "Russian": "После работы я спустилась к реке, и свет на воде был такой красивый, что я осталась на целый час. "
    "Кроме старика с собакой там никого не было.",
    "Japanese": "仕事のあと川まで歩いて行ったら、水面の光がとてもきれいで、一時間もそこにいました。"
    "犬を連れたおじいさんのほかには誰もいませんでした。",
    "Chinese": "下班以后我走到河边，水面上的光特别美，我在那里待了一个小时。"
    "除了一位带着狗的老人以外，那里一个人也没有。",
    "Korean": "퇴근하고 강가로 내려갔는데 물 위의 빛이 너무 예뻐서 한 시간이나 있었어요. "
    "개를 데리고 온 할아버지 말고는 아무도 없었어요.",
    "code": "def window(messages, size):\n    kept = []\n    for message in reversed(messages):\n"
    "        if len(kept) == size:\n            break\n        kept.append(message)\n    return kept[::-1]\n",
    "emoji": "omg 😂😂 that's so good!! 🎉 see you soon 😘 beach day 🌊☀️ and 🐶 comes too 🥰 thanks 🙏💯 ok 👍🏻",
}
BUDGET = 600
"""Tokens; the server takes 1024."""


async def tokens_taken(server: LlamaServer, request: ChatRequest) -> int:
    """What the server makes of the messages: its template, and the tokens of that, without reading them."""
    root, headers = server.url.removesuffix("/v1"), {"Authorization": f"Bearer {server.key}"}
    async with httpx.AsyncClient(timeout=60, trust_env=False, headers=headers) as http:
        messages = [{"role": each.role, "content": each.content} for each in request.messages]
        prompt = (await http.post(f"{root}/apply-template", json={"messages": messages})).json()["prompt"]
        asked = {"content": prompt, "parse_special": True}
        return len((await http.post(f"{root}/tokenize", json=asked)).json()["tokens"])


@pytest.mark.parametrize("lends", [True, False])
@pytest.mark.parametrize(
    "languages", [[name] for name in TEXTS] + [list(TEXTS)], ids=lambda names: "+".join(names)
)
async def test_the_window_takes_as_many_tokens_as_it_may_within_15_percent(
    server: LlamaServer, languages: list[str], *, lends: bool
) -> None:
    """From the first request on where its tokenizer is asked; else from the second on, when an answer told.

    Then several scripts in one conversation are too much for one ratio.
    """
    if not lends and len(languages) > 1:
        pytest.skip("one ratio does not fit several scripts")
    chat = ChatConfig(model=MODEL, history_size=100, history_tokens=BUDGET)
    said = [
        ChatMessage(role=("user", "assistant")[number % 2], content=f"{number}. {TEXTS[language]}")
        for number, language in enumerate(islice(cycle(languages), 60))
    ]
    meter, errors = TokenMeter(), []
    async with OpenAIClient(api(server)) as client:
        for number in range(30, 60, 2):
            past, new = said[:number], said[number]
            if lends:
                texts = [chat.system_message, *(each.content for each in said[number::-1])]
                await meter.ask(client, MODEL, texts, most=BUDGET)
            request = chat_request(
                chat, past, new, capabilities=client.chat_capabilities, auto_turn=False, meter=meter
            )
            taken = await tokens_taken(server, request)
            errors.append(meter.tokens(MODEL, request.messages) / taken - 1)
            meter.learn(request, Usage(prompt_tokens=taken))
            assert len(request.messages) < number
            if lends or len(errors) > 1:
                assert BUDGET * 0.5 < taken < BUDGET * 1.15
    assert max(map(abs, errors if lends else errors[1:])) < 0.15, errors


async def test_its_tokenizer_counts_each_of_several_texts(server: LlamaServer) -> None:
    texts = list(TEXTS.values())
    async with OpenAIClient(api(server)) as client:
        counted = await client.count_tokens(texts)
        alone = [await client.count_tokens([text]) for text in texts]
    assert counted is not None
    assert counted == [pytest.approx(each[0], abs=2) for each in alone if each]
    assert counted[0] == pytest.approx(estimated_tokens(TEXTS["English"]), rel=0.15)
