"""A box over the screen, which Esc or a click beside it closes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from textual.binding import Binding
from textual.screen import ModalScreen

if TYPE_CHECKING:
    from textual import events

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
