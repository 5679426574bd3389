"""Streams as good servers send them, and as no good server does."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

import pytest

from animus_tui.backends.base.chat_values import ChatDelta, merge_tool_calls, whole_reply
from animus_tui.backends.base.errors import AnswerError, OutOfCredits
from tests.support.backend_client import BODY, REQUEST, SAID, client_of, read, streamed, text_of
from tests.support.scripted_server import (
    End,
    Step,
    answer,
    chunk,
    events,
    reply,
    scripted,
    stream_head,
)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
async def test_crlf_cr_and_lf_all_end_lines(end: str) -> None:
    assert await text_of(events(chunk("one "), chunk("two"), "[DONE]", end=end)) == "one two"


async def test_comments_other_fields_no_space_after_data_and_a_byte_order_mark() -> None:
    rows: list[bytes] = [
        b": comment\n\n" + events(chunk("hello"), "[DONE]"),
        b":\n\n:\n" + events(chunk("hello")) + b": bye\n\n",
        b"event: message\nid: 7\nretry: 10\n" + events(chunk("hello"), "[DONE]"),
        b"unknown: field\nnonsense\n" + events(chunk("hello")),
        events(chunk("hello"), "[DONE]").replace(b"data: ", b"data:"),
        b"\xef\xbb\xbf" + events(chunk("hello")),
        b"\n\n\n" + events(chunk("hello")),
        b"data\n\ndata:\n\n" + events(chunk("hello")),
        events(chunk("hello").replace(", ", ",\ndata: ").replace("],", "],\ndata: ")),
        events(chunk("hello"), " [DONE] "),
    ]
    for body in rows:
        assert await text_of(body) == "hello"
        for at in range(len(body)):
            assert await text_of(body[:at], body[at:]) == "hello", at


async def test_u2028_u2029_and_nel_within_json_are_text() -> None:
    text = "a\u2028b\u2029c\x85d\x0be\x1cf"
    data = '{"choices": [{"delta": {"content": "a\u2028b\u2029c\x85d\\u000be\\u001cf"}}]}'
    assert await text_of(events(data)) == text


def _javascript(text: str) -> list[str]:
    """Pieces of one UTF-16 unit each, as JSON strings: JavaScript cuts texts so."""
    units = text.encode("utf-16-be")
    pairs = [units[at : at + 2].hex() for at in range(0, len(units), 2)]
    return [f'"\\u{pair}"' for pair in pairs]


async def test_a_character_that_is_cut_in_two_is_put_together() -> None:
    text = 'a🌅b👩‍👧\\🌅" end 🌅'
    fields = {
        "content": '{"choices": [{"delta": {"content": %s}}]}',
        "reasoning": '{"choices": [{"delta": {"reasoning": %s, "reasoning_details": [{"text": %s}]}}]}',
        "arguments": '{"choices": [{"delta": {"tool_calls": [{"index": 0, "function": {"arguments": %s}}]}}]}',
    }
    for field, form in fields.items():
        data = [form.replace("%s", piece) for piece in _javascript(text)]
        deltas, error = await read(events(*data, "[DONE]"))
        assert error is None
        said = whole_reply(deltas)
        calls = [call["function"]["arguments"] for call in said.tool_calls]
        assert [said.content or said.reasoning, *calls] == ([None, text] if calls else [text]), field


@pytest.mark.parametrize(
    ("pieces", "said"),
    [
        (['"a\\ud83c"', '"b"', '"\\udf05"'], "ab?"),  # the halves do not follow each other
        (['"a\\\\ud83c"', '"\\udf05b"'], "a\\ud83c?b"),  # a backslash and letters
        (['"a\\\\\\ud83c"', '"\\udf05b"'], "a\\🌅b"),
        (['"a\\ud83c\\udf05"', '"b"'], "a🌅b"),
        (['"a\\ud83c"'], "a"),
    ],
)
async def test_only_the_two_halves_of_a_character_are_put_together(pieces: list[str], said: str) -> None:
    data = [f'{{"choices": [{{"delta": {{"content": {piece}}}}}]}}' for piece in pieces]
    assert await text_of(events(*data, "[DONE]")) == said


async def test_the_charset_of_the_header_does_not_matter() -> None:
    script: list[Step] = [stream_head(kind="text/event-stream; charset=iso-8859-1"), BODY]
    async with scripted(script) as server, client_of(server) as client:
        assert (await streamed(client)).text == SAID


@pytest.mark.parametrize(
    "bad", ["{", "5", "null", '{"choices": [{"delta": {"content": 5}}]}', '{"choices": 1}', "x"]
)
async def test_one_malformed_chunk_is_skipped_counted_and_noted_without_its_content(
    bad: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, "animus_tui"):
        deltas, error = await read(events(chunk("one "), bad, chunk("two"), bad, "[DONE]"))
    assert error is None
    assert [delta.content for delta in deltas] == ["one ", "two"]
    assert [record.getMessage() for record in caplog.records] == [
        f"A malformed chunk was skipped, number {number} of this answer" for number in (1, 2)
    ]
    assert all(record.levelno == logging.WARNING for record in caplog.records)


async def test_nothing_but_malformed_chunks_is_an_error() -> None:
    deltas, error = await read(events("{", "nonsense"))
    assert not deltas
    assert isinstance(error, AnswerError)
    assert "None of the answer's 2 pieces could be read" in error.sentence


@pytest.mark.parametrize(
    "bad",
    [
        '{"error": {"message": "model fell over", "type": "server"}}',
        '{"error": "model fell over"}',
        '{"detail": "model fell over"}',
        '{"error": {"message": "model fell over"}, "choices": [{"delta": {}, "finish_reason": "error"}]}',
    ],
)
async def test_an_error_object_in_the_stream_comes_after_the_text_so_far(bad: str) -> None:
    deltas, error = await read(events(chunk("so far"), bad, chunk("never")))
    assert [delta.content for delta in deltas] == ["so far"]
    assert isinstance(error, AnswerError)
    assert "model fell over." in error.sentence
    assert error.retryable


async def test_an_error_event_with_plain_words_is_an_error() -> None:
    _, error = await read(events(chunk("so far")) + b"event: error\ndata: out of memory\n\n")
    assert error is not None
    assert "out of memory." in error.sentence


async def test_an_error_object_with_a_status_is_the_error_of_that_status() -> None:
    _, error = await read(
        events('{"error": {"code": 402, "message": "Top up.", "required": 2, "available": 1}}')
    )
    assert isinstance(error, OutOfCredits)
    assert "needs 2, the account has 1." in error.sentence


@pytest.mark.parametrize("kind", ["application/json", "text/event-stream", "text/plain"])
async def test_json_in_place_of_sse_is_the_whole_reply_as_one_piece(kind: str) -> None:
    body = reply(
        "hello", image_prompt="a cat", turns=["hello"], next=True, reasoning="hm", tool_calls=[{"id": "7"}]
    )
    script = [answer(body.partition(b"\r\n\r\n")[2], kind=kind)]
    async with scripted(script) as server, client_of(server) as client:
        got = await streamed(client)
    assert got.deltas == [
        ChatDelta(
            content="hello",
            reasoning="hm",
            tool_calls=[{"id": "7", "index": 0}],
            turns=["hello"],
            next=True,
            image_prompt="a cat",
            finish_reason="stop",
        )
    ]


async def test_json_cut_into_bytes_and_with_a_byte_order_mark_in_place_of_sse() -> None:
    body = b"\xef\xbb\xbf \n" + reply("hello").partition(b"\r\n\r\n")[2]
    assert await text_of(*(body[at : at + 1] for at in range(len(body)))) == "hello"


async def test_a_json_error_object_in_place_of_sse_is_an_error() -> None:
    _, error = await read(b'{"error": {"message": "asleep"}}')
    assert error is not None
    assert "asleep." in error.sentence


async def test_an_html_page_in_place_of_sse_is_named_and_not_shown() -> None:
    _, error = await read(b"<html><body>Welcome</body></html>")
    assert isinstance(error, AnswerError)
    assert "an HTML page came instead of JSON" in error.sentence
    assert "Welcome" not in error.sentence


@pytest.mark.parametrize(
    "script", [[answer(b"", status=204)], [stream_head()], [stream_head(), events("[DONE]")]]
)
async def test_204_and_a_stream_with_nothing_in_it_are_an_empty_reply(script: list[Step]) -> None:
    async with scripted(script) as server, client_of(server) as client:
        got = await streamed(client)
    assert isinstance(got.error, AnswerError)
    assert got.error.title == "Empty reply"
    assert got.error.retryable
    assert len(server.received) == 1


async def test_a_stream_of_white_space_is_an_empty_reply() -> None:
    script: list[Step] = [stream_head(), events(chunk(" "), chunk("\n"), "[DONE]")]
    async with scripted(script) as server, client_of(server) as client:
        got = await streamed(client)
    assert isinstance(got.error, AnswerError)


@pytest.mark.parametrize(
    "only", [{"image_prompt": "a cat"}, {"reasoning": "hm"}, {"tool_calls": [{"index": 0}]}]
)
async def test_a_stream_without_text_but_with_something_else_is_not_empty(only: dict[str, Any]) -> None:
    script: list[Step] = [stream_head(), events(chunk(**only), "[DONE]")]
    async with scripted(script) as server, client_of(server) as client:
        got = await streamed(client)
    assert got.error is None
    assert len(got.deltas) == 1


async def test_all_fields_of_chunks_arrive() -> None:
    data = (
        '{"choices": [{"index": 0, "delta": {"content": "x", "reasoning": "r", "turns": ["a", null, "b"], "next": true,'
        '"image_prompt": " p ", "tool_calls": [{"index": 0, "id": "7"}]}, "finish_reason": "stop",'
        '"compliance_violations": ["b"]}], "compliance_violations": ["a", "b"]}'
    )
    deltas, _ = await read(events(data))
    assert deltas == [
        ChatDelta(
            content="x",
            reasoning="r",
            turns=["a", "b"],
            next=True,
            image_prompt="p",
            tool_calls=[{"index": 0, "id": "7"}],
            finish_reason="stop",
            compliance_violations=["a", "b"],
        )
    ]


async def test_null_fields_usage_chunks_and_other_choices_say_nothing() -> None:
    nulls = '{"choices": [{"delta": {"content": null, "tool_calls": null, "turns": null, "next": null}}]}'
    other = '{"choices": [{"index": 1, "delta": {"content": "second choice"}}]}'
    usage = '{"choices": [], "usage": {"total_tokens": 3}}'
    assert (await read(events(nulls, other, usage, '{"choices": null}', "{}", '{"choices": [null]}')))[
        0
    ] == []


async def test_streamed_tool_calls_merge_by_index() -> None:
    pieces = [
        [{"index": 1, "id": "b", "function": {"name": "paint", "arguments": ""}}],
        [{"index": 0, "id": "a", "type": "function", "function": {"name": "look", "arguments": '{"wh'}}],
        [
            {"index": 0, "function": {"name": "", "arguments": 'ere": 1}'}},
            {"index": 1, "function": {"arguments": "{}"}},
        ],
    ]
    deltas, _ = await read(events(*(chunk(tool_calls=piece) for piece in pieces)))
    assert merge_tool_calls(piece for delta in deltas for piece in delta.tool_calls) == [
        {"id": "a", "type": "function", "function": {"name": "look", "arguments": '{"where": 1}'}},
        {"id": "b", "function": {"name": "paint", "arguments": "{}"}},
    ]


async def test_the_request_asks_for_a_stream_and_names_what_it_accepts() -> None:
    async with scripted([stream_head(), BODY]) as server, client_of(server) as client:
        await streamed(client)
    request = server.received[0]
    assert (request.method, request.path) == ("POST", "/chat/completions")
    assert request.json == {"model": "m", "messages": [{"role": "user", "content": "Hi"}], "stream": True}
    assert request.headers["accept"] == "text/event-stream"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["authorization"].startswith("Bearer ")


WHOLE = reply("whole answer", image_prompt="a cat", turns=["whole", "answer"], next=True).partition(
    b"\r\n\r\n"
)[2]


async def test_events_or_done_in_answer_to_a_whole_reply_are_read_as_the_answer() -> None:
    rows_of_kind: list[str] = ["application/json", "text/event-stream"]
    for kind in rows_of_kind:
        rows_of_body: list[bytes] = [
            events(
                chunk("whole "),
                chunk("answer"),
                chunk(image_prompt="a cat", turns=["whole", "answer"], next=True),
            ),
            events(
                chunk("whole "),
                chunk("answer"),
                chunk(image_prompt="a cat", turns=["whole", "answer"], next=True),
                "[DONE]",
            ),
            events(WHOLE.decode(), "[DONE]"),
            b": ping\n\n" + events(WHOLE.decode()),
            WHOLE + b"\n\ndata: [DONE]\n\n",
            WHOLE + b"[DONE]",
            WHOLE + b"\n",
        ]
        for body in rows_of_body:
            async with scripted([answer(body, kind=kind)]) as server, client_of(server) as client:
                whole = await client.complete(REQUEST)
                pieces = whole_reply((await streamed(client)).deltas)
            assert [request.json.get("stream") for request in server.received] == [None, True]
            for got in (whole, pieces):
                assert (got.content, got.image_prompt, got.turns) == (
                    "whole answer",
                    "a cat",
                    ["whole", "answer"],
                )
                assert got.next


async def test_the_tool_calls_of_events_in_answer_to_a_whole_reply_are_put_together() -> None:
    first = {"index": 0, "id": "a", "function": {"name": "f", "arguments": "{"}}
    body = events(
        chunk("x", tool_calls=[first]), chunk(tool_calls=[{"index": 0, "function": {"arguments": "}"}}])
    )
    async with scripted([answer(body)]) as server, client_of(server) as client:
        assert (await client.complete(REQUEST)).tool_calls == [
            {"id": "a", "function": {"name": "f", "arguments": "{}"}}
        ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
async def test_one_line_break_between_events_is_enough(end: str) -> None:
    pieces = [chunk("one "), chunk("two "), chunk("three")]
    body = "".join(f"data: {data}{end}" for data in [*pieces, "[DONE]"]).encode()
    for at in range(len(body)):
        assert await text_of(body[:at], body[at:]) == "one two three", at
    named = "".join(f"event: message{end}data: {data}{end}id: 1{end}" for data in pieces).encode()
    assert await text_of(named) == "one two three"


async def test_events_with_one_line_break_are_shown_as_they_come_and_end_with_done() -> None:
    lines = [f"data: {data}\n".encode() for data in (chunk("one "), chunk("two"), "[DONE]")]
    first_seen = asyncio.Event()
    script: list[Step] = [stream_head(), lines[0], first_seen, *lines[1:], End.HANG]
    async with scripted(script) as server, client_of(server) as client:
        text = ""
        async for delta in client.stream_chat(REQUEST):
            text += delta.content
            first_seen.set()
    assert text == "one two"


async def test_events_without_blank_lines_of_which_one_holds_nan_are_all_read() -> None:
    odd = chunk("two ").replace("null", "NaN")
    body = "".join(f"data: {data}\n" for data in (chunk("one "), odd, chunk("three"), "[DONE]")).encode()
    assert await text_of(body) == "one two three"


async def test_a_whole_message_at_the_end_of_a_stream_repeats_nothing() -> None:
    assert await text_of(events(chunk("whole "), chunk("answer"), WHOLE.decode(), "[DONE]")) == "whole answer"


@pytest.mark.parametrize("body", [b"hello", b"hello\nworld\n", b"OK\n\n"])
async def test_what_is_neither_json_nor_events_is_said(body: bytes) -> None:
    async with scripted([answer(body, kind="text/plain")]) as server, client_of(server) as client:
        error = (await streamed(client)).error
        assert isinstance(error, AnswerError)
        assert f"{len(body)} bytes came that are not JSON" in error.sentence
        with pytest.raises(AnswerError, match=f"{len(body)} bytes came that are not JSON"):
            await client.complete(REQUEST)


FAILED_CHOICES: dict[str, dict[str, Any]] = {
    "object": {"error": {"message": "model fell over", "code": "server_error"}},
    "text": {"error": "model fell over"},
    "object and reason": {"error": {"message": "model fell over"}, "finish_reason": "error"},
}


async def test_an_error_inside_the_choice_comes_after_all_the_text() -> None:
    for more in FAILED_CHOICES.values():
        last = {"choices": [{"index": 0, "delta": {"content": "far"}, **more}]}
        whole = {"choices": [{"index": 0, "message": {"content": "so far"}, **more}]}
        for body in (events(chunk("so "), json.dumps(last), chunk("never")), json.dumps(whole).encode()):
            deltas, error = await read(body)
            assert "".join(delta.content for delta in deltas) == "so far"
            assert isinstance(error, AnswerError)
            assert error.sentence == "The service broke off the answer: model fell over. Try again."
            async with scripted([answer(body)]) as server, client_of(server) as client:
                with pytest.raises(AnswerError, match="model fell over") as caught:
                    await client.complete(REQUEST)
            assert caught.value.said is not None
            assert caught.value.said.content == "so far"
            assert len(server.received) == 1


async def test_the_finish_reason_error_is_an_error_also_without_words() -> None:
    last = '{"choices": [{"delta": {}, "finish_reason": "ERROR"}]}'
    deltas, error = await read(events(chunk("so far"), last))
    assert [delta.content for delta in deltas] == ["so far"]
    assert error is not None
    assert error.sentence == "The service broke off the answer: it gave no reason. Try again."


async def test_an_error_beside_the_last_words_loses_none_of_them() -> None:
    data = '{"error": {"message": "asleep"}, "choices": [{"delta": {"content": "far"}}]}'
    deltas, error = await read(events(chunk("so "), data))
    assert [delta.content for delta in deltas] == ["so ", "far"]
    assert error is not None


async def test_an_error_with_a_status_inside_the_choice_is_the_error_of_that_status() -> None:
    choice = {"message": {"content": ""}, "error": {"code": 402, "message": "Top up.", "required": 2}}
    async with (
        scripted([answer(json.dumps({"choices": [choice]}).encode())]) as server,
        client_of(server) as client,
    ):
        with pytest.raises(OutOfCredits, match="The answer needs 2") as caught:
            await client.complete(REQUEST)
    assert caught.value.said is None


async def test_an_error_event_with_an_object_of_its_own_is_an_error() -> None:
    _, error = await read(events(chunk("so far")) + b'event: error\ndata: {"msg": "out of memory"}\n\n')
    assert error is not None
    assert "out of memory." in error.sentence
