"""Groups and other questions to the studio; pages, honest ones and others."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest

from animus_tui.backends.animus.client import AnimusClient
from animus_tui.backends.animus.media import MOST_PAGES, paged
from animus_tui.backends.animus.media_values import GroupDetail, MediaGeneration, MediaGroup, Page
from animus_tui.backends.base.errors import AnswerError, BackendError, Gone, ServiceError
from tests.support.backend_client import client_of, told
from tests.support.scripted_server import End, Script, ScriptedServer, answer, error, scripted

Ask = Callable[[AnimusClient], Awaitable[object]]


def page_of(*numbers: int, more: object = False) -> Script:
    groups = [{"group_id": f"g{number}", "title": f"Group {number}"} for number in numbers]
    return told(groups=groups, pagination={"limit": 50, "offset": 0, "returned": 1, "has_more": more})


async def listed(client: AnimusClient, **options: Any) -> list[str]:
    return [group.group_id async for group in client.groups(**options)]


def queries(server: ScriptedServer) -> list[dict[str, list[str]]]:
    return [parse_qs(urlsplit(request.path).query) for request in server.received]


async def test_groups_come_page_by_page_and_only_as_far_as_they_are_wanted() -> None:
    async with (
        scripted(page_of(1, 2, more=True), page_of(3, 4, more=True), page_of(5)) as server,
        client_of(server) as client,
    ):
        groups = client.groups(page=2, character_id="c/1")
        assert (await anext(groups)).group_id == "g1"
        assert (await anext(groups)).group_id == "g2"
        assert len(server.received) == 1
        assert [group.group_id async for group in groups] == ["g3", "g4", "g5"]
    assert queries(server) == [
        {"limit": ["2"], "offset": [str(offset)], "character_id": ["c/1"]} for offset in (0, 2, 4)
    ]
    assert urlsplit(server.received[0].path).path == "/generation/groups"


async def test_all_fields_of_a_group_are_read_and_odd_ones_do_not_matter() -> None:
    whole = {
        "group_id": 12,
        "title": "Holiday",
        "description": None,
        "group_type": "batch",
        "generation_count": "4",
        "preview_image_url": "https://x.example/p.png",
        "created_at": "2025-01-02T03:04:05Z",
        "updated_at": None,
        "status": "Active",
        "character_id": "c",
        "colour": {"r": 1},
    }
    odd = {"group_id": "o", "title": ["x"], "generation_count": "many", "status": 7, "preview_image_url": {}}
    entries = [whole, None, "x", {}, {"title": "without an id"}, odd]
    async with scripted(told(groups=entries)) as server, client_of(server) as client:
        groups = [group async for group in client.groups()]
    assert groups == [
        MediaGroup(
            group_id="12",
            title="Holiday",
            group_type="batch",
            generation_count=4,
            preview_image_url="https://x.example/p.png",
            created_at="2025-01-02T03:04:05Z",
            status="Active",
            character_id="c",
        ),
        MediaGroup(group_id="o", status="7"),
    ]


async def test_pages_that_lie_end_all_the_same() -> None:
    rows: list[tuple[list[Script], list[str], int]] = [
        ([page_of(1, 2, more=True)], ["g1", "g2"], 2),
        ([page_of(1, more=True), page_of(1, 2, more=True), page_of(2)], ["g1", "g2"], 3),
        ([page_of(1, more=True), page_of(more=True)], ["g1"], 2),
        ([page_of(more=True)], [], 1),
        ([page_of(1, 1, 1)], ["g1"], 1),
        ([page_of(1, more="true"), page_of(2, more="false")], ["g1", "g2"], 2),
        ([page_of(1, more=1), page_of(2, more=0)], ["g1", "g2"], 2),
        ([page_of(1, 2, more=None), page_of(3, more=None)], ["g1", "g2", "g3"], 2),
        (
            [page_of(1, 2, more="maybe"), page_of(3, 4, more=[]), page_of(5)],
            ["g1", "g2", "g3", "g4", "g5"],
            3,
        ),
        ([told(groups=None, pagination={"has_more": True})], [], 1),
        ([told(groups=[], pagination="none")], [], 1),
        ([page_of(1, 2, 3, 4, 5)], ["g1", "g2", "g3", "g4", "g5"], 1),
    ]
    for pages, found, asked in rows:
        async with scripted(*pages) as server, client_of(server) as client:
            assert await listed(client, page=2) == found
        assert len(server.received) == asked


async def test_a_service_that_makes_up_new_entries_for_ever_is_not_followed_for_ever() -> None:
    asked = 0

    async def page_at(offset: int) -> Page[str]:
        nonlocal asked
        asked += 1
        return Page(items=[str(offset)], came=1, has_more=True)

    assert len([entry async for entry in paged(page_at, str, 1)]) == asked == MOST_PAGES


@pytest.mark.parametrize(
    ("asked", "groups", "generations", "characters"),
    [(0, 1, 1, 1), (-5, 1, 1, 1), (30, 30, 30, 30), (150, 100, 150, 100), (10**9, 100, 200, 100)],
)
async def test_a_page_is_as_large_as_the_service_allows(
    asked: int, groups: int, generations: int, characters: int
) -> None:
    empty = told(groups=[], generations=[], characters=[])
    async with scripted(empty) as server, client_of(server) as client:
        assert await listed(client, page=asked) == []
        assert [each async for each in client.generations("g", page=asked)] == []
        assert [each async for each in client.characters(page=asked)] == []
        assert (await client.group("g", page=asked)).generations == []
    assert [int(query["limit"][0]) for query in queries(server)] == [
        groups,
        generations,
        characters,
        generations,
    ]


@pytest.mark.parametrize("nested", [False, True])
async def test_a_group_comes_with_its_generations(*, nested: bool) -> None:
    fields = {"group_id": "g1", "title": "Holiday", "generation_count": 1}
    entry = {
        "generation_id": "x",
        "prompt": "a cat\nasleep",
        "status": "Completed",
        "result_urls": "https://x.example/1.png",
        "created_at": "2025-01-02T03:04:05Z",
        "performance_metadata": {"seconds": 3},
    }
    outside: dict[str, object] = {"group": fields} if nested else dict(fields)
    body = {**outside, "generations": [entry, {"prompt": "without an id"}], "pagination": {"has_more": True}}
    async with scripted(told(**body)) as server, client_of(server) as client:
        detail = await client.group("g1")
    generation = MediaGeneration(
        generation_id="x",
        prompt="a cat\nasleep",
        status="Completed",
        result_urls=["https://x.example/1.png"],
        created_at="2025-01-02T03:04:05Z",
        performance_metadata={"seconds": 3},
    )
    assert detail == GroupDetail(
        group=MediaGroup(group_id="g1", title="Holiday", generation_count=1),
        generations=[generation],
        has_more=True,
    )
    assert generation.ended == "well"
    assert server.received[0].path == "/generation/groups/g1?limit=50&offset=0"


async def test_generations_of_a_group_come_page_by_page() -> None:
    pages = [
        told(
            group_id="g",
            generations=[{"generation_id": "1"}, {"prompt": "odd"}],
            pagination={"has_more": True},
        ),
        told(group_id="g", generations=[{"generation_id": "2"}], pagination={"has_more": False}),
    ]
    async with scripted(*pages) as server, client_of(server) as client:
        assert [each.generation_id async for each in client.generations("g", page=2)] == ["1", "2"]
    assert [query["offset"] for query in queries(server)] == [["0"], ["2"]]


async def test_capabilities_are_given_as_they_are() -> None:
    said = {"models": ["flux-schnell"], "message": "hello", "limits": {"width": [64, 2048]}, "error": None}
    async with scripted(told(**said)) as server, client_of(server) as client:
        assert await client.capabilities() == said
    assert server.received[0].path == "/generation/capabilities"


LOOK_UPS: dict[str, tuple[Ask, object]] = {
    "groups": (listed, {"groups": []}),
    "group": (lambda client: client.group("g"), {"generations": []}),
    "capabilities": (lambda client: client.capabilities(), {}),
    "characters": (lambda client: anext(client.characters(), None), {"characters": []}),
    "character": (lambda client: client.character("c"), {"character_id": "c"}),
}


async def test_questions_are_asked_again_after_what_may_pass() -> None:
    rows_of_trouble: list[Script] = [[End.RESET], [error(503)], [error(429)], [b"HTTP/1.1 2"]]
    for trouble in rows_of_trouble:
        for ask in LOOK_UPS:
            call, good = LOOK_UPS[ask]
            async with (
                scripted(trouble, trouble, [answer(msgspec.json.encode(good))]) as server,
                client_of(server) as client,
            ):
                await call(client)
            assert len(server.received) == 3


async def test_other_answers_are_errors_with_a_sentence() -> None:
    rows_of_odd: list[bytes] = [
        b"",
        b"<html>",
        b"[]",
        b"7",
        b'"text"',
        b"{",
        b'{"error": {"message": "closed for today"}}',
        b"null",
    ]
    for odd in rows_of_odd:
        for ask in LOOK_UPS:
            async with scripted([answer(odd)]) as server, client_of(server) as client:
                with pytest.raises(AnswerError) as caught:
                    await LOOK_UPS[ask][0](client)
            assert caught.value.sentence.endswith("ry again.")
            assert (b"closed" in odd) == ("closed for today" in caught.value.sentence)


async def test_a_list_that_is_none_is_an_error_and_no_empty_gallery() -> None:
    rows_of_odd: list[object] = [{}, {"a": 1}, "x", 7]
    for odd in rows_of_odd:
        rows_of_ask: list[tuple[str, str]] = [("groups", "groups"), ("characters", "characters")]
        for ask, name in rows_of_ask:
            body = odd if odd == {} else {name: odd}
            async with scripted([answer(msgspec.json.encode(body))]) as server, client_of(server) as client:
                with pytest.raises(AnswerError, match=name):
                    await LOOK_UPS[ask][0](client)


async def generations_of(client: AnimusClient) -> list[MediaGeneration]:
    return [each async for each in client.generations("g")]


@pytest.mark.parametrize(
    ("ask", "what"),
    [
        (lambda client: client.group("g"), "group"),
        (generations_of, "group"),
        (lambda client: client.character("c"), "character"),
        (lambda client: client.delete_group("g"), "group"),
        (lambda client: client.delete_generation("x"), "picture"),
    ],
)
async def test_what_the_service_does_not_know_is_gone(ask: Ask, what: str) -> None:
    async with scripted([error(404, {"message": "?"})]) as server, client_of(server) as client:
        with pytest.raises(Gone, match=f"^No {what}: The {what} is no longer on the server"):
            await ask(client)
    assert len(server.received) == 1


async def test_404_of_a_list_points_to_the_address_of_the_service() -> None:
    async with scripted([error(404)]) as server, client_of(server) as client:
        with pytest.raises(ServiceError, match="Check the address of the service") as caught:
            await listed(client)
    assert not isinstance(caught.value, Gone)


async def test_a_list_that_is_left_early_leaves_nothing_open() -> None:
    before = asyncio.all_tasks()
    async with scripted(page_of(1, 2, more=True), [End.HANG]) as server, client_of(server) as client:
        groups = client.groups(page=2)
        await anext(groups)
        await anext(groups)
        asking = asyncio.ensure_future(anext(groups))
        await server.until(2)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        await groups.aclose()
        assert asyncio.all_tasks() - before <= server.serving.keys()


async def test_an_error_in_the_middle_comes_after_the_entries_before_it() -> None:
    async with (
        scripted(page_of(1, more=True), [error(403, {"message": "no"})]) as server,
        client_of(server) as client,
    ):
        groups = client.groups(page=1)
        assert (await anext(groups)).group_id == "g1"
        with pytest.raises(BackendError, match="answered 403: no"):
            await anext(groups)
