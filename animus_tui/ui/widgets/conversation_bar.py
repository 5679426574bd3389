"""The lines around the list of conversations: where one types, what is listed, and the keys that work now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Input, Static

from animus_tui.printable import printable
from animus_tui.ui.commands.key_bindings import key_label
from animus_tui.ui.textual_compat import scroll_to_first_value
from animus_tui.ui.widgets.key_footer import GAP, Entry, KeyFooter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events
    from textual.app import ComposeResult

LONGEST = 200
"""Characters of a filter or a title, at most."""
NAMES = "Conversations", "Archived", "Trash"
FILTER = "Type to filter"


def count_told(shown: int, total: int, *, is_filtered: bool) -> str:
    """`5,000`, or with a filter `37 of 5,000`."""
    return f"{shown:,} of {total:,}" if is_filtered else f"{total:,}"


class TitleField(Input):
    """Where one types words to filter by, or a title."""

    def __init__(self) -> None:
        super().__init__(compact=True, max_length=LONGEST, select_on_focus=False, placeholder=FILTER)
        self.cursor_blink = False  # a blinking cursor would write to an idle terminal for ever
        scroll_to_first_value(self)

    def on_paste(self, event: events.Paste) -> None:
        """Paste what fits; Input's own handler runs after this one."""
        event.text = printable(event.text, newlines=False)[:LONGEST]


class ConversationBar(Vertical):
    """What is listed, and the field."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    ConversationBar {
        height: 3; max-width: 102; padding: 0 3 0 0; color: $text-muted;
        Horizontal { height: 1; }
        .bar--name { width: auto; padding: 0 2 0 0; }
        .-shown { color: $primary; text-style: bold; }
        #bar-count { width: 1fr; text-align: right; }
        #bar-mark { width: auto; color: $secondary; }
        TitleField { width: 1fr; background: $background; }
        TitleField:focus { background-tint: $foreground 0%; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self.field = TitleField()
        """Where one types."""

    def compose(self) -> ComposeResult:
        """Two lines and a blank one."""
        with Horizontal():
            for number, name in enumerate(NAMES):
                shown = "" if number else " -shown"
                yield Static(name, classes=f"bar--name{shown}", markup=False)
            yield Static(id="bar-count", markup=False)
        with Horizontal():
            yield Static("❯ ", id="bar-mark")
            yield self.field

    def tell(self, shown_name: int, shown: int, total: int, *, is_filtered: bool) -> None:
        """Say which conversations are listed, and how many there are."""
        for number, name in enumerate(self.query(".bar--name")):
            name.set_class(number == shown_name, "-shown")
        self.query_one("#bar-count", Static).update(
            Content(count_told(shown, total, is_filtered=is_filtered))
        )

    def ask_title(self, title: str) -> None:
        """Have a title typed."""
        self.query_one("#bar-mark", Static).update("Title ❯ ")
        self.field.placeholder = ""
        self.field.value = printable(title, newlines=False)[:LONGEST]
        self.field.cursor_position = len(self.field.value)

    def ask_words(self, words: str) -> None:
        """Have words typed to filter by."""
        self.query_one("#bar-mark", Static).update("❯ ")
        self.field.placeholder = FILTER
        self.field.value = words
        self.field.cursor_position = len(words)


class ConversationKeys(Vertical):
    """What can be undone, and the keys."""

    DEFAULT_CSS = """
    ConversationKeys { height: auto; color: $text-muted; }
    """
    ALLOW_SELECT = False

    def compose(self) -> ComposeResult:
        """One line, or two."""
        yield UndoLine()
        yield ListedKeys()

    def show(self, entries: Sequence[Entry]) -> None:
        """Show these keys."""
        self.query_one(ListedKeys).show(entries)

    def tell(self, sentence: str, entry: Entry | None) -> None:
        """Say what was done, with the key that takes it back; nothing where there is none."""
        self.query_one(UndoLine).show(sentence, entry)


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
        """Those that fit, the first ones and the last one."""
        room = self.content_size.width
        kept: list[Entry] = []
        for entry in [*self._shown[-1:], *self._shown[:-1]]:
            if entry.width <= room:
                kept.append(entry)
                room -= entry.width + GAP
        return [*kept[1:], *kept[:1]]


class UndoLine(Static):
    """What was deleted last, and the key that brings it back; a click does, too."""

    DEFAULT_CSS = """
    UndoLine { height: 1; padding: 0 1; color: $foreground; display: none; }
    """

    def __init__(self) -> None:
        super().__init__(markup=False)
        self._entry: Entry | None = None

    def show(self, sentence: str, entry: Entry | None) -> None:
        """Show a sentence with a key, or nothing."""
        self._entry = entry
        self.display = entry is not None
        if entry is not None:
            self.update(Content.assemble(sentence, " · ", (key_label(entry.key), "bold"), f" {entry.label}"))

    def on_click(self) -> None:
        """Press the key."""
        if self._entry is not None:
            self.app.simulate_key(self._entry.key)
