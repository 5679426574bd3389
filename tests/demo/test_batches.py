"""Batches: several prompts, each with its own outcome."""

from animus_tui.demo.generations import MOST_RESULTS
from animus_tui.demo.state import DemoOptions
from tests.support.demo_visitor import Studio, studio_with

SMALL = DemoOptions(token_delay_ms=0, think_ms=0, paint_ms=0, past_groups=0, side=64)


async def test_each_prompt_has_its_own_outcome_and_what_was_refused_costs_nothing() -> None:
    async with studio_with(SMALL) as studio:
        prompts = ["A lake", "Fail this one", "Mountains", " ", "A city, fail later"]
        body = {"prompts": [{"prompt": prompt} for prompt in prompts], "group_title": "Five"}
        answer = (await studio.post("generation/batch", body)).json()
        counts = [
            answer[f"{name}"] for name in ("total_requested", "successful_submissions", "failed_submissions")
        ]
        assert counts == [5, 3, 2]
        assert (answer["credits_deducted"], answer["remaining_balance"]) == (3, 997)
        assert [result["prompt_index"] for result in answer["results"]] == [0, 1, 2, 3, 4]
        refused = [result["prompt_index"] for result in answer["results"] if result["status"] == "failed"]
        assert refused == [1, 3]
        for result in answer["results"]:
            assert (result["generation_id"] is None) == (result["error"] is not None)
        keys = [result["generation_id"] for result in answer["results"] if result["generation_id"]]
        ends = [await studio.ended(key) for key in keys]
        assert [end["status"] for end in ends] == ["completed", "completed", "failed"]
        assert [end["prompt"] for end in ends] == ["A lake", "Mountains", "A city, fail later"]
        group = (await studio.get(f"generation/groups/{answer['group_id']}")).json()
        assert (group["title"], group["generation_count"]) == ("Five", 3)
        assert {end["group_id"] for end in ends} == {answer["group_id"]}


async def test_a_batch_renders_a_character_or_edits_pictures() -> None:
    async with studio_with(SMALL) as studio:
        body = {"prompts": [{"prompt": "at night"}, {"prompt": "at noon"}], "character_id": "char_xavier"}
        faces = (await studio.post("generation/batch", body)).json()
        assert (faces["generation_type"], faces["credits_deducted"]) == ("character_render", 4)
        first = await studio.ended(faces["results"][0]["generation_id"])
        [url] = first["result_urls"]
        prompts = [
            {"prompt": "brighter", "source_image_url": url},
            {"prompt": "darker", "source_image_url": "file:///x"},
        ]
        edits = (await studio.post("generation/batch", {"prompts": prompts})).json()
        assert (edits["generation_type"], edits["successful_submissions"]) == ("photo_edit", 1)
        assert "http" in edits["results"][1]["error"]
        assert (await studio.ended(edits["results"][0]["generation_id"]))["status"] == "completed"


async def test_a_batch_of_refused_prompts_starts_nothing(studio: Studio) -> None:
    answer = (await studio.post("generation/batch", {"prompts": [{"prompt": "fail this"}]})).json()
    assert (answer["successful_submissions"], answer["failed_submissions"]) == (0, 1)
    assert (answer["status"], answer["group_id"], answer["credits_deducted"]) == ("failed", None, 0)
    assert (await studio.get("generation/groups")).json()["groups"] == []


async def test_a_batch_that_is_none_is_refused(studio: Studio) -> None:
    rows: list[dict[str, object]] = [
        {},
        {"prompts": []},
        {"prompts": "A lake"},
        {"prompts": [{}]},
        {"prompts": ["A lake"]},
        {"prompts": [{"prompt": "A lake"}] * (MOST_RESULTS + 1)},
    ]
    for body in rows:
        answer = await studio.post("generation/batch", body)
        assert answer.status_code == 400
        assert answer.json()["message"]


async def test_a_batch_that_the_account_cannot_pay_starts_nothing() -> None:
    options = DemoOptions(think_ms=0, paint_ms=0, past_groups=0, credits=2.5)
    async with studio_with(options) as studio:
        answer = await studio.post("generation/batch", {"prompts": [{"prompt": "A lake"}] * 3})
        assert answer.status_code == 402
        assert (answer.json()["required"], answer.json()["available"]) == (3, 2.5)
        assert (await studio.get("generation/groups")).json()["groups"] == []


async def test_pictures_inside_a_batch_are_not_recorded_whole(studio: Studio) -> None:
    url = "data:image/png;base64," + "A" * 100_000
    await studio.post("generation/batch", {"prompts": [{"prompt": "x", "source_image_url": url}]})
    [recorded] = studio.visitor.server.stats.bodies[-1]["prompts"]
    assert len(recorded["source_image_url"]) < 5_000
