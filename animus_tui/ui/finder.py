"""Finding in the conversation: from the words in the bar to what is marked in the pane."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from animus_tui.chat.search import HistorySearch, SearchText, bring, text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from animus_tui.chat.search import Hit as Found
    from animus_tui.chat.search import Hits
    from animus_tui.chat.session import ChatSession
    from animus_tui.ui.conversation.view import ConversationPane
    from animus_tui.ui.conversation.viewport import ReadingPosition
    from animus_tui.ui.widgets.find_bar import FindBar


SLOW = 0.1
"""Seconds after which it is said that hits are counted; before, that would only flash."""
UPDATE = 0.3
"""Seconds from a text that arrived until the hits are brought up to date: once, however much arrives meanwhile."""


class Finder:
    """One search at a time; it begins with what is in view and wraps around at either end."""

    def __init__(self, session: ChatSession, pane: ConversationPane, bar: FindBar) -> None:
        self._session = session
        self._pane = pane
        self._bar = bar
        self._search: HistorySearch | None = None
        self._searched: tuple[str, int] = ("", 0)
        """The conversation and how many messages of it are searched."""
        self._changed: set[str] = set()
        """Ids of the messages whose text is another one than in the search."""
        self._bringing = asyncio.Lock()
        self._looking = asyncio.Lock()
        """One thread at a time looks through the texts: what it made ready of them serves the next."""
        self._is_update_due = False
        self._hits: Hits | None = None
        self._at: int | None = None
        self._hit: Found | None = None
        """The hit that is shown."""
        self._needle = ""
        self._before: ReadingPosition | None = None
        self._opened_in = ""
        """The conversation of `_before`."""

    @property
    def is_open(self) -> bool:
        """Whether somebody looks for something."""
        return self._bar.is_open

    def open(self, words: str = "") -> None:
        """Type what to find, beginning with these words."""
        if not self._bar.is_open:
            self._before, self._opened_in = self._pane.viewport.reading, self._state()[0]
        self._bar.open(words)
        self._prepare()

    async def look_for(self, needle: str) -> None:
        """Other words: mark them all, and go to the first hit at or below where the reader was."""
        if (hits := await self._sought(needle)) is not None:
            self._hits = hits
            first = hits.first_from(self._pane.content.id_at(self._before)) if hits else None
            await self._go_to((first or 0) if hits else None)

    async def _sought(self, needle: str) -> Hits | None:
        """The hits in the conversation as it is now; None when more was typed meanwhile."""
        self._needle = needle
        search = await self._ready()
        looking = asyncio.create_task(self._look(search, needle))
        if not (await asyncio.wait({looking}, timeout=SLOW))[0] and needle == self._needle:
            self._pane.highlights.mark(needle)  # those in view need no count
            self._bar.show_count(None, 0, counting=True)
        hits = await looking
        return hits if needle == self._needle and self.is_open else None

    async def _look(self, search: HistorySearch, needle: str) -> Hits | None:
        async with self._looking:
            if needle != self._needle:
                return None
            return await asyncio.to_thread(search.hits, needle, goes_on=lambda: needle == self._needle)

    async def step(self, step: int) -> None:
        """To the next hit (1) or the one before (-1)."""
        if self._changed or self._searched != self._state():
            if (hits := await self._sought(self._needle)) is None:
                return
            self._hits, self._at = hits, _again(hits, self._hit)
        if self._hits:
            at = self._at if self._at is not None else -max(step, 0)
            await self._go_to((at + step) % len(self._hits))
        else:
            await self._go_to(None)

    def text_arrived(self, message_ids: Iterable[str]) -> None:
        """These messages are new or have other words; while somebody looks for something, the count soon says so."""
        self._changed.update(message_ids)
        if self._changed and self.is_open and not self._is_update_due:
            self._is_update_due = True
            self._bar.set_timer(UPDATE, self._update)

    def _update(self) -> None:
        self._is_update_due = False
        if self.is_open and self._needle.strip():
            self._bar.run_worker(self._count_anew())

    async def _count_anew(self) -> None:
        """Look again, and stay where the reader is."""
        if (hits := await self._sought(self._needle)) is None:
            return
        self._hits, self._at = hits, _again(hits, self._hit)
        self._bar.show_count(None if self._at is None else self._at + 1, len(hits))

    def close(self, *, stay: bool = False) -> None:
        """Done: back to where one was, or `stay` at the hit."""
        if not self._bar.is_open:
            return
        self._bar.close()
        self._pane.highlights.mark("")
        if not stay and self._before is not None and self._opened_in == self._state()[0]:
            self._pane.viewport.return_to(self._before)
        self._before, self._needle, self._hit = None, "", None

    async def _go_to(self, at: int | None) -> None:
        self._at, hits, needle = at, self._hits, self._needle
        if hits is None or at is None:
            self._hit = None
            self._pane.highlights.mark(needle)
            self._bar.show_count(None, len(hits or ()))
            return
        if hits.is_slow(at):
            async with self._looking:
                hit = await asyncio.to_thread(hits.__getitem__, at)
            await self._pane.highlights.look_through(needle, hit.key)
            if self._hits is not hits or self._at != at or needle != self._needle:
                return  # somebody went on meanwhile
        else:
            hit = hits[at]
        self._hit = hit
        self._pane.highlights.show(needle, hit.key, hit.index)
        self._bar.show_count(at + 1, len(hits))

    async def _ready(self) -> HistorySearch:
        """The texts of the conversation as it is now."""
        search = self._prepare()
        async with self._bringing:  # who comes second waits until what the first one brings is there
            if texts := list(self._changed_texts()):
                await asyncio.to_thread(bring, search, texts)
        return search

    def _prepare(self) -> HistorySearch:
        """The search in the conversation, made once for each.

        What is added later is brought in by itself. When messages were taken out, there is a new one.
        """
        conversation, count = self._state()
        if self._search is None or self._searched[0] != conversation or count < self._searched[1]:
            self._searched = conversation, count
            # More is shown of replies that grow than is stored.
            self._changed = {reply.id for reply in self._pane.updates.growing}
            self._search = HistorySearch(self._session.conversation.messages)
        return self._search

    def _changed_texts(self) -> Iterator[SearchText]:
        """What was added or changed since the search was made; it counts as brought in from here on."""
        (conversation, count), changed = self._searched, self._changed
        self._searched, self._changed = self._state(), set()
        if self._searched[0] != conversation:
            return  # another conversation was opened meanwhile, and is searched when somebody looks there
        for message in self._session.conversation.messages[count:]:
            if message.id not in changed and (text := text_of(message)) is not None:
                yield text
        for message_id in changed:
            if (text := self._text_now(message_id)) is not None:
                yield text

    def _text_now(self, message_id: str) -> SearchText | None:
        """What is shown of a message: of a reply that still grows more than is stored."""
        if (shown := self._pane.content.text_of_reply(message_id)) is not None:
            return SearchText(message_id, shown, False)
        try:
            return text_of(self._session.conversation.get(message_id))
        except KeyError:  # it comes with the next words
            return None

    def _state(self) -> tuple[str, int]:
        stored = self._session.conversation
        return stored.conversation.id, len(stored.messages)


def _again(hits: Hits, before: Found | None) -> int | None:
    """Which of the hits is the one from before, or stands where it stood."""
    first = hits.first_from(before.key) if before is not None else None
    if first is None or before is None:
        return None
    at = min(first + before.index, len(hits) - 1)
    return at if hits.is_in(at, before.key) else first
