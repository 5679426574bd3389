"""Answers that are not quite what the documentation promises, and are understood all the same, or said to be odd."""

from __future__ import annotations

import email.utils
import json
import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from animus_tui.addresses import Redactor
from animus_tui.backends.animus.auth import decode_token
from animus_tui.backends.animus.decode_media import (
    GenerationJob,
    Group,
    decode_image,
    decode_job,
    decode_page,
)
from animus_tui.backends.base.chat_values import ChatDelta, ChatReply, merge_tool_calls
from animus_tui.backends.base.errors import (
    AnswerError,
    BackendError,
    OutOfCredits,
    ServiceBusy,
    ServiceError,
    SignedOut,
)
from animus_tui.backends.base.image_values import ImageOutput, ImageResult
from animus_tui.backends.http.answer_errors import reported_error, retry_after, service_error
from animus_tui.backends.http.chat_bodies import decode_chunk
from animus_tui.backends.http.json_bodies import ReportedError
from tests.support.backend_client import ASKED, read, reply_in, text_of
from tests.support.scripted_server import chunk, events

DEPTHS = (10, 100, 300, 500, 700, 900, 5000)


def nested(depth: int, *, field: bytes = b"error") -> bytes:
    """An object within an object within an object…"""
    return b'{"%b":' % field * depth + b'"deep words"' + b"}" * depth


def reported(**what: Any) -> BackendError:
    return reported_error(what, ASKED)


async def test_numbers_and_truth_values_written_as_text_are_understood() -> None:
    reply = reply_in(b'{"choices": [{"index": "0", "message": {"content": "hi", "next": "true"}}]}')
    assert isinstance(reply, ChatReply)
    assert (reply.content, reply.next) == ("hi", True)
    first = '{"choices": [{"index": "0", "delta": {"content": "hi", "next": 1}}]}'
    second = '{"choices": [{"index": "1", "delta": {"content": "another choice"}}]}'
    assert await text_of(events(first, second)) == "hi"


async def test_text_that_looks_like_a_number_or_null_stays_text() -> None:
    for words in ("null", "true", "5", "1.0"):
        reply = reply_in(
            msgspec.json.encode({"choices": [{"message": {"content": words, "turns": [words]}}]})
        )
        assert isinstance(reply, ChatReply)
        assert (reply.content, reply.turns) == (words, [words])
        assert await text_of(events(chunk(words))) == words
        assert decode_image(msgspec.json.encode({"output": words})) == ImageResult(
            images=[ImageOutput(words)]
        )


@pytest.mark.parametrize(
    "more",
    [
        {"service_tier": {"x": [1]}, "system_fingerprint": None},
        {"usage": "none"},
        {"usage": None, "id": 5, "created": "now", "model": None, "object": []},
    ],
)
async def test_unknown_fields_and_odd_ones_that_are_not_needed_do_not_matter(more: dict[str, Any]) -> None:
    message = {"role": 7, "content": "hi", "refusal": None, "annotations": [], "audio": {"id": 1}}
    reply = reply_in(msgspec.json.encode({**more, "choices": [{"message": message, "logprobs": []}]}))
    assert isinstance(reply, ChatReply)
    assert reply.content == "hi"
    data = msgspec.json.encode({**more, "choices": [{"delta": message, "logprobs": []}]}).decode()
    assert await text_of(events(data)) == "hi"


ODD = ["odd", 5, 1.5, True, {"x": 1}, [5], [[]], ["odd", 5], -1, 10**30]
"""Values of types that hardly any field has; a field of just that type is good, which does no harm to the words."""
PLACES: dict[str, list[str]] = {
    "words": [
        "reasoning",
        "reasoning_content",
        "tool_calls",
        "image_prompt",
        "turns",
        "next",
        "role",
        "refusal",
    ],
    "choice": ["finish_reason", "compliance_violations", "logprobs"],
    "answer": ["usage", "compliance_violations", "id", "model", "created", "object", "system_fingerprint"],
}
NAMED = [(where, name) for where, names in PLACES.items() for name in names]


def beside(where: str, name: str, odd: object, *, whole: bool) -> bytes:
    """An answer with the words "hi", or a piece of one, and an odd field somewhere beside them."""
    words: dict[str, object] = {"content": "hi"}
    choice: dict[str, object] = {"index": 0, "message" if whole else "delta": words}
    body: dict[str, object] = {"choices": [choice]}
    {"words": words, "choice": choice, "answer": body}[where][name] = odd
    return json.dumps(body).encode()


def test_one_odd_field_costs_none_of_the_words_beside_it() -> None:
    for where, name in NAMED:
        for odd in ODD:
            paths: list[str] = []
            reply = reply_in(beside(where, name, odd, whole=True), paths)
            piece = decode_chunk(beside(where, name, odd, whole=False).decode(), paths)
            assert isinstance(reply, ChatReply), odd
            assert isinstance(piece, ChatDelta), odd
            assert (reply.content, piece.content) == ("hi", "hi"), odd
            assert all(name in path for path in paths), odd


async def test_a_number_that_is_none_costs_none_of_the_words() -> None:
    for where, name in NAMED:
        numbers = ("NaN", "-Infinity", "1e999", "9" * 400)
        for odd in (*numbers, *(f'{{"x": [{number}]}}' for number in numbers)):
            whole, piece = (
                beside(where, name, "HERE", whole=whole).replace(b'"HERE"', odd.encode())
                for whole in (True, False)
            )
            reply = reply_in(whole)
            assert isinstance(reply, ChatReply)
            assert reply.content == "hi"
            msgspec.json.encode(reply)
            assert await text_of(events(piece.decode(), chunk(" there"))) == "hi there"


@pytest.mark.parametrize(
    ("odd", "calls"),
    [
        ([{"id": "1"}, "odd", {"id": "2"}], [{"id": "1"}, {"id": "2"}]),
        ([5, {"id": "1", "function": {"name": "f"}}], [{"id": "1", "function": {"name": "f"}}]),
        ({"id": "1"}, []),
        ("odd", []),
    ],
)
async def test_an_odd_tool_call_costs_neither_the_words_nor_the_other_calls(
    odd: object, calls: list[dict[str, Any]]
) -> None:
    reply = reply_in(beside("words", "tool_calls", odd, whole=True))
    assert isinstance(reply, ChatReply)
    assert (reply.content, reply.tool_calls) == ("hi", calls)
    deltas, error = await read(events(beside("words", "tool_calls", odd, whole=False).decode()))
    assert error is None
    assert (deltas[0].content, deltas[0].tool_calls) == ("hi", calls)


async def test_odd_choices_beside_a_good_one_do_not_matter() -> None:
    for choices in (
        ["odd", {"message": {"content": "hi"}}],
        [{"message": {"content": "hi"}}, 5, {"index": "x"}],
    ):
        reply = reply_in(json.dumps({"choices": choices}).encode())
        assert isinstance(reply, ChatReply)
        assert reply.content == "hi"
    odd_index = {"choices": [{"index": "first", "delta": {"content": "hi"}}]}
    assert await text_of(events(json.dumps(odd_index))) == "hi"


def test_turns_of_which_one_cannot_be_read_leave_the_text_to_the_content() -> None:
    reply = reply_in(json.dumps({"choices": [{"message": {"content": "a b", "turns": ["a", 5]}}]}).encode())
    assert isinstance(reply, ChatReply)
    assert (reply.content, reply.turns) == ("a b", [])


async def test_what_was_left_out_is_counted_in_the_log_by_its_place_and_never_by_its_value(
    caplog: pytest.LogCaptureFixture,
) -> None:
    odd = beside("choice", "finish_reason", ["planted"], whole=False).decode()
    with caplog.at_level(logging.DEBUG, "animus_tui"):
        await text_of(events(odd, chunk("good"), odd, "[DONE]"))
        await text_of(beside("answer", "compliance_violations", "planted", whole=True))
    assert [record.getMessage() for record in caplog.records] == [
        "Left out of the answer, as it is not what was promised: choices[0].finish_reason (2)",
        "Left out of the answer, as it is not what was promised: compliance_violations (1)",
    ]


def test_an_odd_field_of_a_group_costs_nothing_else() -> None:
    for name in [name for name in Group.__struct_fields__ if name != "id"]:
        for odd in ("odd", 5, True, [5], {"x": 1}):
            body = {"groups": [{"group_id": "a", name: odd}, {"group_id": "b", "title": "B"}]}
            page = decode_page(json.dumps(body).encode(), name="groups", kind=Group)
            assert not isinstance(page, ReportedError), odd
            assert [group.id for group in page.items] == ["a", "b"], odd


@pytest.mark.parametrize("odd", ["odd", 5, None, [], {}, {"group_id": []}, {"title": "no id"}])
def test_an_odd_group_hides_none_of_the_others_and_is_counted(
    odd: object, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, "animus_tui"):
        page = decode_page(
            json.dumps({"groups": [{"group_id": "a"}, odd, {"group_id": "b"}]}).encode(),
            name="groups",
            kind=Group,
        )
    assert not isinstance(page, ReportedError)
    assert ([group.id for group in page.items], page.came) == (["a", "b"], 3)
    assert "groups (1)" in caplog.text


def test_a_number_that_is_none_hides_neither_a_job_nor_a_list() -> None:
    job = decode_job(b'{"generation_id": "g", "status": "done", "progress": NaN, "credits_deducted": 1e999}')
    assert job == GenerationJob(generation_id="g", status="done", ended="well")
    page = decode_page(
        b'{"groups": [{"group_id": "a", "generation_count": NaN}], "pagination": {"x": -Infinity}}',
        name="groups",
        kind=Group,
    )
    assert not isinstance(page, ReportedError)
    assert page.items == [Group(id="a")]


@pytest.mark.parametrize("output", [["https://x/1.png", 5], [5, "https://x/1.png"], "https://x/1.png"])
def test_odd_entries_beside_a_pictures_address_do_not_matter(output: object) -> None:
    body = json.dumps({"output": output, "outputs": {"odd": 1}, "seed": float("nan")}).encode()
    assert decode_image(body) == ImageResult(images=[ImageOutput("https://x/1.png")])


def test_an_odd_field_beside_a_token_does_not_matter() -> None:
    assert decode_token(b'{"animus": "odd", "accessToken": "a.b.c"}') == "a.b.c"
    assert decode_token(b'{"animus": {"token": "a.b.c", "x": NaN}, "accessToken": 5}') == "a.b.c"


async def test_reasoning_under_its_other_name_is_reasoning() -> None:
    reply = reply_in(b'{"choices": [{"message": {"content": "hi", "reasoning_content": "hm"}}]}')
    assert isinstance(reply, ChatReply)
    assert (reply.content, reply.reasoning) == ("hi", "hm")
    deltas, _ = await read(
        events(chunk(reasoning_content="h"), chunk(reasoning="m", reasoning_content="m"), chunk("hi"))
    )
    assert [delta.reasoning for delta in deltas] == ["h", "m", ""]


def test_of_several_choices_the_first_is_the_answer_wherever_it_stands() -> None:
    choices = [{"index": 1, "message": {"content": "b"}}, None, {"index": 0, "message": {"content": "a"}}]
    reply = reply_in(msgspec.json.encode({"choices": choices}))
    assert isinstance(reply, ChatReply)
    assert reply.content == "a"


async def test_errors_within_errors_of_any_depth_are_an_error_and_no_crash() -> None:
    rows_of_field: list[bytes] = [b"error", b"message", b"detail"]
    for field in rows_of_field:
        for depth in DEPTHS:
            body = nested(depth, field=field)
            for decode in (reply_in, decode_image, decode_job):
                try:
                    decoded = decode(body)
                except AnswerError:
                    continue
                if isinstance(decoded, ReportedError):
                    assert reported_error(decoded.what, ASKED).sentence.isprintable()
            for status in (400, 402, 429):
                assert service_error(status, {}, body, ASKED).status == status
            _, error = await read(events(chunk("so far"), body.decode()))
            assert error is None or isinstance(error, BackendError)
            _, error = await read(body)
            assert isinstance(error, BackendError)


def test_an_error_object_is_the_error_of_its_status_also_when_that_is_text() -> None:
    rows: list[tuple[dict[str, Any], type[ServiceError], int]] = [
        ({"code": 402}, OutOfCredits, 402),
        ({"code": "402"}, OutOfCredits, 402),
        ({"status": "429"}, ServiceBusy, 429),
        ({"code": "rate_limit_exceeded", "status": 429}, ServiceBusy, 429),
        ({"code": 401}, SignedOut, 401),
        ({"code": "503"}, ServiceBusy, 503),
        ({"code": 418}, ServiceError, 418),
    ]
    for what, kind, status in rows:
        error = reported(**what, message="The words")
        assert type(error) is kind
        assert isinstance(error, ServiceError)
        assert error.status == status
        if kind is not OutOfCredits:
            assert f"answered {status}: The words." in error.sentence


def test_a_code_that_is_no_error_status_leaves_the_words_alone() -> None:
    rows: list[object] = [0, 200, 4040, "40", "4e2", "٤٠٤", True, None, [], {}, -404, 404.5]
    for code in rows:
        error = reported(code=code, message="The words")
        assert type(error) is AnswerError
        assert error.sentence == "The service broke off the answer: The words. Try again."


def test_the_figures_of_a_402_within_a_stream_are_told() -> None:
    error = reported(code=402, message="Top up.", required="2.50", available=1)
    assert error.sentence.startswith("The answer needs 2.5, the account has 1. Top up.")


def test_tool_call_deltas_are_merged_by_index() -> None:
    rows: list[tuple[list[dict[str, Any]], list[dict[str, Any]]]] = [
        ([{"index": 2, "id": "c"}, {"index": 0, "id": "a"}], [{"id": "a"}, {"id": "c"}]),
        (
            [{"index": 0, "function": None}, {"index": 0, "function": {"name": "f", "arguments": None}}],
            [{"function": {"name": "f"}}],
        ),
        (
            [
                {"index": 0, "function": {"name": "f"}},
                {"index": 0, "function": {"arguments": "{"}},
                {"index": 0, "function": {"arguments": ""}},
                {"index": 0, "function": {"name": None, "arguments": "}"}},
            ],
            [{"function": {"name": "f", "arguments": "{}"}}],
        ),
        (
            [{"index": "1", "id": "b"}, {"index": "0", "id": "a"}, {"index": "1", "type": "function"}],
            [{"id": "a"}, {"id": "b", "type": "function"}],
        ),
        (
            [{"index": 0, "id": "a"}, {"index": 0, "id": None, "type": "function"}, {"index": 0, "id": ""}],
            [{"id": "a", "type": "function"}],
        ),
        ([{"id": "a"}, {"id": "", "type": "function"}], [{"id": "a", "type": "function"}]),
        ([{"function": "f"}, {"function": {"name": "f"}}], [{"function": {"name": "f"}}]),
        ([{"function": {"name": "f"}}, {"function": "f"}], [{"function": {"name": "f"}}]),
    ]
    for pieces, merged in rows:
        assert merge_tool_calls(pieces) == merged


@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["index", "id", "type", "function"]),
            st.none()
            | st.integers(-2, 3)
            | st.text(max_size=3)
            | st.booleans()
            | st.dictionaries(
                st.sampled_from(["name", "arguments"]), st.none() | st.text(max_size=3) | st.integers()
            ),
        ),
        max_size=8,
    )
)
def test_no_tool_call_deltas_make_a_crash(pieces: list[dict[str, Any]]) -> None:
    merged = merge_tool_calls(pieces)
    assert len(merged) <= len(pieces)
    assert all("index" not in call for call in merged)


@pytest.mark.parametrize(
    "words",
    [
        "Invalid bearer token.",
        "Bearer authentication required.",
        "No bearer",
        "bearer: missing",
        "The bearer is gone",
    ],
)
def test_a_sentence_about_bearer_tokens_stays_readable(words: str) -> None:
    assert Redactor()(words) == words


@pytest.mark.parametrize(
    "foreign",
    ["abc123", "sk-proj-1", "OnlyLettersButFarTooLongForAWord", "eyJhbGciOiJIUzI1NiJ9.e30.x", "YWJj0=="],
)
def test_a_foreign_bearer_token_is_taken_out(foreign: str) -> None:
    redact = Redactor()
    assert redact(f"Authorization: Bearer {foreign}, refused") == "Authorization: Bearer [secret], refused"
    assert redact(f"'bearer  {foreign}'") == "'bearer  [secret]'"


@given(
    st.text(max_size=60) | st.from_regex(r"Mon, \d{1,2} Jan \d{4,6} \d\d:\d\d:\d\d [-+]\d{4}", fullmatch=True)
)
def test_no_retry_after_makes_a_crash_or_a_negative_wait(value: str) -> None:
    for headers in ({"retry-after": value}, {"retry-after": value, "date": value}):
        wait = retry_after(headers)
        assert wait is None or wait >= 0


def test_a_retry_after_date_without_the_answers_own_date_is_measured_against_our_clock() -> None:
    later = email.utils.format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    assert 3500 < (retry_after({"retry-after": later}) or 0) <= 3600


def test_a_chunk_without_choices_says_nothing_and_one_with_null_in_every_place_neither() -> None:
    for data in (
        "{}",
        '{"choices": []}',
        '{"choices": [{}]}',
        '{"choices": [{"index": null, "delta": null, "finish_reason": null, "compliance_violations": null}]}',
        '{"choices": [{"delta": {"role": "assistant"}}], "usage": null, "compliance_violations": [null]}',
    ):
        decoded = decode_chunk(data)
        assert not isinstance(decoded, ReportedError)
        assert decoded.is_blank
