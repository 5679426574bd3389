"""Lists of the account: groups, their pictures and characters, page by page."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest

from animus_tui.backends.animus.client import AnimusClient
from animus_tui.backends.animus.decode_media import Group, Page
from animus_tui.backends.animus.media import MOST_PAGES, PAGE, paged
from animus_tui.backends.base.errors import AnswerError, BackendError, Gone, ServiceError
from animus_tui.backends.base.image_values import AccountGroup, AccountPicture
from tests.support.backend_client import client_of, told
from tests.support.scripted_server import End, Script, ScriptedServer, answer, error, scripted

Ask = Callable[[AnimusClient], Awaitable[object]]
FULL = range(1, PAGE + 1)
"""Numbers of the entries of a full page."""
URL = "https://x.example/1.png"


def page_of(*numbers: int, more: object = False) -> Script:
    groups = [{"group_id": f"g{number}", "title": f"Group {number}"} for number in numbers]
    return told(groups=groups, pagination={"limit": 50, "offset": 0, "returned": 1, "has_more": more})


async def listed(client: AnimusClient) -> list[str]:
    return [group.id async for group in client.account.groups()]


async def pictures(client: AnimusClient) -> list[AccountPicture]:
    return [picture async for picture in client.account.pictures("g")]


async def characters(client: AnimusClient) -> list[str]:
    return [character.id async for character in client.account.characters()]


def queries(server: ScriptedServer) -> list[dict[str, list[str]]]:
    return [parse_qs(urlsplit(request.path).query) for request in server.received]


async def test_groups_come_page_by_page_and_only_as_far_as_they_are_wanted() -> None:
    async with (
        scripted(page_of(1, 2, more=True), page_of(3, 4, more=True), page_of(5)) as server,
        client_of(server) as client,
    ):
        groups = client.account.groups(character_id="c/1")
        assert (await anext(groups)).id == "g1"
        assert (await anext(groups)).id == "g2"
        assert len(server.received) == 1
        assert [group.id async for group in groups] == ["g3", "g4", "g5"]
    assert queries(server) == [
        {"limit": [str(PAGE)], "offset": [str(offset)], "character_id": ["c/1"]} for offset in (0, 2, 4)
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
        groups = [group async for group in client.account.groups()]
    assert groups == [
        AccountGroup(
            id="12",
            title="Holiday",
            count=4,
            created="2025-01-02T03:04:05Z",
        ),
        AccountGroup(id="o", title=""),
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
        ([page_of(*FULL, more=None), page_of(0, more=None)], [*(f"g{number}" for number in FULL), "g0"], 2),
        ([page_of(*FULL, more="maybe"), page_of(0, more=[])], [*(f"g{number}" for number in FULL), "g0"], 2),
        ([told(groups=None, pagination={"has_more": True})], [], 1),
        ([told(groups=[], pagination="none")], [], 1),
        ([page_of(1, 2, 3, 4, 5)], ["g1", "g2", "g3", "g4", "g5"], 1),
    ]
    for pages, found, asked in rows:
        async with scripted(*pages) as server, client_of(server) as client:
            assert await listed(client) == found
        assert len(server.received) == asked


async def test_a_service_that_makes_up_new_entries_for_ever_is_not_followed_for_ever() -> None:
    asked = 0

    async def page_at(offset: int) -> Page[Group]:
        nonlocal asked
        asked += 1
        return Page(items=[Group(id=offset)], came=1, has_more=True)

    assert len([entry async for entry in paged(page_at)]) == asked == MOST_PAGES


async def test_a_group_comes_with_its_pictures() -> None:
    entry = {
        "generation_id": "x",
        "prompt": "a cat\nasleep",
        "status": "Completed",
        "result_urls": "https://x.example/1.png",
        "created_at": "2025-01-02T03:04:05Z",
        "performance_metadata": {"seed": "3"},
    }
    entries = [entry, {"prompt": "without an id"}, {**entry, "generation_id": "y", "status": "failed"}]
    async with (
        scripted(told(group_id="g", generations=entries)) as server,
        client_of(server) as client,
    ):
        assert await pictures(client) == [
            AccountPicture(
                generation_id="x",
                prompt="a cat\nasleep",
                url="https://x.example/1.png",
                created="2025-01-02T03:04:05Z",
                seed=3,
            )
        ]
    assert server.received[0].path == "/generation/groups/g?limit=50&offset=0"


async def test_generations_of_a_group_come_page_by_page() -> None:
    pages = [
        told(
            group_id="g",
            generations=[{"generation_id": "1", "result_urls": URL}, {"prompt": "odd"}],
            pagination={"has_more": True},
        ),
        told(
            group_id="g",
            generations=[{"generation_id": "2", "result_urls": URL}],
            pagination={"has_more": False},
        ),
    ]
    async with scripted(*pages) as server, client_of(server) as client:
        assert [picture.generation_id for picture in await pictures(client)] == ["1", "2"]
    assert [query["offset"] for query in queries(server)] == [["0"], ["2"]]


LOOK_UPS: dict[str, tuple[Ask, object]] = {
    "groups": (listed, {"groups": []}),
    "generations": (pictures, {"generations": []}),
    "characters": (characters, {"characters": []}),
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


@pytest.mark.parametrize(
    ("ask", "what"),
    [
        (pictures, "group"),
        (lambda client: client.account.group("g"), "group"),
        (lambda client: client.account.character("c"), "character"),
        (lambda client: client.account.delete_group("g"), "group"),
        (lambda client: client.account.delete_generation("x"), "picture"),
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
        groups = client.account.groups()
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
        groups = client.account.groups()
        assert (await anext(groups)).id == "g1"
        with pytest.raises(BackendError, match="answered 403: no"):
            await anext(groups)


@pytest.mark.parametrize("nested", [False, True])
async def test_one_group_and_one_character_are_told_in_both_shapes(*, nested: bool) -> None:
    group: dict[str, object] = {"group_id": "g1", "title": "Holiday", "generation_count": "2"}
    character: dict[str, object] = {"character_id": 7, "name": "Vivian", "status": "Ready"}
    in_group = {"group": group} if nested else group
    in_character = {"character": character} if nested else character
    async with (
        scripted(told(**in_group, generations=[]), told(**in_character)) as server,
        client_of(server) as client,
    ):
        assert await client.account.group("g1") == AccountGroup(id="g1", title="Holiday", count=2, created="")
        found = await client.account.character("7")
    assert (found.id, found.name, found.training, found.is_ready) == ("7", "Vivian", "ready", True)
    assert [urlsplit(request.path).path for request in server.received] == [
        "/generation/groups/g1",
        "/characters/7",
    ]


async def test_a_group_without_an_id_is_the_one_that_was_asked_for() -> None:
    async with scripted(told(generations=[], title="Lakes")) as server, client_of(server) as client:
        group = await client.account.group("g/1")
    assert (group.id, group.title) == ("g/1", "Lakes")


async def test_capabilities_are_given_as_they_are() -> None:
    said = {"models": ["flux-schnell"], "message": "hello", "limits": {"width": [64, 2048]}, "error": None}
    async with scripted(told(**said)) as server, client_of(server) as client:
        assert await client.account.capabilities() == said
    assert server.received[0].path == "/generation/capabilities"


@pytest.mark.parametrize(
    "ask",
    [
        lambda client: client.account.group("g"),
        lambda client: client.account.character("c"),
        lambda client: client.account.capabilities(),
    ],
)
@pytest.mark.parametrize("body", [{"error": "Out of order"}, None])
async def test_what_is_no_answer_about_one_thing_is_said(ask: Ask, body: dict[str, str] | None) -> None:
    script = answer(b"[]") if body is None else told(**body)
    async with scripted(*[script] * 9) as server, client_of(server) as client:
        with pytest.raises(BackendError) as caught:
            await ask(client)
    assert "Out of order" in str(caught.value) or body is None
