"""aimock, a server with OpenAI's API that nobody here wrote: what is read from it, and what it is asked.

Runs where the server is installed. Its journal tells what has arrived; of a form it keeps the prompt alone.
"""

from __future__ import annotations

import base64
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from animus_tui.addresses import Redactor
from animus_tui.backends.base.chat_values import (
    ChatReply,
    ChatRequest,
    MoreSampling,
    RequestMessage,
    Usage,
    whole_reply,
)
from animus_tui.backends.base.errors import BackendError, SignedOut
from animus_tui.backends.base.image_values import ImageRequest
from animus_tui.backends.base.protocols import RetryNotice
from animus_tui.backends.openai.client import OpenAIClient
from animus_tui.backends.openai.images import OpenAIImageClient
from animus_tui.chat.attachments import Attachment
from animus_tui.chat.events import (
    ImageGenerationComplete,
    ImageGenerationError,
    ImageGenerationStart,
    MessageComplete,
    MessageError,
    MessageTokens,
    ReasoningTokens,
)
from animus_tui.chat.session import ChatSession
from animus_tui.chat.storage.store import ConversationStore
from animus_tui.config.schema import ApiConfig, AutoTurnConfig, ChatConfig, Config, ImageConfig, Promises
from tests.support.aimock_server import AimockServer, aimock_server, why_missing
from tests.support.backend_client import QUICK, SECRET
from tests.support.chat_service import png
from tests.support.image_clients import ONCE, SOON, image_session, made_by
from tests.support.loopback_server import drawn, encoded
from tests.support.scripted_server import answer, scripted
from tests.support.talk import FAST, STREAMED

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(why_missing()), reason=why_missing()),
    pytest.mark.xdist_group("aimock"),
]
KEY = "planted-key-of-aimock-3Fd8"
MODEL, THINKING = "gpt-4o", "gpt-5"
PICTURE, CHANGED, OTHER = drawn(64, 48, 3), drawn(64, 48, 9), drawn(64, 48, 11)
LAKE = "a lake at dawn 🌅"
TOOL = {"name": "generate_image", "arguments": {"description": LAKE}}
LONG = "It was a long day by the sea, and the wind was warm. " * 4


def fixture(words: str, response: dict[str, Any], model: str | None = None, **how: Any) -> dict[str, Any]:
    """What is answered to a chat message with these words."""
    match = {"userMessage": words, "endpoint": "chat"} | ({} if model is None else {"model": model})
    return {"match": match, "response": response, **how}


def shown(prompt: str, *pictures: dict[str, str], **how: Any) -> dict[str, Any]:
    """What is answered to a prompt for pictures."""
    return {"match": {"userMessage": prompt, "endpoint": "image"}, "response": {"images": pictures}, **how}


def refusal(status: int, message: str, **more: Any) -> dict[str, Any]:
    return {"error": {"message": message, **more}, "status": status}


def in_turn(*fixtures: dict[str, Any]) -> list[dict[str, Any]]:
    """Fixtures for the same words, each of which answers once."""
    return [
        {**each, "match": {**each["match"], "sequenceIndex": index}} for index, each in enumerate(fixtures)
    ]


FIXTURES = [
    {
        "match": {"userMessage": "send you a picture of the lake", "responseFormat": "json_schema"},
        "response": {"content": {"promises_picture": True, "description": LAKE, "shows_writer": False}},
    },
    fixture("Tell me of the sea", {"content": LONG}, MODEL, chunkSize=7),
    fixture(
        "Count for me",
        {"content": "One 🌅, two 👩‍👧.", "usage": {"prompt_tokens": 70, "completion_tokens": 20}},
        chunkSize=1,
    ),
    fixture("Be short", {"content": "It ends", "finishReason": "length"}),
    fixture("Say three things", {"content": "First this.\n\nThen that.\n\nAnd that is all."}),
    fixture("Think of it", {"content": "A lake.", "reasoning": "Hm, what was it?"}, THINKING, chunkSize=3),
    fixture(
        "Call, then words", {"blocks": [{"type": "toolCall", **TOOL}, {"type": "text", "text": "Look!"}]}
    ),
    fixture("Words, then call", {"content": "Look!", "toolCalls": [TOOL]}, chunkSize=3),
    fixture("Call alone", {"toolCalls": [TOOL]}, chunkSize=1),
    fixture("Promise in words", {"content": "Sure! I'll send you a picture of the lake."}),
    fixture("What is it", {"content": "A grey square."}),
    fixture("Break off", {"content": LONG}, chunkSize=8, latency=20, truncateAfterChunks=9),
    fixture("Never end", {"content": LONG * 9}, chunkSize=2, latency=200),
    fixture("Nothing at all", {"content": " "}),
    fixture("No key", refusal(401, f"Incorrect API key provided: {KEY}", code="invalid_api_key")),
    fixture("No money", refusal(402, "You exceeded your current quota.", code="insufficient_quota")),
    fixture("No such model", refusal(404, "The model `x` does not exist.", code="model_not_found")),
    fixture("Too long", refusal(400, "Too many tokens.", code="context_length_exceeded")),
    fixture("Too often", {**refusal(429, "Slow down."), "retryAfter": 120}),
    fixture("Crash", refusal(500, "The server had an error.")),
    fixture("Overloaded", refusal(503, "That model is overloaded.")),
    fixture("No JSON", {"content": "x"}, chaos={"malformedRate": 1}),
    fixture("Hang up", {"content": "x"}, chaos={"disconnectRate": 1}),
    *in_turn(
        fixture("Without that field", refusal(400, "Unsupported parameter: 'top_k'.", param="top_k")),
        fixture("Without that field", {"content": "So it goes."}),
    ),
    fixture("By OpenRouter", {"content": "Hello there", "reasoning": "Hm."}, openRouterProcessing=True),
    shown("a fox in snow", {"b64Json": encoded(PICTURE), "revisedPrompt": "A red fox in fresh snow."}),
    shown("at night", {"b64Json": encoded(CHANGED)}),
    shown("two of them", {"b64Json": encoded(PICTURE)}, {"b64Json": encoded(OTHER)}),
    shown(LAKE, {"b64Json": encoded(PICTURE)}),
    shown("no picture", {}),
    shown("no JSON", {"b64Json": encoded(PICTURE)}, chaos={"malformedRate": 1}),
    shown("hang up", {"b64Json": encoded(PICTURE)}, chaos={"disconnectRate": 1}),
    shown("half of one", {"b64Json": encoded(PICTURE)[:60]}),
    *(
        {"match": {"userMessage": words, "endpoint": "image"}, "response": refusal(status, said)}
        for words, status, said in (
            ("forbidden", 400, "Your request was rejected by the safety system."),
            ("too often", 429, "Slow down."),
            ("crash", 500, "The server had an error."),
        )
    ),
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AimockServer]:
    with aimock_server(tmp_path_factory.mktemp("aimock"), KEY, FIXTURES) as running:
        yield running


def asking(words: str, model: str = MODEL) -> ChatRequest:
    return ChatRequest(model=model, messages=[RequestMessage(role="user", content=words)])


def client_of(server: AimockServer, key: str = KEY) -> OpenAIClient:
    return OpenAIClient(ApiConfig(backend="openai", base_url=server.base_url, api_key=key), retry=QUICK)


def images_of(server: AimockServer, key: str = KEY) -> OpenAIImageClient:
    return OpenAIImageClient(server.base_url, key, Redactor(), timeouts=SOON, retry=ONCE)


async def streamed(client: OpenAIClient, request: ChatRequest) -> ChatReply:
    return whole_reply([delta async for delta in client.stream_chat(request)])


class Told:
    """A session with the server, and what it tells."""

    def __init__(self, session: ChatSession) -> None:
        self.session = session
        self.events: list[Any] = []

    def of(self, kind: type[Any]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    async def say(self, words: str, *attached: Attachment) -> None:
        """Send and wait for the end of everything."""
        with self.session.events.subscribe() as subscription:
            await self.session.send(words, attached)
            await self.session.wait()
            self.events += subscription.pending()


@asynccontextmanager
async def talk(
    server: AimockServer,
    folder: Path,
    auto_turn: AutoTurnConfig = STREAMED,
    promises: Promises = "never",
    model: str = MODEL,
) -> AsyncIterator[Told]:
    config = Config(
        api=ApiConfig(backend="openai", base_url=server.base_url, api_key=server.key),
        chat=ChatConfig(model=model, promises=promises, reasoning=model == THINKING),
        auto_turn=auto_turn,
        image=ImageConfig(width=64, height=64),
    )
    async with (
        client_of(server) as chat,
        images_of(server) as images,
        ChatSession(chat, images, ConversationStore(folder), config) as session,
    ):
        yield Told(session)


async def test_models_are_listed_and_the_first_one_answers_where_none_is_named(server: AimockServer) -> None:
    async with client_of(server) as client:
        assert await client.models() == [MODEL, THINKING]
        assert (await streamed(client, asking("Be short", "auto"))).content == "It ends"
    assert server.asked("Be short")[-1]["body"]["model"] == MODEL


async def test_words_come_in_pieces_with_what_they_took_and_are_the_same_as_a_whole(
    server: AimockServer,
) -> None:
    expected = ChatReply(
        content="One 🌅, two 👩‍👧.",
        finish_reason="stop",
        usage=Usage(prompt_tokens=70, completion_tokens=20),
    )
    async with client_of(server) as client:
        pieces = [delta async for delta in client.stream_chat(asking("Count for me"))]
        assert whole_reply(pieces) == expected
        assert await client.complete(asking("Count for me")) == expected
        # With a function to call, a reply is not asked for as a stream.
        assert await client.complete(replace(asking("Count for me"), tools=[_function()])) == expected
    assert len(pieces) > 10
    bodies = [entry["body"] for entry in server.asked("Count for me")]
    assert [body["stream"] for body in bodies] == [True, True, False]
    assert bodies[0]["stream_options"] == {"include_usage": True}


def _function() -> dict[str, Any]:
    return {"type": "function", "function": {"name": "wave", "parameters": {"type": "object"}}}


async def test_a_session_tells_words_as_they_come_and_keeps_them(
    server: AimockServer, tmp_path: Path
) -> None:
    async with talk(server, tmp_path) as told:
        await told.say("Tell me of the sea")
        await told.say("Be short")
        pieces = [event.content for event in told.of(MessageTokens)]
        sea, short = [each for each in told.session.conversation.messages if each.role == "assistant"]
        assert ("".join(pieces), sea.content) == (LONG.strip() + "It ends", LONG.strip())
        assert len(pieces) > 20
        assert sea.usage is not None
        assert (sea.finish_reason, short.finish_reason) == (None, "length")
    sent = server.asked("Be short")[-1]["body"]["messages"]
    assert [each["role"] for each in sent] == ["system", "user", "assistant", "user"]
    assert sent[2]["content"] == LONG.strip()


async def test_a_whole_reply_comes_as_several_messages(server: AimockServer, tmp_path: Path) -> None:
    async with talk(server, tmp_path, FAST) as told:
        await told.say("Say three things")
        turns = ["First this.", "Then that.", "And that is all."]
        assert [event.content for event in told.of(MessageComplete)] == turns
        assert told.session.conversation.messages[-1].turns == turns


async def test_reasoning_is_told_apart_from_the_words(server: AimockServer, tmp_path: Path) -> None:
    async with talk(server, tmp_path, model=THINKING) as told:
        await told.say("Think of it")
        said = told.session.conversation.messages[-1]
        assert (said.content, said.reasoning) == ("A lake.", "Hm, what was it?")
        assert "".join(event.content for event in told.of(ReasoningTokens)) == "Hm, what was it?"


CALLS = {"Call, then words": "Look!", "Words, then call": "Look!", "Call alone": None}


@pytest.mark.parametrize("auto_turn", [STREAMED, FAST], ids=["streamed", "whole"])
@pytest.mark.parametrize("promises", ["tool", "auto"])
@pytest.mark.parametrize("words", CALLS)
async def test_a_call_of_the_function_becomes_a_picture(
    server: AimockServer, tmp_path: Path, words: str, promises: Promises, auto_turn: AutoTurnConfig
) -> None:
    async with talk(server, tmp_path, auto_turn, promises) as told:
        await told.say(words)
        await _expect_the_lake(told, CALLS[words])
    body = server.asked(words)[-1]["body"]
    assert [each["function"]["name"] for each in body["tools"]] == ["generate_image"]
    assert body["stream"] == (auto_turn is STREAMED)


@pytest.mark.parametrize("auto_turn", [STREAMED, FAST], ids=["streamed", "whole"])
async def test_words_that_promise_a_picture_are_asked_about_with_a_schema(
    server: AimockServer, tmp_path: Path, auto_turn: AutoTurnConfig
) -> None:
    async with talk(server, tmp_path, auto_turn, "ask") as told:
        await told.say("Promise in words")
        await _expect_the_lake(told, "Sure! I'll send you a picture of the lake.")


async def _expect_the_lake(told: Told, words: str | None) -> None:
    (start,), (done,) = told.of(ImageGenerationStart), told.of(ImageGenerationComplete)
    promising, picture = told.session.conversation.messages[-2:]
    assert start.prompt == done.prompt == promising.image_prompt == LAKE
    assert start.reply_to == picture.reply_to == promising.id
    assert (promising.content or None, promising.tool_calls) == (words, None)
    assert Path(done.path).read_bytes() == PICTURE
    assert told.of(MessageError) == []


async def test_a_picture_of_the_users_arrives_beside_the_words(server: AimockServer, tmp_path: Path) -> None:
    async with talk(server, tmp_path) as told:
        await told.say("What is it?", Attachment(name="a.png", data=png(), width=8, height=6))
        assert told.session.conversation.messages[-1].content == "A grey square."
    words, picture = server.asked("What is it?")[-1]["body"]["messages"][-1]["content"]
    assert words == {"type": "text", "text": "What is it?"}
    head, _, data = picture["image_url"]["url"].partition(",")
    assert (picture["type"], head) == ("image_url", "data:image/png;base64")
    assert base64.b64decode(data) == png()


FAILURES = {
    "No key": "Incorrect API key provided: [secret]. Check api_key",
    "No money": "You exceeded your current quota. Add credits",
    "No such model": "The model `x` does not exist. Check the address of the service and the name of the model",
    "Too long": "Too many tokens. Set a smaller history_size",
    "Too often": "Slow down. It asks to wait 2 minutes",
    "Crash": "The server had an error. Try again in a moment",
    "Overloaded": "That model is overloaded. Try again in a moment",
    "No JSON": "28 bytes came that are not JSON",
    "Hang up": "it was closed before an answer came",
    "Nothing at all": "The service sent an empty reply",
    "What nobody knows": "no fixture matched",
}


@pytest.mark.parametrize("words", FAILURES)
async def test_a_failure_is_one_sentence_and_nothing_is_lost(
    server: AimockServer, tmp_path: Path, words: str
) -> None:
    for auto_turn in (STREAMED, FAST):
        async with talk(server, tmp_path, auto_turn) as told:
            await told.say(words)
            (failure,) = told.of(MessageError)
            assert FAILURES[words] in failure.error
            assert KEY not in failure.error
            assert told.session.conversation.messages[-1].content == words
            assert told.session.can_retry


async def test_a_wrong_key_is_told_and_never_shown(server: AimockServer) -> None:
    async with client_of(server, SECRET) as client:
        for asked in (client.models(), streamed(client, asking("Be short"))):
            with pytest.raises(SignedOut, match=r"Invalid API key\. Check api_key") as refused:
                await asked
            assert SECRET not in str(refused.value)
    async with images_of(server, SECRET) as images:
        assert "Invalid API key. Check api_key in [image]" in (await made_by(images)).sentence


async def test_a_service_that_is_busy_for_a_moment_is_asked_again(server: AimockServer) -> None:
    notices: list[RetryNotice] = []
    server.fail_once(503, "Overloaded.")
    async with client_of(server) as client:
        reply = await client.complete(asking("Be short"), on_retry=notices.append)
    assert (reply.content, [notice.attempt for notice in notices]) == ("It ends", [2])


async def test_a_field_that_is_refused_is_left_out_of_the_next_request(server: AimockServer) -> None:
    request = replace(asking("Without that field"), more_sampling=MoreSampling(top_k=5, min_p=0.1))
    async with client_of(server) as client:
        assert (await streamed(client, request)).content == "So it goes."
    bodies = [entry["body"] for entry in server.asked("Without that field")]
    assert [("top_k" in body, body["min_p"]) for body in bodies] == [(True, 0.1), (False, 0.1)]


async def test_a_stream_that_is_cut_keeps_what_came_and_can_be_asked_for_again(
    server: AimockServer, tmp_path: Path
) -> None:
    async with talk(server, tmp_path) as told:
        await told.say("Break off")
        (failure,) = told.of(MessageError)
        said = told.session.conversation.messages[-1]
        assert (failure.title, said.outcome) == ("Connection lost", "failed")
        assert said.content
        assert LONG.startswith(said.content)
        assert told.session.can_retry
    assert len(server.asked("Break off")) == 1


async def test_an_answer_that_is_cancelled_keeps_what_came(server: AimockServer, tmp_path: Path) -> None:
    async with talk(server, tmp_path) as told:
        with told.session.events.subscribe() as subscription:
            await told.session.send("Never end")
            while not isinstance(await subscription.next(), MessageTokens):
                pass
            assert await told.session.cancel()
        said = told.session.conversation.messages[-1]
        assert said.outcome == "cancelled"
        assert said.content
        assert LONG.startswith(said.content)


async def test_openrouters_own_api_is_read_with_its_comments_and_its_errors(server: AimockServer) -> None:
    config = ApiConfig(backend="openai", base_url=f"{server.url}/api/v1", api_key=KEY)
    async with OpenAIClient(config, retry=QUICK) as client:
        assert MODEL in await client.models()
        reply = await streamed(client, asking("By OpenRouter", THINKING))
        assert (reply.content, reply.reasoning, reply.finish_reason) == ("Hello there", "Hm.", "stop")
        assert await client.complete(asking("By OpenRouter", THINKING)) == reply
        for words in ("No money", "Crash", "Overloaded"):
            with pytest.raises(BackendError, match=re.escape(FAILURES[words].partition(".")[0])):
                await streamed(client, asking(words))


async def test_pictures_are_made_and_changed(server: AimockServer, tmp_path: Path) -> None:
    async with images_of(server) as client, image_session(tmp_path, client) as session:
        first = await session.generate_image("a fox in snow")
        assert first.path.read_bytes() == PICTURE
        second = await session.edit_image("at night")
        assert second.path.read_bytes() == CHANGED
        assert second.record.source_file == first.record.file
    (edit,) = server.asked("at night", "/v1/images/edits")
    assert edit["headers"]["content-type"].startswith("multipart/form-data; boundary=")
    assert int(edit["headers"]["content-length"]) > len(PICTURE)


async def test_a_picture_by_its_address_several_at_once_and_a_stream_that_comes_whole(
    server: AimockServer,
) -> None:
    async with scripted([answer(OTHER, kind="image/png")]) as storage, images_of(server) as client:
        server.add(shown("by its address", {"url": f"{storage.url}/other.png"}))
        by_address = await made_by(client, _prompt("by its address"))
        assert [picture.data for picture in by_address.pictures] == [OTHER]
        assert ["authorization" in received.headers for received in storage.received] == [False]
        two = await made_by(client, replace(_prompt("two of them"), count=2))
        assert [picture.data for picture in two.pictures] == [PICTURE, OTHER]
        growing = await made_by(client, replace(_prompt("a fox in snow"), model="gpt-image-1"))
        assert [picture.data for picture in growing.pictures] == [PICTURE]
        assert MODEL in await client.image_models()


def _prompt(words: str) -> ImageRequest:
    return ImageRequest(prompt=words, width=64, height=64)


NO_PICTURE = {
    "forbidden": "The service answered 400: Your request was rejected by the safety system.",
    "too often": "The service answered 429: Slow down. It asks to wait 1 s.",
    "crash": "The service answered 500: The server had an error.",
    "no picture": "The answer holds no picture.",
    "no JSON": "28 bytes came that are not JSON",
    "hang up": "it was closed before an answer came",
    "half of one": "cut off",
    "what nobody knows": "no fixture matched",
}


async def test_no_picture_is_one_sentence_and_asked_for_once(server: AimockServer, tmp_path: Path) -> None:
    async with images_of(server) as client, image_session(tmp_path, client) as session:
        for prompt, sentence in NO_PICTURE.items():
            with session.events.subscribe() as subscription:
                session.images.start(prompt)
                await session.wait()
                events = subscription.pending()
            (failure,) = [event for event in events if isinstance(event, ImageGenerationError)]
            assert sentence in failure.error, prompt
            assert len(server.asked(prompt, "/v1/images/generations")) == 1, prompt
        assert session.images.under_way == []
        assert len(session.conversation.messages) == 0
