"""The window counts tokens as well as messages: what fits, what stays together, and who counts."""

import json
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from animus_tui.backends.animus.client import AnimusClient
from animus_tui.backends.base.chat_values import ChatRequest, RequestMessage, Usage
from animus_tui.chat.history_window import (
    TokenRoom,
    history_window,
    limited_window,
    request_message,
    token_room,
)
from animus_tui.chat.messages import ChatMessage, ImageRecord, image_message
from animus_tui.chat.token_meter import LONGEST, MESSAGE_TOKENS, PICTURE_TOKENS, TokenMeter, estimated_tokens
from animus_tui.config.schema import ApiConfig, ChatConfig
from tests.support.chat_service import reply
from tests.support.talk import StartTalk

BACKENDS = ("animus", "openai")
SENTENCE = "The quick brown fox jumps over the lazy dog. "
"""Ten tokens with every tokenizer that knows English."""


def user(text: str) -> ChatMessage:
    return ChatMessage(role="user", content=text)


def bot(text: str) -> ChatMessage:
    return ChatMessage(role="assistant", content=text)


def cost(message: ChatMessage) -> float:
    return TokenMeter().tokens("m", [request_message(message)])


Unit = list[ChatMessage]
"""Messages that stay together."""


@st.composite
def units(draw: st.DrawFn) -> Unit:
    words = SENTENCE * draw(st.integers(0, 30)) or "Hi"
    kind = draw(st.sampled_from(("user", "bot", "picture", "tool", "hidden")))
    if kind == "user":
        return [user(words)]
    if kind == "hidden":
        return [replace(user(words), hidden=True)]
    said = bot(words)
    if kind == "picture":
        promise = replace(said, image_prompt="a boat")
        record = ImageRecord(prompt=words, file="images/x.png")
        return [promise, image_message(record, reply_to=promise.id)]
    if kind == "tool":
        calls = [{"id": said.id, "function": {"name": "f", "arguments": words}}]
        return [
            replace(said, tool_calls=calls),
            ChatMessage(role="tool", content=words, tool_call_id=said.id),
        ]
    return [said]


@given(st.lists(units(), max_size=25), st.integers(0, 40), st.integers(-50, 3000), st.booleans())
def test_the_window_is_the_newest_messages_that_fit_and_nothing_is_torn_apart(
    spoken: list[Unit], size: int, tokens: int, keeps_newest: bool
) -> None:
    messages = [message for unit in spoken for message in unit]
    room = TokenRoom(tokens, cost, keeps_newest)
    window, left_out = limited_window(messages, size, room=room)
    without_tokens = history_window(messages, size)
    assert window == without_tokens[len(without_tokens) - len(window) :]
    told = [[each for each in unit if not each.hidden] for unit in spoken]
    told = [unit for unit in told if unit]
    kept = [unit for unit in told if unit[0] in window]
    assert [message for unit in kept for message in unit] == window
    spent = sum(map(cost, window))
    assert not window or spent <= tokens or (keeps_newest and len(kept) == 1)
    if keeps_newest and size > 1 and told:
        assert kept
    everything = [message for unit in told for message in unit]
    assert (left_out is None) == (window == everything)
    if left_out is not None and len(kept) < len(told) and len(window) < len(without_tokens):
        next_unit = told[-len(kept) - 1]
        assert left_out in next_unit
        assert spent + sum(map(cost, next_unit)) > tokens


def test_a_picture_is_left_out_with_the_reply_that_promised_it() -> None:
    promise = replace(bot(SENTENCE * 20), image_prompt="a boat")
    picture = image_message(ImageRecord(prompt="a boat", file="images/x.png"), reply_to=promise.id)
    room = TokenRoom(cost(picture) + 10, cost)
    assert limited_window([user("a"), promise, picture], 9, room=room) == ([], picture)


def test_the_room_is_what_the_system_message_and_the_new_one_leave() -> None:
    config = ChatConfig(system_message=SENTENCE, history_tokens=500)
    new = replace(user(SENTENCE), attached=[ImageRecord(prompt="a.png", file="images/a.jpg")])
    meter = TokenMeter()
    alone = token_room(config, meter, None)
    beside = token_room(config, meter, new, {"images/a.jpg": "data:image/jpeg;base64,QQ=="})
    assert alone is not None
    assert beside is not None
    assert alone.tokens == 500 - cost(user(SENTENCE))
    assert alone.tokens - beside.tokens == pytest.approx(cost(user(SENTENCE)) + PICTURE_TOKENS)
    assert token_room(ChatConfig(), meter, new) is None


def test_no_more_messages_are_looked_at_than_fit() -> None:
    asked = []

    class Endless(list[ChatMessage]):
        def __reversed__(self):  # type: ignore[no-untyped-def]  # noqa: ANN204
            for number in range(100_000):
                asked.append(number)
                yield user(SENTENCE)

    window = history_window(Endless(), 200_000, room=TokenRoom(1000, cost))
    assert 50 < len(window) < 100
    assert len(asked) == len(window) + 1


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", 0),
        (SENTENCE * 10, 101),  # what cl100k, o200k, Tekken and SmolLM2 count is 100 to 101
        ("def f(x):\n    return x + 1\n" * 10, 120),
    ],
)
def test_english_and_code_are_estimated_within_15_percent(text: str, tokens: int) -> None:
    assert estimated_tokens(text) == pytest.approx(tokens, rel=0.15)


@given(st.text(max_size=300))
def test_any_text_has_an_estimate_and_a_longer_one_no_smaller(text: str) -> None:
    assert 0 <= estimated_tokens(text) <= 3 * len(text)
    assert estimated_tokens(text + "…word") > estimated_tokens(text) - 2


def test_a_long_text_is_estimated_by_parts_of_it() -> None:
    text = (SENTENCE * 30_000)[:1_000_000]
    assert estimated_tokens(text) == pytest.approx(
        estimated_tokens(text[:LONGEST]) * len(text) / LONGEST, rel=0.05
    )


def test_what_a_request_took_corrects_the_next_estimate_of_its_model_only() -> None:
    meter = TokenMeter()
    said = [RequestMessage(role="user", content=SENTENCE * 20)]
    request = ChatRequest(model="m", messages=said)
    meter.learn(request, Usage(prompt_tokens=2 * round(estimated_tokens(SENTENCE * 20))))
    assert meter.ratio("m") == pytest.approx(2, rel=0.05)
    assert meter.tokens("m", said) == pytest.approx(2 * meter.tokens("other", said), rel=0.05)
    learned = meter.ratio("m")
    for usage in (None, Usage(), Usage(prompt_tokens=7), Usage(prompt_tokens=10**9)):
        meter.learn(request, usage)
    seen = ChatRequest(model="m", messages=[replace(said[0], images=["data:,"])])
    meter.learn(seen, Usage(prompt_tokens=1500))
    assert meter.ratio("m") == learned


async def test_a_service_that_lends_its_tokenizer_is_asked_about_each_text_once() -> None:
    asked: list[Sequence[str]] = []

    class Lending(AnimusClient):
        async def count_tokens(self, texts: Sequence[str]) -> list[int] | None:
            asked.append(texts)
            return [1000 + len(text) for text in texts]

    meter = TokenMeter()
    async with Lending(ApiConfig()) as service:
        await meter.ask(service, "m", ["b", None, "a"], most=10_000)
        await meter.ask(service, "m", ["ccc", "b", "a"], most=10_000)
        await meter.ask(service, "m", ["ccc", "b", "a"], most=10_000)
        await meter.ask(service, "m", (str(number) for number in range(100_000)), most=2_000)
    assert asked[:2] == [["b", "a"], ["ccc"]]
    assert len(asked) == 3
    assert len(asked[2]) < 2_000
    said = [RequestMessage(role="user", content=text) for text in ("ccc", "b")]
    assert meter.tokens("m", said) == 2004 + 2 * MESSAGE_TOKENS


async def test_a_session_sends_what_fits_and_learns_from_usage(start_talk: StartTalk) -> None:
    chat = ChatConfig(system_message="Be kind.", history_tokens=400)
    long = SENTENCE * 10
    async with start_talk(chat=chat) as talk:
        for _ in range(4):
            talk.service.say(reply(long, next=False))
            await talk.say(long)
        first = talk.service.chat_bodies[-1]["messages"]
        assert 2 < len(first) < 8
        counted = {"prompt_tokens": 2 * round(sum(estimated_tokens(m["content"]) + 4 for m in first))}
        talk.service.say({**reply(long), "usage": counted})
        await talk.say(long)
        talk.service.say(reply(long))
        await talk.say(long)
        doubled = talk.service.chat_bodies[-1]["messages"]
    assert len(doubled) < len(first)
    assert doubled[0]["role"] == "system"
    assert doubled[-1]["content"] == long.strip()
    assert json.dumps(doubled).count("quick") < json.dumps(first).count("quick")
