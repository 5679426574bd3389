"""The chat endpoint, over loopback."""

import time

import httpx

from animus_tui.chat.history_window import CONTINUE, WISH
from animus_tui.demo.server import DemoServer
from animus_tui.demo.state import DemoOptions
from tests.support.demo_visitor import Visitor, bearer, events

SUNSET = "Can you show me a beautiful sunset over the ocean?"


async def test_a_plain_answer_has_the_documented_shape(visitor: Visitor) -> None:
    answer = (await visitor.chat("Hello")).json()
    assert answer["object"] == "chat.completion"
    assert answer["model"] == "vivian"
    assert abs(answer["created"] - time.time()) < 60
    usage = answer["usage"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"] > 2
    [choice] = answer["choices"]
    assert choice["index"] == 0
    assert choice["finish_reason"] == "stop"
    message = choice["message"]
    assert message["role"] == "assistant"
    assert message["content"]
    assert not message.keys() & {"turns", "next", "image_prompt", "reasoning"}


async def test_a_streamed_answer_comes_in_words_and_ends_with_done(visitor: Visitor) -> None:
    plain = await visitor.message("Hello")
    response = await visitor.chat("Hello", stream=True)
    assert response.headers["content-type"].startswith("text/event-stream")
    *chunks, done = events(response.text)
    assert done == "[DONE]"
    assert {chunk["object"] for chunk in chunks} == {"chat.completion.chunk"}
    deltas = [chunk["choices"][0]["delta"] for chunk in chunks]
    words = [delta["content"] for delta in deltas if delta.get("content")]
    assert "".join(words) == plain["content"]
    assert all(len(word.split()) == 1 for word in words)
    assert chunks[-1]["choices"][0]["finish_reason"] == "stop"
    assert chunks[-1]["usage"]["completion_tokens"] == len(words)


async def test_words_of_a_stream_are_paced() -> None:
    options = DemoOptions(token_delay_ms=20, think_ms=0, paint_ms=0)
    async with DemoServer(options) as server, httpx.AsyncClient(headers=bearer(server)) as http:
        started = time.perf_counter()
        response = await Visitor(server, http).chat("!words 10", stream=True)
        assert time.perf_counter() - started >= 0.18
        assert len(events(response.text)) > 10


async def test_auto_turn_adds_turns_and_next(visitor: Visitor) -> None:
    message = await visitor.message("My name is Ada", autoTurn=True)
    assert len(message["turns"]) > 1
    assert message["content"] == " ".join(message["turns"])
    assert message["next"] is True
    assert (await visitor.message("Thank you", autoTurn=True))["next"] is False


async def test_a_picture_is_promised_only_when_pictures_are_checked_for(visitor: Visitor) -> None:
    with_picture = await visitor.message(SUNSET, autoTurn=True, check_image_generation=True)
    without = await visitor.message(SUNSET, autoTurn=True)
    assert with_picture["image_prompt"] == "A golden sunset over a calm ocean, long reflections, soft clouds"
    assert with_picture["turns"][0] == "Oh, I know just the place."
    assert "image_prompt" not in without
    assert "switched off" in without["content"]


async def test_a_streamed_answer_carries_the_picture_prompt(visitor: Visitor) -> None:
    response = await visitor.chat(SUNSET, stream=True, check_image_generation=True)
    deltas = [event["choices"][0]["delta"] for event in events(response.text)[:-1]]
    assert [delta["image_prompt"] for delta in deltas if "image_prompt" in delta] == [
        "A golden sunset over a calm ocean, long reflections, soft clouds"
    ]


async def test_compliance_names_the_category_unless_it_is_off(visitor: Visitor) -> None:
    said = "Where can I buy drugs?"
    assert (await visitor.chat(said)).json()["compliance_violations"] == ["drug_use"]
    assert "compliance_violations" not in (await visitor.chat(said, compliance=False)).json()
    assert "compliance_violations" not in (await visitor.chat("Hello")).json()
    streamed = events((await visitor.chat(said, stream=True)).text)
    assert streamed[-2]["compliance_violations"] == ["drug_use"]


async def test_reasoning_is_sent_when_it_is_asked_for(visitor: Visitor) -> None:
    message = await visitor.message("Hello", reasoning=True, show_reasoning=True)
    assert "greeting" in message["reasoning"]
    chunks = events((await visitor.chat("Hello", reasoning=True, stream=True)).text)[:-1]
    parts = [chunk["choices"][0]["delta"].get("reasoning", "") for chunk in chunks]
    assert "".join(parts) == message["reasoning"]


async def test_a_think_block_can_stand_in_the_content(visitor: Visitor) -> None:
    message = await visitor.message("!think Hello", autoTurn=True)
    assert message["content"].startswith("<think>")
    assert "</think>\n\nHello" in message["content"]
    assert not any("think>" in turn for turn in message["turns"])


async def test_a_tool_call_comes_whole_and_in_pieces(visitor: Visitor) -> None:
    tools = [{"type": "function", "function": {"name": "find_tide", "parameters": {}}}]
    answer = (await visitor.chat("!tool", tools=tools)).json()["choices"][0]
    [call] = answer["message"]["tool_calls"]
    assert answer["finish_reason"] == "tool_calls"
    assert answer["message"]["content"] is None
    assert call["function"]["name"] == "find_tide"
    chunks = events((await visitor.chat("!tool", tools=tools, stream=True)).text)[:-1]
    parts = [part for chunk in chunks for part in chunk["choices"][0]["delta"].get("tool_calls", [])]
    assert len(parts) > 2
    assert {part["index"] for part in parts} == {0}
    assert "".join(part["function"]["arguments"] for part in parts) == call["function"]["arguments"]


async def test_a_tool_result_is_passed_on(visitor: Visitor) -> None:
    call = {"id": "call_1", "type": "function", "function": {"name": "tide", "arguments": "{}"}}
    response = await visitor.send(
        [
            {"role": "user", "content": "!tool tide"},
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "content": "high at noon", "tool_call_id": "call_1"},
        ]
    )
    assert "high at noon" in response.json()["choices"][0]["message"]["content"]


async def test_max_tokens_and_stop_cut_the_answer(visitor: Visitor) -> None:
    cut = (await visitor.chat("!words 50", max_tokens=7)).json()
    assert cut["choices"][0]["finish_reason"] == "length"
    assert len(cut["choices"][0]["message"]["content"].split()) == 7
    assert (await visitor.message("!echo one, two, three", stop=[", three"]))["content"] == "one, two"


async def test_n_answers_have_n_choices(visitor: Visitor) -> None:
    choices = (await visitor.chat("Hello", n=3)).json()["choices"]
    assert [choice["index"] for choice in choices] == [0, 1, 2]


USER = {"role": "user", "content": "Hello"}


async def test_a_bad_request_is_refused_with_a_sentence(visitor: Visitor) -> None:
    rows: list[tuple[object, str]] = [
        ({"model": "m"}, "messages"),
        ({"model": "m", "messages": []}, "messages"),
        ({"messages": [USER]}, "model"),
        ({"model": "m", "messages": [{"role": "robot", "content": "x"}]}, "robot"),
        ({"model": "m", "messages": [{"role": "user"}]}, "content"),
        ({"model": "m", "messages": [{"role": "user", "content": "  "}]}, "blank"),
        ({"model": "m", "messages": [USER, {"role": "system", "content": "x"}]}, "first"),
        (
            {"model": "m", "messages": [USER, {"role": "tool", "content": "x", "tool_call_id": "a"}]},
            "tool call",
        ),
        ({"model": "m", "messages": [USER], "stream": True, "autoTurn": True}, "autoTurn"),
        ({"model": "m", "messages": [USER], "temperature": 7}, "temperature"),
        ({"model": "m", "messages": [USER], "max_tokens": 0}, "max_tokens"),
        (["no", "object"], "object"),
    ]
    for body, says in rows:
        response = await visitor.http.post(f"{visitor.server.base_url}/chat/completions", json=body)
        assert response.status_code == 400
        assert says in response.json()["message"]


async def test_the_same_again_gets_another_answer_and_a_wish_for_a_short_one_a_short_one(
    visitor: Visitor,
) -> None:
    first, second = [(await visitor.message("Hello"))["content"] for _ in range(2)]
    assert first != second
    assert (await visitor.message("Hello, you"))["content"] == first  # nobody asked for another one
    brief = (await visitor.message("Hello" + WISH.format("shorter")))["content"]
    assert 0 < len(brief) < min(len(first), len(second))


async def test_a_cut_answer_goes_on_where_it_stopped(visitor: Visitor) -> None:
    whole = (await visitor.message("Tell me a story"))["content"]
    begun = " ".join(whole.split(" ")[:9])
    response = await visitor.send(
        [
            {"role": "user", "content": "Tell me a story"},
            {"role": "assistant", "content": begun},
            {"role": "user", "content": CONTINUE},
        ]
    )
    assert begun + response.json()["choices"][0]["message"]["content"] == whole


async def test_a_picture_is_answered_honestly_where_pictures_are_taken(visitor: Visitor) -> None:
    shown = [
        {"type": "text", "text": "Who is this?"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}},
    ]
    first = {"role": "user", "content": shown}
    body = {"model": "sees", "messages": [first]}
    base = visitor.server.base_url
    answer = (await visitor.http.post(f"{base}/media/completions", json=body)).json()
    assert "cannot see" in answer["choices"][0]["message"]["content"]
    refused = await visitor.http.post(f"{base}/chat/completions", json=body)
    assert (refused.status_code, "/media/completions" in refused.json()["message"]) == (400, True)
    words = [first, {"role": "assistant", "content": "Hm."}, {"role": "user", "content": SUNSET}]
    asking = {**body, "messages": words, "check_image_generation": True}
    later = await visitor.http.post(f"{base}/media/completions", json=asking)
    assert "sunset" in later.json()["choices"][0]["message"]["image_prompt"]
