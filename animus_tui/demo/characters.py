"""`/characters`, and `/generation/capabilities`: what there is to choose from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from animus_tui.demo.faults import asked_effect, json_answer
from animus_tui.demo.generations import KINDS, MOST_RESULTS
from animus_tui.demo.groups import page_of
from animus_tui.demo.http_messages import as_json

DEFAULT_PAGE, LARGEST_PAGE = 20, 100


@dataclass(frozen=True, slots=True)
class Training:
    """How far the making of a character is. The documentation lists none of these words."""

    status: str
    step: int
    """Of five: description, photos, dataset, training, done."""
    dataset: str
    face: str
    body: str
    photos: tuple[int, int]
    """Of the face and of the body."""


READY = Training("ready", 5, "approved", "completed", "completed", (12, 20))
FACE_ONLY = Training("ready", 5, "approved", "completed", "failed", (12, 20))
RUNNING = Training("training", 4, "approved", "training", "pending", (12, 20))
FAILED = Training("failed", 4, "approved", "failed", "not_started", (8, 0))
IN_REVIEW = Training("dataset_review", 3, "pending_approval", "not_started", "not_started", (20, 4))
DRAFT = Training("draft", 1, "not_started", "not_started", "not_started", (0, 0))


@dataclass(frozen=True, slots=True)
class Character:
    """One of the account's characters."""

    key: str
    name: str
    description: str
    face: str
    """Words of the face, as the painter knows them."""
    age: int
    """Days since it was created."""
    training: Training = READY

    @property
    def is_ready(self) -> bool:
        """Whether it can be rendered."""
        return self.training.status == "ready"

    def as_answer(self) -> dict[str, object]:
        """The character as the service describes it."""
        training = self.training
        created = datetime.now(UTC).replace(hour=9, minute=0, second=0, microsecond=0)
        created -= timedelta(days=self.age)
        return {
            "character_id": self.key,
            "name": self.name,
            "description": self.description,
            "status": training.status,
            "current_step": training.step,
            "face_images_count": training.photos[0],
            "body_images_count": training.photos[1],
            "dataset_status": training.dataset,
            "face_lora_status": training.face,
            "body_lora_status": training.body,
            "created_at": created.isoformat(),
            "updated_at": (created + timedelta(days=min(self.age, training.step), hours=3)).isoformat(),
        }


_ALL = (
    Character(
        "char_vivian",
        "Vivian",
        "The demo's own face: dark hair, a warm smile",
        "a woman with long dark hair and brown eyes",
        40,
    ),
    Character(
        "char_xavier",
        "Xavier",
        "A man with a beard and glasses, calm",
        "a man with brown hair, a beard, glasses and green eyes",
        31,
    ),
    Character(
        "char_keeper",
        "Lighthouse keeper",
        "An old man who has seen many storms",
        "an old man with grey hair, a beard and blue eyes",
        24,
    ),
    Character(
        "char_gardener",
        "Gardener",
        "Red hair, green eyes, always outdoors",
        "a woman with short red hair and green eyes",
        18,
        FACE_ONLY,
    ),
    Character("char_chloe", "Chloe", "Travel and wellness", "a woman with blonde hair", 2, RUNNING),
    Character("char_pilot", "Pilot", "The photos were too dark", "a man with black hair", 9, FAILED),
    Character("char_astronaut", "Astronaut", "Pictures wait to be approved", "a woman", 1, IN_REVIEW),
    Character("char_draft", "New character", "", "a person", 0, DRAFT),
)
CHARACTERS: Mapping[str, Character] = {character.key: character for character in _ALL}


def find_character(key: str) -> Character:
    """The character with this id; 404 when there is none."""
    if key not in CHARACTERS:
        raise HTTPException(404, f"There is no character {key}.")
    return CHARACTERS[key]


def ready_character(key: str) -> Character:
    """The character with this id, ready to be rendered; 404 when there is none, 400 when it is not trained."""
    character = find_character(key)
    if not character.is_ready:
        status = character.training.status
        raise HTTPException(400, f"{character.name} cannot be rendered yet; its status is {status}.")
    return character


async def show_all(request: Request) -> Response:
    """A page of the account's characters."""
    effect = await asked_effect(request)
    part, pagination = page_of(request, _ALL, default=DEFAULT_PAGE, most=LARGEST_PAGE)
    told = [character.as_answer() for character in part]
    return json_answer({"characters": told, "pagination": pagination}, effect)


async def show(request: Request) -> Response:
    """One character."""
    return as_json(find_character(request.path_params["key"]).as_answer())


async def capabilities(_request: Request) -> Response:
    """What can be generated. The documentation shows no example of this answer; the shape is the demo's own."""
    kinds = [
        {"generation_type": kind.name, "credits": kind.credits, "requires": list(kind.needs)}
        for kind in KINDS.values()
    ]
    limits = {"width": [64, 2048], "height": [64, 2048], "num_images": [1, MOST_RESULTS]}
    return as_json({"generation_types": kinds, "models": ["flux-schnell"], "limits": limits})
