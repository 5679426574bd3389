"""Searching a conversation that stays on the disk: few of its lines are decoded.

A line is decoded when what is sought may stand in it, which `folded_lines` tells from its bytes.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from functools import lru_cache, partial
from itertools import accumulate
from typing import TYPE_CHECKING, overload

from msgspec import Struct

from animus_tui.chat.folded_lines import LineFilter
from animus_tui.chat.search_text import (
    LONGEST_PART,
    MOST_HITS,
    SearchText,
    folded_needle,
    located,
    ready_of,
    shown_in,
    text_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator

    from animus_tui.chat.storage.history import History, Messages

MOST_READY = 8_000_000
"""Characters of the texts that are kept as they are compared; more of a conversation is decoded for each search."""


class Hit(Struct, frozen=True):
    """One match of a search."""

    key: str
    """Of the message."""
    index: int
    """Among the hits of the same message, from 0."""
    start: int
    """Into the visible text of the message."""
    end: int


class Hits(Sequence[Hit]):
    """All hits in the order of the conversation. Where a hit stands in its text is found out when it is used."""

    def __init__(
        self,
        sought: str,
        text_at: Callable[[int], SearchText],
        counts: Iterable[int],
        place_of: Callable[[str], int | None],
        *,
        places: Sequence[int],
        long: Container[int] = (),
    ) -> None:
        """`places` in the conversation have texts with hits, and `counts` says how many each; `long`: the slow ones."""
        self._sought = sought
        self._text_at = text_at
        self._ends = list(accumulate(counts))
        self._place_of = place_of
        self._places = places
        self._long = long

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    @overload
    def __getitem__(self, at: int) -> Hit: ...
    @overload
    def __getitem__(self, at: slice) -> list[Hit]: ...
    def __getitem__(self, at: int | slice) -> Hit | list[Hit]:
        if isinstance(at, slice):
            return [self[index] for index in range(*at.indices(len(self)))]
        at = range(len(self))[at]
        message = bisect_right(self._ends, at)
        text, index = self._text_at(self._places[message]), at - (self._ends[message - 1] if message else 0)
        # Another program may have taken the words out meanwhile.
        spans_there = _spans_in(text, self._sought) or ((0, 0),)
        return Hit(text.key, index, *spans_there[min(index, len(spans_there) - 1)])

    def __iter__(self) -> Iterator[Hit]:
        for place in self._places:
            text = self._text_at(place)
            for index, span in enumerate(_spans_in(text, self._sought)):
                yield Hit(text.key, index, *span)

    def first_from(self, key: str) -> int | None:
        """Number of the first hit in that message or below it; None when there is none."""
        message = bisect_left(self._places, self._place_of(key) or 0)
        if message == len(self._places):
            return None
        return self._ends[message - 1] if message else 0

    def is_in(self, at: int, key: str) -> bool:
        """Whether hit `at` is in that message."""
        return self._place_of(key) == self._places[bisect_right(self._ends, at)]

    def is_slow(self, at: int) -> bool:
        """Whether it takes long to locate hit `at`, so that it is to be done in a thread."""
        return self._places[bisect_right(self._ends, at)] in self._long


@lru_cache(maxsize=64)
def _spans_in(text: SearchText, sought: str) -> tuple[tuple[int, int], ...]:
    return tuple(located(shown_in(text), sought, within_edges=True))


class HistorySearch:
    """Searches a snapshot of a conversation, and texts that are put in later. `hits` may run in a thread."""

    def __init__(self, messages: Messages) -> None:
        self._entries = messages.snapshot()
        self._places = _Places(self._entries)
        self._put: dict[int, SearchText] = {}
        """The texts that were put in, by their places."""
        self._ready: dict[int, str] = {}
        """By place, texts as they are compared, as far as they are kept."""
        self._room = MOST_READY
        self._changes = 0
        self._last: tuple[int, str, Sequence[int]] = (-1, "", ())

    def put(self, key: str, text: str, *, plain: bool = False) -> None:
        """Replace the text of a message, or add a message at the end; a `plain` text is no Markdown."""
        place = self._places.taken(key)
        self._put = {**self._put, place: SearchText(key, text, plain)}  # a search that runs keeps its own
        self._changes += 1

    def hits(self, needle: str, *, goes_on: Callable[[], bool] = lambda: True) -> Hits:
        """Every hit; none when `goes_on` returns False meanwhile.

        When the needle only grew, only messages that had a hit before are looked at again.
        """
        nothing = Hits("", partial(_text_at, self._entries, {}), (), self._places.get, places=())
        sought = folded_needle(needle)
        if not sought:
            return nothing
        changes, put = self._changes, self._put
        made, before, among = self._last
        is_narrower = made == changes and bool(before) and before in sought
        found, counts, long = array("l"), array("l"), set[int]()
        for place, text in self._texts(LineFilter(sought), put, among if is_narrower else None):
            if not goes_on():
                return nothing
            if count := min(text.count(sought), MOST_HITS):
                found.append(place)
                counts.append(count)
                if len(text) > LONGEST_PART:
                    long.add(place)
        self._last = (changes, sought, found)
        text_at = partial(_text_at, self._entries.snapshot(), put)
        return Hits(sought, text_at, counts, self._places.get, places=found, long=long)

    def _texts(
        self, lines: LineFilter, put: Mapping[int, SearchText], among: Sequence[int] | None
    ) -> Iterator[tuple[int, str]]:
        """Place and text, as it is compared, of the messages in which it may stand, in order."""
        entries = self._entries.snapshot()
        count = len(entries)
        changed = sorted(place for place in put if place < count)
        for place, message in entries.select(lines.picked, among=among, always=changed, known=self._ready):
            if place in put:
                yield place, ready_of(put[place])
            elif message is None:
                yield place, self._ready[place]
            elif (text := text_of(message)) is not None:
                yield place, self._kept(place, ready_of(text))
        yield from sorted((place, ready_of(text)) for place, text in put.items() if place >= count)

    def _kept(self, place: int, ready: str) -> str:
        if len(ready) <= self._room:
            self._room -= len(ready)
            self._ready[place] = ready
        return ready


def _text_at(entries: History, put: Mapping[int, SearchText], place: int) -> SearchText:
    """The text at a place, read when it is asked for."""
    if place in put:
        return put[place]
    message = entries.message(place)
    return text_of(message) or SearchText(message.id, "", True)


class _Places:
    """Id of a message → its place in the conversation."""

    def __init__(self, entries: History) -> None:
        self._entries = entries
        self._new: dict[str, int] = {}

    def taken(self, key: str) -> int:
        """The place of a message; a new one gets the next."""
        place = self._entries.place(key)
        if place is None:
            place = self._new.setdefault(key, len(self._entries) + len(self._new))
        return place

    def get(self, key: str) -> int | None:
        """The place of a message; None when there is none of that id."""
        place = self._entries.place(key)
        return self._new.get(key) if place is None else place


def bring(search: HistorySearch, texts: Iterable[SearchText]) -> None:
    """Put texts into a search, in their order."""
    for text in texts:
        search.put(text.key, text.source, plain=text.is_plain)
