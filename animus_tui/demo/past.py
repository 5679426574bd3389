"""What the demo's account made on earlier days, so that there is something to leaf through. Pure.

Nothing of it is painted before somebody looks at it: each result carries its recipe.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from itertools import product

from animus_tui.demo.characters import CHARACTERS
from animus_tui.demo.kinds import CHARACTER_RENDER, TEXT_TO_IMAGE
from animus_tui.demo.library import Generation, Group, Result
from animus_tui.demo.recipes import Handling, Recipe

SIDE = 512
"""Width and height of the pictures, pixels."""
APART = timedelta(hours=19)
"""Between two groups."""
HOURS = (
    "at sunrise",
    "at noon",
    "at sunset",
    "at dusk",
    "at night",
    "in the mist",
    "in the snow",
    "in autumn",
)
PLACES = (
    "A lighthouse on a rocky coast",
    "A mountain lake",
    "A forest path",
    "A city skyline by the river",
    "A cottage in the hills",
    "Sailing boats in a calm bay",
    "A castle above a valley",
    "A lone tree in a meadow",
)
MANNERS = ("", ", watercolour", ", oil painting")


def past_groups(count: int) -> list[Group]:
    """So many groups, oldest first, the same at every call but for their dates."""
    now = datetime.now(UTC).replace(microsecond=0)
    subjects = list(_subjects())
    return [
        _group(number, *subjects[number % len(subjects)], now - (count - number) * APART)
        for number in range(count)
    ]


def _subjects() -> Iterator[tuple[str, str | None]]:
    """Prompts, now and then with a character."""
    ready = [character for character in CHARACTERS.values() if character.is_ready]
    for number, (hour, manner, place) in enumerate(product(HOURS, MANNERS, PLACES)):
        if number % 7 == 3:
            character = ready[number // 7 % len(ready)]
            yield f"{character.name} {hour}{manner}", character.key
        else:
            yield f"{place} {hour}{manner}", None


def _group(number: int, prompt: str, character: str | None, created: datetime) -> Group:
    kind = TEXT_TO_IMAGE if character is None else CHARACTER_RENDER
    key = f"grp_past{number:04}"
    generations = [
        _generation(f"{number:04}{index}", key, prompt, character, created + index * timedelta(minutes=2))
        for index in range(1 + number % 3)
    ]
    return Group(
        key=key,
        title=prompt,
        kind=kind,
        character=character,
        created=created,
        updated=generations[-1].created,
        generations=generations,
    )


def _generation(number: str, group: str, prompt: str, character: str | None, created: datetime) -> Generation:
    dice = blake2b(number.encode(), digest_size=16)
    seed = int(number) * 7919 % 100_000
    face = Handling() if character is None else Handling(likeness=CHARACTERS[character].face)
    recipe = Recipe(prompt, SIDE, SIDE, seed, None, face)
    made = Generation(
        prompt=prompt,
        kind=TEXT_TO_IMAGE if character is None else CHARACTER_RENDER,
        group=group,
        settings={"seed": seed, "seeds": [seed], "width": SIDE, "height": SIDE, "model": "flux-schnell"},
        key=f"gen_past{number}",
        created=created,
    )
    made.end("completed", [Result(dice.hexdigest(), recipe.written())], None, 2.5)
    return made
