"""The question whether a file that was dropped is to be imported as a character."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from animus_tui.printable import short_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events
    from textual.app import ComposeResult


class CardQuestion(ModalScreen[bool]):
    """Asks once; dismissed with whether the cards are to be imported."""

    DEFAULT_CSS = """
    CardQuestion {
        align: center middle;
        #card-question {
            width: 56; max-width: 100%; height: auto; padding: 1 2;
            background: $panel; border: solid $primary; color: $foreground;
        }
    }
    """
    BINDINGS = [
        Binding("enter,y", "answer(True)", "Import", show=False),
        Binding("escape,n,q", "answer(False)", "Do not import", show=False),
    ]

    def __init__(self, names: Sequence[str], *, are_pictures: bool) -> None:
        """`names` of the characters; `are_pictures`: whether the files can be attached as well."""
        super().__init__()
        self._names = names
        self._are_pictures = are_pictures

    def compose(self) -> ComposeResult:
        """The question and the keys that answer it."""
        count = len(self._names)
        if count == 1:
            told, what, other = f"{short_line(self._names[0])} is a character card.", "it", "a picture"
        else:
            told, what, other = f"These are {count} character cards.", "them", "pictures"
        instead = f"Attach {what} as {other}" if self._are_pictures else "Paste the path as text"
        with Vertical(id="card-question"):
            yield Static(f"{told}\n\nEnter  Import {what}\nEsc    {instead}", markup=False)

    def action_answer(self, is_wanted: bool) -> None:
        """Leave with the answer."""
        if self.is_current:
            self.dismiss(is_wanted)

    def on_click(self, event: events.Click) -> None:
        """A click beside the question is none of the two: it stays."""
        event.stop()
