"""`/generation/groups`, a group's detail, and the deletions."""

import asyncio

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from animus_tui.demo.faults import choose_effect, json_answer
from animus_tui.demo.library import Generation, Group
from animus_tui.demo.paging import Page
from animus_tui.demo.telling import generation_in_group, group_in_list
from animus_tui.demo.wire import as_json, demo_of

DEFAULT_PAGE = 50
LARGEST_PAGE = 100
"""Groups."""
LARGEST_DETAIL = 200
"""Generations of one group."""


def _group(request: Request) -> Group:
    key = request.path_params["key"]
    group = demo_of(request).library.group(key)
    if group is None:
        raise HTTPException(404, f"There is no group {key}.")
    return group


async def show_all(request: Request) -> Response:
    """A page of the groups, the one that was last added to first; `character_id` asks for one character's."""
    demo = demo_of(request)
    effect = choose_effect([], request.headers.get("x-demo-fault"), demo.spent_faults)
    await asyncio.sleep(effect.delay)
    if effect.answer is not None:
        return effect.answer
    page = Page.asked(request, default=DEFAULT_PAGE, most=LARGEST_PAGE)
    character = request.query_params.get("character_id")
    wanted = [group for group in demo.library.groups() if character in {None, "", group.character}]
    groups, pagination = page.of(wanted)
    told = [group_in_list(request, group) for group in groups]
    return json_answer({"groups": told, "pagination": pagination}, effect)


async def show(request: Request) -> Response:
    """One group with a page of its generations, the newest first."""
    page = Page.asked(request, default=DEFAULT_PAGE, most=LARGEST_DETAIL)
    group = _group(request)
    generations, pagination = page.of(group.generations[::-1])
    told = [generation_in_group(request, generation) for generation in generations]
    return as_json(group_in_list(request, group) | {"generations": told, "pagination": pagination})


async def delete_group(request: Request) -> Response:
    """Delete a group with all that is in it."""
    group, demo = _group(request), demo_of(request)
    for generation in group.generations:
        _drop_pictures(request, generation)
    demo.library.remove_group(group)
    return as_json({"group_id": group.key, "message": "The group is deleted."})


async def delete_generation(request: Request) -> Response:
    """Delete a generation; one that still runs is stopped."""
    key, demo = request.path_params["key"], demo_of(request)
    generation = demo.library.generation(key)
    if generation is None:
        raise HTTPException(404, f"There is no generation {key}.")
    _drop_pictures(request, generation)
    demo.library.remove(generation)
    return as_json({"generation_id": key, "message": "The generation is deleted."})


def _drop_pictures(request: Request, generation: Generation) -> None:
    for result in generation.results:
        demo_of(request).pictures.remove(result.key)
