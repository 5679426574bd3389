"""A picture's cells: what should be drawn for it, what was, and what stands in its place below a dialog."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from rich.segment import Segment
from textual.strip import Strip

from animus_tui.errors import UserError
from animus_tui.graphics.decoding.protocol import Rgb
from animus_tui.graphics.rendering.kitty import Placeholders
from animus_tui.ui.markdown.text_layout import Row

if TYPE_CHECKING:
    from collections.abc import Callable

    from animus_tui.graphics.rendering.cells import Cells
    from animus_tui.ui.conversation.entries.entry import Entry
    from animus_tui.ui.conversation.entries.render_context import RenderContext


NO_FILE = "The picture's file is not among those of this conversation."


class Drawing(Struct, frozen=True):
    """A file in a number of cells, and all else that its looks depend on."""

    path: Path
    columns: int
    rows: int
    background: Rgb
    """What it is laid on where it is transparent."""
    cell: tuple[int, int] | None
    """Width and height of a cell in pixels, for a terminal that shows pixels; None for a mosaic."""


class ImageSlot:
    """The place of one picture in an entry, which draws it anew when the cells of the slot are others."""

    def __init__(
        self, entry: Entry, size: Callable[[RenderContext], tuple[int, int]], file: str | None = None
    ) -> None:
        """`size` tells columns and rows of the picture."""
        self._entry = entry
        self._size = size
        self._file = file
        self.drawn: Drawing | None = None
        """What is shown, or could not be."""
        self.sentence = ""
        """Why it cannot be drawn."""
        self._cells: Cells | Placeholders | None = None
        self._covered_cells: Cells | None = None
        self._is_covered = False
        self._again_at: float | None = None
        """When it is worth trying once more, by `time.monotonic()`; None where it was drawn or never will be."""

    @property
    def entry(self) -> Entry:
        """The entry in which the picture stands."""
        return self._entry

    @property
    def file(self) -> str | None:
        """Path of the picture below the conversation's folder; None while there is none."""
        return self._file

    def show_file(self, file: str) -> None:
        """Another file is the picture."""
        if file != self._file:
            self._file, self.sentence = file, ""

    def wanted(self, context: RenderContext) -> Drawing | None:
        """What should be drawn for this canvas and is not yet; nothing where pictures are cards of words."""
        file = self.file
        if file is None or context.options.decoder is None:
            return None
        try:
            path = context.path_of(file)
        except UserError:
            # A history that somebody else wrote names any file it likes.
            if self.sentence != NO_FILE:
                self.sentence = NO_FILE
                self._entry.invalidate()
            return None
        drawing = Drawing(path, *self._size(context), context.background, context.pixels_of_cell)
        is_due = self._again_at is not None and time.monotonic() >= self._again_at
        return drawing if drawing != self.drawn or is_due else None

    def draw(
        self,
        drawing: Drawing,
        cells: Cells | Placeholders | None,
        sentence: str = "",
        *,
        again_in: float | None = None,
    ) -> None:
        """It was drawn, or the sentence says why it cannot be; it may be in `again_in` seconds."""
        self._again_at = None if again_in is None else time.monotonic() + again_in
        self.drawn, self._cells, self.sentence = drawing, cells, sentence
        self._entry.invalidate()

    def draw_covered(self, cells: Cells | None) -> None:
        """What is shown in place of placeholders below a dialog, whose tint changes colours; None: an empty place."""
        if cells is not self._covered_cells:
            self._covered_cells = cells
            if self._is_covered:
                self._entry.invalidate()

    def cover(self, is_covered: bool) -> bool:
        """A dialog came, or went; whether that makes the picture look different."""
        if is_covered == self._is_covered:
            return False
        self._is_covered = is_covered
        if not isinstance(self._cells, Placeholders):
            return False
        self._entry.invalidate()
        return True

    def forget(self) -> None:
        """Its cells are no longer at hand; they are wanted again when somebody looks."""
        self.drawn = self._cells = self._covered_cells = None
        self._entry.invalidate()

    @property
    def cells_now(self) -> Cells | Placeholders | None:
        """What is seen of it now."""
        is_hidden = self._is_covered and isinstance(self._cells, Placeholders)
        return self._covered_cells if is_hidden else self._cells


def row_of_cells(cells: Cells | Placeholders, row: int, columns: int) -> Row:
    """A row of the picture, cut where it is drawn for more columns than there are now."""
    segments = cells.segments(row)
    if cells.columns <= columns:
        return Row(tuple(segments), cells.columns)
    return Row(tuple(Strip(segments, cells.columns).crop(0, columns)), columns)


def blank_row(columns: int, context: RenderContext) -> Row:
    """A row of the place of a picture that is not there yet."""
    return Row((Segment(" " * columns, context.palette.place),), columns)
