"""The tiles of the gallery: drawn from thumbnails one after the other, those that are looked at first."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from animus_tui.errors import UserError
from animus_tui.graphics.decoding.decoder import PictureUnreadable
from animus_tui.graphics.decoding.thumbnails import SIDE
from animus_tui.graphics.rendering.cells import fit
from animus_tui.printable import short_line
from animus_tui.ui.conversation.entries.render_context import USUAL_CELL

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rich.segment import Segment

    from animus_tui.chat.images.catalog import FoundPicture
    from animus_tui.graphics.decoding.decoder import PictureDecoder
    from animus_tui.graphics.decoding.protocol import Rgb
    from animus_tui.graphics.decoding.thumbnails import ThumbnailFolder
    from animus_tui.graphics.probe.capabilities import Terminal
    from animus_tui.graphics.rendering.cells import Cells
    from animus_tui.graphics.rendering.kitty import Placeholders
    from animus_tui.ui.terminal_pictures import TerminalPictures

MOST_BYTES = 3 << 20
"""Of cells: about 1,000 tiles."""
MOST_TERMINAL_BYTES = 24 << 20
"""Of images in the terminal: about 170 thumbnails, or 37 tiles of 400×400 pixels."""
MOST_ENLARGED = 1.25
"""How many times as large as a thumbnail a tile may be before the thumbnail looks blurred in it."""

Key = tuple[str, str, int]


class Shape(NamedTuple):
    """What all tiles have in common."""

    columns: int
    rows: int
    """Cells that a tile has room for."""
    background: Rgb
    """What shines through where a picture is transparent."""


@dataclass(slots=True, eq=False)
class Tile:
    """A picture that was drawn, or a sentence in its place."""

    cells: Cells | None = None
    pixels: Placeholders | None = None
    """The same as the terminal holds it; not shown below a dialog, whose tint would change its colours."""
    has_all: bool = False
    """Whether there is nothing more to be had than what is here."""
    sentence: str = ""
    again_at: float | None = None
    """When it is worth drawing once more, by `time.monotonic()`; None where it was drawn or never will be."""
    lines: list[list[Segment]] | None = None
    """Of the cells, as long as they are in view."""

    @property
    def is_due(self) -> bool:
        """Whether it could not be drawn for a reason that may have passed."""
        return self.again_at is not None and time.monotonic() >= self.again_at

    @property
    def size_in_bytes(self) -> int:
        """Memory that it takes, near enough for a cache."""
        return 300 + (self.cells.size_in_bytes if self.cells is not None else len(self.sentence))


class Tiles:
    """What is at hand, bounded in bytes here and in the terminal; and the drawing of what is wanted."""

    def __init__(
        self,
        decoder: PictureDecoder,
        thumbnails: ThumbnailFolder | None,
        terminal: Terminal,
        held: TerminalPictures,
        *,
        shows_pixels: bool,
    ) -> None:
        """Without a folder of thumbnails each picture is drawn from its own file; `held` is what the terminal holds."""
        self._decoder = decoder
        self._thumbnails = thumbnails
        self._terminal = terminal
        self._terminal_pictures = held
        self._shows_pixels = shows_pixels
        self._shape = Shape(0, 0, (0, 0, 0))
        self._tiles: OrderedDict[Key, Tile] = OrderedDict()
        self._bytes = self._terminal_bytes = 0
        self._in_view: Sequence[FoundPicture] = ()
        self._ahead: Sequence[FoundPicture] = ()

    def at_hand(self, picture: FoundPicture) -> Tile | None:
        """The picture's tile, if it has been drawn."""
        return self._tiles.get(picture.key)

    def reshape(self, shape: Shape) -> None:
        """Tiles have another size or ground; those that there are go."""
        if shape != self._shape:
            self.clear()
            self._shape = shape

    def want(self, in_view: Sequence[FoundPicture], ahead: Sequence[FoundPicture]) -> None:
        """These are looked at, and these probably next; whatever was wanted before is not any more."""
        near = {picture.key for picture in (*in_view, *ahead)}
        for picture in (*self._in_view, *self._ahead):
            tile = self._tiles.get(picture.key)
            if tile is not None and picture.key not in near:
                tile.lines = None
        self._in_view, self._ahead = in_view, ahead
        for picture in (*ahead, *in_view):
            if picture.key in self._tiles:
                self._tiles.move_to_end(picture.key)

    @property
    def next(self) -> FoundPicture | None:
        """What is to be drawn now: what is in view, then better, then what may come into view."""
        for picture in self._in_view:
            if picture.key not in self._tiles or self._tiles[picture.key].is_due:
                return picture
        for picture in self._in_view:
            if not self._tiles[picture.key].has_all:
                return picture
        return next((picture for picture in self._ahead if picture.key not in self._tiles), None)

    async def draw(self, picture: FoundPicture) -> None:
        """Draw a picture, or one that is drawn better; `at_hand` has it then, unless the tiles were reshaped."""
        shape, tile = self._shape, self._tiles.get(picture.key)
        if tile is not None and not tile.is_due:
            await self._bring(picture, tile, shape)
            return
        try:
            drawn = Tile(await self._cells(picture, shape), has_all=not self._shows_pixels)
        except PictureUnreadable as error:
            again_at = None if error.again_in is None else time.monotonic() + error.again_in
            sentence = short_line(error.sentence)
            drawn = Tile(sentence=sentence, has_all=True, again_at=again_at)
        before = self._tiles.get(picture.key) if shape is self._shape else None
        self._bytes -= before.size_in_bytes if before is not None else 0
        if shape is self._shape:
            self._tiles[picture.key] = drawn
            self._bytes += drawn.size_in_bytes
            self._let_go_of_old()

    def clear(self) -> None:
        """All of them go, here and in the terminal."""
        for tile in self._tiles.values():
            self._free(tile)
        self._tiles.clear()
        self._bytes = 0

    def forget_pixels(self) -> None:
        """The terminal was lent to somebody else and has none of them any more."""
        for tile in self._tiles.values():
            if tile.pixels is not None:
                tile.pixels, tile.has_all = None, False
        self._terminal_bytes = 0

    # Drawing

    def _fitted(self, picture: FoundPicture, shape: Shape) -> tuple[int, int]:
        record, ratio = picture.record, self._terminal.cell_ratio
        return fit(
            record.width, record.height, max_columns=shape.columns, max_rows=shape.rows, cell_ratio=ratio
        )

    async def _cells(self, picture: FoundPicture, shape: Shape) -> Cells:
        """The picture as glyphs. Raises PictureUnreadable."""
        columns, rows = self._fitted(picture, shape)
        for attempt in (1, 2):
            path, place = await self._source(picture, shape.background)
            try:
                return await self._decoder.render(
                    path,
                    columns=columns,
                    rows=rows,
                    background=shape.background,
                    colours=self._terminal.colours,
                    glyphs="halves" if self._terminal.style == "block" else self._terminal.glyphs,
                )
            except PictureUnreadable:
                if path != place or attempt == 2 or self._thumbnails is None:
                    raise
            await asyncio.to_thread(self._thumbnails.remove, path)  # half of it, say, after a power cut
        raise AssertionError

    async def _bring(self, picture: FoundPicture, tile: Tile, shape: Shape) -> None:
        """Give the terminal the picture itself."""
        tile.has_all = True  # whatever comes of it
        columns, rows = self._fitted(picture, shape)
        across, down = self._terminal.cell_size or USUAL_CELL
        try:
            size = columns * across, rows * down
            path = await self._source_of_pixels(picture, shape.background, max(size))
            pixels = await self._decoder.pixels(
                path, width=size[0], height=size[1], background=shape.background
            )
        except PictureUnreadable:
            return  # its file went meanwhile: the glyphs are what there is
        if shape is not self._shape or not any(picture.key == each.key for each in self._in_view):
            tile.has_all = False
            return
        tile.pixels = await self._terminal_pictures.bring(
            pixels, columns=columns, rows=rows, background=shape.background
        )
        if tile.pixels is not None and self._tiles.get(picture.key) is not tile:
            self._terminal_pictures.free(tile.pixels)
        elif tile.pixels is not None:
            self._terminal_bytes += tile.pixels.terminal_bytes
            self._let_go_of_old()

    async def _source_of_pixels(self, picture: FoundPicture, background: Rgb, side: int) -> Path:
        """The thumbnail, or the picture itself where a tile has more pixels. Raises PictureUnreadable."""
        if side <= SIDE * MOST_ENLARGED:
            return (await self._source(picture, background))[0]
        return (await asyncio.to_thread(self._looked_up, picture, background))[0]

    async def _source(self, picture: FoundPicture, background: Rgb) -> tuple[Path, Path | None]:
        """The file to draw from, and where its thumbnail is kept, made if need be. Raises PictureUnreadable."""
        path, place, is_made = await asyncio.to_thread(self._looked_up, picture, background)
        if place is None or self._thumbnails is None:
            return path, None
        if not is_made:
            data = await self._decoder.thumbnail(path, side=SIDE, background=background)
            is_made = await asyncio.to_thread(self._thumbnails.put, place, data)
        return (place if is_made else path), place

    def _looked_up(self, picture: FoundPicture, background: Rgb) -> tuple[Path, Path | None, bool]:
        """The picture's file, the place of its thumbnail, and whether that is there. Asks the disk."""
        try:
            path = picture.path()
        except UserError:
            raise PictureUnreadable("The picture's file is not one of its conversation.") from None
        if self._thumbnails is None:
            return path, None, False
        place = self._thumbnails.place(path, background)
        return path, place, self._thumbnails.has(place)

    # Letting go

    def _let_go_of_old(self) -> None:
        kept = {picture.key for picture in (*self._in_view, *self._ahead)}
        for key in list(self._tiles):
            if self._bytes <= MOST_BYTES and self._terminal_bytes <= MOST_TERMINAL_BYTES:
                return
            if key in kept:
                continue
            if self._bytes > MOST_BYTES:
                tile = self._tiles.pop(key)
                self._bytes -= tile.size_in_bytes
                self._free(tile)
            else:
                self._free(self._tiles[key])

    def _free(self, tile: Tile) -> None:
        if tile.pixels is not None:
            self._terminal_bytes -= tile.pixels.terminal_bytes
            self._terminal_pictures.free(tile.pixels)
            tile.pixels, tile.has_all = None, False
