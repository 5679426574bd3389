"""The pictures of the gallery side by side, drawn as they come into view, or as lines of text."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, Any

from rich.cells import set_cell_size
from rich.segment import Segment
from textual.strip import Strip

from animus_tui.printable import short_line
from animus_tui.ui.conversation.entries.entry import clock, day_of
from animus_tui.ui.images.thumbnail_loader import TileShape
from animus_tui.ui.markdown.cells import cut
from animus_tui.ui.themes import ground_of
from animus_tui.ui.widgets.picture_choice import ChoiceLayout, PictureChoice
from animus_tui.ui.widgets.thumbnail_drawing import ThumbnailDrawing, tile_row

if TYPE_CHECKING:
    from rich.style import Style
    from textual.app import App

    from animus_tui.chat.images.catalog import FoundPicture
    from animus_tui.ui.images.thumbnail_loader import ThumbnailLoader, ThumbnailSource


LEAST = 16
"""Cells that a tile is wide at least, where there is room for two."""
ROWS_IN_VIEW = 4
"""Rows of tiles for which tiles are made larger on a tall screen."""
AROUND = 2
"""Cells beside a tile, for the frame of the chosen one."""
FRAME = ("┌", "─", "┐"), "│", ("└", "─", "┘")


class PictureGrid(PictureChoice):
    """Tiles as wide as high, a picture in the middle of each; a frame stands around the chosen one."""

    COMPONENT_CLASSES = {"grid--place"}
    DEFAULT_CSS = """
    PictureGrid { .grid--place { background: $panel; } }
    """

    def __init__(self, thumbnails: ThumbnailLoader, *, cell_ratio: float) -> None:
        """`cell_ratio` is a cell's width divided by its height."""
        super().__init__()
        self.thumbnails = thumbnails
        self._drawing = ThumbnailDrawing(
            self, thumbnails, look=self.in_view_changed, drawn=self._refresh_tiles
        )
        self._ratio = cell_ratio
        self._columns = self._rows = 1
        """Cells of a tile."""

    @property
    def is_complete(self) -> bool:
        """Whether all that is wanted has been drawn."""
        return self._drawing.is_complete

    def on_mount(self) -> None:
        """Draw the tiles again once the terminal comes back from another program."""
        self.app.app_resume_signal.subscribe(self, self._come_back)

    def on_unmount(self) -> None:
        """Drop all tiles, here and in the terminal."""
        self.thumbnails.clear()

    def _come_back(self, _: App[Any]) -> None:
        self.in_view_changed()
        self.refresh()

    def notify_style_update(self) -> None:
        """Another theme: what shines through has another colour."""
        super().notify_style_update()
        if self.is_attached and self.size.width:
            self._reshape_tiles()
            self.in_view_changed()

    # Its shape

    def lay_out(self, width: int) -> ChoiceLayout:
        """As many tiles beside each other as have room, all of the same size."""
        least = max(LEAST, int((self.size.height // ROWS_IN_VIEW - 1) / self._ratio))
        across = max(1, width // (least + AROUND))
        self._columns = max(1, width // across - AROUND)
        self._rows = max(2, round(self._columns * self._ratio))
        if across == 1:  # a terminal of a few cells
            self._rows = min(self._rows, max(2, self.size.height - 2))
        self._reshape_tiles()
        pitch = self._columns + AROUND
        left = max(0, (width - across * pitch) // 2)
        return ChoiceLayout(across, stride=self._rows + 1, edge=1, pitch=pitch, left=left)

    def _reshape_tiles(self) -> None:
        shape = TileShape(self._columns, self._rows, ground_of(self))
        self.thumbnails.reshape(shape)

    # Drawing

    def in_view_changed(self) -> None:
        """Draw what is in view, and then the next page; whatever else was to be drawn is not."""
        if not self.is_attached or not self.size.area:
            return
        pictures = self.pictures
        self._drawing.want(
            [pictures[index] for index in self.in_view], [pictures[index] for index in self.ahead]
        )

    def _refresh_tiles(self, picture: ThumbnailSource) -> None:
        for index in self.in_view:
            if self.pictures[index].key == picture.key:
                self._refresh_picture(index)

    # Painting

    def row(self, row: int, within: int) -> Strip:
        """A row of cells through the tiles beside each other; the first one lies above them, for the frame."""
        ground = self.rich_style
        across, left = self.choice_layout.across, self.choice_layout.left
        first = row * across
        segments = [Segment(" " * left, ground)] if left else []
        if within == 0:
            segments += self._between(row, ground)
        else:
            for index in range(first, min(first + across, len(self.pictures))):
                side = FRAME[1] if index == self.at else " "
                style = self.get_component_rich_style("choice--frame") if index == self.at else ground
                segments.append(Segment(side, style))
                segments += self._tile_row(self.pictures[index], within - 1, ground)
                segments.append(Segment(side, style))
        return Strip(segments).adjust_cell_length(self.size.width, ground)

    def _between(self, row: int, ground: Style) -> list[Segment]:
        """The row between two rows of tiles: the end of the frame or its beginning, and the marks of those below."""
        across, frame = self.choice_layout.across, self.get_component_rich_style("choice--frame")
        first = row * across
        chosen, column = divmod(self.at, across)
        segments: list[Segment] = []
        for place in range(across):
            index = first + place
            marks = self.marks(self.pictures[index]) if index < len(self.pictures) else ""
            if self.pictures and place == column and row - chosen in (0, 1):
                left, line, right = FRAME[0] if row == chosen else FRAME[2]
                segments.append(Segment(left + marks + line * (self._columns - len(marks)) + right, frame))
            elif marks:
                segments.append(Segment(f" {marks}".ljust(self._columns + AROUND), frame))
            else:
                segments.append(Segment(" " * (self._columns + AROUND), ground))
        return segments

    def _tile_row(self, picture: FoundPicture, row: int, ground: Style) -> list[Segment]:
        """One row of a tile, exactly as wide as all."""
        tile = self.thumbnails.get(picture)
        if tile is None:
            return [Segment(" " * self._columns, self.get_component_rich_style("grid--place"))]
        if tile.image is None:
            lines = wrap(tile.sentence, self._columns, max_lines=self._rows, placeholder="…")
            text = lines[row] if row < len(lines) else ""
            return [
                Segment(set_cell_size(text, self._columns), self.get_component_rich_style("choice--quiet"))
            ]
        size, is_covered = (self._columns, self._rows), not self.screen.is_active
        return tile_row(tile, row, size, ground, is_covered=is_covered)


LEAST_DATED = 60
"""Cells from which a line has its date; below it stands only in the line of the chosen picture."""


class PictureLines(PictureChoice):
    """One line a picture, for screens that show none; a mark stands before the chosen one."""

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
