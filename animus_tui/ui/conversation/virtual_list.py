"""A virtual list of entries, of which only those in view are laid out."""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from animus_tui.ui.conversation.entries.entry import add_window_line
from animus_tui.ui.conversation.entries.layout import Layout
from animus_tui.ui.conversation.entries.render_context import RenderContext

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from animus_tui.ui.conversation.entries.entry import Entry

MOST_WEIGHT = 2_000
"""Segments and rows of the layouts that are kept, a few screens: to lay one out anew takes less than a millisecond, and
each row that is kept is some dozens of objects for the garbage collector to look through."""
LEAST_KEPT = 8
"""Layouts that are kept whatever they weigh, besides those in view."""


class RowPosition(NamedTuple):
    """A row of an entry."""

    entry: int
    """Its index."""
    row: int


class _CachedLayout(Struct, frozen=True):
    context: RenderContext
    revision: int
    layout: Layout
    weight: int


class VirtualList:
    """A list of entries with their heights: estimated until an entry is laid out, exact from then on.

    Entries of a long history are made on first access. Correcting a height takes time for each entry below it, which
    is next to none near the end, where nearly all corrections are.
    """

    def __init__(self) -> None:
        self._entries: list[Entry | None] = []
        self._make: Callable[[int], Entry] = _nothing
        self._heights: list[int] = []
        self._tops: list[int] = [0]
        self._context: RenderContext | None = None
        self._cached: OrderedDict[int, _CachedLayout] = OrderedDict()
        """By the identity of the entry: an index changes when something above is removed."""
        self._weight = 0
        self.in_view = 0
        """How many entries are in view; their layouts are kept whatever they weigh."""

    def open(self, heights: Sequence[int], make: Callable[[int], Entry]) -> None:
        """Hold as many entries as there are estimated heights; `make` makes the one at an index."""
        self._entries = [None] * len(heights)
        self._make = make
        self._heights = list(heights)
        self._tops = [0]
        self._forget()

    @property
    def context(self) -> RenderContext | None:
        """What the entries are laid out for; None as long as there is no size."""
        return self._context

    def set_context(self, context: RenderContext, heights: Sequence[int] | None = None) -> None:
        """Use another render context; new estimated heights come with another width."""
        self._context = context
        if heights is not None:
            self._heights = list(heights)
            self._tops = [0]
            self._forget()

    def update_estimates(self, heights: Sequence[int]) -> None:
        """Use better estimates for the entries that do not exist yet."""
        pairs = zip(self._entries, self._heights, heights, strict=True)
        self._heights = [guessed if entry is None else known for entry, known, guessed in pairs]
        self._tops = [0]

    def _forget(self) -> None:
        self._cached.clear()
        self._weight = 0

    # Entries

    def __len__(self) -> int:
        return len(self._entries)

    def __getitem__(self, index: int) -> Entry:
        entry = self._entries[index]
        if entry is None:
            entry = self._entries[index] = self._make(index)
        return entry

    def existing(self) -> Iterator[Entry]:
        """The entries that exist already, the last one first."""
        return (entry for entry in reversed(self._entries) if entry is not None)

    def existing_at(self, index: int) -> Entry | None:
        """The entry at an index; None when it does not exist yet."""
        return self._entries[index]

    def index(self, entry: object) -> int | None:
        """The index of an entry; None when it is gone. Fast for the last ones."""
        for index in range(len(self._entries) - 1, -1, -1):
            if self._entries[index] is entry:
                return index
        return None

    def insert(self, index: int, entry: Entry, height: int = 2) -> None:
        """Put an entry before the one at an index, or at the end."""
        self._entries.insert(index, entry)
        self._heights.insert(index, height)
        self._correct(index)

    def remove(self, index: int) -> None:
        """Remove the entry at an index."""
        entry = self._entries.pop(index)
        del self._heights[index]
        self._drop(entry)
        self._correct(index)

    # Rows

    @property
    def rows(self) -> int:
        """How many rows all entries take."""
        return self._filled_tops()[-1]

    def top(self, index: int) -> int:
        """The first row of an entry."""
        return self._filled_tops()[index]

    def height(self, index: int) -> int:
        """Rows of an entry, as far as they are known."""
        return self._heights[index]

    def at(self, row: int) -> RowPosition:
        """The entry at a row of the list, and which of its rows; beyond either end the first or the last row."""
        tops = self._filled_tops()
        index = min(max(bisect_right(tops, row) - 1, 0), len(self._entries) - 1)
        while index > 0 and not self._heights[index]:  # an entry without rows is at no row
            index -= 1
        return RowPosition(index, min(max(row - tops[index], 0), max(self._heights[index] - 1, 0)))

    def layout(self, index: int) -> Layout:
        """The entry as it is laid out now; its height is exact from here on."""
        return self.update_layout(index)[0]

    def update_layout(self, index: int) -> tuple[Layout, int]:
        """The layout, and the first of its rows that differs from the layout before."""
        context = self._context
        assert context is not None  # noqa: S101 (nothing is painted before there is a size)
        entry = self[index]
        cached = self._cached.get(id(entry))
        if cached is not None and cached.context is context and cached.revision == entry.revision:
            self._cached.move_to_end(id(entry))
            self._measure(index, len(cached.layout))
            return cached.layout, len(cached.layout)
        revision = entry.revision
        layout = entry.layout(context)
        if entry.ends_before_window and len(layout):
            add_window_line(layout, context)
        if context.is_compact:
            layout.drop_last_blank()
        first = layout.keep_strips(cached.layout) if cached is not None and cached.context is context else 0
        self._cache(entry, _CachedLayout(context, revision, layout, layout.weight))
        self._measure(index, len(layout))
        return layout, first

    def cached(self, index: int) -> Layout | None:
        """The last layout of an entry for this render context, if it is cached."""
        entry = self._entries[index] if index < len(self._entries) else None
        cached = self._cached.get(id(entry))
        return cached.layout if cached is not None and cached.context is self._context else None

    def with_code(self) -> list[Entry]:
        """The entries that are laid out now and have blocks of code."""
        cached = self._cached
        return [entry for entry in self.existing() if (at := cached.get(id(entry))) and at.layout.code]

    def texts(self, first: int, last: int) -> Iterator[list[str]]:
        """The lines of the entries from `first` to `last` as they are now, whatever happens to the list meanwhile."""
        context, make = self._context, self._make
        assert context is not None  # noqa: S101 (nothing is selected before anything is painted)
        entries = self._entries[first : last + 1]
        return ((entry or make(index)).layout(context).lines for index, entry in enumerate(entries, first))

    def _measure(self, index: int, height: int) -> None:
        if self._heights[index] != height:
            self._heights[index] = height
            self._correct(index)

    def _correct(self, index: int) -> None:
        """Forget the tops of the entries below this one, which have moved."""
        del self._tops[index + 1 :]

    def _filled_tops(self) -> list[int]:
        tops = self._tops
        known = len(tops) - 1
        if known < len(self._heights):
            tops += list(accumulate(self._heights[known:], initial=tops[-1]))[1:]
        return tops

    def _cache(self, entry: Entry, cached: _CachedLayout) -> None:
        self._drop(entry)
        self._cached[id(entry)] = cached
        self._weight += cached.weight
        while self._weight > MOST_WEIGHT and len(self._cached) > LEAST_KEPT + self.in_view:
            _, oldest = self._cached.popitem(last=False)
            self._weight -= oldest.weight

    def _drop(self, entry: Entry | None) -> None:
        cached = self._cached.pop(id(entry), None)
        if cached is not None:
            self._weight -= cached.weight


def _nothing(index: int) -> Entry:
    raise LookupError(f"there is no entry {index}")
