"""What the account has when the demo starts: its characters, and groups of pictures of earlier days. Pure."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from itertools import product

import msgspec
from msgspec import Struct

from animus_tui.demo.data import data_file
from animus_tui.demo.generations import CHARACTER_RENDER, TEXT_TO_IMAGE, Generation, Group, Result
from animus_tui.demo.pictures import Handling, Recipe

SIDE = 512
"""Width and height of the pictures of earlier days, pixels."""
APART = timedelta(hours=19)
"""Between two groups."""


class Training(Struct, frozen=True, array_like=True):
    """How far the making of a character is; the comments of the data file tell what each field is."""

    status: str
    step: int
    dataset: str
    face: str
    body: str
    face_photos: int
    body_photos: int


class Character(Struct, frozen=True, array_like=True):
    """One of the account's characters."""

    name: str
    description: str
    face: str
    age: int
    training: str


class Past(Struct, frozen=True):
    """What the prompts of earlier days are put together from."""

    hours: list[str]
    weathers: list[str]
    places: list[str]


class Account(Struct, frozen=True):
    """The data file."""

    training: Mapping[str, Training]
    characters: Mapping[str, Character]
    past: Past


ACCOUNT = msgspec.convert(data_file("account"), Account)
CHARACTERS = ACCOUNT.characters


def training_of(character: Character) -> Training:
    """How far a character is; one of the status `ready` can be rendered."""
    return ACCOUNT.training[character.training]


def character_as_answer(key: str, character: Character) -> dict[str, object]:
    """A character as the service describes it."""
    training = training_of(character)
    created = datetime.now(UTC).replace(hour=9, minute=0, second=0, microsecond=0)
    created -= timedelta(days=character.age)
    updated = created + timedelta(days=min(character.age, training.step), hours=3)
    return {
        "character_id": key,
        "name": character.name,
        "description": character.description,
        "status": training.status,
        "current_step": training.step,
        "face_images_count": training.face_photos,
        "body_images_count": training.body_photos,
        "dataset_status": training.dataset,
        "face_lora_status": training.face,
        "body_lora_status": training.body,
        "created_at": created.isoformat(),
        "updated_at": updated.isoformat(),
    }


def past_groups(count: int) -> list[Group]:
    """So many groups, oldest first, the same at every call but for their dates; every seventh is of a character.

    Nothing is painted before somebody looks at it: each result carries its recipe.
    """
    now, past = datetime.now(UTC).replace(microsecond=0), ACCOUNT.past
    prompts = [
        f"{place} at {hour}{sky}" for hour, sky, place in product(past.hours, past.weathers, past.places)
    ]
    ready = [key for key, character in CHARACTERS.items() if training_of(character).status == "ready"]
    groups = []
    for number in range(count):
        character, prompt = None, prompts[number % len(prompts)]
        if number % 7 == 3:
            character = ready[number // 7 % len(ready)]
            prompt = f"{CHARACTERS[character].name} at {past.hours[number % len(past.hours)]}"
        groups.append(_group(number, prompt, character, now - (count - number) * APART))
    return groups


def _group(number: int, prompt: str, character: str | None, created: datetime) -> Group:
    group = Group(
        key=f"grp_past{number:04}",
        title=prompt,
        kind=TEXT_TO_IMAGE if character is None else CHARACTER_RENDER,
        character=character,
        created=created,
        updated=created,
    )
    face = Handling(likeness=CHARACTERS[character].face if character is not None else None)
    for index in range(number * 10, number * 10 + 1 + number % 3):
        seed = index * 7919 % 100_000
        made = Generation(
            prompt=prompt,
            kind=group.kind,
            group=group.key,
            settings={"seed": seed, "seeds": [seed], "width": SIDE, "height": SIDE, "model": "flux-schnell"},
            key=f"gen_past{index:05}",
            created=created,
        )
        key = blake2b(str(index).encode(), digest_size=16).hexdigest()
        recipe = Recipe(prompt, SIDE, SIDE, seed, None, face).written()
        made.end("completed", [Result(key, recipe)], None, 2.5)
        group.generations.append(made)
    return group
