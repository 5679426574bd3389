"""The quiet line at the top: who is talking, where the answers come from, what the conversation is called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.content import Content
from textual.widget import Widget

from animus_tui.late_pattern import late_pattern
from animus_tui.printable import short_line
from animus_tui.ui.contrast import least_contrast, readable
from animus_tui.ui.themes import ground_of

if TYPE_CHECKING:
    from collections.abc import Sequence

LEAST_TITLE = 9
"""Cells below which a shortened title says nothing and is left out."""
GAP = 2
"""Cells between the notes and the title, at least."""
_ASIDE = late_pattern("[,:] ")


def shortened(notes: Sequence[str], width: int) -> list[str]:
    """The notes that fit in `width` cells with ` · ` between: asides after a comma or colon go first, then the last."""
    kept = list(notes)
    for index in reversed(range(len(kept))):
        if _width(kept) <= width:
            break
        kept[index] = _ASIDE.split(kept[index], maxsplit=1)[0]
    while len(kept) > 1 and _width(kept) > width:
        kept.pop()
    return kept


def _width(notes: Sequence[str]) -> int:
    return cell_len(" · ".join(notes))


class StatusLine(Widget):
    """Left the name and where it answers from, right the title; the title gives way first."""

    DEFAULT_CSS = """
    StatusLine {
        height: 1;
        padding: 0 1;
        color: $text-muted;
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._notes: tuple[str, ...] = ()
        self._title = ""
        self._accent = ""

    def show(self, notes: Sequence[str], title: str, accent: str = "") -> None:
        """`notes` by weight: the first is the name, the last ones go first where it is narrow.

        `accent` is the colour of the name, `#rrggbb`; empty for the theme's.
        """
        self._accent = accent
        self._notes = tuple(short_line(note) for note in notes if note)
        self._title = short_line(title)
        self.refresh()

    def render(self) -> Content:
        """One line of exactly the width there is."""
        width = self.content_size.width
        notes = shortened(self._notes, width)
        name, *others = notes or [""]
        ground = ground_of(self)
        colour = readable(self._accent, ground, least_contrast(self.app.theme)) or "$primary"
        left = Content.assemble((name, f"bold {colour}"), *(f" · {note}" for note in others))
        left = left.truncate(width, ellipsis=True)
        room = width - left.cell_length - GAP
        title = Content(self._title)
        if title.cell_length > room:
            title = title.truncate(room, ellipsis=True) if room >= LEAST_TITLE else Content("")
        return Content.assemble(left, " " * (width - left.cell_length - title.cell_length), title)
