"""A text in which is found, with the find bar below it: `python -m tests.support.find_app` runs it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.app import App
from textual.widgets import Input, Static

from animus_tui.chat.search_text import spans
from animus_tui.ui.themes import THEMES, variable_defaults
from animus_tui.ui.widgets.find_bar import FindBar, FindField
from tests.support.screen import strips_of

if TYPE_CHECKING:
    from textual.app import ComposeResult

TEXT = "the quick brown fox jumps over the lazy dog, and the dog over the fox"


class FindApp(App[None]):
    """Keeps in `told` what the bar tells."""

    CSS = "#text { height: 1fr; }"

    def __init__(self) -> None:
        super().__init__()
        for ours in THEMES:
            self.register_theme(ours)
        self.theme = THEMES[0].name
        self.told: list[str | int] = []
        self.at = 0

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return variable_defaults(self.current_theme)

    def compose(self) -> ComposeResult:
        yield Static(TEXT, id="text")
        yield FindBar()
        yield Input(id="prompt", compact=True)

    def on_mount(self) -> None:
        self.query_one("#prompt", Input).cursor_blink = False
        self.bar.open()

    @property
    def bar(self) -> FindBar:
        return self.query_one(FindBar)

    @property
    def field(self) -> FindField:
        return self.query_one(FindField)

    @property
    def line(self) -> str:
        """The row of the bar as it is painted."""
        strips = strips_of(self)
        return "".join(segment.text for segment in strips[self.bar.region.y])

    @on(FindBar.Changed)
    def _bar_changed(self, event: FindBar.Changed) -> None:
        self.told.append(event.needle)
        self.at = 0
        self._count()

    @on(FindBar.Stepped)
    def _bar_stepped(self, event: FindBar.Stepped) -> None:
        self.told.append(event.step)
        self.at += event.step
        self._count()

    def _count(self) -> None:
        total = len(spans(TEXT, self.bar.needle))
        self.bar.show_count(self.at % total + 1 if total else None, total)

    @on(FindBar.Closed)
    def _bar_closed(self) -> None:
        self.told.append("closed")
        self.bar.close()
        self.query_one("#prompt").focus()


if __name__ == "__main__":
    FindApp().run()
