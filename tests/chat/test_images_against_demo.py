"""The studio with the demo server, an independent reading of the protocol."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from animus_tui.backends.animus.client import AnimusClient
from animus_tui.backends.openai.client import OpenAIClient
from animus_tui.chat.events import CreditsTold, ImageGenerationComplete, ImageGenerationError, SessionEvent
from animus_tui.chat.images.options import PictureOptions
from animus_tui.chat.messages import ChatMessage
from animus_tui.chat.session import ChatSession
from animus_tui.chat.storage.store import ConversationStore
from animus_tui.config.schema import ApiConfig, AutoTurnConfig, Config
from animus_tui.demo.server import DemoServer
from animus_tui.demo.state import DemoOptions
from tests.support.talk import SOON

pytestmark = pytest.mark.slow

SMALL = PictureOptions(width=64, height=64)


@pytest.fixture
async def demo() -> AsyncIterator[DemoServer]:
    async with DemoServer(DemoOptions.instant()) as server:
        yield server


@pytest.fixture
async def session(demo: DemoServer, tmp_path: Path) -> AsyncIterator[ChatSession]:
    api = ApiConfig(api_key=demo.api_key, base_url=demo.base_url, generation_url=demo.generation_url)
    async with (
        AnimusClient(api, timeouts=SOON) as client,
        ChatSession(
            client, client, ConversationStore(tmp_path), Config(api=api), rng=random.Random(1)
        ) as session,
    ):
        session.images.remember(SMALL)
        yield session


async def ends(session: ChatSession, what: object) -> tuple[list[SessionEvent], list[ChatMessage]]:
    """Wait for all that was started; what was told since then, and the history."""
    assert what
    with session.events.subscribe() as subscription:
        await session.wait()
        return subscription.pending(), list(session.conversation.messages)


async def test_four_to_choose_from_an_edit_a_variant_and_a_clip(
    demo: DemoServer, session: ChatSession
) -> None:
    demo.state.set_credits(50)
    images = session.images
    _, (four,) = await ends(session, images.start("a fox", options=PictureOptions(count=4, seed=7)))
    assert four.undecided
    assert [record.seed for record in four.variants or []] == [7, 8, 9, 10]
    third = (await images.choose_variant(four.id, 2)).image
    assert third is not None
    assert third.cost == 1
    _, messages = await ends(session, images.start_edit("in snow", options=PictureOptions(strength=0.5)))
    edited = messages[-1].image
    assert edited is not None
    assert edited.source_url == third.url
    _, messages = await ends(session, images.start_variant(four.id, same_seed=True, prompt="a red fox"))
    assert [record.seed for record in messages[0].variants or []] == [7, 8, 9, 10, 9]
    _, messages = await ends(session, images.start_video(four.id))
    clip = messages[-1].image
    assert clip is not None
    assert clip.video is not None
    assert b"ftyp" in session.conversation.path_of(clip.video).read_bytes()[:16]
    assert images.credits is not None
    assert images.credits.balance is not None
    assert images.credits.balance < 50


async def test_a_batch_with_a_character_and_one_failure(session: ChatSession) -> None:
    characters = [character async for character in session.account.characters()]
    ready = next(character for character in characters if character.is_ready)
    assert any(not character.is_ready for character in characters)
    session.images.choose_character(ready)
    session.images.remember(PictureOptions())
    ids = session.images.start_batch(["at sea", "fail this", "in the woods"])
    told, messages = await ends(session, ids)
    (error,) = [event for event in told if isinstance(event, ImageGenerationError)]
    assert error.prompt == "fail this"
    assert {message.id for message in messages} == {ids[0], ids[2]}
    for message in messages:
        assert message.image is not None
        assert message.image.settings["character_id"] == ready.id
    groups = [group async for group in session.account.groups(character_id=ready.id)]
    assert groups
    pictures = [picture async for picture in session.account.pictures(groups[0].id)]
    assert {picture.prompt for picture in pictures} >= {"at sea", "in the woods"}
    assert (await session.account.fetch(pictures[0].url)).startswith(b"\x89PNG")


async def test_credits_run_out(demo: DemoServer, session: ChatSession) -> None:
    demo.state.set_credits(1)
    told, _ = await ends(session, session.images.start("a fox", options=PictureOptions(count=2)))
    (error,) = [event for event in told if isinstance(event, ImageGenerationError)]
    assert (error.required, error.available) == (2, 1)
    told, _ = await ends(session, session.images.start("a fox", options=PictureOptions(negative="text")))
    assert any(isinstance(event, ImageGenerationComplete) for event in told)
    (credits_told,) = [event for event in told if isinstance(event, CreditsTold)]
    assert (credits_told.cost, credits_told.balance) == (1, 0)


@pytest.mark.parametrize(
    ("openai", "markup"),
    [
        (False, '<image description="a fox in the snow" />'),
        (True, "<image description='a fox in the snow'>"),
        (True, '{"name": "generate_image", "arguments": {"description": "a fox in the snow"}}'),
    ],
)
async def test_a_promise_in_the_text_of_a_reply_is_a_picture(
    demo: DemoServer, tmp_path: Path, openai: bool, markup: str
) -> None:
    api = ApiConfig(api_key=demo.api_key, base_url=demo.base_url, generation_url=demo.generation_url)
    config = Config(api=api, auto_turn=AutoTurnConfig(min_delay=0, max_delay=0))
    async with (
        AnimusClient(api, timeouts=SOON) as client,
        OpenAIClient(api, timeouts=SOON) as other,
        ChatSession(other if openai else client, client, ConversationStore(tmp_path), config) as session,
    ):
        session.images.remember(SMALL)
        await session.send(f"!echo Look! There it is.\n{markup}")
        await session.wait()
        _, said, shown = session.conversation.messages
    assert (said.content, said.image_prompt) == ("Look! There it is.", "a fox in the snow")
    # Only a service without turns of its own is one whose sentences are bubbles.
    assert said.turns == (["Look!", "There it is."] if openai else None)
    assert shown.image is not None
    assert (shown.reply_to, shown.image.prompt, shown.image.width) == (said.id, "a fox in the snow", 64)
