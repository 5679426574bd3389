"""Streams cut at every byte, and how they end."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from animus_tui.backends.base.errors import NetworkError
from tests.support.backend_client import BODY, ONCE, REQUEST, SAID, WORDS, client_of, read, streamed, text_of
from tests.support.scripted_server import (
    End,
    Step,
    chunk,
    events,
    in_chunks,
    reply,
    scripted,
    stream_head,
)


async def test_the_body_cut_in_two_at_every_byte_gives_the_same_text() -> None:
    for at in range(len(BODY)):
        assert await text_of(BODY[:at], BODY[at:]) == SAID, at


async def test_the_body_in_single_bytes_gives_the_same_text() -> None:
    assert await text_of(*(BODY[at : at + 1] for at in range(len(BODY)))) == SAID


@given(st.lists(st.integers(0, len(BODY)), max_size=20), st.sampled_from(["\n", "\r\n", "\r"]))
@settings(deadline=None, max_examples=60)
async def test_any_cuts_and_any_line_ends_give_the_same_text(cuts: list[int], end: str) -> None:
    body = events(*map(chunk, WORDS), "[DONE]", end=end)
    edges = [0, *sorted(cuts), len(body)]
    assert await text_of(*(body[start:stop] for start, stop in pairwise(edges))) == SAID


async def test_a_close_delimited_stream_cut_after_every_byte_keeps_what_was_whole() -> None:
    whole = [len(events(*map(chunk, WORDS[:count]))) for count in range(len(WORDS) + 1)]
    for at in range(len(BODY)):
        deltas, error = await read(BODY[:at])
        # The closing blank line says nothing, and neither does the line break before it.
        complete = max(count for count, length in enumerate(whole) if length - 2 <= at)
        assert "".join(delta.content for delta in deltas) == "".join(WORDS[:complete]), at
        at_a_line_end = at == 0 or BODY[at - 1 : at] == b"\n" or at + 2 in whole or at + 2 == len(BODY)
        assert (error is None) == at_a_line_end, at
        assert error is None or (isinstance(error, NetworkError) and error.accepted)


async def test_a_chunked_stream_cut_after_every_byte_keeps_what_came_and_is_never_sent_again() -> None:
    body = events(chunk("Zażółć "), chunk("gęślą"), "[DONE]")
    async with scripted() as server, client_of(server, retry=ONCE) as client:
        for at in range(1, len(body)):
            server.scripts = [[stream_head(chunked=True), *in_chunks(body[:at], end=False)]]
            got = await streamed(client)
            assert got.text in ("", "Zażółć ", "Zażółć gęślą")
            assert isinstance(got.error, NetworkError), at
            assert got.error.accepted, at
    assert len(server.received) == len(body) - 1


async def test_a_stream_that_breaks_off_in_the_middle_is_not_retried_and_says_so() -> None:
    script: list[Step] = [stream_head(chunked=True), *in_chunks(events(chunk("so far")), end=False)]
    async with scripted(script) as server, client_of(server) as client:
        got = await streamed(client)
    assert got.text == "so far"
    assert isinstance(got.error, NetworkError)
    assert got.error.retryable
    assert not got.notices
    assert len(server.received) == 1


async def test_a_stream_that_breaks_before_the_first_word_was_accepted_and_is_not_sent_again() -> None:
    role = events('{"choices": [{"delta": {"role": "assistant", "content": ""}}]}')
    broken: list[Step] = [stream_head(chunked=True), *in_chunks(role, end=False)]
    async with scripted(broken, [stream_head(), BODY]) as server, client_of(server) as client:
        got = await streamed(client)
    assert isinstance(got.error, NetworkError)
    assert (got.error.accepted, got.error.retryable) == (True, True)
    assert (len(server.received), got.notices) == (1, [])


async def test_a_stream_that_breaks_before_its_head_is_retried() -> None:
    async with scripted([End.RESET], [stream_head(), BODY]) as server, client_of(server) as client:
        got = await streamed(client)
    assert (got.text, got.error, len(got.notices)) == (SAID, None, 1)


async def test_a_clean_end_without_done_is_a_complete_reply() -> None:
    script: list[Step] = [stream_head(chunked=True), *in_chunks(events(*map(chunk, WORDS)))]
    async with scripted(script) as server, client_of(server) as client:
        got = await streamed(client)
    assert (got.text, got.error) == (SAID, None)


async def test_a_clean_end_without_the_last_blank_line_loses_nothing() -> None:
    assert await text_of(events(chunk("one "), chunk("two")).rstrip()) == "one two"


async def test_what_comes_after_done_is_not_read() -> None:
    assert await text_of(events(chunk("one"), "[DONE]", chunk("two"))) == "one"


async def test_the_connection_is_used_again_after_a_stream_that_was_read_to_its_end() -> None:
    script: list[Step] = [stream_head(chunked=True), *in_chunks(BODY), End.KEEP]
    async with scripted(script) as server, client_of(server) as client:
        for _ in range(3):
            assert (await streamed(client)).text == SAID
    assert len(server.received) == 3
    assert server.connections == 1


async def test_a_reader_that_leaves_in_the_middle_closes_the_connection() -> None:
    async with (
        scripted([stream_head(), events(chunk("one")), End.HANG]) as server,
        client_of(server) as client,
    ):
        stream = client.stream_chat(REQUEST)
        async for delta in stream:  # pragma: no branch
            assert delta.content == "one"
            break
        await stream.aclose()
        server.scripts = [[reply("next")]]
        assert (await client.complete(REQUEST)).content == "next"
