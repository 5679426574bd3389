"""A picture drawn for a view of its own: the mosaic first, then pixels where the terminal shows them."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from animus_tui.graphics.decoding.decoder import PictureUnreadable
from animus_tui.graphics.rendering.cells import fit

if TYPE_CHECKING:
    from pathlib import Path

    from animus_tui.graphics.decoding.protocol import Rgb
    from animus_tui.graphics.rendering.cells import Cells
    from animus_tui.graphics.rendering.kitty import Placeholders
    from animus_tui.ui.conversation.view import ConversationPane
    from animus_tui.ui.widgets.picture_view import PictureView

MOST_SIDE = 297
"""Columns and rows of a picture at most: as many as a terminal that shows pixels can name."""


class LargePicture:
    """Fills a view with one picture after the other; the terminal holds none but the one that is shown."""

    def __init__(self, view: PictureView, pane: ConversationPane) -> None:
        """`pane` knows the terminal and what draws for it."""
        self._view = view
        self._pane = pane
        self._held: Placeholders | None = None
        """What the terminal holds of it."""
        self._ground: Rgb | None = None
        """What the picture that is drawn or being drawn stands on."""

    @property
    def is_on_another_ground(self) -> bool:
        """Whether the view has another colour since the picture was drawn."""
        return self._ground not in (None, self._ground_now)

    @property
    def _ground_now(self) -> Rgb:
        return self._view.background_colors[1].rgb

    async def draw(self, path: Path, size: tuple[int, int]) -> None:
        """Draw the file, of `size` in pixels, for the room that there is; until it comes what was shown before stays.

        Below a dialog the mosaic stands in the place of pixels.
        """
        if not all(self._view.size):
            return
        self._ground = self._ground_now
        try:
            cells = await self._mosaic(path, size)
            self._view.show(cells)
            self.let_go()
            held = await self._pixels(path, cells)
        except PictureUnreadable as error:
            self._view.tell(error.sentence)
            self.let_go()
            return
        if held is not None:
            self._held = held
            self._view.show(held, covered=cells)

    async def prepare(self, path: Path, size: tuple[int, int]) -> None:
        """Have the mosaic of another file at hand, which will probably be wanted next."""
        if all(self._view.size):
            with suppress(PictureUnreadable):
                await self._mosaic(path, size)

    def let_go(self) -> None:
        """The terminal need not keep what is not shown any more."""
        held, self._held = self._held, None
        if held is not None:
            self._pane.images.terminal.free(held)

    def forget(self) -> None:
        """The terminal holds nothing of it any more."""
        self._held = None

    async def _mosaic(self, path: Path, size: tuple[int, int]) -> Cells:
        terminal, decoder = self._pane.options.terminal, self._pane.options.decoder
        assert decoder is not None  # noqa: S101 (without one there is no view to fill)
        columns, rows = fit(
            *size,
            max_columns=min(self._view.size.width, MOST_SIDE),
            max_rows=min(self._view.size.height, MOST_SIDE),
            cell_ratio=terminal.cell_ratio,
        )
        return await decoder.render(
            path,
            columns=columns,
            rows=rows,
            background=self._ground_now,
            colours=terminal.colours,
            glyphs="halves" if terminal.style == "block" else terminal.glyphs,
        )

    async def _pixels(self, path: Path, cells: Cells) -> Placeholders | None:
        """The same in pixels; None where the terminal shows none."""
        decoder, context = self._pane.options.decoder, self._pane.entries.context
        cell = context.pixels_of_cell if context is not None else None
        if cell is None or decoder is None:
            return None
        ground = self._ground_now
        pixels = await decoder.pixels(
            path, width=cells.columns * cell[0], height=cells.rows * cell[1], background=ground
        )
        return await self._pane.images.terminal.bring(
            pixels, columns=cells.columns, rows=cells.rows, background=ground
        )
