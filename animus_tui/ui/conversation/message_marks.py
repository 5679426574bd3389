"""Marks of messages that say what became of them: not saved, not answered, not remembered any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from animus_tui.ui.conversation.entries.user import UserEntry

if TYPE_CHECKING:
    from collections.abc import Iterable

    from animus_tui.chat.messages import ChatMessage
    from animus_tui.ui.conversation.content import Content
    from animus_tui.ui.conversation.entries.entry import Entry
    from animus_tui.ui.conversation.viewport import Viewport


class MessageMarks:
    """Shows such marks, but not for a screen reader: what was read does not change, and notices say the same."""

    def __init__(self, content: Content, viewport: Viewport, *, is_plain: bool) -> None:
        """`is_plain`: the conversation is shown for a screen reader."""
        self._content = content
        self._viewport = viewport
        self._is_plain = is_plain
        self._window_ends: Entry | None = None
        """The last entry that the character does not remember."""

    def mark_unsaved(self, message_ids: Iterable[str], unsaved: bool) -> None:
        """Mark messages as not saved, or as saved."""
        for message_id in () if self._is_plain else message_ids:
            entry = self._content.find(message_id)
            if entry is not None and entry.head is not None and entry.head.mark_unsaved(unsaved):
                self._draw_again(entry)

    def mark_failed(self, message: ChatMessage) -> None:
        """Mark the user's message as not answered, or as answered."""
        entry = self._content.find(message.id)
        if isinstance(entry, UserEntry) and not self._is_plain:
            entry.mark_failed(message.outcome == "failed")
            self._viewport.entry_changed(entry)

    def mark_window(self, message_id: str | None) -> None:
        """Draw a line below the last message that the character does not remember; None takes it away.

        It takes the place of a blank row, so that nothing moves.
        """
        if self._is_plain:
            return
        before, self._window_ends = self._window_ends, self._entry_with_rows(message_id)
        if before is self._window_ends:
            return
        for entry in (before, self._window_ends):
            if entry is not None:
                entry.ends_before_window = entry is self._window_ends
                self._draw_again(entry)

    def _draw_again(self, entry: Entry) -> None:
        entry.invalidate()
        self._viewport.entry_changed(entry)

    def _entry_with_rows(self, message_id: str | None) -> Entry | None:
        """The entry of a message, or the one above it when it has no rows, such as the result of a tool."""
        entries = self._content.entries
        index = self._content.index_of(message_id) if message_id is not None else None
        if index is None:
            return None
        while entries.context is not None and index > 0 and not len(entries.layout(index)):
            index -= 1
        return entries[index]
