"""Finding in the conversation: from the words in the bar to what is marked in the pane."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from animus_tui.printable import printable
from animus_tui.ui.finding import Search

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from animus_tui.chat.messages import ChatMessage
    from animus_tui.chat.session import ChatSession
    from animus_tui.ui.finding import Hit as Found
    from animus_tui.ui.finding import Hits
    from animus_tui.ui.widgets.conversation_pane import ConversationPane
    from animus_tui.ui.widgets.find_bar import FindBar
    from animus_tui.ui.widgets.flow_scroll import Reading


class Finder:
    """One search at a time; it begins with what is in view and wraps around at either end."""

    def __init__(self, session: ChatSession, pane: ConversationPane, bar: FindBar) -> None:
        self._session = session
        self._pane = pane
        self._bar = bar
        self._preparing: asyncio.Task[Search] | None = None
        self._searched: tuple[str, int] = ("", 0)
        """The conversation and how many messages of it are ready."""
        self._hits: Sequence[Found] = ()
        self._at: int | None = None
        self._needle = ""
        self._before: Reading | None = None
        self._opened_in = ""
        """The conversation of `_before`."""

    @property
    def is_open(self) -> bool:
        """Whether somebody looks for something."""
        return self._bar.is_open

    def open(self, words: str = "") -> None:
        """Type what to find, beginning with these words."""
        if not self._bar.is_open:
            self._before, self._opened_in = self._pane.reading, self._state()[0]
        self._bar.open(words)
        self._prepare()

    async def look_for(self, needle: str) -> None:
        """Other words: mark them all, and go to the first hit at or below where the reader was."""
        if (hits := await self._sought(needle)) is not None:
            self._hits = hits
            first = hits.first_from(self._pane.id_in_view(self._before)) if hits else None
            self._go_to((first or 0) if hits else None)

    async def _sought(self, needle: str) -> Hits | None:
        """The hits in the conversation as it is now; None when more was typed meanwhile."""
        self._needle = needle
        search = await self._ready()
        hits = await asyncio.to_thread(search.hits, needle)
        return hits if needle == self._needle and self.is_open else None

    async def step(self, step: int) -> None:
        """To the next hit (1) or the one before (-1)."""
        if self._searched != self._state():
            if (hits := await self._sought(self._needle)) is None:
                return
            before = self._hits[self._at] if self._at is not None and self._at < len(self._hits) else None
            self._hits, self._at = hits, _again(hits, before)
        if self._hits:
            self._go_to(((self._at if self._at is not None else -max(step, 0)) + step) % len(self._hits))
        else:
            self._go_to(None)

    def close(self, *, stay: bool = False) -> None:
        """Done: back to where one was, or `stay` at the hit."""
        if not self._bar.is_open:
            return
        self._bar.close()
        self._pane.mark_hits("")
        if not stay and self._before is not None and self._opened_in == self._state()[0]:
            self._pane.return_to(self._before)
        self._before, self._needle = None, ""

    def _go_to(self, at: int | None) -> None:
        self._at = at
        if at is None:
            self._pane.mark_hits(self._needle)
        else:
            hit = self._hits[at]
            self._pane.show_hit(self._needle, hit.key, hit.index)
        self._bar.show_count(None if at is None else at + 1, len(self._hits))

    async def _ready(self) -> Search:
        """The texts of the conversation as it is now."""
        preparing = self._prepare()
        if not preparing.done():
            self._bar.show_count(None, 0, counting=True)
        return await preparing

    def _prepare(self) -> asyncio.Task[Search]:
        """Make the texts ready in a thread, which takes its time for a long conversation; once for one state of it."""
        if self._preparing is None or self._searched != self._state():
            self._searched = self._state()
            messages = iter(self._session.conversation.messages)  # as they are now, for the thread
            self._preparing = asyncio.create_task(asyncio.to_thread(search_in, messages))
        return self._preparing

    def _state(self) -> tuple[str, int]:
        stored = self._session.conversation
        return stored.conversation.id, len(stored.messages)


def _again(hits: Hits, before: Found | None) -> int | None:
    """Which of the hits is the one from before, or stands where it stood."""
    first = hits.first_from(before.key) if before is not None else None
    if first is None or before is None:
        return None
    at = min(first + before.index, len(hits) - 1)
    return at if hits[at].key == before.key else first


def search_in(messages: Iterable[ChatMessage]) -> Search:
    """A search in what is shown of each message: what was said, or what a picture is of."""
    search = Search()
    for message in messages:
        if message.image is not None:
            search.add(message.id, printable(message.image.prompt, newlines=False), plain=True)
        elif message.role == "user":
            search.add(message.id, printable(message.content or ""), plain=True)
        elif message.role == "assistant":
            search.add(message.id, printable("\n\n".join(message.turns or [message.content or ""])))
    return search
