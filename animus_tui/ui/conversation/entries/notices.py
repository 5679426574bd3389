"""Short entries that are no messages: the greeting, notices, suggestions, the mark of typing, errors."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from rich.segment import Segment

from animus_tui.printable import printable, short_line
from animus_tui.ui.conversation.entries.entry import Entry, add_card_row, card_room
from animus_tui.ui.conversation.entries.layout import Layout, PlacedRow
from animus_tui.ui.conversation.entries.reply import RETRY
from animus_tui.ui.conversation.entries.texts import layout_plain
from animus_tui.ui.markdown.text_layout import row_of

if TYPE_CHECKING:
    from animus_tui.ui.conversation.entries.render_context import RenderContext

DOTS = ("·  ", "·· ", "···")
TELLS_SECONDS = 5
"""Seconds of typing from which it says how long it has been."""
CHOOSE = "choose"
LONGEST_GREETING = 2000
"""Characters of the greeting that are shown: the name of the character in it may have any length."""


class NoticeEntry(Entry):
    """A sentence in a line of its own."""

    is_choosable = False

    def __init__(self, text: str, entry_id: str = "notice") -> None:
        super().__init__(entry_id)
        self._text = printable(text)

    def layout(self, context: RenderContext) -> Layout:
        """The sentence in the quiet style."""
        layout = Layout(context.width)
        style = context.palette.page.quiet
        layout.add_text(context.text_x, layout_plain(self._text, context.text_width, style))
        layout.add_blank()
        return layout


class GreetingEntry(NoticeEntry):
    """What an empty conversation begins with."""

    def __init__(self, text: str) -> None:
        super().__init__(f"\n{text[:LONGEST_GREETING]}", "greeting")


class SuggestionEntry(Entry):
    """Something to try in an empty conversation."""

    def __init__(self, number: int, text: str) -> None:
        super().__init__(f"suggestion-{number}")
        self._number = number
        self.text = text

    def layout(self, context: RenderContext) -> Layout:
        """The key and the words of the suggestion, as a card that is as wide as they are."""
        layout = Layout(context.width)
        palette = context.palette
        room = context.text_width
        key = f"Alt+{self._number} "
        lead = len(key), palette.card_hint
        pad = [] if context.plain else [Segment(" ", palette.card)]
        for row in layout_plain(key + self.text, room, palette.card, lead=lead).rows:
            placed = row_of(*pad, *row.segments, *pad)
            layout.placed.append(PlacedRow(context.text_x if context.plain else context.left, placed))
            layout.add_target(CHOOSE)
        layout.add_blank()
        return layout


class TypingEntry(Entry):
    """The mark that an answer is awaited, with what is done for it, moving dots and the seconds that it takes."""

    is_choosable = False

    def __init__(self, doing: str) -> None:
        super().__init__("typing")
        self._doing = short_line(doing)
        self._note = ""
        self._frame = 2
        self._began = time.monotonic()
        self._seconds = 0

    def note(self, text: str) -> None:
        """Show why the answer takes longer; with an empty text, the dots again."""
        note = short_line(text)
        if note != self._note:
            self._note = note
            self.invalidate()

    def tick(self, frame: int) -> bool:
        """Move the dots, and count the seconds; whether it looks different now."""
        before = self._told()
        self._frame, self._seconds = frame, int(time.monotonic() - self._began)
        if is_changed := self._told() != before:
            self.invalidate()
        return is_changed

    def layout(self, context: RenderContext) -> Layout:
        """One line in the quiet style."""
        layout = Layout(context.width)
        told = layout_plain(self._told(), context.text_width, context.palette.page.quiet)
        layout.add_marks(context.text_x, told)
        layout.add_blank()
        return layout

    def _told(self) -> str:
        waited = f"· {self._seconds} s" if self._seconds >= TELLS_SECONDS else DOTS[self._frame % len(DOTS)]
        return self._note or f"{self._doing} {waited}"


class ErrorEntry(Entry):
    """A title, one sentence, one key, where the answer would have been."""

    def __init__(self, number: int, title: str, sentence: str) -> None:
        super().__init__(f"error-{number}")
        self._title = short_line(title)
        self._sentence = short_line(sentence)

    @property
    def can_retry(self) -> bool:
        """Always: an error card offers to ask again."""
        return True

    def source(self) -> str:
        """The title and the sentence of the error."""
        return f"{self._title} — {self._sentence}"

    def layout(self, context: RenderContext) -> Layout:
        """A card with a warm edge."""
        layout = Layout(context.width)
        palette = context.palette
        hint = f"{context.options.retry_key} Retry"
        lead = len(self._title), palette.card_title
        text = layout_plain(f"{self.source()}  {hint}", card_room(context), palette.card, lead=lead)
        layout.lines = text.lines
        for row in text.rows:
            add_card_row(layout, context, row, palette.error_bar)
            layout.add_target(RETRY)
        layout.add_blank()
        return layout
