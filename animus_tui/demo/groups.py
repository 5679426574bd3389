"""`/generation/groups`, deletions, and lists page by page."""

from collections.abc import Sequence
from typing import TypeVar

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from animus_tui.demo.faults import asked_effect, json_answer
from animus_tui.demo.generations import Generation, Group
from animus_tui.demo.http_messages import as_json, base_of, demo_of

T = TypeVar("T")
DEFAULT_PAGE = 50
LARGEST_PAGE = 100
"""Groups."""
LARGEST_DETAIL = 200
"""Generations of one group."""


def page_of(
    request: Request, items: Sequence[T], *, default: int, most: int
) -> tuple[Sequence[T], dict[str, object]]:
    """The part of a list that a request asks for, and the answer's `pagination`.

    400 for a limit outside 1..`most` or an offset below 0.
    """
    limit = _number(request, "limit", default, least=1, most=most)
    offset = _number(request, "offset", 0, least=0, most=2**31)
    part = items[offset : offset + limit]
    has_more = offset + len(part) < len(items)
    return part, {"limit": limit, "offset": offset, "returned": len(part), "has_more": has_more}


def _number(request: Request, name: str, default: int, *, least: int, most: int) -> int:
    text = request.query_params.get(name, str(default))
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 12 else -1
    if not least <= number <= most:
        raise HTTPException(400, f"{name} takes a whole number from {least} to {most}.")
    return number


def _group(request: Request) -> Group:
    key = request.path_params["key"]
    group = demo_of(request).library.groups.get(key)
    if group is None:
        raise HTTPException(404, f"There is no group {key}.")
    return group


async def show_all(request: Request) -> Response:
    """A page of the groups, the one that was last added to first; `character_id` asks for one character's."""
    effect = await asked_effect(request)
    character = request.query_params.get("character_id")
    groups = [
        group
        for group in demo_of(request).library.newest_groups()
        if character in {None, "", group.character}
    ]
    part, pagination = page_of(request, groups, default=DEFAULT_PAGE, most=LARGEST_PAGE)
    told = [group.as_answer(base_of(request)) for group in part]
    return json_answer({"groups": told, "pagination": pagination}, effect)


async def show(request: Request) -> Response:
    """One group with a page of its generations, the newest first."""
    group, base = _group(request), base_of(request)
    part, pagination = page_of(request, group.generations[::-1], default=DEFAULT_PAGE, most=LARGEST_DETAIL)
    told = [generation.in_group(base) for generation in part]
    return as_json(group.as_answer(base) | {"generations": told, "pagination": pagination})


async def delete_group(request: Request) -> Response:
    """Delete a group with all that is in it."""
    group = _group(request)
    for generation in group.generations:
        _drop_images(request, generation)
    demo_of(request).library.remove_group(group)
    return as_json({"group_id": group.key, "message": "The group is deleted."})


async def delete_generation(request: Request) -> Response:
    """Delete a generation; one that still runs is stopped."""
    key, library = request.path_params["key"], demo_of(request).library
    generation = library.generations.get(key)
    if generation is None:
        raise HTTPException(404, f"There is no generation {key}.")
    _drop_images(request, generation)
    library.remove(generation)
    return as_json({"generation_id": key, "message": "The generation is deleted."})


def _drop_images(request: Request, generation: Generation) -> None:
    for result in generation.results:
        demo_of(request).images.remove(result.key)
