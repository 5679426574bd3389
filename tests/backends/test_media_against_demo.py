"""The media endpoints as the demo server, an independent reading of the protocol, plays them."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from msgspec.structs import replace

from animus_tui.backends.animus.client import AnimusClient
from animus_tui.backends.animus.media import PAGE
from animus_tui.backends.base.errors import AnswerError, Gone, JobFailed, OutOfCredits, ServiceError
from animus_tui.backends.base.image_values import CharacterOptions, ImageRequest, JobProgress
from animus_tui.demo.server import DemoServer
from animus_tui.demo.state import DemoOptions
from tests.support.backend_client import QUICK, SOON, config_of, made

LAKE = ImageRequest(prompt="a lake", width=64, height=64)


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


async def test_a_job_tells_its_seed_its_price_and_what_is_left(
    demo: DemoServer, client: AnimusClient
) -> None:
    demo.state.set_credits(10)
    created = await client.submit(replace(LAKE, seed=42, count=2))
    assert (created.credits_deducted, created.remaining_balance) == (2, 8)
    job = await client.follow(created.generation_id, on_progress=nothing)
    assert (job.seed, job.seeds) == (42, [42, 43])
    assert len(job.result_urls) == 2
    assert job.ended == "well"


async def test_a_job_is_found_again_by_its_id_in_a_new_client(demo: DemoServer, client: AnimusClient) -> None:
    job = await client.submit(LAKE)
    async with AnimusClient(config_of(demo), timeouts=SOON) as another:
        again = await another.follow(job.generation_id, on_progress=nothing)
    assert again.result_urls
    assert demo.stats.jobs == 1


async def test_an_edit_is_made_of_the_picture_that_was_generated(
    demo: DemoServer, client: AnimusClient
) -> None:
    first = await made(client, LAKE)
    edited = await made(
        client, replace(LAKE, prompt="at night", source_url=first.result_urls[0], strength=0.6)
    )
    assert demo.stats.bodies[-1]["source_image_url"] == first.result_urls[0]
    assert (await client.download(edited.result_urls[0])).width == 64


async def test_a_picture_becomes_a_clip_that_is_an_mp4(client: AnimusClient) -> None:
    first = await made(client, LAKE)
    clip = await made(client, ImageRequest(prompt="zoom in", source_url=first.result_urls[0], video=True))
    video = await client.download_video(clip.result_urls[0])
    assert video.kind == "mp4"
    assert len(video.data) > 1000


@pytest.mark.slow
async def test_a_batch_with_one_failure_tells_each_prompts_fate(
    demo: DemoServer, client: AnimusClient
) -> None:
    demo.state.set_credits(10)
    requests = [ImageRequest(prompt=text, group="Landscapes") for text in ("a lake", "fail this", "a hill")]
    lake, failed, hill = await client.submit_batch(requests)
    assert isinstance(failed, AnswerError)
    assert isinstance(lake, JobProgress)
    assert isinstance(hill, JobProgress)
    assert (lake.credits_deducted, lake.remaining_balance) == (1, 8)
    for job in (lake, hill):
        await client.follow(job.generation_id, on_progress=nothing)
    [group] = [group async for group in client.account.groups()]
    assert group.title == "Landscapes"
    pictures = [picture async for picture in client.account.pictures(group.id)]
    assert {picture.generation_id: picture.prompt for picture in pictures} == {
        lake.generation_id: "a lake",
        hill.generation_id: "a hill",
    }


async def test_a_job_that_fails_gives_its_reason(client: AnimusClient) -> None:
    with pytest.raises(JobFailed, match="could not be made: Out of paint"):
        await made(client, replace(LAKE, prompt="!fault job cancelled Out of paint"))


@pytest.mark.parametrize("fault", ["500", "503", "html", "429"])
async def test_trouble_while_polling_loses_nothing(
    demo: DemoServer, client: AnimusClient, fault: str
) -> None:
    assert (await made(client, replace(LAKE, prompt=f"!fault poll {fault}"))).result_urls
    assert demo.stats.jobs == 1
    assert demo.stats.polls > 1


async def test_402_has_the_figures_and_starts_nothing(demo: DemoServer, client: AnimusClient) -> None:
    demo.state.set_credits(0.5)
    with pytest.raises(OutOfCredits, match=r"The picture needs 1, the account has 0\.5\.") as caught:
        await made(client, LAKE)
    assert (caught.value.required, caught.value.available) == (1, 0.5)
    with pytest.raises(OutOfCredits, match=r"The batch needs 2, the account has 0\.5\."):
        await client.submit_batch([ImageRequest(prompt="a lake"), ImageRequest(prompt="a hill")])
    assert [group async for group in client.account.groups()] == []


async def test_groups_and_pictures_are_listed_and_deleted(client: AnimusClient) -> None:
    for number in range(3):
        await made(client, replace(LAKE, prompt=f"lake {number}", group=f"Lake {number}"))
    first, second, _ = [group.id async for group in client.account.groups()]
    [picture] = [each async for each in client.account.pictures(first)]
    await client.account.delete_generation(picture.generation_id)
    with pytest.raises(Gone):
        await client.job_status(picture.generation_id)
    with pytest.raises(Gone):
        await client.account.delete_generation(picture.generation_id)
    await client.account.delete_group(second)
    with pytest.raises(Gone):
        await anext(client.account.pictures(second))
    assert second not in [group.id async for group in client.account.groups()]


async def test_the_groups_of_earlier_days_come_in_pages_without_a_gap() -> None:
    options = DemoOptions(token_delay_ms=0, think_ms=0, paint_ms=0, past_groups=60)
    async with DemoServer(options) as demo, AnimusClient(config_of(demo)) as client:
        groups = [group async for group in client.account.groups()]
    assert len({group.id for group in groups}) == len(groups) == 60 > PAGE
    assert all(group.title and group.count for group in groups)


async def test_characters_are_chosen_from_a_list_and_rendered(client: AnimusClient) -> None:
    characters = [character async for character in client.account.characters()]
    ready = next(character for character in characters if character.is_ready)
    assert (await made(client, replace(LAKE, character=CharacterOptions(id=ready.id)))).result_urls
    [group] = [group async for group in client.account.groups(character_id=ready.id)]
    assert await client.account.group(group.id) == group
    assert await client.account.character(ready.id) == ready
    assert await client.account.capabilities()
    unready = next(character for character in characters if "training" in character.training)
    with pytest.raises(ServiceError, match="answered 400"):
        await made(client, replace(LAKE, character=CharacterOptions(id=unready.id)))
