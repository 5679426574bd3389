"""The line below a picture: what it shows, and on the right what can be done or how far it has come."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len, set_cell_size
from rich.style import Style

from animus_tui.printable import printable
from animus_tui.ui.flow.entry import runs

if TYPE_CHECKING:
    from rich.segment import Segment

    from animus_tui.ui.flow.canvas import Palette

ITALIC = Style(italic=True)
WIDE = 64
"""Columns from which one row is enough."""


class Caption(NamedTuple):
    """What it says; as high in one state as in the other, so that nothing jumps when the picture comes."""

    words: str
    state: str = ""
    facts: str = ""
    hints: str = ""

    def rows(self, width: int, palette: Palette) -> list[list[Segment]]:
        """One row, or two where it is narrow; the words are cut where there is no room."""
        words = printable(self.words, newlines=False)
        hints = printable(self.hints, newlines=False)
        quiet = palette.page.quiet
        italic = quiet + ITALIC
        state = f"{self.state}  " if self.state else ""
        if width < WIDE:
            first = runs((state, palette.accent), (cut(words, width - cell_len(state)), italic))
            below = "   ".join(text for text in (self.facts, hints) if text)
            return [first, runs((cut(below, width), quiet))] if below else [first]
        facts = f" · {self.facts}" if self.facts and words else self.facts
        room = width - cell_len(state) - cell_len(facts) - cell_len(hints) - (3 if hints else 0)
        left = runs((state, palette.accent), (cut(words, room), italic), (facts, quiet))
        gap = width - sum(segment.cell_length for segment in left) - cell_len(hints)
        return [[*left, *runs((" " * gap, quiet), (hints, quiet))] if hints and gap >= 0 else left]


def cut(text: str, room: int) -> str:
    """The text in at most `room` cells, `…` where it is cut."""
    if cell_len(text) <= room:
        return text
    return set_cell_size(text, max(room - 1, 0)).rstrip() + "…" if room > 0 else ""
