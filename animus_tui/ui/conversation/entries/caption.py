"""The line below a picture: what it shows, and on the right what can be done or how far it has come."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct
from rich.cells import cell_len
from rich.style import Style

from animus_tui.printable import short_line
from animus_tui.ui.conversation.entries.entry import runs
from animus_tui.ui.markdown.cells import cut

if TYPE_CHECKING:
    from rich.segment import Segment

    from animus_tui.ui.conversation.entries.render_context import Palette

ITALIC = Style(italic=True)
WIDE = 64
"""Columns from which one row is enough."""


class CaptionRow(NamedTuple):
    """One row, and where the words are in it."""

    segments: list[Segment]
    words_x: int = 0
    """Cell where they begin."""
    words: int = 0
    """How many of their characters are shown, the mark of a cut included."""


class Caption(Struct, frozen=True):
    """The parts of a caption. It has the same height in every state, so that nothing moves when the picture comes."""

    words: str
    state: str = ""
    details: str = ""
    hints: str = ""

    def rows(self, width: int, palette: Palette) -> list[CaptionRow]:
        """One row, or two where it is narrow; the words are cut where there is no room."""
        words = short_line(self.words)
        hints = short_line(self.hints)
        quiet = palette.page.quiet
        italic = quiet + ITALIC
        state = f"{self.state}  " if self.state else ""
        if width < WIDE:
            kept = cut(words, width - cell_len(state))
            first = CaptionRow(runs((state, palette.accent), (kept, italic)), cell_len(state), len(kept))
            below = "   ".join(text for text in (self.details, hints) if text)
            return [first, CaptionRow(runs((cut(below, width), quiet)))] if below else [first]
        details = f" · {self.details}" if self.details and words else self.details
        room = width - cell_len(state) - cell_len(details) - cell_len(hints) - (3 if hints else 0)
        kept = cut(words, room)
        left = runs((state, palette.accent), (kept, italic), (details, quiet))
        gap = width - sum(segment.cell_length for segment in left) - cell_len(hints)
        right = runs((" " * gap, quiet), (hints, quiet)) if hints and gap >= 0 else []
        return [CaptionRow([*left, *right], cell_len(state), len(kept))]
