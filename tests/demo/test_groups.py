"""Groups: what was made, page by page, and deletions."""

import pytest

from animus_tui.demo.catalog import LARGEST_DETAIL, LARGEST_PAGE
from animus_tui.demo.state import DemoOptions
from tests.support.demo_visitor import Studio, studio_with

pytestmark = pytest.mark.slow

PNG = b"\x89PNG\r\n\x1a\n"


async def test_a_generation_is_filed_under_its_group_and_the_newest_group_comes_first(studio: Studio) -> None:
    long = "A very quiet lake " + "between mountains " * 10
    first = await studio.made(long)
    second = await studio.made("A city", group_title="Towns")
    third = await studio.made("Another city", group_id=second["group_id"], group_title="Not this")
    groups = (await studio.get("generation/groups")).json()["groups"]
    assert [group["group_id"] for group in groups] == [second["group_id"], first["group_id"]]
    towns, lake = groups
    assert (towns["title"], towns["generation_count"], towns["status"]) == ("Towns", 2, "completed")
    assert towns["preview_image_url"] == third["result_urls"][0]
    assert lake["title"].startswith("A very quiet lake between")
    assert len(lake["title"]) <= 61
    detail = (await studio.get(f"generation/groups/{second['group_id']}")).json()
    assert detail["title"] == "Towns"
    newest, oldest = detail["generations"]
    assert newest["generation_id"] == third["generation_id"]
    assert oldest["result_urls"] == second["result_urls"]
    assert oldest["performance_metadata"]["seed"] == second["performance_metadata"]["seed"]


async def test_pages_cover_every_group_once_and_say_whether_more_follow() -> None:
    async with studio_with(DemoOptions(think_ms=0, paint_ms=0, past_groups=12)) as studio:
        seen: list[str] = []
        more, offset = True, 0
        while more:
            answer = (await studio.get("generation/groups", limit=5, offset=offset)).json()
            page = answer["pagination"]
            assert (page["limit"], page["offset"], page["returned"]) == (5, offset, len(answer["groups"]))
            seen += [group["group_id"] for group in answer["groups"]]
            more, offset = page["has_more"], offset + page["returned"]
        assert len(seen) == len(set(seen)) == 12
        after = (await studio.get("generation/groups", offset=12)).json()
        assert (after["groups"], after["pagination"]["has_more"]) == ([], False)
        exactly = (await studio.get("generation/groups", limit=12)).json()["pagination"]
        assert (exactly["returned"], exactly["has_more"]) == (12, False)


async def test_the_demo_has_more_groups_than_one_page_and_their_pictures_are_painted_when_asked_for() -> None:
    async with studio_with(DemoOptions(think_ms=0, paint_ms=0)) as studio:
        first = (await studio.get("generation/groups")).json()
        assert (first["pagination"]["returned"], first["pagination"]["has_more"]) == (50, True)
        times = [group["updated_at"] for group in first["groups"]]
        assert times == sorted(times, reverse=True)
        url = first["groups"][0]["preview_image_url"]
        picture = await studio.fetched(url)
        assert picture.startswith(PNG)
        assert await studio.fetched(url) == picture
        edit = await studio.made("at night", source_image_url=first["groups"][1]["preview_image_url"])
        assert edit["status"] == "completed"


async def test_groups_can_be_asked_for_by_character(studio: Studio) -> None:
    await studio.made("A lake")
    face = await studio.made("on a beach", character_id="char_vivian")
    [group] = (await studio.get("generation/groups", character_id="char_vivian")).json()["groups"]
    assert (group["group_id"], group["character_id"]) == (face["group_id"], "char_vivian")
    assert (await studio.get("generation/groups", character_id="char_x")).json()["groups"] == []


async def test_a_groups_generations_come_page_by_page(studio: Studio) -> None:
    keys = []
    for seed in range(3):
        end = await studio.made("A lake", group_id="grp_mine", seed=seed)
        keys.append(end["generation_id"])
    first = (await studio.get("generation/groups/grp_mine", limit=2)).json()
    rest = (await studio.get("generation/groups/grp_mine", limit=2, offset=2)).json()
    told = [each["generation_id"] for each in (*first["generations"], *rest["generations"])]
    assert told == keys[::-1]
    assert (first["pagination"]["has_more"], rest["pagination"]["has_more"]) == (True, False)


async def test_a_page_that_is_none_is_refused(studio: Studio) -> None:
    await studio.made("A lake", group_id="grp_mine")
    for path in ("generation/groups", "generation/groups/grp_mine", "characters"):
        for name, value in (("limit", 0), ("limit", "many"), ("limit", ""), ("offset", -1), ("offset", "²")):
            answer = await studio.get(path, **{name: value})
            assert answer.status_code == 400
            assert name in answer.json()["message"]


async def test_the_documented_bounds_of_a_page_hold(studio: Studio) -> None:
    await studio.made("A lake", group_id="grp_mine")
    bounds = [
        ("generation/groups", LARGEST_PAGE, 100),
        ("generation/groups/grp_mine", LARGEST_DETAIL, 200),
        ("characters", 100, 100),
    ]
    for path, most, documented in bounds:
        assert most == documented
        assert (await studio.get(path, limit=most)).status_code == 200
        assert (await studio.get(path, limit=most + 1)).status_code == 400


async def test_a_deleted_generation_is_gone_with_its_picture(studio: Studio) -> None:
    kept = await studio.made("A lake", group_id="grp_mine")
    gone = await studio.made("A city", group_id="grp_mine")
    path = f"generation/{gone['generation_id']}"
    assert (await studio.delete(path)).status_code == 200
    assert (await studio.delete(path)).status_code == 404
    assert (await studio.get(f"generation/status/{gone['generation_id']}")).status_code == 404
    assert (await studio.visitor.http.get(gone["result_urls"][0])).status_code == 404
    detail = (await studio.get("generation/groups/grp_mine")).json()
    assert [each["generation_id"] for each in detail["generations"]] == [kept["generation_id"]]
    assert await studio.fetched(kept["result_urls"][0])


async def test_a_deleted_group_is_gone_with_all_that_was_in_it(studio: Studio) -> None:
    end = await studio.made("A lake", group_id="grp_mine")
    assert (await studio.delete("generation/groups/grp_mine")).status_code == 200
    assert (await studio.delete("generation/groups/grp_mine")).status_code == 404
    assert (await studio.get("generation/groups/grp_mine")).status_code == 404
    assert (await studio.get(f"generation/status/{end['generation_id']}")).status_code == 404
    assert (await studio.get("generation/groups")).json()["groups"] == []
    again = await studio.create("A lake", group_id="grp_mine")
    assert again.status_code == 404
    assert "grp_mine" in again.json()["message"]


async def test_a_job_that_is_deleted_while_it_runs_stops() -> None:
    async with studio_with(DemoOptions(think_ms=0, paint_ms=60_000, past_groups=0)) as studio:
        started = (await studio.create("A lake", group_id="grp_mine")).json()
        [group] = (await studio.get("generation/groups")).json()["groups"]
        assert (group["status"], group["preview_image_url"]) == ("processing", None)
        [task] = studio.visitor.server.state.running()
        await studio.delete("generation/groups/grp_mine")
        assert studio.visitor.server.state.running() == []
        assert task.cancelling()
        assert (await studio.get(f"generation/status/{started['generation_id']}")).status_code == 404


async def test_deleting_what_was_made_on_earlier_days_works_like_any_other() -> None:
    async with studio_with(DemoOptions(think_ms=0, paint_ms=0, past_groups=3)) as studio:
        [group, *_] = (await studio.get("generation/groups")).json()["groups"]
        await studio.made("A lake", group_id=group["group_id"])
        detail = (await studio.get(f"generation/groups/{group['group_id']}")).json()
        assert detail["generation_count"] == group["generation_count"] + 1
        assert (await studio.delete(f"generation/groups/{group['group_id']}")).status_code == 200
        assert len((await studio.get("generation/groups")).json()["groups"]) == 2
        gone = await studio.visitor.http.get(group["preview_image_url"])
        assert gone.status_code == 404


async def test_nothing_of_it_is_told_without_a_token(studio: Studio) -> None:
    rows: list[str] = [
        "generation/groups",
        "generation/groups/x",
        "generation/capabilities",
        "generation/status/x",
        "characters",
        "characters/x",
    ]
    studio.visitor.http.headers.pop("authorization")
    for path in rows:
        assert (await studio.get(path)).status_code == 401
        assert (await studio.delete("generation/groups/x")).status_code == 401
