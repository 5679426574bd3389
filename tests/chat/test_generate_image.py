"""`generate_image` with the demo server: it returns what is in the history, and raises when there is nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from animus_tui.backends.animus.client import AnimusClient
from animus_tui.chat.events import ImageGenerationComplete, ImageGenerationError, ImageGenerationStart
from animus_tui.chat.images.job import ImageError
from animus_tui.chat.session import ChatSession
from animus_tui.chat.storage.store import ConversationStore
from animus_tui.config.schema import ApiConfig, Config
from animus_tui.demo.server import DemoServer
from animus_tui.demo.state import DemoOptions
from animus_tui.errors import UsageError
from tests.support.talk import SOON

LAKE = "A serene mountain landscape at sunset with a lake reflection"
SMALL = {"width": 64, "height": 64}
HOURS = 3_600_000
"""Milliseconds: a picture that takes so long is never done."""

Start = Callable[..., AbstractAsyncContextManager[ChatSession]]


@pytest.fixture
async def demo() -> AsyncIterator[DemoServer]:
    async with DemoServer(DemoOptions.instant()) as server:
        yield server


@pytest.fixture
async def endless() -> AsyncIterator[DemoServer]:
    """A server whose pictures are never done."""
    async with DemoServer(DemoOptions(paint_ms=HOURS, past_groups=0)) as server:
        yield server


@pytest.fixture
def start(tmp_path: Path) -> Start:
    """Open a session of a server's account on the same data directory."""

    @asynccontextmanager
    async def open_session(demo: DemoServer) -> AsyncIterator[ChatSession]:
        api = ApiConfig(api_key=demo.api_key, base_url=demo.base_url, generation_url=demo.generation_url)
        async with (
            AnimusClient(api, timeouts=SOON) as client,
            ChatSession(client, client, ConversationStore(tmp_path), Config(api=api)) as session,
        ):
            yield session

    return open_session


def on_disk(session: ChatSession) -> list[str]:
    """What the messages on disk say, as any JSON reader sees it."""
    file = session.conversation.folder / "history.json"
    return [message["content"] for message in json.loads(file.read_bytes())] if file.exists() else []


def kept_jobs(session: ChatSession) -> list[Path]:
    return sorted(session.conversation.folder.glob("jobs/*.json"))


async def begun(session: ChatSession) -> None:
    """Until the service has named the job, which is then kept on disk."""
    async with asyncio.timeout(60):
        while not kept_jobs(session):
            await asyncio.sleep(0.005)


async def test_the_picture_is_returned_once_it_is_on_disk_and_in_the_history(
    demo: DemoServer, start: Start
) -> None:
    async with start(demo) as session:
        with session.events.subscribe() as events:
            made = await session.generate_image(LAKE, settings=SMALL)
            assert on_disk(session) == [f'<image description="{LAKE}" />']
            told = events.pending()
        assert made.message == session.conversation.messages[-1]
        assert made.record == made.message.image
        assert (made.record.prompt, made.record.width, made.record.height) == (LAKE, 64, 64)
        assert made.path == session.conversation.path_of(made.record.file)
        assert made.path.read_bytes().startswith(b"\x89PNG")
        assert made.url == made.record.url
        assert made.url.startswith("http://127.0.0.1")
        assert (made.missing, made.error) == (0, None)
        (done,) = [event for event in told if isinstance(event, ImageGenerationComplete)]
        assert (done.path, done.image_url, done.message_id) == (str(made.path), made.url, made.message.id)


async def test_its_address_is_what_an_edit_starts_from(demo: DemoServer, start: Start) -> None:
    async with start(demo) as session:
        first = await session.generate_image(LAKE, settings=SMALL)
        by_address = await session.generate_image("at night", input_image_url=first.url)
        assert by_address.record.source_url == first.url
        again = await session.edit_image("more vibrant colors")
        assert again.record.source_url == by_address.url
        assert on_disk(session)[1:] == [
            '<image description="Modified: at night" />',
            '<image description="Modified: more vibrant colors" />',
        ]


async def test_several_pictures_are_one_result(demo: DemoServer, start: Start) -> None:
    async with start(demo) as session:
        made = await session.generate_image("a fox", settings={**SMALL, "num_images": 3, "seed": 7})
        assert [record.seed for record in made.records] == [7, 8, 9]
        assert list(made.records) == made.message.variants
        assert len({path.read_bytes() for path in made.paths}) == 3
        assert made.record == made.records[0]


async def test_starting_one_returns_at_once_and_its_end_is_an_event(demo: DemoServer, start: Start) -> None:
    async with start(demo) as session:
        with session.events.subscribe() as events:
            image_id = session.start_image(LAKE, settings=SMALL)
            assert on_disk(session) == []
            await session.wait()
            (done,) = [event for event in events.pending() if isinstance(event, ImageGenerationComplete)]
        assert (done.image_id, done.message_id) == (image_id, image_id)
        assert len(on_disk(session)) == 1


@pytest.mark.parametrize("settings", [{"width": 10**6}, {"seed": -1}, {"num_inference_steps": "many"}])
async def test_what_makes_no_sense_is_refused_before_anything_is_asked(
    demo: DemoServer, start: Start, settings: dict[str, object]
) -> None:
    async with start(demo) as session:
        with session.events.subscribe() as events:
            with pytest.raises(UsageError, match=next(iter(settings))):
                await session.generate_image(LAKE, settings=settings)
            with pytest.raises(ValueError, match="blank"):
                await session.generate_image(" \n")
            assert events.pending() == []


async def test_a_failure_is_raised_as_it_is_told_and_the_same_job_can_be_tried_again(
    demo: DemoServer, start: Start
) -> None:
    demo.state.set_credits(1)
    async with start(demo) as session:
        with session.events.subscribe() as events:
            with pytest.raises(ImageError) as raised:
                await session.generate_image("a fox", settings={**SMALL, "num_images": 2})
            (told,) = [event for event in events.pending() if isinstance(event, ImageGenerationError)]
        error = raised.value
        assert (error.title, error.sentence) == (told.title, told.error)
        assert error.title == "Out of credits"
        assert str(error) == f"{error.title}: {error.sentence}"
        assert on_disk(session) == []
        demo.state.set_credits(5)
        session.images.retry(error.image_id)
        await session.wait()
        assert len(session.conversation.messages[0].variants or []) == 2


async def test_a_picture_that_the_disk_refuses_is_raised_and_fetched_once(
    demo: DemoServer, start: Start
) -> None:
    async with start(demo) as session:
        await session.send("Hello")
        await session.wait()
        said = on_disk(session)
        images = session.conversation.folder / "images"
        images.write_text("in the way")
        with pytest.raises(ImageError, match="Picture not saved") as raised:
            await session.generate_image(LAKE, settings=SMALL)
        assert on_disk(session) == said
        images.unlink()
        session.images.retry(raised.value.image_id)
        await session.wait()
        assert on_disk(session) == [*said, f'<image description="{LAKE}" />']
        assert demo.stats.images == 1


async def test_one_that_is_cancelled_elsewhere_is_raised(endless: DemoServer, start: Start) -> None:
    async with start(endless) as session:
        with session.events.subscribe() as events:
            making = asyncio.create_task(session.generate_image(LAKE, settings={"negative_prompt": "fog"}))
            await begun(session)
            (began,) = [event for event in events.pending() if isinstance(event, ImageGenerationStart)]
            assert await session.images.cancel(began.image_id)
            with pytest.raises(ImageError) as raised:
                await making
        assert raised.value.retryable
        assert raised.value.image_id == began.image_id
        assert (on_disk(session), kept_jobs(session)) == ([], [])


async def test_who_stops_waiting_stops_the_job_which_is_kept_for_the_next_start(
    endless: DemoServer, start: Start
) -> None:
    async with start(endless) as session:
        making = asyncio.create_task(session.generate_image(LAKE, settings={"negative_prompt": "fog"}))
        await begun(session)
        making.cancel()
        with pytest.raises(asyncio.CancelledError):
            await making
        assert session.images.under_way == []
        assert on_disk(session) == []
        assert len(kept_jobs(session)) == 1
    async with start(endless) as session:
        assert await session.resume() == 1


async def test_the_end_of_the_session_is_raised_to_who_still_waits(endless: DemoServer, start: Start) -> None:
    async with start(endless) as session:
        making = asyncio.create_task(session.generate_image(LAKE, settings={"negative_prompt": "fog"}))
        await begun(session)
    with pytest.raises(ImageError, match="when the application starts again"):
        await making
