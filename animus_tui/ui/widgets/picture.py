"""A picture in the conversation: its place from the first frame, its cells when they are drawn."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING

from rich.segment import Segment
from textual import work
from textual.strip import Strip
from textual.widget import Widget

from animus_tui.graphics.cells import fit
from animus_tui.graphics.decode import PictureUnreadable
from animus_tui.printable import printable

if TYPE_CHECKING:
    from pathlib import Path

    from textual.geometry import Size

    from animus_tui.graphics.decode import PictureDecoder
    from animus_tui.graphics.terminal import Terminal

ROWS_AROUND = 9
"""Rows that a picture leaves free on the screen, for the words around it and the prompt."""


class PictureView(Widget):
    """The cells of one picture, or the empty place where it will be, of the same height."""

    COMPONENT_CLASSES = {"picture--place"}
    DEFAULT_CSS = """
    PictureView { width: 1fr; height: auto; }
    PictureView > .picture--place { background: $panel; }
    """

    def __init__(self, decoder: PictureDecoder, terminal: Terminal, *, most_rows: int) -> None:
        super().__init__()
        self._decoder = decoder
        self._terminal = terminal
        self._most_rows = most_rows
        self._path: Path | None = None
        self._pixels = (0, 0)
        self._strips: list[Strip] = []
        self._wanted: tuple[Path, tuple[int, int]] | None = None
        """File and cells of the drawing that is there or on its way."""
        self._sentence = ""

    def reserve(self, width_px: int, height_px: int) -> None:
        """Keep the place for a picture of this shape."""
        self._pixels = (width_px, height_px)
        self._path, self._wanted, self._strips, self._sentence = None, None, [], ""
        self.refresh(layout=True)

    def show(self, path: Path, width_px: int, height_px: int) -> None:
        """Draw the file; what was there stays until it is ready."""
        if path == self._path:
            return
        self._path, self._pixels, self._sentence = path, (width_px, height_px), ""
        self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """The rows that the picture takes at this width."""
        return self._cells(width)[1]

    def render_line(self, y: int) -> Strip:
        """Row `y` of the picture, or of the place that is kept for it."""
        width = self.content_size.width
        self._draw_at(width)
        if y < len(self._strips):
            return self._strips[y].adjust_cell_length(width, self.rich_style)
        if self._sentence:
            lines = wrap(self._sentence, max(width, 1))
            line = Segment(lines[y] if y < len(lines) else "", self.rich_style)
            return Strip([line]).adjust_cell_length(width, self.rich_style)
        columns = min(self._cells(width)[0], width)
        place = Segment(" " * columns, self.get_component_rich_style("picture--place"))
        return Strip([place, Segment(" " * (width - columns), self.rich_style)], width)

    def _cells(self, width: int) -> tuple[int, int]:
        """Columns and rows in a place of this width."""
        rows = max(4, min(self._most_rows, self.app.size.height - ROWS_AROUND))
        return fit(
            *self._pixels, max_columns=max(width, 1), max_rows=rows, cell_ratio=self._terminal.cell_ratio
        )

    def _draw_at(self, width: int) -> None:
        """Have the file drawn at this width, unless it is: only what comes into view is ever decoded."""
        if self._path is not None and width and self._wanted != (self._path, self._cells(width)):
            self._wanted = self._path, self._cells(width)
            self.call_next(self._draw, *self._wanted)

    @work(exclusive=True)
    async def _draw(self, path: Path, cells: tuple[int, int]) -> None:
        columns, rows = cells
        try:
            drawn = await self._decoder.render(
                path,
                columns=columns,
                rows=rows,
                background=self.background_colors[1].rgb,
                colours=self._terminal.colours,
            )
        except PictureUnreadable as error:
            self._strips, self._sentence = [], printable(error.sentence, newlines=False)
        else:
            self._strips = [Strip(drawn.segments(row), columns) for row in range(rows)]
        self.refresh()
