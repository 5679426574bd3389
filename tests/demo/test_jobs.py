"""Jobs: what they are inferred from, what the settings do, how far they are."""

import asyncio
from io import BytesIO

import pytest
from PIL import Image, ImageStat

from animus_tui.demo.generations import MOST_RESULTS
from animus_tui.demo.jobs import MOST_UNFINISHED
from animus_tui.demo.state import DemoOptions
from tests.support.demo_visitor import Studio, studio_with

pytestmark = pytest.mark.slow


def size(data: bytes) -> tuple[int, int]:
    return Image.open(BytesIO(data)).size


def brightness(data: bytes) -> float:
    return ImageStat.Stat(Image.open(BytesIO(data)).convert("L")).mean[0]


async def test_the_kind_is_inferred_from_the_fields(studio: Studio) -> None:
    words = await studio.made("A lake")
    url = words["result_urls"][0]
    edit = await studio.made("at night", source_image_url=url)
    face = await studio.made("on a beach", character_id="char_vivian")
    clip = await studio.made("zoom in", source_image_url=url, convert_to_video=True)
    named = await studio.made("A lake", source_image_url=url, generation_type="text_to_image")
    kinds = [end["generation_type"] for end in (words, edit, face, clip, named)]
    assert kinds == ["text_to_image", "photo_edit", "character_render", "image_to_video", "text_to_image"]


async def test_what_cannot_be_made_is_refused_with_a_sentence_and_costs_nothing(studio: Studio) -> None:
    rows: list[tuple[dict[str, object], str]] = [
        ({"convert_to_video": True}, "source_image_url"),
        ({"generation_type": "photo_edit"}, "source_image_url"),
        ({"generation_type": "sculpture"}, "text_to_image"),
        ({"num_images": MOST_RESULTS + 1}, str(MOST_RESULTS)),
        ({"strength": 1.5}, "strength"),
        ({"convert_to_video": "yes"}, "convert_to_video"),
        ({"prompt": " "}, "blank"),
        ({"source_image_url": "file:///etc/passwd"}, "http"),
        ({"source_image_url": "http://nas.local/cat.png"}, "nas.local"),
        ({"source_image_url": "http://192.168.1.5/cat.png"}, "192.168.1.5"),
        ({"source_image_url": "http://[fe80::1]/cat.png"}, "fe80::1"),
        ({"source_image_url": "https://example.com/cat.png"}, "its own images"),
    ]
    for fields, says in rows:
        answer = await studio.post("generation/create", {"prompt": "A lake"} | fields)
        assert answer.status_code == 400
        assert says in answer.json()["message"]
        assert answer.json()["message"].endswith(".")
    assert (await studio.create("A lake")).json()["remaining_balance"] == 999


async def test_several_pictures_have_seeds_that_count_up_and_each_can_be_had_alone(studio: Studio) -> None:
    end = await studio.made("A lake at dawn", num_images=3, seed=40)
    pictures = [await studio.fetched(url) for url in end["result_urls"]]
    assert len(set(pictures)) == 3
    assert end["performance_metadata"]["seeds"] == [40, 41, 42]
    assert await studio.results("A lake at dawn", seed=42) == pictures[2:]


async def test_a_seed_that_was_chosen_by_the_service_is_told_and_paints_the_same_again(
    studio: Studio,
) -> None:
    started = await studio.create("A lake at dawn")
    running = (await studio.get(f"generation/status/{started.json()['generation_id']}")).json()
    seed = running["performance_metadata"]["seed"]
    end = await studio.ended(running["generation_id"])
    assert end["performance_metadata"]["seed"] == seed
    assert await studio.results("A lake at dawn", seed=seed) == [await studio.fetched(end["result_urls"][0])]


async def test_size_steps_guidance_and_negative_words_are_seen_and_told(studio: Studio) -> None:
    asked = {"width": 160, "height": 96, "seed": 5}
    [usual] = await studio.results("A forest and a cottage under clouds", **asked)
    assert size(usual) == (160, 96)
    spelled = {"num_inference_steps": 20, "guidance_scale": 7.5}
    assert await studio.results("A forest and a cottage under clouds", **asked, **spelled) == [usual]
    for field in (
        {"num_inference_steps": 4},
        {"guidance_scale": 15.0},
        {"negative_prompt": "cottage, clouds"},
    ):
        end = await studio.made("A forest and a cottage under clouds", **asked, **field)
        assert await studio.fetched(end["result_urls"][0]) != usual
        assert field.items() <= end["performance_metadata"].items()


async def test_strength_is_how_much_of_an_edit_is_seen(studio: Studio) -> None:
    fields = {"seed": 1, "width": 96, "height": 96}
    source = (await studio.made("The sea at noon", **fields))["result_urls"][0]
    lights = [brightness(await studio.fetched(source))]
    for strength in (0.0, 0.5, 1.0):
        lights += map(
            brightness, await studio.results("at night", source_image_url=source, strength=strength, **fields)
        )
    before, none, half, full = lights
    assert abs(none - before) < 2
    assert none > half + 5 > full + 10


async def test_the_percent_only_grows_and_is_100_at_a_good_end_alone() -> None:
    async with studio_with(DemoOptions(think_ms=0, paint_ms=400, past_groups=0)) as studio:
        started = (await studio.create("A lake", num_images=3)).json()
        seen: list[int] = []
        while True:
            news = (await studio.get(f"generation/status/{started['generation_id']}")).json()
            seen.append(news["progress"])
            assert (news["progress"] == 100) == (news["status"] == "completed")
            if news["status"] == "completed":
                break
        assert seen == sorted(seen)
        assert any(0 < percent < 100 for percent in seen)
        failed = await studio.made("Fail this, please")
        assert failed["status"] == "failed"
        assert failed["progress"] < 100
        assert failed["error"].endswith(".")
        assert failed["result_urls"] == []


async def test_the_estimate_grows_with_the_work_that_waits() -> None:
    async with studio_with(DemoOptions(think_ms=0, paint_ms=2000, past_groups=0)) as studio:
        one = (await studio.create("A lake")).json()["estimated_time"]
        four = (await studio.create("A lake", num_images=4)).json()["estimated_time"]
        eight = (await studio.create("A lake", num_images=8)).json()["estimated_time"]
        assert one == 2
        assert one < four < eight


async def test_more_jobs_than_may_run_wait_and_all_of_them_end(studio: Studio) -> None:
    started = [await studio.create("A lake", seed=seed) for seed in range(9)]
    keys = [answer.json()["generation_id"] for answer in started]
    ends = await asyncio.gather(*map(studio.ended, keys))
    assert [end["performance_metadata"]["seed"] for end in ends] == list(range(9))
    assert {end["status"] for end in ends} == {"completed"}


async def test_too_many_at_once_are_refused_until_some_have_ended() -> None:
    async with studio_with(DemoOptions(think_ms=0, paint_ms=60_000, past_groups=0)) as studio:
        started = [
            await studio.create("A lake", num_images=MOST_RESULTS)
            for _ in range(MOST_UNFINISHED // MOST_RESULTS)
        ]
        assert {answer.status_code for answer in started} == {200}
        refused = await studio.create("A lake")
        assert refused.status_code == 429
        assert refused.headers["retry-after"].isdecimal()
        await studio.delete(f"generation/{started[0].json()['generation_id']}")
        assert (await studio.create("A lake")).status_code == 200


async def test_a_job_whose_picture_is_refused_later_ends_badly_with_the_sentence(studio: Studio) -> None:
    url = "data:image/png;base64,aGVsbG8="
    end = await studio.made("at night", source_image_url=url)
    assert end["status"] == "failed"
    assert "cannot be read" in end["error"]


async def test_the_first_question_after_a_job_can_fail(studio: Studio) -> None:
    started = (await studio.create("!fault poll 503")).json()
    path = f"generation/status/{started['generation_id']}"
    assert (await studio.get(path)).status_code == 503
    assert (await studio.ended(started["generation_id"]))["status"] == "completed"
