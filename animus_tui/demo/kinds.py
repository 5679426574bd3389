"""The kinds of generations: how one is inferred from a request, what each needs and costs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from starlette.exceptions import HTTPException


@dataclass(frozen=True, slots=True)
class Kind:
    """One row of the table."""

    name: str
    """The word that the service uses as `generation_type`."""
    credits: float
    """What one result costs. The documentation names no prices; these are the demo's own."""
    needs: tuple[str, ...] = ()
    """Fields of the request without which there is nothing to do."""
    effort: float = 1.0
    """How long a result takes, as a multiple of a picture."""


TEXT_TO_IMAGE = Kind("text_to_image", 1.0)
PHOTO_EDIT = Kind("photo_edit", 1.5, ("source_image_url",))
CHARACTER_RENDER = Kind("character_render", 2.0, ("character_id",))
VIDEO = Kind("image_to_video", 5.0, ("source_image_url",), effort=2.0)
KINDS: Mapping[str, Kind] = {kind.name: kind for kind in (TEXT_TO_IMAGE, PHOTO_EDIT, CHARACTER_RENDER, VIDEO)}


class Wish(Protocol):
    """The fields of a request from which its kind is read."""

    character_id: str | None
    source_image_url: str | None
    convert_to_video: bool
    generation_type: str | None


def kind_of(wish: Wish) -> Kind:
    """The kind that a request asks for, or that it names; 400 when it lacks what the kind needs."""
    if wish.generation_type is not None:
        kind = KINDS.get(wish.generation_type)
        if kind is None:
            raise HTTPException(400, f"generation_type is one of {', '.join(KINDS)}.")
    elif wish.convert_to_video:
        kind = VIDEO
    elif wish.character_id is not None:
        kind = CHARACTER_RENDER
    else:
        kind = PHOTO_EDIT if wish.source_image_url is not None else TEXT_TO_IMAGE
    given = {"character_id": wish.character_id, "source_image_url": wish.source_image_url}
    for field in kind.needs:
        if given[field] is None:
            raise HTTPException(400, f"{field} is missing; the generation type {kind.name} needs it.")
    return kind
