"""Drawing the thumbnails that a widget shows, and cutting one of their rows to the width that all have."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from rich.segment import Segment

from animus_tui.errors import NoHomeError
from animus_tui.graphics.decoding.thumbnails import ThumbnailFolder
from animus_tui.paths import thumbnails_dir
from animus_tui.ui.images.thumbnail_loader import ThumbnailLoader

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rich.style import Style
    from textual.widget import Widget

    from animus_tui.ui.images.renderer import ImageRenderer
    from animus_tui.ui.images.thumbnail_loader import ThumbnailSource, Tile


def thumbnail_loader(renderer: ImageRenderer) -> ThumbnailLoader | None:
    """What loads thumbnails, from the user's folder of them where there is one; None where no pictures are drawn."""
    if renderer.decoder is None:
        return None
    try:
        folder = ThumbnailFolder(thumbnails_dir())
    except NoHomeError:
        folder = None
    return ThumbnailLoader(renderer, folder)


class ThumbnailDrawing:
    """Draws what a widget wants, one thumbnail after the other, in a worker of that widget."""

    def __init__(
        self,
        widget: Widget,
        loader: ThumbnailLoader,
        *,
        look: Callable[[], object],
        drawn: Callable[[ThumbnailSource], object],
    ) -> None:
        """`look` looks again which thumbnails are in view; `drawn` is called for each that was drawn."""
        self.loader = loader
        self._widget = widget
        self._look = look
        self._drawn = drawn
        self.is_complete = True
        """Whether all that is wanted has been drawn."""

    def want(self, in_view: Sequence[ThumbnailSource], ahead: Sequence[ThumbnailSource]) -> None:
        """Draw the thumbnails in view and then those that probably come next; all others are not drawn any more."""
        self.loader.want(in_view, ahead)
        if self.is_complete and self.loader.next is not None:
            self.is_complete = False
            self._widget.run_worker(self._draw())

    async def _draw(self) -> None:
        try:
            while (picture := self.loader.next) is not None:
                await self.loader.draw(picture)
                tile = self.loader.get(picture)
                if tile is not None and tile.again_at is not None:
                    self._widget.set_timer(max(tile.again_at - time.monotonic(), 0) + 0.1, self._look)
                self._drawn(picture)
        finally:
            self.is_complete = True


def tile_row(
    tile: Tile | None, row: int, size: tuple[int, int], ground: Style, *, is_covered: bool
) -> list[Segment]:
    """Row `row` of a thumbnail in the middle of a tile of `size` (columns, rows), exactly as wide as the tile.

    It is blank without an image. `is_covered`: it is below a dialog.
    """
    columns, rows = size
    if tile is None or tile.image is None:
        return [Segment(" " * columns, ground)]
    key = tile.image.key
    at, left = row - (rows - key.rows) // 2, (columns - key.columns) // 2
    if not 0 <= at < key.rows:
        return [Segment(" " * columns, ground)]
    before, behind = (
        [Segment(" " * count, ground)] if count else [] for count in (left, columns - left - key.columns)
    )
    return [*before, *tile.row(at, is_covered=is_covered), *behind]
