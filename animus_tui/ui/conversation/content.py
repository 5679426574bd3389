"""The entries of the open conversation by id: those of its history, and those that were added since."""

from __future__ import annotations

from typing import TYPE_CHECKING

from animus_tui.ui.conversation.entries.notices import GreetingEntry, SuggestionEntry, TypingEntry
from animus_tui.ui.conversation.entries.picture import PictureEntry
from animus_tui.ui.conversation.entries.reply import ReplyEntry
from animus_tui.ui.conversation.history import History

if TYPE_CHECKING:
    from collections.abc import Sequence

    from animus_tui.chat.messages import ChatMessage
    from animus_tui.chat.storage.history import Messages
    from animus_tui.ui.conversation.cursor import EntryCursor
    from animus_tui.ui.conversation.entries.canvas import Looks
    from animus_tui.ui.conversation.entries.entry import Entry
    from animus_tui.ui.conversation.mouse import MouseSelection
    from animus_tui.ui.conversation.viewport import ReadingPosition, Viewport
    from animus_tui.ui.conversation.virtual_list import VirtualList


class Content:
    """Puts entries into the list and takes them out; what was chosen or selected of them goes with them."""

    def __init__(
        self,
        entries: VirtualList,
        viewport: Viewport,
        cursor: EntryCursor,
        selection: MouseSelection,
        looks: Looks,
    ) -> None:
        """`looks` are those with which a history is opened."""
        self.entries = entries
        self._viewport = viewport
        self._cursor = cursor
        self._selection = selection
        self._looks = looks
        self.history = History((), looks)

    # A whole conversation

    def open(
        self,
        messages: Sequence[ChatMessage],
        *,
        greeting: str,
        suggestions: Sequence[str],
        screen_rows: int,
    ) -> None:
        """Hold these messages and nothing else; an empty conversation has a greeting and suggestions."""
        self.history = History(messages, self._looks)
        self._cursor.chosen = None
        self._selection.drop()
        # Without a canvas nothing is known of the width: the heights are guessed when there is one.
        canvas = self.entries.canvas
        heights = self.history.heights(canvas.column, screen_rows) if canvas else [1] * len(messages)
        self.entries.open(heights, self.history.entry)
        if not messages:
            self.entries.insert(0, GreetingEntry(greeting))
            for number, text in enumerate(suggestions, 1):
                self.entries.insert(number, SuggestionEntry(number, text))
        self._viewport.following = True

    def know(self, messages: Messages, *, screen_rows: int) -> None:
        """The messages of which only the end was read are those; the scrollbar learns of it with the next step."""
        self.history.know(messages)
        if (canvas := self.entries.canvas) is not None:
            self.entries.guess(self.heights(canvas.column, screen_rows))

    def heights(self, column: int, screen_rows: int) -> list[int]:
        """Rows of all entries in a column of so many cells, roughly."""
        return self.history.heights(column, screen_rows, self.entries)

    # Entries

    def find(self, entry_id: str) -> Entry | None:
        """The entry with this id."""
        known = self._find_made(entry_id)
        if known is None and (index := self.history.index(entry_id)) is not None:
            return self.entries[index]
        return known

    def _find_made(self, entry_id: str) -> Entry | None:
        return next((entry for entry in self.entries.made() if entry.id == entry_id), None)

    def append(self, entry: Entry) -> None:
        """Put an entry at the end, before the mark of typing."""
        size = len(self.entries)
        is_typing = size > 0 and isinstance(self.entries.made_at(size - 1), TypingEntry)
        self.entries.insert(size - is_typing, entry)
        self._viewport.entries_changed()
        self._viewport.entry_arrived()

    def remove(self, *kinds: type[Entry]) -> None:
        """Take all entries of these kinds out: they stand among the last ones."""
        for index in range(len(self.entries) - 1, -1, -1):
            entry = self.entries.made_at(index)
            if entry is None:
                break
            if isinstance(entry, kinds):
                if entry is self._cursor.chosen:
                    self._cursor.chosen = None
                self._selection.drop(index)
                self.entries.remove(index)

    # What is there

    def failed(self) -> list[Entry]:
        """The pictures and promises that can be tried again, oldest first."""
        tried = [entry for entry in self.entries.made() if isinstance(entry, PictureEntry | ReplyEntry)]
        return [entry for entry in reversed(tried) if entry.can_retry]

    @property
    def last_reasoned(self) -> ReplyEntry | None:
        """The newest reply with reasoning."""
        replies = (entry for entry in self.entries.made() if isinstance(entry, ReplyEntry))
        return next((reply for reply in replies if reply.reasoning), None)

    def suggestion(self, text: str) -> SuggestionEntry | None:
        """The suggestion with these words, if it is offered."""
        offered = (entry for entry in self.entries.made() if isinstance(entry, SuggestionEntry))
        return next((entry for entry in offered if entry.text == text), None)

    def id_at(self, reading: ReadingPosition | None) -> str:
        """The id of the entry with which a view begins, the present one by default; "" in an empty conversation."""
        place = (reading or self._viewport.reading).place
        return self.entries[place.entry].id if place.entry < len(self.entries) else ""

    def text_of_reply(self, message_id: str) -> str | None:
        """The Markdown of a reply as far as it is shown; None when there is no such reply on the screen."""
        entry = self._find_made(message_id)
        return entry.source() if isinstance(entry, ReplyEntry) else None
