"""One line of text in a widget: shown as it stands, or typed, and what is pasted into it is made to fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.reactive import Reactive
from textual.widgets import Input

from animus_tui.printable import printable, short_line

if TYPE_CHECKING:
    from textual import events


def literal(text: str) -> Content:
    """One line of text from outside for a label, a title, an option or a tooltip.

    Brackets in it are brackets: Textual would read a `str` as markup, and does not a `Content`.
    """
    return Content(short_line(text))


LONGEST = 200
"""Characters of words that are looked for and of a title, at most."""


def one_line(text: str) -> str:
    """A text as it can be typed into such a line: printable, without line breaks, not too long."""
    return printable(text, newlines=False)[:LONGEST]


class LineInput(Input):
    """Textual's input line with a cursor that does not blink, as that would write to an idle terminal for ever."""

    cursor_blink: Reactive[bool] = Reactive(False, init=False)

    def on_paste(self, event: events.Paste) -> None:
        """Paste what fits; Input's own handler runs after this one."""
        event.text = self._fitting(event.text)

    def action_paste(self) -> None:
        """Paste what was copied here last."""
        self.replace(self._fitting(self.app.clipboard), *self.selection)

    def _fitting(self, text: str) -> str:
        line, (start, end) = printable(text, newlines=False), sorted(self.selection)
        return line[: self.max_length - len(self.value) + end - start] if self.max_length else line
