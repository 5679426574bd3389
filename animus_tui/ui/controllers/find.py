"""Finding in the conversation: from the words in the find bar to what is marked in the pane."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from animus_tui.chat.search import HistorySearch, bring
from animus_tui.chat.search_text import SearchText, text_of
from animus_tui.ui.controllers.controller import Controller
from animus_tui.ui.widgets.find_bar import FindBar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Iterator

    from animus_tui.chat.search import Hit as Found
    from animus_tui.chat.search import Hits
    from animus_tui.ui.commands.parser import CommandCall
    from animus_tui.ui.controllers.controller import ChatParts
    from animus_tui.ui.conversation.viewport import ReadingPosition


SLOW = 0.1
"""Seconds after which it is said that hits are counted; before, that would only flash."""
UPDATE = 0.3
"""Seconds from a text that arrived until the hits are brought up to date: once, however much arrives meanwhile."""


class FindController(Controller):
    """One search at a time: it begins with what is in view and wraps around at either end."""

    def __init__(
        self,
        parts: ChatParts,
        *,
        mount: Callable[[FindBar], Awaitable[object]],
        search_everything: Callable[[str], Awaitable[object]],
    ) -> None:
        """`mount` puts the find bar in its place on the screen when it is first opened.

        `search_everything` searches all conversations for these words.
        """
        super().__init__(parts)
        self._mount = mount
        self._search_everything = search_everything
        self._bar = FindBar()
        self._search: HistorySearch | None = None
        self._searched: tuple[str, int] = ("", 0)
        """The conversation and how many messages of it are searched."""
        self._changed: set[str] = set()
        """Ids of the messages whose text is another one than in the search."""
        self._updating = asyncio.Lock()
        self._searching = asyncio.Lock()
        """One thread at a time searches the texts: what it prepared of them serves the next."""
        self._is_update_due = False
        self._hits: Hits | None = None
        self._at: int | None = None
        self._hit: Found | None = None
        """The hit that is shown."""
        self._needle = ""
        self._first = ""
        """Id of the message from which on hits are looked for first; empty for where the reader was."""
        self._before: ReadingPosition | None = None
        """Where the reader was when the bar was opened."""
        self._opened_in = ""
        """The conversation of `_before`."""

    # The action, and what the bar says

    async def find(self, call: CommandCall) -> None:
        """Open the bar with these words, or search all conversations when one types in it already.

        When this returns, keys that were typed behind are for the bar.
        """
        if self._bar.is_open and self._bar.has_focus_within and not call.argument:
            await self._search_everything(self._bar.needle)
        else:
            await self._open(call.argument)

    async def find_in(self, words: str, message_id: str) -> None:
        """Open the bar with these words, and go to those in this message."""
        await self._open(words, message_id)

    async def _open(self, words: str, first: str = "") -> None:
        if not self._bar.is_attached:
            await self._mount(self._bar)
        if not self._bar.is_open:
            self._before, self._opened_in = self._pane.viewport.reading, self._state()[0]
        self._first = first
        self._bar.open(words)
        self._prepare()

    def look_for(self, needle: str) -> None:
        """Search other words: mark them all, and go to the first hit at or below where the reader was."""
        self._bar.run_worker(self._look_for(needle))

    async def _look_for(self, needle: str) -> None:
        if (hits := await self._sought(needle)) is not None:
            self._hits = hits
            start = self._first or self._pane.content.id_at(self._before)
            first = hits.first_from(start) if hits else None
            await self._go_to((first or 0) if hits else None)

    def step(self, step: int) -> None:
        """Go to the next hit (1) or the one before (-1)."""
        self._bar.run_worker(self._step(step))

    async def _step(self, step: int) -> None:
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
        """These messages are new or have other words; while the bar is open, the count soon says so."""
        self._changed.update(message_ids)
        if self._changed and self._bar.is_open and not self._is_update_due:
            self._is_update_due = True
            self._bar.set_timer(UPDATE, self._update)

    def close(self, *, stay: bool = False) -> None:
        """End the search: `stay` at the hit, or go back to where the reader was."""
        if not self._bar.is_open:
            return
        self._bar.close()
        self._pane.highlights.mark("")
        if not stay and self._before is not None and self._opened_in == self._state()[0]:
            self._pane.viewport.return_to(self._before)
        self._before, self._needle, self._hit = None, "", None

    def leave(self, *, stay: bool) -> None:
        """End the search and put the focus on the hit, or into the prompt."""
        self.close(stay=stay)
        (self._pane if stay else self._prompt).focus()

    def leave_conversation(self) -> None:
        """Another conversation is about to be shown: end the search in this one."""
        if self._bar.is_open:
            self.close(stay=True)
            self._prompt.focus()

    # The search

    async def _sought(self, needle: str) -> Hits | None:
        """The hits in the conversation as it is now; None when more was typed meanwhile."""
        self._needle = needle
        search = await self._ready()
        looking = asyncio.create_task(self._look(search, needle))
        if not (await asyncio.wait({looking}, timeout=SLOW))[0] and needle == self._needle:
            self._pane.highlights.mark(needle)  # those in view need no count
            self._bar.show_count(None, 0, counting=True)
        hits = await looking
        return hits if needle == self._needle and self._bar.is_open else None

    async def _look(self, search: HistorySearch, needle: str) -> Hits | None:
        async with self._searching:
            if needle != self._needle:
                return None
            return await asyncio.to_thread(search.hits, needle, goes_on=lambda: needle == self._needle)

    def _update(self) -> None:
        self._is_update_due = False
        if self._bar.is_open and self._needle.strip():
            self._bar.run_worker(self._count_anew())

    async def _count_anew(self) -> None:
        """Look again, and stay where the reader is."""
        if (hits := await self._sought(self._needle)) is None:
            return
        self._hits, self._at = hits, _again(hits, self._hit)
        self._bar.show_count(None if self._at is None else self._at + 1, len(hits))

    async def _go_to(self, at: int | None) -> None:
        self._at, hits, needle = at, self._hits, self._needle
        if hits is None or at is None:
            self._hit = None
            self._pane.highlights.mark(needle)
            self._bar.show_count(None, len(hits or ()))
            return
        if hits.is_slow(at):
            async with self._searching:
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
        async with self._updating:  # who comes second waits until what the first one brings is there
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
    """The index of the hit that was shown before, or of the one that stands where it stood."""
    first = hits.first_from(before.key) if before is not None else None
    if first is None or before is None:
        return None
    at = min(first + before.index, len(hits) - 1)
    return at if hits.is_in(at, before.key) else first
