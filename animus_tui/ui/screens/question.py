"""A question in a box, which is answered by a key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual import events
    from textual.app import ComposeResult

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
