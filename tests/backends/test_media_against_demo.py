"""The studio's endpoints as the demo server, an independent reading of the protocol, plays them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from animus_tui.backends.animus.client import AnimusClient
from animus_tui.backends.animus.media_values import BatchPrompt, GenerationJob
from animus_tui.backends.base.errors import Gone, JobFailed, OutOfCredits, ServiceError
from animus_tui.demo.server import DemoServer
from animus_tui.demo.state import DemoOptions
from tests.support.backend_client import QUICK, SOON, config_of

SMALL = {"width": 64, "height": 64}


@pytest.fixture
async def demo() -> AsyncIterator[DemoServer]:
    async with DemoServer(DemoOptions.instant()) as server:
        yield server


@pytest.fixture
async def client(demo: DemoServer) -> AsyncIterator[AnimusClient]:
    async with AnimusClient(config_of(demo), timeouts=SOON, retry=QUICK) as client:
        yield client


def nothing(_: object) -> None:
    pass


async def made(client: AnimusClient, prompt: str, **settings: object) -> GenerationJob:
    """A finished job, with what its creation told."""
    return await client.run_generation(prompt, settings={**SMALL, **settings}, on_progress=nothing)


async def test_a_job_tells_its_seed_its_price_and_what_is_left(
    demo: DemoServer, client: AnimusClient
) -> None:
    demo.set_credits(10)
    job = await made(client, "a lake", seed=42, num_images=2)
    assert (job.seed, job.seeds) == (42, [42, 43])
    assert (job.credits_deducted, job.remaining_balance) == (2, 8)
    assert len(job.result_urls) == 2
    assert job.prompt == "a lake"
    assert job.created_at is not None
    assert job.ended == "well"


async def test_a_job_is_found_again_by_its_id_in_a_new_client(demo: DemoServer, client: AnimusClient) -> None:
    job = await client.create_generation("a lake", settings=SMALL)
    async with AnimusClient(config_of(demo), timeouts=SOON) as another:
        again = await another.follow_generation(job.generation_id, on_progress=nothing)
    assert again.result_urls
    assert demo.stats.jobs == 1


async def test_an_edit_is_made_of_the_picture_that_was_generated(
    demo: DemoServer, client: AnimusClient
) -> None:
    first = await made(client, "a lake")
    edited = await client.run_generation(
        "at night",
        source_image_url=first.result_urls[0],
        settings={**SMALL, "strength": 0.6},
        on_progress=nothing,
    )
    assert demo.stats.bodies[-1]["source_image_url"] == first.result_urls[0]
    assert edited.generation_type != first.generation_type
    assert (await client.download(edited.result_urls[0])).width == 64


async def test_a_picture_becomes_a_clip_that_is_an_mp4(client: AnimusClient) -> None:
    first = await made(client, "a lake")
    clip = await client.run_generation(
        "zoom in",
        source_image_url=first.result_urls[0],
        settings={"convert_to_video": True},
        on_progress=nothing,
    )
    video = await client.download_video(clip.result_urls[0])
    assert video.kind == "mp4"
    assert len(video.data) > 1000


@pytest.mark.slow
async def test_a_batch_with_one_failure_tells_each_prompts_fate(
    demo: DemoServer, client: AnimusClient
) -> None:
    demo.set_credits(10)
    prompts = [BatchPrompt(prompt=text) for text in ("a lake", "fail this", "a hill")]
    receipt = await client.create_batch(prompts, group_title="Landscapes")
    assert (receipt.total_requested, receipt.successful_submissions, receipt.failed_submissions) == (3, 2, 1)
    assert [result.is_submitted for result in receipt.results] == [True, False, True]
    assert receipt.results[1].error
    assert (receipt.credits_deducted, receipt.remaining_balance) == (2, 8)
    jobs = await asyncio.gather(
        *(
            client.follow_generation(result.generation_id, on_progress=nothing)
            for result in receipt.results
            if result.generation_id is not None
        )
    )
    assert [job.prompt for job in jobs] == ["a lake", "a hill"]
    assert receipt.group_id is not None
    detail = await client.group(receipt.group_id)
    assert detail.group.title == "Landscapes"
    assert {each.generation_id for each in detail.generations} == {job.generation_id for job in jobs}


async def test_a_job_that_fails_gives_its_reason(client: AnimusClient) -> None:
    with pytest.raises(JobFailed, match="could not be made: Out of paint"):
        await made(client, "!fault job cancelled Out of paint")


@pytest.mark.parametrize("fault", ["500", "503", "html", "429"])
async def test_trouble_while_polling_loses_nothing(
    demo: DemoServer, client: AnimusClient, fault: str
) -> None:
    assert (await made(client, f"!fault poll {fault}")).result_urls
    assert demo.stats.jobs == 1
    assert demo.stats.polls > 1


async def test_402_has_the_figures_and_starts_nothing(demo: DemoServer, client: AnimusClient) -> None:
    demo.set_credits(0.5)
    with pytest.raises(OutOfCredits, match=r"The picture needs 1, the account has 0\.5\.") as caught:
        await made(client, "a lake")
    assert (caught.value.required, caught.value.available) == (1, 0.5)
    with pytest.raises(OutOfCredits, match=r"The batch needs 2, the account has 0\.5\."):
        await client.create_batch([BatchPrompt(prompt="a lake"), BatchPrompt(prompt="a hill")])
    assert [group async for group in client.groups()] == []


async def test_groups_and_generations_are_listed_page_by_page_and_deleted(client: AnimusClient) -> None:
    jobs = [await made(client, f"lake number {number}", group_id="") for number in range(5)]
    whole = [group.group_id async for group in client.groups()]
    paged = [group.group_id async for group in client.groups(page=2)]
    assert paged == whole
    assert set(whole) == {job.group_id for job in jobs}
    group = whole[0]
    [generation] = [each async for each in client.generations(group, page=1)]
    await client.delete_generation(generation.generation_id)
    with pytest.raises(Gone):
        await client.generation_status(generation.generation_id)
    with pytest.raises(Gone):
        await client.delete_generation(generation.generation_id)
    await client.delete_group(whole[1])
    with pytest.raises(Gone):
        await client.group(whole[1])
    assert whole[1] not in [group.group_id async for group in client.groups()]


async def test_the_groups_of_earlier_days_come_in_pages_without_a_gap() -> None:
    options = DemoOptions(token_delay_ms=0, think_ms=0, paint_ms=0, past_groups=60)
    async with DemoServer(options) as demo, AnimusClient(config_of(demo)) as client:
        whole = [group async for group in client.groups(page=100)]
        assert [group async for group in client.groups(page=7)] == whole
    assert len({group.group_id for group in whole}) == 60
    assert all(group.title and group.generation_count for group in whole)


async def test_characters_are_chosen_from_a_list_and_rendered(demo: DemoServer, client: AnimusClient) -> None:
    characters = [character async for character in client.characters(page=2)]
    assert len(characters) > 2
    assert {character.status for character in characters} >= {"ready", "training"}
    ready = next(character for character in characters if character.status == "ready")
    assert await client.character(ready.character_id) == ready
    job = await made(client, "on a beach", character_id=ready.character_id)
    assert job.result_urls
    assert [group.character_id async for group in client.groups(character_id=ready.character_id)] == [
        ready.character_id
    ]
    unready = next(character for character in characters if character.status == "training")
    with pytest.raises(ServiceError, match="answered 400"):
        await made(client, "on a beach", character_id=unready.character_id)
    with pytest.raises(Gone, match="character is no longer on the server"):
        await client.character("char_nobody")


async def test_capabilities_are_read(client: AnimusClient) -> None:
    assert await client.capabilities()
