"""The pictures of the gallery as lines of text, for screens that show none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.strip import Strip

from animus_tui.printable import short_line
from animus_tui.ui.conversation.entries.entry import clock, day_of
from animus_tui.ui.markdown.cells import cut
from animus_tui.ui.widgets.picture_choice import PictureChoice

if TYPE_CHECKING:
    from animus_tui.chat.images.catalog import FoundPicture

LEAST_DATED = 60
"""Cells from which a line has its date; below it stands only in the line of the chosen picture."""


class PictureLines(PictureChoice):
    """One line a picture; a mark stands before the chosen one."""

    def row(self, row: int, within: int) -> Strip:
        """The line of a picture."""
        width = self.size.width
        if row >= len(self.pictures):
            return Strip.blank(width, self.rich_style)
        picture = self.pictures[row]
        is_chosen = row == self.at
        mark = self.get_component_rich_style("choice--frame")
        quiet = self.get_component_rich_style("choice--quiet")
        date = f"{made(picture)}  " if width >= LEAST_DATED else ""
        words = short_line(picture.record.prompt)
        marks = self.marks(picture)
        marks = f"{marks} " if marks else ""
        prompt = cut(words, width - 2 - len(date) - len(marks))
        parts = [
            Segment("> " if is_chosen else "  ", mark),
            Segment(date, quiet),
            Segment(marks, mark),
            Segment(prompt, mark if is_chosen else self.rich_style),
        ]
        return Strip(parts).adjust_cell_length(width, self.rich_style)


def made(picture: FoundPicture) -> str:
    """Day and time of a picture by the user's clock: `2026-01-31 14:02`; blank where that is not known."""
    day = day_of(picture.record.created)
    return f"{day.isoformat()} {clock(picture.record.created)}" if day else " " * 16
