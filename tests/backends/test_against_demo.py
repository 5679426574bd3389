"""The good paths, and the faults that a real server can have, against the demo server over loopback."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from animus_tui.backends.animus.client import AnimusClient
from animus_tui.backends.base.chat_values import ChatReply, ChatRequest, ReplyFeatures, RequestMessage
from animus_tui.backends.base.errors import (
    AnswerError,
    BackendError,
    NetworkError,
    OutOfCredits,
    PictureError,
    ServiceError,
)
from animus_tui.backends.base.image_values import ImageRequest
from animus_tui.backends.base.protocols import RetryNotice
from animus_tui.backends.http.requests import RetryPolicy
from animus_tui.backends.http.timeouts import Timeouts
from animus_tui.demo.server import DemoServer
from animus_tui.demo.state import DemoOptions
from tests.support.backend_client import config_of, made

SOON = Timeouts(poll_first=0.01, poll_most=0.02)
QUICK = RetryPolicy(base=0.001, most=0.002)


@pytest.fixture
async def demo() -> AsyncIterator[DemoServer]:
    async with DemoServer(DemoOptions.instant()) as server:
        yield server


@pytest.fixture
async def client(demo: DemoServer) -> AsyncIterator[AnimusClient]:
    """Signed in through the token endpoint."""
    async with AnimusClient(config_of(demo), timeouts=SOON, retry=QUICK) as client:
        yield client


def says(text: str, *, auto_turn: bool = False) -> ChatRequest:
    return ChatRequest(
        model="vivian-llama3.1-70b-1.0-fp8",
        messages=[RequestMessage(role="user", content=text)],
        features=ReplyFeatures(auto_turn=auto_turn, image_prompts=True, compliance=True),
    )


async def text_of(client: AnimusClient, text: str) -> str:
    return "".join([delta.content async for delta in client.stream_chat(says(text))])


async def test_a_whole_reply_comes_with_a_token_from_the_provider(
    demo: DemoServer, client: AnimusClient
) -> None:
    reply = await client.complete(says("Hello there"))
    assert reply.content.strip()
    assert demo.stats.tokens == 1


async def test_an_api_key_signs_in_too(demo: DemoServer) -> None:
    async with AnimusClient(config_of(demo, api_key=True)) as client:
        assert (await client.complete(says("Hello there"))).content
    assert demo.stats.tokens == 0


async def test_a_streamed_reply_is_the_words_of_the_whole_one(client: AnimusClient) -> None:
    pieces = [delta async for delta in client.stream_chat(says("Tell me about the sea"))]
    assert len(pieces) > 3
    assert "".join(piece.content for piece in pieces).strip()


async def test_auto_turn_brings_turns(client: AnimusClient) -> None:
    reply = await client.complete(says("Can you show me a beautiful sunset over the ocean?", auto_turn=True))
    assert len(reply.turns) > 1
    assert reply.image_prompt


async def test_concurrent_requests_share_one_token_and_a_revoked_one_is_replaced_once(
    demo: DemoServer, client: AnimusClient
) -> None:
    await asyncio.gather(*(client.complete(says("Hello")) for _ in range(5)))
    assert demo.stats.tokens == 1
    demo.state.tokens.revoke_all()
    await asyncio.gather(*(client.complete(says("Hello")) for _ in range(5)))
    assert demo.stats.tokens == 2
    assert demo.stats.chats >= 10


async def test_a_picture_is_made_and_fetched(client: AnimusClient) -> None:
    request = ImageRequest(prompt="a sunset over the ocean", width=256, height=192, seed=7)
    picture = await client.download((await client.generate(request)).images[0].url)
    assert (picture.kind, picture.width, picture.height) == ("png", 256, 192)


async def test_a_picture_is_modified_by_its_address(demo: DemoServer, client: AnimusClient) -> None:
    [first] = (await client.generate(ImageRequest(prompt="a forest", width=128, height=128))).images
    [again] = (await client.generate(ImageRequest(prompt="more vibrant", source_url=first.url))).images
    assert (await client.download(again.url)).data
    assert demo.stats.bodies[-1]["input_image"] == first.url


async def test_a_job_runs_to_its_end_with_percents_that_grow(client: AnimusClient) -> None:
    percents: list[float | None] = []
    request = ImageRequest(prompt="a city at night", width=128, height=128)
    job = await made(client, request, on_progress=percents.append)
    assert (await client.download(job.result_urls[0])).width == 128
    known = [percent for percent in percents if percent is not None]
    assert known == sorted(known)
    assert known[-1] == 100


async def test_a_job_that_fails_gives_its_own_words(client: AnimusClient) -> None:
    with pytest.raises(AnswerError, match="Out of paint"):
        await made(client, ImageRequest(prompt="!fault job failed Out of paint"))


@pytest.mark.parametrize(
    ("fault", "kind", "told"),
    [
        ("400", ServiceError, "answered 400"),
        ("402", OutOfCredits, "the account has"),
        ("422 detail-list", ServiceError, "answered 422"),
        ("500 error-object", ServiceError, "answered 500"),
        ("html", ServiceError, "an HTML page came instead of JSON"),
        ("204", AnswerError, "empty reply"),
        ("empty", AnswerError, "empty reply"),
        ("429 message 600", ServiceError, "10 minutes"),
        ("cut", NetworkError, "Connection lost"),
        ("error-in-stream", AnswerError, "stopped unexpectedly"),
    ],
)
@pytest.mark.parametrize("stream", [True, False])
async def test_faults_become_errors_with_sentences(
    client: AnimusClient, fault: str, kind: type[BackendError], told: str, *, stream: bool
) -> None:
    asking = text_of(client, f"!fault {fault}") if stream else client.complete(says(f"!fault {fault}"))
    with pytest.raises(kind, match=told):
        await asking


@pytest.mark.parametrize("fault", ["nodone", "json", "malformed"])
async def test_streams_that_are_odd_but_whole_are_read(client: AnimusClient, fault: str) -> None:
    assert (await text_of(client, f"!fault {fault}")).strip()


async def test_a_busy_service_is_tried_again(client: AnimusClient) -> None:
    notices: list[RetryNotice] = []
    reply = await client.complete(says("!fault once 503"), on_retry=notices.append)
    assert isinstance(reply, ChatReply)
    assert [notice.attempt for notice in notices] == [2]


@pytest.mark.parametrize("shape", ["output-string", "outputs", "data-url"])
async def test_all_shapes_of_a_picture_answer_lead_to_the_picture(client: AnimusClient, shape: str) -> None:
    request = ImageRequest(prompt=f"!fault image-shape {shape} a lake", width=64, height=64)
    assert (await client.download((await client.generate(request)).images[0].url)).width == 64


@pytest.mark.parametrize("kind", ["garbage", "truncated", "html", "gif", "bomb", "empty", "gone"])
async def test_bad_pictures_are_refused(client: AnimusClient, kind: str) -> None:
    bad = await client.generate(ImageRequest(prompt=f"!fault badimage {kind}", width=64, height=64))
    with pytest.raises(PictureError):
        await client.download(bad.images[0].url)


@pytest.mark.parametrize("kind", ["jpeg", "webp"])
async def test_pictures_are_known_by_their_bytes_and_not_by_their_name(
    client: AnimusClient, kind: str
) -> None:
    named_wrongly = await client.generate(ImageRequest(prompt=f"!fault badimage {kind}", width=64, height=64))
    assert (await client.download(named_wrongly.images[0].url)).kind == kind
