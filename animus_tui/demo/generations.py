"""Generations and groups of the account, in memory and within a bound, and how the service describes them."""

import asyncio
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial

KEPT = 2000
"""Generations; the oldest that have ended go first."""
MOST_RESULTS = 16
"""Images of one request."""
LONGEST_TITLE = 60
"""Characters of a prompt that make a group's title."""
ENDED_WELL = frozenset({"completed", "complete", "succeeded", "success", "done"})


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of generation."""

    name: str
    """The service's `generation_type`."""
    credits: float
    """The price of one result. The documentation names none; these are the demo's own."""
    needs: tuple[str, ...] = ()
    """Fields that a request must have."""
    effort: float = 1.0
    """How long a result takes, as a multiple of an image."""


TEXT_TO_IMAGE = Kind("text_to_image", 1.0)
PHOTO_EDIT = Kind("photo_edit", 1.5, ("source_image_url",))
CHARACTER_RENDER = Kind("character_render", 2.0, ("character_id",))
VIDEO = Kind("image_to_video", 5.0, ("source_image_url",), effort=2.0)
KINDS: Mapping[str, Kind] = {kind.name: kind for kind in (TEXT_TO_IMAGE, PHOTO_EDIT, CHARACTER_RENDER, VIDEO)}


@dataclass(frozen=True, slots=True)
class Result:
    """One image or video of a generation: its id among the images, and how it can be painted again."""

    key: str
    recipe: str | None = None
    suffix: str = "png"

    def url(self, base: str) -> str:
        """Its address on a server."""
        again = f"?again={self.recipe}" if self.recipe is not None else ""
        return f"{base}/images/{self.key}.{self.suffix}{again}"


_now = partial(datetime.now, UTC)


@dataclass(slots=True, eq=False, kw_only=True)
class Generation:
    """A job, and after its end what came of it."""

    prompt: str
    kind: Kind
    group: str
    settings: Mapping[str, object]
    """Seeds, size and the rest, for `performance_metadata`."""
    count: int = 1
    """How many results it makes."""
    seconds: float = 0.0
    """How long one result is going to take."""
    key: str = field(default_factory=lambda: f"gen_{secrets.token_hex(12)}")
    created: datetime = field(default_factory=_now)
    status: str = "pending"
    results: list[Result] = field(default_factory=list)
    error: str | None = None
    poll_fault: str | None = None
    """A fault that the next status request meets."""
    task: asyncio.Task[None] | None = None
    done: int = 0
    """Results that are made."""
    began: float | None = None
    """When the present result was begun, on the monotonic clock."""
    took: float | None = None
    """Seconds from the start to the end; None while it runs."""
    _percent: int = 0

    @property
    def progress(self) -> int:
        """Percent: it never falls, is below 100 while the job runs, and stays where a job failed."""
        if self.took is None and self.began is not None:
            waited = (time.monotonic() - self.began) / max(self.seconds, 0.001)
            # A result that takes longer than expected still moves, so that it does not look dead.
            share = 0.9 * waited if waited < 1 else 1 - 0.1 / waited
            self._percent = max(self._percent, min(99, int(100 * (self.done + share) / self.count)))
        return self._percent

    def begin(self) -> None:
        """Work at one more result has begun."""
        self.status, self.began = "processing", time.monotonic()

    def end(self, status: str, results: Sequence[Result], error: str | None, took: float) -> None:
        """It has ended, well or badly, after `took` seconds."""
        self._percent = 100 if status.lower() in ENDED_WELL else self.progress
        self.status, self.results, self.error, self.took = status, list(results), error, took

    def in_group(self, base: str) -> dict[str, object]:
        """The generation as an answer about its group describes it."""
        took = {} if self.took is None else {"total_seconds": round(self.took, 3)}
        return {
            "generation_id": self.key,
            "prompt": self.prompt,
            "status": self.status,
            "result_urls": [result.url(base) for result in self.results],
            "created_at": self.created.isoformat(),
            "performance_metadata": dict(self.settings) | took,
        }

    def as_answer(self, base: str) -> dict[str, object]:
        """The generation as an answer about itself describes it."""
        return self.in_group(base) | {
            "group_id": self.group,
            "generation_type": self.kind.name,
            "progress": self.progress,
            "error": self.error,
            "service": "demo-painter",
        }


@dataclass(slots=True, eq=False, kw_only=True)
class Group:
    """Generations under one title."""

    key: str
    title: str
    kind: Kind
    character: str | None = None
    created: datetime = field(default_factory=_now)
    updated: datetime = field(default_factory=_now)
    generations: list[Generation] = field(default_factory=list)
    """Oldest first."""

    def as_answer(self, base: str) -> dict[str, object]:
        """The group as the service describes it, without its generations."""
        images = [
            each for made in reversed(self.generations) for each in made.results if each.suffix == "png"
        ]
        is_running = any(each.took is None for each in self.generations)
        return {
            "group_id": self.key,
            "title": self.title,
            "description": "",
            "group_type": self.kind.name,
            "generation_count": len(self.generations),
            "preview_image_url": images[0].url(base) if images else None,
            "created_at": self.created.isoformat(),
            "updated_at": self.updated.isoformat(),
            "status": "processing" if is_running else "completed",
            "character_id": self.character,
        }


class Library:
    """All groups and generations of the account."""

    def __init__(self, past: Sequence[Group] = ()) -> None:
        """`past`: the groups of earlier days, oldest first."""
        self.groups = {group.key: group for group in past}
        self.generations = {made.key: made for group in past for made in group.generations}
        """By key, oldest first."""
        self.results = {each.key: each for made in self.generations.values() for each in made.results}
        """Images and videos by key, whether or not their bytes are still kept."""
        self.deleted_groups: set[str] = set()

    def add(self, generation: Generation, *, title: str | None = None, character: str | None = None) -> None:
        """Keep a generation in its group, which is made where it is not here: it may be of an earlier run."""
        group = self.groups.get(generation.group)
        if group is None:
            title = (title or "").strip() or _shortened(generation.prompt)
            group = Group(key=generation.group, title=title, kind=generation.kind, character=character)
            self.groups[group.key] = group
        group.generations.append(generation)
        group.updated = max(group.updated, generation.created)
        self.generations[generation.key] = generation
        if len(self.generations) > KEPT:
            oldest = next(each for each in self.generations.values() if each.took is not None)
            self._forget(oldest)
            if not self.groups[oldest.group].generations:
                del self.groups[oldest.group]

    def newest_groups(self) -> list[Group]:
        """All groups, the one that was last added to first."""
        return sorted(self.groups.values(), key=lambda group: group.updated, reverse=True)

    def remove(self, generation: Generation) -> None:
        """Delete a generation; one that still runs is stopped."""
        if generation.task is not None:
            generation.task.cancel()
        self._forget(generation)

    def remove_group(self, group: Group) -> None:
        """Delete a group with all that is in it."""
        for generation in list(group.generations):
            self.remove(generation)
        del self.groups[group.key]
        self.deleted_groups.add(group.key)

    def unfinished(self) -> list[Generation]:
        """The generations that run or wait."""
        return [each for each in self.generations.values() if each.took is None]

    def _forget(self, generation: Generation) -> None:
        del self.generations[generation.key]
        self.groups[generation.group].generations.remove(generation)
        for result in generation.results:
            del self.results[result.key]


def _shortened(prompt: str) -> str:
    """The beginning of a prompt, on one line, cut between words."""
    line = " ".join(prompt.split())
    if len(line) <= LONGEST_TITLE:
        return line
    return (line[:LONGEST_TITLE].rpartition(" ")[0] or line[:LONGEST_TITLE]).rstrip(" ,.;:") + "…"
