"""The least that a chat in Textual is: header, scrolling space, text area, footer. Nothing of this project is in it."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Footer, Header, Static, TextArea


class MinimalChat(App[None]):
    """A chat without anything to it."""

    CSS = "TextArea { height: 5; } VerticalScroll { height: 1fr; }"

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield Header()
        with VerticalScroll(can_focus=False):
            yield Static("And so it ended with Lastmark")
        yield TextArea()
        yield Footer()

    def on_mount(self) -> None:
        """Write at once; a blinking cursor would keep the terminal busy."""
        area = self.query_one(TextArea)
        area.cursor_blink = False
        area.focus()


if __name__ == "__main__":
    MinimalChat().run()
