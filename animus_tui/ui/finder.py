"""Finding in the conversation: from the words in the bar to what is marked in the pane."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from animus_tui.ui.finding import Search

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from animus_tui.chat.messages import ChatMessage
    from animus_tui.chat.session import ChatSession
    from animus_tui.ui.finding import Hit as Found
    from animus_tui.ui.widgets.conversation_pane import ConversationPane
    from animus_tui.ui.widgets.find_bar import FindBar
    from animus_tui.ui.widgets.flow_scroll import Reading


class Finder:
    """One search at a time; it begins with what is in view and wraps around at either end."""

    def __init__(self, session: ChatSession, pane: ConversationPane, bar: FindBar) -> None:
        self._session = session
        self._pane = pane
        self._bar = bar
        self._search: Search | None = None
        self._searched: tuple[str, int] = ("", 0)
        """The conversation and how many messages of it are ready."""
        self._hits: Sequence[Found] = ()
        self._at: int | None = None
        self._needle = ""
        self._before: Reading | None = None

    def open(self, words: str = "") -> None:
        """Type what to find, beginning with these words."""
        if not self._bar.is_open:
            self._before = self._pane.reading
        self._bar.open(words)

    async def look_for(self, needle: str) -> None:
        """Other words: mark them all, and go to the first hit at or below where the reader was."""
        self._needle = needle
        search = await self._ready()
        hits = await asyncio.to_thread(search.hits, needle)
        if needle != self._needle:  # more was typed meanwhile
            return
        self._hits = hits
        first = hits.first_from(self._pane.id_in_view(self._before)) if hits else None
        self._go_to((first or 0) if hits else None)

    async def step(self, step: int) -> None:
        """To the next hit (1) or the one before (-1)."""
        if self._searched != self._state():
            await self.look_for(self._needle)
        elif self._hits:
            self._go_to(((self._at if self._at is not None else -step) + step) % len(self._hits))

    def close(self, *, stay: bool = False) -> None:
        """Done: back to where one was, or `stay` at the hit."""
        if not self._bar.is_open:
            return
        self._bar.close()
        self._pane.mark_hits("")
        if not stay and self._before is not None:
            self._pane.return_to(self._before)
        self._before, self._needle, self._search = None, "", None

    def _go_to(self, at: int | None) -> None:
        self._at = at
        if at is None:
            self._pane.mark_hits(self._needle)
        else:
            hit = self._hits[at]
            self._pane.show_hit(self._needle, hit.key, hit.index)
        self._bar.show_count(None if at is None else at + 1, len(self._hits))

    async def _ready(self) -> Search:
        """The texts of the conversation as it is now, prepared in a thread."""
        if self._search is None or self._searched != self._state():
            self._searched = self._state()
            messages = list(self._session.conversation.messages)
            self._bar.show_count(None, 0, counting=True)
            self._search = await asyncio.to_thread(Search, texts_of(messages))
        return self._search

    def _state(self) -> tuple[str, int]:
        stored = self._session.conversation
        return stored.conversation.id, len(stored.messages)


def texts_of(messages: Iterable[ChatMessage]) -> Iterable[tuple[str, str]]:
    """Id and words of each message that is shown: what was said, or what a picture is of."""
    for message in messages:
        if message.image is not None:
            yield message.id, message.image.prompt
        elif message.role == "user":
            yield message.id, message.content or ""
        elif message.role == "assistant":
            yield message.id, "\n\n".join(message.turns or [message.content or ""])
