"""The line below a picture: what it shows, and on the right what can be done or how far it has come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size
from textual.content import Content
from textual.widget import Widget

from animus_tui.printable import printable

if TYPE_CHECKING:
    from textual.geometry import Size

WIDE = 64
"""Columns from which one row is enough."""


class Caption(Widget):
    """As high in one state as in the other, so that nothing jumps when the picture comes."""

    DEFAULT_CSS = """
    Caption { width: 1fr; height: auto; color: $text-muted; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._state = self._words = self._facts = self._hints = ""

    def show(self, words: str, *, state: str = "", facts: str = "", hints: str = "") -> None:
        """`state hints` beside or above `words · facts`; the words are cut where there is no room."""
        had_more = self._has_more
        self._words = printable(words, newlines=False)
        self._state, self._facts = state, facts
        self._hints = printable(hints, newlines=False)
        self.refresh(layout=had_more != self._has_more)

    @property
    def _has_more(self) -> bool:
        return bool(self._facts or self._hints)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """One row, or two where it is narrow."""
        return 2 if self._has_more and width < WIDE else 1

    def render(self) -> Content:
        """The row or rows at the width that there is."""
        width = self.content_size.width
        state = f"{self._state}  " if self._state else ""
        if width < WIDE:
            words = _cut(self._words, width - cell_len(state))
            below = "   ".join(text for text in (self._facts, self._hints) if text)
            return Content.assemble((state, "$accent"), (words, "italic"), "\n", _cut(below, width))
        facts = f" · {self._facts}" if self._facts and self._words else self._facts
        room = width - cell_len(state) - cell_len(facts) - cell_len(self._hints) - (3 if self._hints else 0)
        words = _cut(self._words, room)
        left = Content.assemble((state, "$accent"), (words, "italic"), facts)
        gap = max(0, width - left.cell_length - cell_len(self._hints))
        return Content.assemble(left, " " * gap, self._hints)


def _cut(text: str, room: int) -> str:
    if cell_len(text) <= room:
        return text
    return set_cell_size(text, max(room - 1, 0)).rstrip() + "…" if room > 0 else ""
