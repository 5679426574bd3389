"""The images of the gallery: drawn from thumbnails one after the other, those that are looked at first."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, NamedTuple, Protocol

from animus_tui.errors import UserError
from animus_tui.graphics.decoding.decoder import PictureUnreadable
from animus_tui.graphics.decoding.thumbnails import SIDE
from animus_tui.printable import short_line

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rich.segment import Segment

    from animus_tui.graphics.decoding.protocol import Rgb
    from animus_tui.graphics.decoding.thumbnails import ThumbnailFolder
    from animus_tui.ui.images.cache import CachedImage, ImageKey
    from animus_tui.ui.images.renderer import ImageRenderer

MOST_ENLARGED = 1.25
"""How many times as large as a thumbnail a tile may be before the thumbnail looks blurred in it."""

PictureKey = tuple[str, str, int]


class ThumbnailSource(Protocol):
    """A picture of which there is to be a thumbnail, such as one of a conversation, or the portrait of a character."""

    @property
    def key(self) -> PictureKey:
        """What no other picture has."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels, as far as they are known once `path` was asked for."""

    def path(self) -> Path:
        """Its file. UserError when there is none; asks the disk."""


class TileShape(NamedTuple):
    """Size and background of all tiles."""

    columns: int
    rows: int
    """Cells that a tile has room for."""
    background: Rgb
    """Colour behind a picture where it is transparent."""


NO_SHAPE = TileShape(0, 0, (0, 0, 0))


class Tile:
    """The image of one picture of the gallery, or a sentence in its place."""

    def __init__(
        self, image: CachedImage | None = None, sentence: str = "", again_at: float | None = None
    ) -> None:
        """`again_at`: when it is worth drawing once more, by `time.monotonic()`; None where that is never."""
        self.image = image
        self.sentence = sentence
        self.again_at = again_at
        self.lacks_pixels = image is not None and not image.is_drawn
        """Whether the terminal is yet to be given the picture itself."""
        self.rows: list[list[Segment]] | None = None
        """Segments of the mosaic's rows while it is in view: making them takes 2 µs a cell."""

    @property
    def is_due(self) -> bool:
        """Whether it could not be drawn for a reason that may have passed."""
        return self.again_at is not None and time.monotonic() >= self.again_at

    def row(self, row: int, *, is_covered: bool) -> list[Segment]:
        """Row `row` of the image, from the top; below a dialog (`is_covered`) that of its mosaic."""
        cells = self.image.cells(is_covered=is_covered) if self.image is not None else None
        if self.image is None or cells is None:
            return []
        if cells is not self.image.mosaic:
            return cells.segments(row)
        if self.rows is None:
            self.rows = [cells.segments(each) for each in range(cells.rows)]
        return self.rows[row]


class ThumbnailLoader:
    """Knows what the gallery looks at, and draws what is missing of it."""

    def __init__(self, renderer: ImageRenderer, folder: ThumbnailFolder | None) -> None:
        """Without a folder of thumbnails each picture is drawn from its own file."""
        self._renderer = renderer
        self._folder = folder
        self._shape = NO_SHAPE
        self._tiles: dict[PictureKey, Tile] = {}
        self._in_view: Sequence[ThumbnailSource] = ()
        self._ahead: Sequence[ThumbnailSource] = ()

    def get(self, picture: ThumbnailSource) -> Tile | None:
        """The picture's tile, if it has been drawn."""
        return self._tiles.get(picture.key)

    def reshape(self, shape: TileShape) -> None:
        """Drop all tiles if they are to have another size or background; `want` must follow."""
        if shape != self._shape:
            self.clear()
            self._shape = shape

    def want(self, in_view: Sequence[ThumbnailSource], ahead: Sequence[ThumbnailSource]) -> None:
        """Set which pictures are in view and which probably come next; all others are not drawn any more."""
        near = {picture.key for picture in (*in_view, *ahead)}
        for picture in (*self._in_view, *self._ahead):
            tile = self._tiles.get(picture.key)
            if tile is None or picture.key in near:
                continue
            tile.rows = None
            if tile.image is None:
                del self._tiles[picture.key]
        self._in_view, self._ahead = in_view, ahead
        self._look()

    @property
    def next(self) -> ThumbnailSource | None:
        """The picture to draw next: first mosaics in view, then their pixels, then mosaics ahead; None when done."""
        for picture in self._in_view:
            if picture.key not in self._tiles or self._tiles[picture.key].is_due:
                return picture
        for picture in self._in_view:
            if self._tiles[picture.key].lacks_pixels:
                return picture
        return next((picture for picture in self._ahead if picture.key not in self._tiles), None)

    async def draw(self, picture: ThumbnailSource) -> None:
        """Draw a picture, or give the terminal the pixels of one that is drawn; `get` has it then."""
        shape, tile = self._shape, self._tiles.get(picture.key)
        if tile is not None and not tile.is_due:
            await self._draw_pixels(picture, tile)
            return
        try:
            drawn = Tile(await self._draw_mosaic(picture, shape))
        except PictureUnreadable as error:
            again_at = None if error.again_in is None else time.monotonic() + error.again_in
            drawn = Tile(sentence=short_line(error.sentence), again_at=again_at)
        if shape is self._shape:
            self._tiles[picture.key] = drawn
            if drawn.image is not None:
                self._renderer.cache.use(drawn.image.key, self)
            self._look()

    def image_changed(self) -> None:
        """Forget the tiles whose images were dropped from the cache."""
        self._tiles = {
            key: tile for key, tile in self._tiles.items() if tile.image is None or not tile.image.is_empty
        }

    def clear(self) -> None:
        """Drop all tiles, here and in the terminal, and draw none until some are wanted again."""
        self._shape, self._in_view, self._ahead = NO_SHAPE, (), ()
        tiles, self._tiles = self._tiles, {}
        self._renderer.cache.leave(self)
        for tile in tiles.values():
            if tile.image is not None:
                self._renderer.cache.release(tile.image.key, self)

    def _look(self) -> None:
        tiles = [self._tiles.get(picture.key) for picture in (*self._ahead, *self._in_view)]
        keys = [tile.image.key for tile in tiles if tile is not None and tile.image is not None]
        self._renderer.cache.look_at(self, keys)

    # Drawing

    async def _draw_mosaic(self, picture: ThumbnailSource, shape: TileShape) -> CachedImage:
        """Draw a picture as glyphs. Raises PictureUnreadable."""
        for attempt in (1, 2):
            path, source = await self._files(picture, shape.background)
            try:
                return await self._renderer.draw_mosaic(self._key(picture, path, shape), source)
            except PictureUnreadable:
                if source == path or attempt == 2 or self._folder is None:
                    raise
            await asyncio.to_thread(self._folder.remove, source)  # half of it, say, after a power cut
        raise AssertionError

    def _key(self, picture: ThumbnailSource, path: Path, shape: TileShape) -> ImageKey:
        return self._renderer.key(
            path,
            picture.size,
            max_columns=shape.columns,
            max_rows=shape.rows,
            background=shape.background,
        )

    async def _draw_pixels(self, picture: ThumbnailSource, tile: Tile) -> None:
        """Give the terminal the thumbnail, or the picture itself where a tile has more pixels."""
        tile.lacks_pixels = False  # whatever comes of it
        image = tile.image
        if image is None or image.key.cell is None:
            return
        key, (across, down) = image.key, image.key.cell

        def is_wanted() -> bool:
            tile.lacks_pixels = not any(picture.key == each.key for each in self._in_view)
            return not tile.lacks_pixels and self._tiles.get(picture.key) is tile

        try:
            source = key.path
            if max(key.columns * across, key.rows * down) <= SIDE * MOST_ENLARGED:
                _, source = await self._files(picture, key.background)
            await self._renderer.draw_pixels(key, source, sending=is_wanted)
        except PictureUnreadable:
            return  # its file went meanwhile: the glyphs are what there is
        if self._tiles.get(picture.key) is not tile:
            self._renderer.cache.discard(key)
        self._look()

    async def _files(self, picture: ThumbnailSource, background: Rgb) -> tuple[Path, Path]:
        """A picture's file, and the one to draw from: its thumbnail, made if need be, where there is a folder of them.

        Raises PictureUnreadable.
        """
        path, thumbnail, is_made = await asyncio.to_thread(self._look_up, picture, background)
        if thumbnail is None or self._folder is None:
            return path, path
        if not is_made:
            data = await self._renderer.draw_thumbnail(path, side=SIDE, background=background)
            is_made = await asyncio.to_thread(self._folder.put, thumbnail, data)
        return path, thumbnail if is_made else path

    def _look_up(self, picture: ThumbnailSource, background: Rgb) -> tuple[Path, Path | None, bool]:
        """A picture's file, the place of its thumbnail, and whether that is there. Asks the disk."""
        try:
            path = picture.path()
        except UserError:
            raise PictureUnreadable("The picture's file is not one of its conversation.") from None
        if self._folder is None:
            return path, None, False
        thumbnail = self._folder.place(path, background)
        return path, thumbnail, self._folder.has(thumbnail)
