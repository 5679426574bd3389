"""The picture endpoints, over loopback: the simple one, and jobs."""

import asyncio
import base64
from typing import Any

import httpx

from animus_tui.demo.server import DemoServer
from animus_tui.demo.state import DemoOptions
from tests.support.demo_visitor import Visitor, bearer

PNG = b"\x89PNG\r\n\x1a\n"


async def test_a_picture_is_served_as_png(visitor: Visitor) -> None:
    [url] = (await visitor.generate("A forest in the morning")).json()["output"]
    assert url.startswith(f"{visitor.server.url}/images/")
    async with httpx.AsyncClient() as stranger:
        response = await stranger.get(url)
    assert response.headers["content-type"] == "image/png"
    assert response.content.startswith(PNG)
    assert int.from_bytes(response.content[16:20]) == 96
    assert int.from_bytes(response.content[20:24]) == 64


async def test_one_seed_paints_one_picture_and_no_seed_another_each_time(visitor: Visitor) -> None:
    first, same, other = [await visitor.picture("Mountains at dawn", seed=seed) for seed in (7, 7, 8)]
    assert first == same
    assert first != other
    assert await visitor.picture("Mountains at dawn") != await visitor.picture("Mountains at dawn")


async def test_an_edit_starts_from_our_own_picture_or_an_embedded_one(visitor: Visitor) -> None:
    [url] = (await visitor.generate("The sea at noon", seed=3)).json()["output"]
    original = (await visitor.http.get(url)).content
    edited = await visitor.picture("with more vibrant colours", seed=3, input_image=url)
    embedded = f"data:image/png;base64,{base64.b64encode(original).decode()}"
    assert edited.startswith(PNG)
    assert edited != original
    assert await visitor.picture("with more vibrant colours", seed=3, input_image=embedded) == edited


async def test_a_picture_of_an_earlier_run_is_painted_again_to_be_changed(visitor: Visitor) -> None:
    async with DemoServer(DemoOptions.instant()) as earlier:
        then = Visitor(earlier, visitor.http)
        visitor.http.headers.update(bearer(earlier))
        [url] = (await then.generate("The sea at noon", seed=3)).json()["output"]
        [changed] = (await then.generate("darker", seed=4, input_image=url)).json()["output"]
        expected = await then.picture("with a boat", seed=5, input_image=changed)
    visitor.http.headers.update(bearer(visitor.server))
    assert await visitor.picture("with a boat", seed=5, input_image=changed) == expected


async def test_a_recipe_that_is_none_is_refused(visitor: Visitor) -> None:
    rows: list[str] = ["x", "%00", "W10", "WyJhIiw2NCw2NCwtMV0", "x" * 5000]
    for recipe in rows:
        url = f"http://127.0.0.1:1/images/00.png?again={recipe}"
        response = await visitor.generate("brighter", input_image=url)
        assert response.status_code == 400
        assert "no longer kept" in response.json()["message"]


async def test_a_picture_that_is_no_longer_kept_cannot_be_changed(visitor: Visitor) -> None:
    response = await visitor.generate("brighter", input_image=f"{visitor.server.url}/images/{'0' * 32}.png")
    assert response.status_code == 400
    assert "no longer kept" in response.json()["message"]
    assert (await visitor.http.get(f"{visitor.server.url}/images/nothing.png")).status_code == 404


async def test_the_oldest_pictures_make_room(visitor: Visitor) -> None:
    async with DemoServer(DemoOptions(think_ms=0, paint_ms=0, picture_bytes=1)) as server:
        tight = Visitor(server, visitor.http)
        visitor.http.headers.update(bearer(server))
        [first] = (await tight.generate("!fault badimage garbage")).json()["output"]
        [second] = (await tight.generate("!fault badimage garbage")).json()["output"]
        assert (await visitor.http.get(first)).status_code == 404
        assert (await visitor.http.get(second)).status_code == 200


async def test_the_server_talks_while_it_paints(visitor: Visitor) -> None:
    painting = asyncio.create_task(visitor.generate("A city at night", width=1024, height=1024))
    while visitor.server.stats.images == 0:
        await asyncio.sleep(0.001)
    spoken = await visitor.message("Hello")
    assert spoken["content"]
    assert (await painting).status_code == 200


async def finished(visitor: Visitor, key: str) -> dict[str, object]:
    url = f"{visitor.server.generation_url}/generation/status/{key}"
    while True:
        answer: dict[str, object] = (await visitor.http.get(url)).json()
        if answer["status"] not in {"pending", "processing"}:
            return answer
        await asyncio.sleep(0.01)


async def create(visitor: Visitor, prompt: str, **fields: object) -> httpx.Response:
    body = {"prompt": prompt, "width": 96, "height": 64, **fields}
    return await visitor.http.post(f"{visitor.server.generation_url}/generation/create", json=body)


async def test_a_job_reports_its_percent_and_ends_with_a_picture() -> None:
    options = DemoOptions(token_delay_ms=0, think_ms=0, paint_ms=1500)
    async with DemoServer(options) as server, httpx.AsyncClient(headers=bearer(server)) as http:
        visitor = Visitor(server, http)
        started = (await create(visitor, "A lake at dawn")).json()
        assert started["status"] == "pending"
        assert started["estimated_time"] >= 1
        key = started["generation_id"]
        middle: dict[str, Any] = {"progress": 0}
        while middle["progress"] == 0:
            middle = (await http.get(f"{server.generation_url}/generation/status/{key}")).json()
        assert 0 < middle["progress"] < 100
        assert middle["result_urls"] == []
        end = await finished(visitor, key)
        assert (end["status"], end["progress"], end["generation_type"]) == ("completed", 100, "text_to_image")
        assert isinstance(end["result_urls"], list)
        assert (await http.get(end["result_urls"][0])).content.startswith(PNG)


async def test_a_job_edits_a_picture(visitor: Visitor) -> None:
    [url] = (await visitor.generate("The sea")).json()["output"]
    started = (await create(visitor, "at night", source_image_url=url)).json()
    end = await finished(visitor, started["generation_id"])
    assert (end["status"], end["generation_type"]) == ("completed", "photo_edit")
    assert (
        await create(visitor, "at night", source_image_url="https://example.com/x.png")
    ).status_code == 400


async def test_a_job_that_nobody_started_is_not_found(visitor: Visitor) -> None:
    unknown = await visitor.http.get(f"{visitor.server.generation_url}/generation/status/nothing")
    assert unknown.status_code == 404
    assert "nothing" in unknown.json()["message"]


async def test_a_job_can_end_badly_or_with_another_word(visitor: Visitor) -> None:
    failed = await create(visitor, "!fault job failed The light went out")
    end = await finished(visitor, failed.json()["generation_id"])
    assert (end["status"], end["error"], end["result_urls"]) == ("failed", "The light went out", [])
    good = await create(visitor, "!fault job Succeeded")
    end = await finished(visitor, good.json()["generation_id"])
    assert end["status"] == "Succeeded"
    assert end["result_urls"]
    assert (await create(visitor, "!fault 402")).status_code == 402
