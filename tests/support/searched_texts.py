"""What a search through the bytes of a history is compared with, and histories that stand in no file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from animus_tui.chat.messages import ChatMessage
from animus_tui.chat.search import Hits
from animus_tui.chat.search_text import MOST_HITS, folded_needle, ready_of, text_of
from animus_tui.chat.storage.history import History, Messages
from animus_tui.chat.storage.history_format import encode
from animus_tui.chat.storage.history_lines import Lines

if TYPE_CHECKING:
    from collections.abc import Iterable


class DecodedTexts:
    """All texts of a conversation, each decoded and made ready to be searched."""

    def __init__(self, messages: Iterable[ChatMessage]) -> None:
        self._texts = [text for message in messages if (text := text_of(message)) is not None]
        self._ready = [ready_of(text) for text in self._texts]
        self._order = {text.key: place for place, text in enumerate(self._texts)}

    def hits(self, needle: str) -> Hits:
        """Every hit, in order."""
        if not (sought := folded_needle(needle)):
            return Hits("", self._texts.__getitem__, (), self._order.get, places=())
        found = {place: count for place, text in enumerate(self._ready) if (count := text.count(sought))}
        counts = (min(count, MOST_HITS) for count in found.values())
        return Hits(sought, self._texts.__getitem__, counts, self._order.get, places=list(found))


def in_memory(messages: Iterable[ChatMessage]) -> Messages:
    """Messages as a history holds them, without a file."""
    lines = [encode(message).line for message in messages]
    return History(Lines(lines), [lines], "")


def replies(texts: Iterable[tuple[str, str]]) -> Messages:
    """Replies of these ids and texts (Markdown), oldest first."""
    return in_memory(ChatMessage(id=key, role="assistant", content=text) for key, text in texts)
