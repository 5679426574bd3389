"""Answers that are larger than they look, or that never end: what of them is read is bounded."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib
from collections.abc import AsyncIterator
from itertools import pairwise

import httpx
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from animus_tui.backends.base.errors import AnswerError, BackendError, PictureError, SignInError
from animus_tui.backends.http.timeouts import Timeouts
from animus_tui.backends.http.transport import MOST_AT_ONCE, pieces
from tests.support.backend_client import BODY, ONCE, REQUEST, SAID, client_of, picture, pings, streamed
from tests.support.scripted_server import End, Script, Step, answer, error, reply, scripted, stream_head

MIB = 1 << 20
BOMB = gzip.compress(b" " * (96 * MIB), 9)
"""96 MiB of white space in less than 100 kB."""


def body_of(script: bytes) -> bytes:
    return script.partition(b"\r\n\r\n")[2]


def packed(body: bytes, coding: str = "gzip", *, status: int = 200) -> bytes:
    return answer(body, status=status, more=f"Content-Encoding: {coding}\r\n")


class Parts(httpx.AsyncByteStream):
    """A body in parts, which counts those that were taken."""

    def __init__(self, *parts: bytes) -> None:
        self._parts = parts
        self.taken = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for part in self._parts:
            self.taken += 1
            yield part


async def read_out(coding: str, *parts: bytes) -> bytes:
    """What `pieces` makes of a body that comes in these parts."""
    response = httpx.Response(200, headers={"content-encoding": coding}, stream=Parts(*parts))
    return b"".join([piece async for piece in pieces(response)])


@pytest.mark.parametrize("coding", ["gzip", "x-gzip", "GZIP", "deflate"])
async def test_a_packed_reply_is_read_although_none_was_asked_for(coding: str) -> None:
    whole = body_of(reply("hello"))
    body = zlib.compress(whole) if coding == "deflate" else gzip.compress(whole)
    async with scripted([packed(body, coding)]) as server, client_of(server) as client:
        assert (await client.complete(REQUEST)).content == "hello"
    assert server.received[0].headers["accept-encoding"] == "identity"


async def test_a_packed_stream_is_read() -> None:
    script: list[Step] = [
        stream_head().replace(b"\r\n\r\n", b"\r\nContent-Encoding: gzip\r\n\r\n"),
        gzip.compress(BODY),
    ]
    async with scripted(script) as server, client_of(server) as client:
        got = await streamed(client)
    assert (got.text, got.error) == (SAID, None)


@given(
    st.lists(st.integers(0, 400), max_size=8),
    st.integers(0, 3 * MOST_AT_ONCE + 5),
    st.sampled_from(["gzip", "deflate"]),
)
@settings(deadline=None, max_examples=60)
async def test_a_packed_body_cut_anywhere_is_unpacked_whole(cuts: list[int], size: int, coding: str) -> None:
    body = b"a" * size + b"the end"
    sent = gzip.compress(body) if coding == "gzip" else zlib.compress(body)
    edges = [0, *sorted(min(cut, len(sent)) for cut in cuts), len(sent)]
    assert await read_out(coding, *(sent[start:stop] for start, stop in pairwise(edges))) == body


@pytest.mark.parametrize("size", [MOST_AT_ONCE - 1, MOST_AT_ONCE, MOST_AT_ONCE + 1, 2 * MOST_AT_ONCE])
async def test_a_packed_body_of_just_the_size_that_is_unpacked_at_once_is_whole(size: int) -> None:
    assert len(await read_out("gzip", gzip.compress(b"a" * size))) == size


@pytest.mark.parametrize("size", [MOST_AT_ONCE + 1, MOST_AT_ONCE + 100, MOST_AT_ONCE + 200])
async def test_all_that_came_is_unpacked_at_once_also_when_the_end_is_missing(size: int) -> None:
    without_checksum = gzip.compress(b"a" * size)[:-8]
    assert len(await read_out("gzip", without_checksum)) == size


async def test_what_follows_a_packed_body_is_not_read() -> None:
    body = Parts(gzip.compress(b"body") + b"garbage", b"and more", b"x" * 1000)
    response = httpx.Response(200, headers={"content-encoding": "gzip"}, stream=body)
    assert b"".join([piece async for piece in pieces(response)]) == b"body"
    assert body.taken == 1


@pytest.mark.parametrize(
    ("body", "coding"),
    [
        (gzip.compress(gzip.compress(b"{}")), "gzip, gzip"),
        (b"\x0b\x00\x80{}\x03", "br"),
        (b"\x28\xb5\x2f\xfd\x04\x00\x11\x00\x00{}", "zstd"),
        (b"\xfe{}\x80\x81", "gzip"),
        (gzip.compress(b"{}")[:4] + b"\xff" * 20, "gzip"),
    ],
    ids=["nested", "br", "zstd", "not packed at all", "broken"],
)
async def test_a_packing_that_cannot_be_read_is_said(body: bytes, coding: str) -> None:
    async with scripted([packed(body, coding)]) as server, client_of(server) as client:
        with pytest.raises(AnswerError, match="packed in a way that cannot be read") as caught:
            await client.complete(REQUEST)
    assert caught.value.retryable
    assert len(server.received) == 1


PLAIN = {
    "PNG": picture("PNG"),
    "JPEG": picture("JPEG"),
    "WebP": picture("WEBP"),
    "MP4": b"\0\0\0\x18ftypisom\xff\xfe" + bytes(40),
    "JSON": body_of(reply("hello")),
    "events": BODY,
    "a few bytes": b"{}",
    "nothing": b"",
}


async def test_a_body_that_is_not_packed_is_read_whatever_its_header_says() -> None:
    for what in PLAIN:
        rows_of_coding: list[str] = [
            "gzip",
            "br",
            "zstd",
            "deflate",
            "gzip, gzip",
            "aws-chunked",
            "identity",
            "",
        ]
        for coding in rows_of_coding:
            body = PLAIN[what]
            assert await read_out(coding, body) == body
            assert await read_out(coding, *(body[at : at + 1] for at in range(len(body)))) == body


async def test_a_gzip_body_is_unpacked_whatever_its_header_says() -> None:
    for what in PLAIN:
        rows_of_coding: list[str] = ["gzip", "br", "deflate", "identity", ""]
        for coding in rows_of_coding:
            assert await read_out(coding, gzip.compress(PLAIN[what])) == PLAIN[what]


@pytest.mark.parametrize("coding", ["gzip", "br", "deflate"])
async def test_a_picture_with_a_false_coding_is_fetched(coding: str) -> None:
    async with scripted([packed(PLAIN["PNG"], coding)]) as server, client_of(server) as client:
        assert (await client.download(f"{server.url}/x.png")).data == PLAIN["PNG"]


async def test_deflate_without_the_header_of_zlib_is_unpacked() -> None:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    assert await read_out("deflate", packer.compress(BODY) + packer.flush()) == BODY


async def most_memory_for(script: Script, *, provider: Script | None = None) -> tuple[BackendError, int]:
    """The error of a chat, and the most memory that Python held meanwhile."""
    by_path = {} if provider is None else {"token": [provider]}
    async with (
        scripted(script, **by_path) as server,
        client_of(server, retry=ONCE, token_provider=provider is not None) as client,
    ):
        with pytest.raises(BackendError):
            await client.job_status("warms up what is loaded with the first request")
        tracemalloc.start()
        try:
            with pytest.raises(BackendError) as caught:
                await client.complete(REQUEST)
            return caught.value, tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()


@pytest.mark.parametrize("status", [200, 400, 500])
async def test_a_bomb_in_place_of_an_answer_or_an_error_is_unpacked_no_further_than_is_read(
    status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("animus_tui.backends.http.transport.LARGEST_ANSWER", MIB)
    caught, most = await most_memory_for([packed(BOMB, status=status)])
    assert most < 16 * MIB
    assert "Answer too long" in str(caught) if status == 200 else f"answered {status}" in str(caught)


async def test_a_bomb_in_place_of_a_token_is_unpacked_no_further_than_is_read() -> None:
    caught, most = await most_memory_for([reply()], provider=[packed(BOMB)])
    assert isinstance(caught, SignInError)
    assert most < 16 * MIB


async def test_a_bomb_in_place_of_a_picture_is_dropped_at_32_mib() -> None:
    bomb = gzip.compress(picture("PNG") + b"\0" * (96 * MIB), 9)
    async with scripted([packed(bomb)]) as server, client_of(server) as client:
        tracemalloc.start()
        try:
            with pytest.raises(PictureError, match="Picture too large: The picture has at least 32 MiB"):
                await client.download(f"{server.url}/x.png")
            assert tracemalloc.get_traced_memory()[1] < 80 * MIB
        finally:
            tracemalloc.stop()


async def test_a_401_with_a_body_that_never_ends_is_refreshed_all_the_same() -> None:
    endless: list[Step] = [b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 99999\r\n\r\n{", End.HANG]
    tokens: list[Script] = [[answer(b'{"accessToken": "one"}')], [answer(b'{"accessToken": "two"}')]]
    async with (
        scripted(endless, [reply("there")], token=tokens) as server,
        client_of(server, token_provider=True, retry=ONCE, timeouts=Timeouts(reply=20)) as client,
    ):
        assert (await client.complete(REQUEST)).content == "there"
    assert server.asked("/token") == 2


async def test_a_401_with_a_broken_packing_is_refreshed_all_the_same() -> None:
    tokens: list[Script] = [[answer(b'{"accessToken": "one"}')], [answer(b'{"accessToken": "two"}')]]
    async with (
        scripted([packed(b"{}", status=401)], [reply("there")], token=tokens) as server,
        client_of(server, token_provider=True) as client,
    ):
        assert (await client.complete(REQUEST)).content == "there"


async def test_an_error_whose_body_only_drips_gives_its_status_in_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("animus_tui.backends.http.transport.REFUSAL_SECONDS", 0.2)
    drip: list[Step] = [b"HTTP/1.1 400 No\r\nContent-Length: 99999\r\n\r\nwhy", *pings(b"y", 0.02, 500)]
    async with scripted(drip) as server, client_of(server) as client:
        with pytest.raises(BackendError, match="answered 400"):
            await client.complete(REQUEST)


async def test_a_token_provider_that_only_drips_is_sign_in_failed_at_the_time_limit() -> None:
    drip: list[Step] = [answer(b"{" + b" " * 9999)[:-9999], *pings(b" ", 0.02, 500)]
    async with (
        scripted([reply()], token=[drip]) as server,
        client_of(server, token_provider=True, timeouts=Timeouts(token=0.2)) as client,
    ):
        with pytest.raises(SignInError, match=r"did not answer within 0\.2 s") as caught:
            await client.complete(REQUEST)
    assert caught.value.retryable


async def test_a_flood_of_content_rules_in_an_empty_reply_is_cut() -> None:
    marks = [f"rule {number}" for number in range(5000)]
    body = msgspec.json.encode({"choices": [], "compliance_violations": marks})
    async with scripted([answer(body)]) as server, client_of(server) as client:
        with pytest.raises(AnswerError, match="rule 1") as caught:
            await client.complete(REQUEST)
    assert len(caught.value.sentence) < 500


async def test_an_error_page_of_any_length_is_read_only_at_its_beginning() -> None:
    head = error(500)[:-2].replace(b"Content-Length: 0\r\n", b"Content-Length: 999999999\r\n") + b"\r\n"
    async with scripted([head, *[b"x" * MIB] * 4, End.HANG]) as server, client_of(server) as client:
        with pytest.raises(BackendError, match="answered 500: xxx") as caught:
            await client.complete(REQUEST)
    assert len(caught.value.sentence) < 500
