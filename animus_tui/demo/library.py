"""What the account has made and is making: generations, each in a group, with the addresses' keys of their results."""

import asyncio
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from animus_tui.demo.kinds import Kind

KEPT = 2000
"""Generations; the oldest that have ended go first."""
LONGEST_TITLE = 60
"""Characters of a prompt that make a group's title."""
ENDED_WELL = frozenset({"completed", "complete", "succeeded", "success", "done"})


@dataclass(frozen=True, slots=True)
class Result:
    """One picture or clip of a generation."""

    key: str
    """Its id among the pictures."""
    recipe: str | None = None
    """With which it can be painted again."""
    suffix: str = "png"


@dataclass(slots=True, eq=False, kw_only=True)
class Generation:
    """A job, and after its end what came of it."""

    prompt: str
    kind: Kind
    group: str
    settings: Mapping[str, object]
    """What it is painted with: seeds, size and the rest, as `performance_metadata` tells."""
    count: int = 1
    """How many results it makes."""
    seconds: float = 0.0
    """How long one result is going to take."""
    key: str = field(default_factory=lambda: f"gen_{secrets.token_hex(12)}")
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    status: str = "pending"
    results: list[Result] = field(default_factory=list)
    """All of them at once, at a good end."""
    error: str | None = None
    hitch: tuple[str, ...] = ()
    """Words of a fault that the next question after it meets."""
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
        """Percent; it never falls, is below 100 while the job runs and stays where a job failed."""
        if self.took is None and self.began is not None:
            waited = (time.monotonic() - self.began) / max(self.seconds, 0.001)
            # A result that takes longer than expected creeps on, so that nobody takes it for dead.
            share = 0.9 * waited if waited < 1 else 1 - 0.1 / waited
            self._percent = max(self._percent, min(99, int(100 * (self.done + share) / self.count)))
        return self._percent

    def begin(self) -> None:
        """One more result is being made."""
        self.status, self.began = "processing", time.monotonic()

    def end(self, status: str, results: Sequence[Result], error: str | None, took: float) -> None:
        """It has ended, well or badly, after `took` seconds."""
        self._percent = 100 if status.lower() in ENDED_WELL else self.progress
        self.status, self.results, self.error, self.took = status, list(results), error, took

    @property
    def metadata(self) -> dict[str, object]:
        """What the answers tell about how it was made."""
        return dict(self.settings) | ({} if self.took is None else {"total_seconds": round(self.took, 3)})


@dataclass(slots=True, eq=False, kw_only=True)
class Group:
    """Generations under one title."""

    key: str
    title: str
    kind: Kind
    character: str | None = None
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    updated: datetime = field(default_factory=lambda: datetime.now(UTC))
    generations: list[Generation] = field(default_factory=list)
    """Oldest first."""

    @property
    def status(self) -> str:
        """`processing` as long as anything in it runs."""
        return "processing" if any(each.took is None for each in self.generations) else "completed"


class Library:
    """All groups and generations of the account, in memory, within a bound."""

    def __init__(self, past: Callable[[], list[Group]] = list) -> None:
        """`past` makes the groups of earlier days, oldest first; it is asked when somebody first looks."""
        self._past: Callable[[], list[Group]] | None = past
        self._groups: OrderedDict[str, Group] = OrderedDict()
        self._generations: OrderedDict[str, Generation] = OrderedDict()
        self._results: dict[str, Result] = {}
        self._deleted: set[str] = set()

    def was_deleted(self, group: str) -> bool:
        """Whether there was such a group and it was deleted."""
        return group in self._deleted

    def add(self, generation: Generation, *, title: str | None = None, character: str | None = None) -> None:
        """Keep a generation, in its group; a group that is not here (yet) is made.

        A group of an earlier run of the server is made again under its id.
        """
        self._remember()
        group = self._groups.get(generation.group)
        if group is None:
            title = (title or "").strip() or shortened(generation.prompt)
            group = Group(key=generation.group, title=title, kind=generation.kind, character=character)
            self._groups[group.key] = group
        group.generations.append(generation)
        group.updated = max(group.updated, generation.created)
        self._generations[generation.key] = generation
        if len(self._generations) > KEPT:
            oldest = next(each for each in self._generations.values() if each.took is not None)
            self._forget(oldest)
            if not self._groups[oldest.group].generations:
                del self._groups[oldest.group]

    def add_results(self, results: Sequence[Result]) -> None:
        """Make results known by their keys."""
        self._results.update((result.key, result) for result in results)

    def generation(self, key: str) -> Generation | None:
        """The generation with this id."""
        self._remember()
        return self._generations.get(key)

    def group(self, key: str) -> Group | None:
        """The group with this id."""
        self._remember()
        return self._groups.get(key)

    def groups(self) -> list[Group]:
        """All groups, the one that was last added to first."""
        self._remember()
        return sorted(self._groups.values(), key=lambda group: group.updated, reverse=True)

    def result(self, key: str) -> Result | None:
        """The picture or clip with this id, whether or not its bytes are still kept."""
        self._remember()
        return self._results.get(key)

    def remove(self, generation: Generation) -> None:
        """Delete a generation; if it still runs, it stops."""
        if generation.task is not None:
            generation.task.cancel()
        self._forget(generation)

    def remove_group(self, group: Group) -> None:
        """Delete a group with all that is in it."""
        for generation in list(group.generations):
            self.remove(generation)
        del self._groups[group.key]
        self._deleted.add(group.key)

    def unfinished(self) -> Iterator[Generation]:
        """The generations that run or wait."""
        return (each for each in self._generations.values() if each.took is None)

    def running(self) -> list[asyncio.Task[None]]:
        """The tasks that have not ended."""
        tasks = (each.task for each in self.unfinished())
        return [task for task in tasks if task is not None and not task.done()]

    def _forget(self, generation: Generation) -> None:
        del self._generations[generation.key]
        self._groups[generation.group].generations.remove(generation)
        for result in generation.results:
            self._results.pop(result.key, None)

    def _remember(self) -> None:
        """Bring in the groups of earlier days, before all others."""
        past, self._past = self._past, None
        for group in reversed(past() if past is not None else []):
            self._groups.setdefault(group.key, group)
            self._groups.move_to_end(group.key, last=False)
            for generation in reversed(group.generations):
                self._generations[generation.key] = generation
                self._generations.move_to_end(generation.key, last=False)
                self.add_results(generation.results)


def shortened(prompt: str) -> str:
    """The beginning of a prompt, on one line, cut between words."""
    line = " ".join(prompt.split())
    if len(line) <= LONGEST_TITLE:
        return line
    return (line[:LONGEST_TITLE].rpartition(" ")[0] or line[:LONGEST_TITLE]).rstrip(" ,.;:") + "…"
