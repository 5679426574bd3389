"""Answers → values, without a network."""

from __future__ import annotations

import random
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from animus_tui.addresses import Redactor
from animus_tui.backends.animus.auth import decode_token
from animus_tui.backends.animus.decode_media import GenerationJob, decode_image, decode_job
from animus_tui.backends.animus.encode import chat_body
from animus_tui.backends.base.chat_values import (
    ChatReply,
    ChatRequest,
    RequestMessage,
    as_delta,
    merge_tool_calls,
)
from animus_tui.backends.base.errors import AnswerError, BackendError, NetworkError, ServiceBusy
from animus_tui.backends.http.answer_errors import (
    ErrorContext,
    reported_error,
    retry_after,
    service_error,
)
from animus_tui.backends.http.chat_bodies import decode_chunk
from animus_tui.backends.http.json_bodies import MalformedEventError, ReportedError
from animus_tui.backends.http.requests import RetryPolicy, delay_before
from tests.support.backend_client import is_fit_for_the_screen, reply_in

ASKED = ErrorContext("answer", lambda text: text)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["choices", "message", "delta", "content", "error", "detail", "output", "status", "code"]
            )
            | st.text(max_size=5),
            inner,
            max_size=5,
        )
    ),
    max_leaves=25,
)


def reply_of(**message: Any) -> ChatReply | ReportedError:
    return reply_in(msgspec.json.encode({"choices": [{"message": message}]}))


def test_a_documented_reply_is_read_whole() -> None:
    body = {
        "id": "1",
        "choices": [
            {
                "index": 0,
                "finish_reason": "stop",
                "message": {
                    "role": "assistant",
                    "content": "text",
                    "reasoning": "why",
                    "tool_calls": [{"id": "7"}],
                    "image_prompt": "a cat",
                    "turns": ["te", "xt"],
                    "next": True,
                },
            }
        ],
        "usage": {"total_tokens": 3},
        "compliance_violations": ["drug_use"],
    }
    assert reply_in(msgspec.json.encode(body)) == ChatReply(
        content="text",
        reasoning="why",
        tool_calls=[{"id": "7"}],
        turns=["te", "xt"],
        next=True,
        image_prompt="a cat",
        compliance_violations=["drug_use"],
        finish_reason="stop",
    )


def test_compliance_violations_on_the_choice_and_on_the_reply_are_one_list() -> None:
    choice = {"message": {"content": "x"}, "compliance_violations": ["b", "a"]}
    body = msgspec.json.encode({"choices": [choice], "compliance_violations": ["a"]})
    reply = reply_in(body)
    assert isinstance(reply, ChatReply)
    assert reply.compliance_violations == ["a", "b"]


def test_null_is_the_same_as_absent() -> None:
    assert (
        reply_of(content=None, reasoning=None, tool_calls=None, turns=None, next=None, image_prompt=None)
        == reply_of()
    )


def test_an_answer_without_anything_is_an_empty_reply() -> None:
    rows: list[bytes] = [
        b"",
        b"{}",
        b'{"choices": null}',
        b'{"choices": []}',
        b'{"choices": [null]}',
        b'{"choices": [{}]}',
    ]
    for body in rows:
        assert reply_in(body) == ChatReply()
        assert ChatReply().is_empty


def test_content_as_a_list_of_parts_is_their_text() -> None:
    parts = [{"type": "text", "text": "a"}, "b", {"type": "image_url", "image_url": {}}, None, {"text": "c"}]
    reply = reply_of(content=parts)
    assert isinstance(reply, ChatReply)
    assert reply.content == "abc"


def test_a_wrong_type_is_named_with_its_path() -> None:
    rows: list[tuple[dict[str, Any], str]] = [
        ({"content": 5}, "choices[0].message.content"),
        ({"turns": "x"}, "choices[0].message.turns"),
        ({"turns": ["x", 5]}, "choices[0].message.turns[1]"),
        ({"next": "yes"}, "choices[0].message.next"),
        ({"tool_calls": {}}, "choices[0].message.tool_calls"),
        ({"image_prompt": []}, "choices[0].message.image_prompt"),
    ]
    for message, path in rows:
        with pytest.raises(AnswerError) as caught:
            reply_of(**message)
        assert f"at {path}." in caught.value.sentence
        assert caught.value.title == "Answer not understood"


@pytest.mark.parametrize("body", [b"[]", b"5", b'"x"'])
def test_a_wrong_type_at_the_top_is_named(body: bytes) -> None:
    with pytest.raises(AnswerError, match="at its top"):
        reply_in(body)


@pytest.mark.parametrize(
    ("body", "came"),
    [(b"<html>", "an HTML page"), (b"hello", "5 bytes came"), (b" ", "nothing came"), (b'{"a":', "5 bytes")],
)
def test_what_is_no_json_is_said(body: bytes, came: str) -> None:
    with pytest.raises(AnswerError, match=came):
        decode_image(body)


@pytest.mark.parametrize("opening", [b"[", b'{"error":', b'{"x":'])
def test_json_nested_without_end_is_an_error_and_no_crash(opening: bytes) -> None:
    with pytest.raises(AnswerError, match="Answer not understood"):
        reply_in(opening * 100_000)
    assert "answered 500" in service_error(500, {}, opening * 100_000, ASKED).sentence


@pytest.mark.parametrize(
    ("body", "content"),
    [
        (b'\xef\xbb\xbf{"choices": [{"message": {"content": "hi"}}]}', "hi"),
        (b'{"choices": [{"message": {"content": "a\\ud83d!"}}]}', "a?!"),
        (b'{"choices": [{"message": {"content": "a\\ud83d\\ude00!"}}]}', "a😀!"),
        (b'{"choices": [{"message": {"content": "a\xff!"}}]}', "a�!"),
    ],
)
def test_byte_order_marks_lone_surrogates_and_broken_utf8_do_not_lose_the_reply(
    body: bytes, content: str
) -> None:
    reply = reply_in(body)
    assert isinstance(reply, ChatReply)
    assert reply.content == content


@given(json_values)
def test_no_answer_makes_anything_but_a_value_or_an_animus_error(value: object) -> None:
    body = msgspec.json.encode(value)
    for decode in (reply_in, decode_image, decode_job, decode_token):
        try:
            decoded = decode(body)
        except BackendError:
            continue
        if isinstance(decoded, ReportedError):
            assert reported_error(decoded.what, ASKED).sentence
    for status in (400, 401, 402, 429, 500):
        assert is_fit_for_the_screen(service_error(status, {}, body, ASKED).sentence)
    try:
        chunk = decode_chunk(body.decode())
    except MalformedEventError:
        return
    assert chunk


@given(st.binary(max_size=200))
def test_no_bytes_make_anything_but_a_value_or_an_animus_error(body: bytes) -> None:
    for decode in (reply_in, decode_image, decode_job, decode_token):
        try:
            decode(body)
        except BackendError:
            continue
    assert is_fit_for_the_screen(service_error(500, {}, body, ASKED).sentence)


def test_tool_calls_of_a_reply_and_of_its_only_piece_are_the_same() -> None:
    calls: list[dict[str, Any]] = [
        {"id": "a", "function": {"name": "f", "arguments": "{}"}},
        {"id": "b", "type": "function"},
    ]
    assert merge_tool_calls(as_delta(ChatReply(tool_calls=calls)).tool_calls) == calls


def test_tool_call_pieces_without_an_index_follow_their_id_or_the_last_call() -> None:
    pieces: list[dict[str, Any]] = [
        {"id": "a", "function": {"name": "f", "arguments": None}},
        {"function": {"arguments": "{"}},
        {"id": "b", "function": {"arguments": "[]"}},
        {"id": "a", "function": {"arguments": "}"}},
    ]
    assert merge_tool_calls(pieces) == [
        {"id": "a", "function": {"name": "f", "arguments": "{}"}},
        {"id": "b", "function": {"arguments": "[]"}},
    ]
    assert merge_tool_calls([]) == []


def test_a_job_keeps_its_id_when_the_status_answer_leaves_it_out() -> None:
    assert decode_job(b'{"status": "running"}', known_id="7") == GenerationJob(
        generation_id="7", status="running"
    )
    assert decode_job(b'{"generation_id": 7}') == GenerationJob(generation_id="7")


def test_lone_surrogates_in_a_request_become_question_marks() -> None:
    request = ChatRequest(model="m", messages=[RequestMessage(role="user", content="a\ud83db")])
    assert msgspec.json.decode(chat_body(request)) == {
        "model": "m",
        "messages": [{"role": "user", "content": "a?b"}],
    }


def test_pauses_grow_up_to_the_most_and_end_with_the_tries() -> None:
    policy = RetryPolicy(tries=6, base=1, factor=3, most=8, jitter=0)
    error = NetworkError("t", "s", sent=True)
    pauses = [delay_before(attempt, error, policy, random.Random(1)) for attempt in range(2, 8)]
    assert pauses == [1, 3, 8, 8, 8, None]


def test_jitter_spreads_a_pause_both_ways() -> None:
    policy, rng = RetryPolicy(base=1, jitter=0.25), random.Random(1)
    pauses = [delay_before(2, NetworkError("t", "s", sent=True), policy, rng) or 0 for _ in range(200)]
    assert 0.75 <= min(pauses) < 0.8
    assert 1.2 < max(pauses) <= 1.25


@pytest.mark.parametrize(("asked", "pause"), [(60.0, 60.0), (60.5, None), (0.0, 0.5), (None, 0.5)])
def test_retry_after_is_honoured_up_to_60_seconds(asked: float | None, pause: float | None) -> None:
    error = ServiceBusy("t", "s", status=429, retry_after=asked)
    assert delay_before(2, error, RetryPolicy(jitter=0), random.Random(1)) == pause


def test_retry_after_is_seconds_or_a_date() -> None:
    rows: list[tuple[str, float | None]] = [
        ("7", 7),
        (" 120 ", 120),
        ("", None),
        ("-1", None),
        ("soon", None),
        ("٣", None),
        ("9" * 400, 999_999_999),
        ("Mon, 05 Jan 2015 10:02:00 GMT", 120),
        ("Mon, 05 Jan 2015 09:00:00 GMT", 0),
        ("Mon, 05 Jan 2015 10:02:00", 120),
        ("Mon, 99 Jan 2015 10:02:00 GMT", None),
    ]
    for value, seconds in rows:
        assert retry_after({"retry-after": value, "date": "Mon, 05 Jan 2015 10:00:00 GMT"}) == seconds
        assert retry_after({}) is None


@pytest.mark.parametrize(("asked", "words"), [("61", "61 s"), ("600", "10 minutes"), ("10800", "3 hours")])
def test_a_long_wait_is_said_in_words(asked: str, words: str) -> None:
    assert f"It asks to wait {words}." in service_error(429, {"retry-after": asked}, b"", ASKED).sentence


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("key hidden-value-1 refused", "key [secret] refused"),
        ("Authorization: Bearer abc.def-123", "Authorization: Bearer [secret]"),
        ("token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.s1g refused", "token [secret] refused"),
        ("nothing to hide", "nothing to hide"),
    ],
)
def test_secrets_are_taken_out_of_foreign_words(text: str, left: str) -> None:
    redact = Redactor()
    redact.learn("hidden-value")
    redact.learn("hidden-value-1")
    redact.learn("to")
    assert redact(text) == left
    assert redact(left) == left
