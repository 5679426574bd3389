"""The rows of the list of conversations, under the headings of their days."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.segment import Segment

from animus_tui.chat.images.catalog import FoundPicture
from animus_tui.chat.messages import ImageRecord
from animus_tui.chat.storage.conversation_list import PINNED, ListedConversation, grouped
from animus_tui.printable import short_line
from animus_tui.ui.conversation.entries.entry import joined
from animus_tui.ui.day_change import DayChange
from animus_tui.ui.markdown.cells import cut
from animus_tui.ui.widgets.row_list import AROUND, RowList

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date
    from pathlib import Path

    from rich.style import Style

    from animus_tui.ui.images.thumbnail_loader import ThumbnailLoader
    from animus_tui.ui.widgets.row_list import Styles

NARROW = 60
"""Cells below which there is no room for pictures and words of counts."""
ROOMY = 32
"""Rows from which a blank one stands between two conversations."""
PICTURE_COLUMNS, PICTURE_ROWS = 4, 2
MARK = "❯ "
UNNAMED = "Untitled"
ROLES = {"user": "You: ", "image": "Picture: "}
"""What stands before the last words, by whose they are."""


class ConversationRows(RowList[ListedConversation]):
    """Conversations of which one is the chosen one."""

    COMPONENT_CLASSES = {
        f"rows--{name}" for name in ("title", "quiet", "heading", "current", "found", "chosen")
    }
    DEFAULT_CSS = """
    ConversationRows {
        .rows--title { text-style: bold; }
        .rows--heading { color: $text-muted; }
        .rows--current { color: $primary; text-style: bold; }
        .rows--found { color: $secondary; text-style: underline; }
        .rows--chosen { background: $primary 20%; }
    }
    """

    def __init__(self, folder: Path, thumbnails: ThumbnailLoader | None) -> None:
        """`folder` has the conversations; without `thumbnails` no pictures are shown."""
        super().__init__(thumbnails)
        self._folder = folder
        self._days: list[str] = []
        """For each conversation the name of the group of days under whose heading it stands."""
        self._current = ""
        self._words: list[str] = []
        self._today: date | None = None
        self._day_change = DayChange(self, self._regroup)
        self._has_pictures = False

    def on_mount(self) -> None:
        """Keep the groups of days true."""
        self._day_change.begin()

    def show(
        self,
        conversations: Sequence[ListedConversation],
        *,
        current: str,
        words: str = "",
        sentence: str = "",
        choose: str | None = None,
    ) -> None:
        """Show these, in order, or the sentence where there are none; the chosen one stays chosen.

        `current` is the id of the open conversation, `words` are marked where they are found, `choose` is the id of
        the one to choose.
        """
        before = self.chosen
        wanted = choose if choose is not None else None if before is None else before.id
        self._current, self._words = current, words.casefold().split()
        self._today = datetime.now().astimezone().date()
        groups = grouped(conversations, self._today)
        entries = [each for group in groups for each in group.conversations]
        self._days = [group.name for group in groups for _ in group.conversations]
        self._has_pictures = any(map(_picture_of, entries))
        found = next((at for at, each in enumerate(entries) if each.id == wanted), None)
        is_new = before is None or bool(self._words)
        at = found if found is not None else 0 if is_new else self._at
        keeps_row = choose is None and found is not None and before is not None
        self.set_entries(entries, at, sentence=sentence, keeps_row=keeps_row)

    def renew(self, conversations: Sequence[ListedConversation]) -> None:
        """Show what is known of these now; they stay where they are."""
        known = {each.id: each for each in conversations}
        self._entries = [known.get(each.id, each) for each in self._entries]
        self._has_pictures = self._has_pictures or any(map(_picture_of, known.values()))
        self._look()
        self.refresh()

    def _regroup(self) -> None:
        """Another day has begun."""
        words = " ".join(self._words)
        self.show(self._entries, current=self._current, words=words, sentence=self._sentence)

    # Where they stand

    @property
    def stride(self) -> int:
        """Rows of a conversation, with a blank one where there is room."""
        # Before the first layout as after it, which would otherwise be followed by another one.
        height = self.size.height or self.app.size.height - AROUND
        return PICTURE_ROWS + 1 if height >= ROOMY else PICTURE_ROWS

    def heading_rows(self, index: int, stride: int) -> int:
        """One row for the heading of a group of days, and a blank one above it unless conversations have one."""
        if index == 0:
            return 1
        is_same = self._days[index] == self._days[index - 1]
        return 0 if is_same else 1 if stride > PICTURE_ROWS else 2

    @property
    def tile_size(self) -> tuple[int, int]:
        """The size of a small picture, where there is room for it."""
        return (PICTURE_COLUMNS, PICTURE_ROWS) if self.size.width >= NARROW else (0, 0)

    def thumbnail_of(self, entry: ListedConversation) -> FoundPicture | None:
        """The last picture of a conversation."""
        file = _picture_of(entry)
        if not file or entry.summary is None:
            return None
        width, height = entry.summary.picture_size
        record = ImageRecord(prompt="", file=file, created="", width=width or 1, height=height or 1)
        return FoundPicture(entry.id, "", self._folder / entry.id, file, record, 0, 1)

    # Painting

    def heading(self, index: int, width: int, styles: Styles) -> Iterable[Segment]:
        """The name of a group of days."""
        return [Segment(cut(f"  {self._days[index]}", width), styles["heading"])]

    def entry_row(self, index: int, row: int, width: int, styles: Styles) -> Iterable[Segment]:
        """One of the two rows of a conversation, exactly `width` cells; the third one is blank."""
        if row >= PICTURE_ROWS:
            return ()
        each, is_chosen = self._entries[index], index == self._at
        start = [Segment(MARK if is_chosen and row == 0 else "  ", styles["current"])]
        taken = len(MARK)
        if self._has_pictures and self._drawing is not None and width >= NARROW:
            start += self.thumbnail_row(each, row, (PICTURE_COLUMNS, PICTURE_ROWS), styles["quiet"])
            start.append(Segment("  ", styles["quiet"]))
            taken += PICTURE_COLUMNS + 2
        room = width - taken - 1
        if row == 0:
            right = _when(each, self._days[index], self._today)
            is_current = each.id == self._current
            text = ("● " if is_current else "") + (short_line(each.title).strip() or UNNAMED)
            style = styles["current"] if is_current else styles["title"]
        else:
            right = _count(each, is_narrow=width < NARROW)
            text = _said(each)
            style = styles["quiet"]
        kept = cut(text, max(0, room - cell_len(right) - 2))
        gap = max(0, room - cell_len(kept) - cell_len(right))
        words = _marked(kept, self._words, style, styles["found"])
        return [*start, *words, Segment(" " * gap, style), Segment(f"{right} ", styles["quiet"])]


def _marked(text: str, words: Sequence[str], style: Style, found: Style) -> list[Segment]:
    """The text with the words that are looked for, all in small letters, in the style `found`."""
    lowered = text.casefold()
    if not words or len(lowered) != len(text):
        return [Segment(text, style)]
    marked = [False] * len(text)
    for word in words:
        at = lowered.find(word)
        while at >= 0:
            marked[at : at + len(word)] = [True] * len(word)
            at = lowered.find(word, at + len(word))
    segments, begin = [], 0
    for place in range(1, len(text) + 1):
        if place == len(text) or marked[place] != marked[begin]:
            segments.append(Segment(text[begin:place], found if marked[begin] else style))
            begin = place
    return segments


def _when(conversation: ListedConversation, heading: str, today: date | None) -> str:
    """The time of a conversation, as far as its heading does not say it."""
    try:
        at = datetime.fromtimestamp(conversation.used).astimezone()
    except (ValueError, OverflowError, OSError):
        return ""
    today = today or at.date()
    days = (today - at.date()).days
    if days > 0 and (heading == PINNED or days >= 7):
        return f"{at.day} {at:%b}" if at.year == today.year else f"{at.day} {at:%b %Y}"
    return f"{at:%H:%M}"


def _picture_of(conversation: ListedConversation) -> str:
    return conversation.summary.picture if conversation.summary is not None else ""


def _said(conversation: ListedConversation) -> str:
    summary, name = conversation.summary, short_line(conversation.character).strip()
    if summary is None or not summary.last_words:
        return name
    before = ROLES.get(summary.last_role, f"{name}: " if name else "")
    words = before + short_line(summary.last_words)
    return words if before.startswith(name) else joined((name, words))


def _count(conversation: ListedConversation, *, is_narrow: bool) -> str:
    count = conversation.summary.messages if conversation.summary is not None else 0
    if not count:
        return ""
    return f"{count:,}" if is_narrow else "1 message" if count == 1 else f"{count:,} messages"
