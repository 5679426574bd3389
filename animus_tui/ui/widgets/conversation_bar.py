"""The lines around the list of conversations: where one types, what is listed, and the keys that work now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget

from animus_tui.ui.commands.key_bindings import key_label
from animus_tui.ui.markdown.cells import cut
from animus_tui.ui.textual_compat import scroll_to_first_value
from animus_tui.ui.widgets.key_footer import ABOVE_KEYS, GAP, Entry, KeyFooter
from animus_tui.ui.widgets.key_order import follows_screen
from animus_tui.ui.widgets.line_input import LONGEST, LineInput, one_line
from animus_tui.ui.widgets.row_list import WIDEST

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events
    from textual.app import ComposeResult

NAMES = "Conversations", "Archived", "Trash"
FILTER = "Type to filter"
MARK, TITLE_MARK = "❯ ", "Title ❯ "
"""What stands before the field."""
BETWEEN = " · "
LAST = 2
"""Keys at the end of a line of keys that stay on a narrow screen."""


def count_told(shown: int, total: int, *, is_filtered: bool) -> str:
    """`5,000`, or with a filter `37 of 5,000`."""
    return f"{shown:,} of {total:,}" if is_filtered else f"{total:,}"


class TitleField(LineInput):
    """Where one types words to filter by, or a title."""

    def __init__(self) -> None:
        super().__init__(compact=True, max_length=LONGEST, select_on_focus=False, placeholder=FILTER)
        scroll_to_first_value(self)

    def on_key(self, event: events.Key) -> None:
        """A key behind one that opened another screen is for that; Input's own handler runs after this one."""
        if follows_screen(self, event):
            event.stop()
            event.prevent_default()

    def on_paste(self, event: events.Paste) -> None:
        """A paste behind a key that opened another screen is for that."""
        if follows_screen(self, event):
            event.stop()
            event.prevent_default()


class ConversationBar(Vertical):
    """What is listed, and the field. It draws all but the field itself: each widget more would take a millisecond."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES = {"bar--shown", "bar--mark"}
    DEFAULT_CSS = """
    ConversationBar {
        height: 3; color: $text-muted;
        .bar--shown { color: $primary; text-style: bold; }
        .bar--mark { color: $secondary; }
        TitleField { width: 1fr; background: $background; }
        TitleField:focus { background-tint: $foreground 0%; }
    }
    """

    def __init__(self, names: Sequence[str] = NAMES) -> None:
        """`names` are the titles of the lists, of which one is shown."""
        super().__init__()
        self._names = names
        self.field = TitleField()
        """Where one types."""
        self._shown_name = 0
        self._count = ""
        self._mark = MARK

    def compose(self) -> ComposeResult:
        """The field; everything else is drawn by `render`."""
        self._place()
        yield self.field

    def on_resize(self) -> None:
        """Put the field into the column of the list again."""
        self._place()

    @property
    def _column(self) -> tuple[int, int]:
        """Where the column of the conversations begins, and how wide it is."""
        room = (self.size.width or self.app.size.width) - 1  # beside their scrollbar
        column = min(room, WIDEST)
        return (room - column) // 2, column

    def _place(self) -> None:
        """Put the field behind its mark in the column."""
        left, column = self._column
        right = (self.size.width or self.app.size.width) - left - column
        self.field.styles.margin = (1, right, 0, left + cell_len(self._mark))
        self.refresh()

    def render(self) -> Content:
        """Two lines: what is listed and how much of it, and what stands before the field."""
        shown, mark = self.get_visual_style("bar--shown"), self.get_visual_style("bar--mark")
        names = Content("  ").join(
            Content.styled(name, shown) if number == self._shown_name else Content(name)
            for number, name in enumerate(self._names)
        )
        left, column = self._column
        room = column - 1 - names.cell_length - cell_len(self._count)
        count = " " * room + self._count if room > 0 else ""
        return Content.assemble(" " * left, names, count, "\n", " " * left, (self._mark, mark))

    def tell(self, shown_name: int, shown: int, total: int, *, is_filtered: bool) -> None:
        """Say which conversations are listed, and how many there are."""
        self._shown_name, self._count = shown_name, count_told(shown, total, is_filtered=is_filtered)
        self.refresh()

    def ask_title(self, title: str, mark: str) -> None:
        """Have a title typed, or what the `mark` before the field says."""
        self._mark = mark
        self._place()
        self.field.placeholder = ""
        self.field.value = one_line(title)
        self.field.cursor_position = len(self.field.value)

    def ask_words(self, words: str) -> None:
        """Have words typed to filter by."""
        self._mark = MARK
        self._place()
        self.field.placeholder = FILTER
        self.field.value = words
        self.field.cursor_position = len(words)


class ListedKeys(KeyFooter):
    """The keys of the list, which its field would hide; a click on one presses it."""

    def __init__(self) -> None:
        super().__init__({})
        self._shown: list[Entry] = []

    def show(self, entries: Sequence[Entry]) -> None:
        """Show these."""
        if list(entries) != self._shown:
            self._shown = list(entries)
            self.refresh()

    def entries(self) -> list[Entry]:
        """Those that fit: the last ones, which lead out and to the help, then the first ones; the order stays."""
        room = self.content_size.width
        kept: set[Entry] = set()
        for entry in [*reversed(self._shown[-LAST:]), *self._shown[:-LAST]]:
            if entry.width <= room:
                kept.add(entry)
                room -= entry.width + GAP
        return [entry for entry in self._shown if entry in kept]


class UndoLine(Widget):
    """What was deleted last, and the key that brings it back; a click does, too."""

    DEFAULT_CSS = """
    UndoLine { height: 1; padding: 0 1; color: $foreground; display: none; }
    """

    def __init__(self) -> None:
        super().__init__(classes=ABOVE_KEYS)
        self._sentence = ""
        self._entry: Entry | None = None

    def show(self, sentence: str, entry: Entry | None) -> None:
        """Show a sentence with a key, or nothing."""
        if entry is not None or self._entry is not None:
            self.display = entry is not None
        self._sentence, self._entry = sentence, entry
        self.refresh()

    def render(self) -> Content:
        """The sentence, as far as there is room beside the key."""
        if self._entry is None:
            return Content()
        told = cut(self._sentence, self.content_size.width - self._entry.width - len(BETWEEN))
        return Content.assemble(told, BETWEEN, (key_label(self._entry.key), "bold"), f" {self._entry.label}")

    def on_click(self) -> None:
        """Press the key."""
        if self._entry is not None:
            self.app.simulate_key(self._entry.key)
