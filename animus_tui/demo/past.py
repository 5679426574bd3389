"""What the demo's account made on earlier days, so that its gallery is not empty. Pure.

Nothing of it is painted before somebody looks at it: each result carries its recipe.
"""

from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from itertools import product

from animus_tui.demo.characters import CHARACTERS, Character
from animus_tui.demo.generations import CHARACTER_RENDER, TEXT_TO_IMAGE, Generation, Group, Result
from animus_tui.demo.recipes import Handling, Recipe

SIDE = 512
"""Width and height of the images, pixels."""
APART = timedelta(hours=19)
"""Between two groups."""
HOURS = ("sunrise", "noon", "sunset", "dusk", "night")
PLACES = (
    "A lighthouse on a rocky coast",
    "A mountain lake",
    "A forest path",
    "A city skyline by the river",
    "A cottage in the hills",
    "Sailing boats in a calm bay",
    "A lone tree in a meadow",
)
WEATHERS = ("", " in the mist", " in the snow")


def past_groups(count: int) -> list[Group]:
    """So many groups, oldest first, the same at every call but for their dates; every seventh is of a character."""
    now = datetime.now(UTC).replace(microsecond=0)
    subjects = [f"{place} at {hour}{weather}" for hour, weather, place in product(HOURS, WEATHERS, PLACES)]
    ready = [character for character in CHARACTERS.values() if character.is_ready]
    groups = []
    for number in range(count):
        character = ready[number // 7 % len(ready)] if number % 7 == 3 else None
        prompt = subjects[number % len(subjects)]
        if character is not None:
            prompt = f"{character.name} at {HOURS[number % len(HOURS)]}"
        groups.append(_group(number, prompt, character, now - (count - number) * APART))
    return groups


def _group(number: int, prompt: str, character: Character | None, created: datetime) -> Group:
    generations = [
        _generation(number * 10 + index, f"grp_past{number:04}", prompt, character, created)
        for index in range(1 + number % 3)
    ]
    return Group(
        key=f"grp_past{number:04}",
        title=prompt,
        kind=generations[0].kind,
        character=character.key if character is not None else None,
        created=created,
        updated=created,
        generations=generations,
    )


def _generation(
    number: int, group: str, prompt: str, character: Character | None, created: datetime
) -> Generation:
    seed = number * 7919 % 100_000
    face = Handling(likeness=character.face if character is not None else None)
    recipe = Recipe(prompt, SIDE, SIDE, seed, None, face).written()
    made = Generation(
        prompt=prompt,
        kind=CHARACTER_RENDER if character is not None else TEXT_TO_IMAGE,
        group=group,
        settings={"seed": seed, "seeds": [seed], "width": SIDE, "height": SIDE, "model": "flux-schnell"},
        key=f"gen_past{number:05}",
        created=created,
    )
    key = blake2b(str(number).encode(), digest_size=16).hexdigest()
    made.end("completed", [Result(key, recipe)], None, 2.5)
    return made
