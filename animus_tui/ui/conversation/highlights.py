"""The hits of a search that are marked in the conversation."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from msgspec import Struct

from animus_tui.ui.conversation.entries.entry import Entry
from animus_tui.ui.conversation.entries.layout import hits_in, is_slow

if TYPE_CHECKING:
    from textual.widget import Widget

    from animus_tui.ui.conversation.content import Content
    from animus_tui.ui.conversation.cursor import EntryCursor
    from animus_tui.ui.conversation.entries.layout import HitsByLine, Layout
    from animus_tui.ui.conversation.viewport import Viewport


class Hit(Struct, frozen=True):
    """One hit of a search: the entry, and which of the hits in it."""

    entry: Entry
    number: int


class SearchHighlights:
    """Marks all places of a searched text, and one of them as the chosen one."""

    def __init__(self, host: Widget, content: Content, viewport: Viewport, cursor: EntryCursor) -> None:
        """`host` is refreshed when other places are to be marked, and runs the search in long entries."""
        self._host = host
        self._content = content
        self._entries = content.entries
        self._viewport = viewport
        self._cursor = cursor
        self._needle = ""
        self._chosen: Hit | None = None
        self._searched: set[Layout] = set()
        """Long entries of which a row is in view, while they are searched in a thread."""

    @property
    def needle(self) -> str:
        """The searched text; empty when nothing is marked."""
        return self._needle

    def mark(self, needle: str, chosen: Hit | None = None) -> None:
        """Mark a text wherever it is in view; an empty one marks nothing."""
        self._needle, self._chosen = needle, chosen
        self._host.refresh()

    def chosen_in(self, entry: Entry) -> int | None:
        """The number of the chosen hit, when it is in this entry."""
        chosen = self._chosen
        return chosen.number if chosen is not None and chosen.entry is entry else None

    def show(self, needle: str, entry_id: str, number: int) -> None:
        """Mark a text, and go to one of its hits in an entry."""
        index = self._content.index_of(entry_id)
        if index is None:
            self.mark(needle)
            return
        entry = self._entries[index]
        self.mark(needle, Hit(entry, number))
        self._cursor.chosen = entry
        self._viewport.go_to(index, self.row_of(index, number), margin=2)

    def row_of(self, index: int, number: int) -> int:
        """The row of an entry on which one of its hits begins, or its last one when there are fewer."""
        if not self._viewport.has_room:
            return 0
        layout = self._entries.layout(index)
        begins: dict[int, tuple[int, int]] = {}
        for line, parts in self.hits_in(layout).items():
            for part in parts:
                if part.number is not None and part.number <= number:
                    begins.setdefault(part.number, (line, part.start))
        return layout.row_of(*begins[max(begins)]) if begins else 0

    async def look_through(self, needle: str, entry_id: str) -> None:
        """Search an entry, however long, so that `show` need not."""
        index = self._content.index_of(entry_id)
        if index is None or not self._viewport.has_room:
            return
        layout = self._entries.layout(index)
        if is_slow(layout, needle):
            await asyncio.to_thread(hits_in, layout, needle)

    def hits_in(self, layout: Layout) -> HitsByLine:
        """The hits in an entry; none yet in a long one, which is searched in a thread first."""
        needle = self._needle
        if not is_slow(layout, needle):
            return hits_in(layout, needle)
        if layout not in self._searched:
            self._searched.add(layout)
            self._host.run_worker(self._mark_later(layout, needle))
        return {}

    async def _mark_later(self, layout: Layout, needle: str) -> None:
        try:
            await asyncio.to_thread(hits_in, layout, needle)
        finally:
            self._searched.discard(layout)
        self._host.refresh()
