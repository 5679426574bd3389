"""Boxes over the screen: one that Esc or a click beside it closes, and a question that a key answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual import events
    from textual.app import ComposeResult


Result = TypeVar("Result")


class BoxScreen(ModalScreen[Result], Generic[Result]):
    """Its parts stand in a container with the id `box`; the class `hint` is for the keys in its last line."""

    SCOPED_CSS = False
    DEFAULT_CSS = """
    BoxScreen {
        align: center middle;
        #box {
            max-width: 100%;
            height: auto;
            max-height: 100%;
            padding: 1 2;
            background: $panel;
            scrollbar-size-vertical: 1;
            scrollbar-background: $panel;
        }
        .title { color: $text-muted; margin: 0 0 1 0; }
        .hint { color: $text-muted; height: auto; margin: 1 0 0 0; }
        Input { background: $background; }
        OptionList {
            margin: 1 0 0 0;
            background: $panel;
            scrollbar-size-vertical: 1;
            & > .option-list--option-disabled { color: $primary; }
            & > .option-list--option-highlighted { background: $primary 25%; color: $foreground; }
        }
        &.-narrow #box { padding: 0 1; }
    }
    .-theme-animus-contrast BoxScreen #box { border: solid $foreground; }
    """
    BINDINGS = [Binding("ctrl+c", "app.help_quit", show=False, system=True)]

    def action_leave(self) -> None:
        """Close the box; nothing was chosen."""
        self.dismiss(None)

    def on_click(self, event: events.Click) -> None:
        """A click beside the box leaves."""
        if self.get_widget_at(event.screen_x, event.screen_y)[0] is self:
            self.action_leave()


NO = ("escape", "n", "q")
"""The keys that answer no to every question."""


class Question(ModalScreen[str]):
    """Asks once; dismissed with the answer of the key that was pressed, which is empty for no."""

    DEFAULT_CSS = """
    Question {
        align: center middle;
        #question {
            width: 56; max-width: 100%; height: auto; padding: 1 2;
            background: $panel; border: solid $primary; color: $foreground;
        }
        &.-warning #question { border: solid $error; }
    }
    """

    def __init__(self, text: str, answers: Mapping[str, str], *, is_warning: bool = False) -> None:
        """`text` tells the keys, too; `answers` are those by the keys that do not say no.

        `is_warning`: what is asked for cannot be undone.
        """
        super().__init__(classes="-warning" if is_warning else None)
        self._text = text
        self._answers = {**answers, **dict.fromkeys(NO, "")}

    def compose(self) -> ComposeResult:
        """The question and the keys that answer it."""
        with Vertical(id="question"):
            yield Static(self._text, markup=False)

    def on_key(self, event: events.Key) -> None:
        """Leave with the answer."""
        if event.key in self._answers and self.is_current:
            event.stop()
            self.dismiss(self._answers[event.key])
