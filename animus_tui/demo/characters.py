"""The account's characters, in all states of their training."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from starlette.exceptions import HTTPException


@dataclass(frozen=True, slots=True, kw_only=True)
class Character:
    """One row of the table; the training's words are the demo's, the documentation lists none."""

    key: str
    name: str
    description: str
    face: str
    """Words of the face, as the painter knows them."""
    status: str = "ready"
    step: int = 5
    """Of the five that make a character: description, photos, dataset, training, done."""
    photos: tuple[int, int] = (12, 20)
    """Of the face and of the body."""
    dataset: str = "approved"
    face_training: str = "completed"
    body_training: str = "completed"
    age: int
    """Days since it was created."""

    @property
    def is_ready(self) -> bool:
        """Whether it can be rendered."""
        return self.status == "ready"

    def as_answer(self) -> dict[str, object]:
        """The character as the service tells it."""
        created = datetime.now(UTC).replace(hour=9, minute=0, second=0, microsecond=0)
        created -= timedelta(days=self.age)
        return {
            "character_id": self.key,
            "name": self.name,
            "description": self.description,
            "status": self.status,
            "current_step": self.step,
            "face_images_count": self.photos[0],
            "body_images_count": self.photos[1],
            "dataset_status": self.dataset,
            "face_lora_status": self.face_training,
            "body_lora_status": self.body_training,
            "created_at": created.isoformat(),
            "updated_at": (created + timedelta(days=min(self.age, self.step), hours=3)).isoformat(),
        }


_TABLE = (
    Character(
        key="char_vivian",
        name="Vivian",
        description="The demo's own face: dark hair, a warm smile",
        face="a woman with long dark hair and brown eyes",
        age=40,
    ),
    Character(
        key="char_xavier",
        name="Xavier",
        description="A man with a beard and glasses, calm",
        face="a man with brown hair, a beard, glasses and green eyes",
        age=31,
    ),
    Character(
        key="char_keeper",
        name="Lighthouse keeper",
        description="An old man who has seen many storms",
        face="an old man with grey hair, a beard and blue eyes",
        age=24,
    ),
    Character(
        key="char_gardener",
        name="Gardener",
        description="Red hair, green eyes, always outdoors",
        face="a woman with short red hair and green eyes",
        age=18,
        body_training="failed",
    ),
    Character(
        key="char_chloe",
        name="Chloe",
        description="Travel and wellness",
        face="a woman with blonde hair and blue eyes",
        status="training",
        step=4,
        face_training="training",
        body_training="pending",
        age=2,
    ),
    Character(
        key="char_pilot",
        name="Pilot",
        description="The photos were too dark to learn a face from",
        face="a man with black hair",
        status="failed",
        step=4,
        photos=(8, 0),
        face_training="failed",
        body_training="not_started",
        age=9,
    ),
    Character(
        key="char_astronaut",
        name="Astronaut",
        description="Twenty pictures wait to be approved",
        face="a woman with brown hair",
        status="dataset_review",
        step=3,
        photos=(20, 4),
        dataset="pending_approval",
        face_training="not_started",
        body_training="not_started",
        age=1,
    ),
    Character(
        key="char_draft",
        name="New character",
        description="",
        face="a person",
        status="draft",
        step=1,
        photos=(0, 0),
        dataset="not_started",
        face_training="not_started",
        body_training="not_started",
        age=0,
    ),
)
CHARACTERS: Mapping[str, Character] = {character.key: character for character in _TABLE}


def find_character(key: str) -> Character:
    """The character with this id; 404 when there is none."""
    character = CHARACTERS.get(key)
    if character is None:
        raise HTTPException(404, f"There is no character {key}.")
    return character


def sitter(key: str) -> Character:
    """The character with this id, ready to be rendered; 404 when there is none, 400 when it is not trained."""
    character = find_character(key)
    if not character.is_ready:
        raise HTTPException(
            400, f"{character.name} cannot be rendered yet; its status is {character.status}."
        )
    return character
