"""What there is to choose from: `/characters`, `/characters/{id}` and `/generation/capabilities`."""

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from animus_tui.demo.characters import CHARACTERS, find_character
from animus_tui.demo.faults import choose_effect, json_answer
from animus_tui.demo.jobs import MOST_RESULTS, MOST_UNFINISHED
from animus_tui.demo.kinds import KINDS
from animus_tui.demo.paging import Page
from animus_tui.demo.wire import as_json, demo_of

DEFAULT_PAGE, LARGEST_PAGE = 20, 100


async def characters(request: Request) -> Response:
    """A page of the account's characters."""
    effect = choose_effect([], request.headers.get("x-demo-fault"), demo_of(request).spent_faults)
    await asyncio.sleep(effect.delay)
    if effect.answer is not None:
        return effect.answer
    page = Page.asked(request, default=DEFAULT_PAGE, most=LARGEST_PAGE)
    part, pagination = page.of(list(CHARACTERS.values()))
    told = [character.as_answer() for character in part]
    return json_answer({"characters": told, "pagination": pagination}, effect)


async def character(request: Request) -> Response:
    """One character."""
    return as_json(find_character(request.path_params["key"]).as_answer())


async def capabilities(_request: Request) -> Response:
    """What can be generated. The documentation shows no example of this answer; the shape is the demo's own."""
    kinds = [
        {"generation_type": kind.name, "credits": kind.credits, "requires": list(kind.needs)}
        for kind in KINDS.values()
    ]
    return as_json(
        {
            "generation_types": kinds,
            "models": ["flux-schnell"],
            "limits": {
                "width": [64, 2048],
                "height": [64, 2048],
                "num_images": [1, MOST_RESULTS],
                "unfinished": MOST_UNFINISHED,
            },
        }
    )
