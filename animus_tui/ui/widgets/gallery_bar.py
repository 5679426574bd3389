"""The lines around the gallery: how many pictures there are and what they must be of, and what is known of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static

from animus_tui.printable import short_line
from animus_tui.ui.conversation.entries.entry import joined
from animus_tui.ui.textual_compat import key_name
from animus_tui.ui.widgets.line_input import LONGEST, LineInput
from animus_tui.ui.widgets.picture_grid import made

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult

    from animus_tui.chat.images.catalog import FoundPicture

TABS = "Gallery", "Account"
HINTS = "Tab account   / filters by words", "Tab gallery"
HINT_ALONE = "/ filters by words"
LEAST_PLACE = 12
"""Cells below which date and conversation say nothing and are left out."""


def count_told(shown: int, total: int, *, is_filtered: bool) -> str:
    """`5,000 pictures`, `1 picture`, or with a filter `37 of 5,000`."""
    if is_filtered:
        return f"{shown:,} of {total:,}"
    return "1 picture" if total == 1 else f"{total:,} pictures" if total else ""


class GalleryBar(Horizontal):
    """Title, count, and the field for words; what is done with the words is the screen's."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    GalleryBar {
        height: 1; padding: 0 1; color: $text-muted;
        #gallery-title { width: auto; padding: 0 2 0 0; }
        .-shown { color: $primary; text-style: bold; }
        #gallery-other { width: auto; padding: 0 2 0 0; }
        #gallery-count { width: auto; padding: 0 2 0 0; }
        #gallery-mark { width: auto; color: $secondary; display: none; }
        WordsField { display: none; width: 1fr; background: $background; }
        WordsField:focus { background-tint: $foreground 0%; }
        #gallery-hint { width: 1fr; text-align: right; }
        &.-filtering {
            #gallery-mark { display: block; }
            WordsField { display: block; }
            #gallery-hint { display: none; }
        }
    }
    """

    class Changed(Message):
        """Other words are wanted; blank ones leave all pictures."""

        def __init__(self, words: str) -> None:
            super().__init__()
            self.words = words

    class Left(Message):
        """Writing is over: back to the pictures, with the words or without them."""

    def __init__(self, *, has_account: bool = True) -> None:
        """`has_account`: the service keeps pictures too, which have a tab."""
        super().__init__()
        self._has_account = has_account
        self.field = WordsField()
        """Where one types. Made here: the footer asks the gallery for its keys before the bar has composed."""

    def compose(self) -> ComposeResult:
        """The titles of the tabs, the count, the field and the hint."""
        yield Static(TABS[0], id="gallery-title", classes="-shown")
        yield Static(TABS[1] if self._has_account else "", id="gallery-other")
        yield Static(id="gallery-count", markup=False)
        yield Static("❯ ", id="gallery-mark")
        yield self.field
        yield Static(self._hint(0), id="gallery-hint", markup=False)

    @property
    def words(self) -> str:
        """The words that the prompts must have."""
        return self.field.value

    def open(self) -> None:
        """Show the field and give it the focus."""
        self.add_class("-filtering")
        self.screen.set_focus(self.field)  # at once: focus() would leave the next letters to the pictures

    def close(self) -> None:
        """Show the hint in place of the field, unless there are words."""
        self.set_class(bool(self.words.strip()), "-filtering")

    def turn(self, tab: int) -> None:
        """Mark the tab that is shown, 0 or 1; only the first one has the field for words."""
        for number, name in enumerate(("#gallery-title", "#gallery-other")):
            self.query_one(name).set_class(number == tab, "-shown")
        self.set_class(tab == 0 and bool(self.words.strip()), "-filtering")
        self.query_one("#gallery-hint", Static).update(self._hint(tab))

    def _hint(self, tab: int) -> str:
        return HINTS[tab] if self._has_account else HINT_ALONE

    def tell(self, count: str) -> None:
        """Show how many pictures there are."""
        self.query_one("#gallery-count", Static).update(Content(count))

    @on(Input.Changed)
    @on(Input.Submitted)
    @on(Input.Blurred)
    def _own(self, event: Message) -> None:
        event.stop()  # nobody else's business


class WordsField(LineInput):
    """The words. Enter, Tab and ↓ go to the pictures, Esc takes the words away first."""

    def __init__(self) -> None:
        super().__init__(compact=True, max_length=LONGEST, select_on_focus=False)

    def watch_value(self, value: str) -> None:
        """Told at once, so that it stays before what is typed behind it."""
        self.post_message(GalleryBar.Changed(value))

    async def on_key(self, event: events.Key) -> None:
        """Leave the field with the keys that lead out of it."""
        key = key_name(event.key)
        if key == "escape":
            self.value = ""
        if key in ("escape", "enter", "tab", "down"):
            self.post_message(GalleryBar.Left())
            event.stop()
            event.prevent_default()


class GalleryLine(Widget):
    """What the chosen picture shows, on the right when it was made and in which conversation."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    GalleryLine { height: 1; padding: 0 1; color: $text-muted; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._words = self._place = ""

    def show(self, picture: FoundPicture | None) -> None:
        """Tell of this one; of nothing for None."""
        self._words = self._place = ""
        if picture is not None:
            variant = f"variant {picture.variant + 1} of {picture.variants}" if picture.variants > 1 else ""
            notes = joined((variant, made(picture).strip(), picture.title))
            self._words = short_line(f"{'★ ' if picture.record.starred else ''}{picture.record.prompt}")
            self._place = short_line(notes)
        self.refresh()

    def render(self) -> Content:
        """One line of exactly the width there is; the prompt has half of it before the rest is cut."""
        width = self.content_size.width
        words, place = Content.styled(self._words, "$foreground"), Content(self._place)
        room = max(width - words.cell_length - 2, width // 2)
        place = place.truncate(room, ellipsis=True) if room >= LEAST_PLACE else Content("")
        if width < 2 * LEAST_PLACE:
            place = Content("")
        words = words.truncate(width - place.cell_length - (2 if place.cell_length else 0), ellipsis=True)
        return Content.assemble(words, " " * (width - words.cell_length - place.cell_length), place)
