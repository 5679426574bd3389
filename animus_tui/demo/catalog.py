"""What there is to see and to choose from: groups of generations, deletions, characters, capabilities."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from animus_tui.demo.account import CHARACTERS, Character, character_as_answer, training_of
from animus_tui.demo.faults import asked_effect, json_answer
from animus_tui.demo.generations import KINDS, MOST_RESULTS, Generation, Group
from animus_tui.demo.http_messages import base_of, page_of
from animus_tui.demo.state import demo_of

DEFAULT_PAGE = 50
LARGEST_PAGE = 100
"""Groups, or characters."""
LARGEST_DETAIL = 200
"""Generations of one group."""
DEFAULT_CHARACTERS = 20


def _group(request: Request) -> Group:
    key = request.path_params["key"]
    group = demo_of(request).library.groups.get(key)
    if group is None:
        raise HTTPException(404, f"There is no group {key}.")
    return group


async def show_groups(request: Request) -> Response:
    """A page of the groups, the one that was last added to first; `character_id` asks for one character's."""
    effect = await asked_effect(request)
    character, groups = request.query_params.get("character_id"), demo_of(request).library.newest_groups()
    groups = [group for group in groups if character in {None, "", group.character}]
    part, pagination = page_of(request, groups, default=DEFAULT_PAGE, most=LARGEST_PAGE)
    told = [group.as_answer(base_of(request)) for group in part]
    return json_answer({"groups": told, "pagination": pagination}, effect)


async def show_group(request: Request) -> Response:
    """One group with a page of its generations, the newest first."""
    group, base = _group(request), base_of(request)
    part, pagination = page_of(request, group.generations[::-1], default=DEFAULT_PAGE, most=LARGEST_DETAIL)
    told = [generation.in_group(base) for generation in part]
    return JSONResponse(group.as_answer(base) | {"generations": told, "pagination": pagination})


async def delete_group(request: Request) -> Response:
    """Delete a group with all that is in it."""
    group = _group(request)
    for generation in group.generations:
        _drop_pictures(request, generation)
    demo_of(request).library.remove_group(group)
    return JSONResponse({"group_id": group.key, "message": "The group is deleted."})


async def delete_generation(request: Request) -> Response:
    """Delete a generation; one that still runs is stopped."""
    key, library = request.path_params["key"], demo_of(request).library
    if key not in library.generations:
        raise HTTPException(404, f"There is no generation {key}.")
    _drop_pictures(request, library.generations[key])
    library.remove(library.generations[key])
    return JSONResponse({"generation_id": key, "message": "The generation is deleted."})


def _drop_pictures(request: Request, generation: Generation) -> None:
    for result in generation.results:
        demo_of(request).pictures.remove(result.key)


def find_character(key: str) -> Character:
    """The character with this id; 404 when there is none."""
    if key not in CHARACTERS:
        raise HTTPException(404, f"There is no character {key}.")
    return CHARACTERS[key]


def ready_character(key: str) -> Character:
    """The character with this id, ready to be rendered; 404 when there is none, 400 when it is not trained."""
    character = find_character(key)
    status = training_of(character).status
    if status != "ready":
        raise HTTPException(400, f"{character.name} cannot be rendered yet; its status is {status}.")
    return character


async def show_characters(request: Request) -> Response:
    """A page of the account's characters."""
    effect = await asked_effect(request)
    characters = list(CHARACTERS.items())
    part, pagination = page_of(request, characters, default=DEFAULT_CHARACTERS, most=LARGEST_PAGE)
    told = [character_as_answer(key, character) for key, character in part]
    return json_answer({"characters": told, "pagination": pagination}, effect)


async def show_character(request: Request) -> Response:
    """One character."""
    key = request.path_params["key"]
    return JSONResponse(character_as_answer(key, find_character(key)))


async def capabilities(_request: Request) -> Response:
    """What can be generated. The documentation shows no example of this answer; the shape is the demo's own."""
    kinds = [
        {"generation_type": kind.name, "credits": kind.credits, "requires": list(kind.needs)}
        for kind in KINDS.values()
    ]
    limits = {"width": [64, 2048], "height": [64, 2048], "num_images": [1, MOST_RESULTS]}
    return JSONResponse({"generation_types": kinds, "models": ["flux-schnell"], "limits": limits})
