"""Picture files → what the terminal shows of them, off the event loop: one renderer for the whole application."""

from __future__ import annotations

from typing import TYPE_CHECKING

from animus_tui.graphics.decoding.decoder import PictureUnreadable
from animus_tui.graphics.decoding.protocol import MOST_PIECES_PIXELS
from animus_tui.graphics.rendering.cells import fit
from animus_tui.graphics.rendering.pixel_rows import PixelRows, PixelTable
from animus_tui.ui.images.cache import MOST_ROW_BYTES, MOST_TERMINAL_BYTES, ImageCache, ImageKey
from animus_tui.ui.images.transmission import ImageTransmission
from animus_tui.ui.terminal.driver import TerminalDriver
from animus_tui.ui.textual_compat import driver_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from textual.message_pump import MessagePump

    from animus_tui.graphics.decoding.decoder import PictureDecoder
    from animus_tui.graphics.decoding.protocol import Glyphs, PieceProtocol, Rgb
    from animus_tui.graphics.probe.capabilities import Terminal
    from animus_tui.graphics.rendering.kitty import Placeholders
    from animus_tui.ui.images.cache import CachedImage

MOST_SIDE = 297
"""Columns and rows of an image at most: as many as a terminal that shows pixels can name."""

MOST_SOON = 2_000_000
"""Pixels of an image that iTerm2's protocol draws as soon as a mosaic of it would be there: 60×30 cells of 10×20 pixels
have 360,000. Sixels take half as long again as a mosaic, which is there first.
"""


class ImageRenderer:
    """Has pictures decoded, keeps what was drawn in one cache, and gives the terminal their pixels.

    The coroutines raise PictureUnreadable with a sentence for the user.
    """

    def __init__(
        self, host: MessagePump, decoder: PictureDecoder | None, terminal: Callable[[], Terminal]
    ) -> None:
        """`host` belongs to the application. Without `decoder` nothing may be drawn. `terminal` is asked each time."""
        self.decoder = decoder
        self._host = host
        self._terminal = terminal
        self.transmission = ImageTransmission(host, inside_tmux=terminal().inside_tmux)
        self._table = PixelTable()
        most = MOST_TERMINAL_BYTES if self.row_protocol is None else MOST_ROW_BYTES
        self.cache = ImageCache(self._free, most_terminal_bytes=most)

    @property
    def glyphs(self) -> Glyphs:
        """What mosaics are made of here."""
        terminal = self._terminal()
        return "halves" if terminal.style == "block" else terminal.glyphs

    @property
    def terminal(self) -> Terminal:
        """The terminal that images are drawn for; a cell may get another size."""
        return self._terminal()

    def prepare(self) -> None:
        """A picture is announced: have what decodes it ready when it comes."""
        if self.decoder is not None:
            terminal = self._terminal()
            if terminal.style == "kitty":
                self.decoder.prepare("pixels")
                return
            protocol = self.row_protocol  # below whose rows is always a mosaic
            glyphs = self.glyphs if terminal.colours == "truecolor" else "halves"
            self.decoder.prepare(glyphs, *(() if protocol is None else (protocol,)))

    @property
    def row_protocol(self) -> PieceProtocol | None:
        """How the terminal draws pixels where the cursor stands; None where it holds pictures, or shows no pixels."""
        style = self._terminal().style
        return style if style in ("sixel", "iterm2") else None

    def key(
        self, path: Path, pixels: tuple[int, int], *, max_columns: int, max_rows: int, background: Rgb
    ) -> ImageKey:
        """What to draw of a picture of `pixels` (width, height), as large as the room for it."""
        terminal = self._terminal()
        columns, rows = fit(
            *pixels,
            max_columns=min(max_columns, MOST_SIDE, terminal.most_columns or MOST_SIDE),
            max_rows=min(max_rows, MOST_SIDE),
            cell_ratio=terminal.cell_ratio,
        )
        return ImageKey(path, columns, rows, background, terminal.pixels_of_cell)

    async def draw_mosaic(self, key: ImageKey, source: Path | None = None) -> CachedImage:
        """Draw a picture as glyphs into the cache; from `source`, if given, such as a thumbnail of it."""
        terminal = self._terminal()
        mosaic = await self._decoder.render(
            source or key.path,
            columns=key.columns,
            rows=key.rows,
            background=key.background,
            colours=terminal.colours,
            glyphs=self.glyphs,
        )
        image = self.cache.put_mosaic(key, mosaic)
        if isinstance(image.placeholders, PixelRows):
            self._table.set_mosaic(image.placeholders, mosaic)
            driver = driver_of(self._host.app)
            if isinstance(driver, TerminalDriver):
                driver.glyphs_came()
        return image

    def are_pixels_soon(self, key: ImageKey) -> bool:
        """Whether pixels of an image of which there is nothing yet are there as soon as its mosaic would be."""
        if key.cell is None or self.row_protocol is None:
            return key.cell is not None
        driver = driver_of(self._host.app)
        pixels = key.columns * key.rows * key.cell[0] * key.cell[1]
        is_quick = self.row_protocol == "iterm2" and pixels <= MOST_SOON
        return is_quick and isinstance(driver, TerminalDriver) and driver.takes_pixels_soon

    async def draw_pixels(
        self, key: ImageKey, source: Path | None = None, *, sending: Callable[[], bool] | None = None
    ) -> CachedImage | None:
        """Give the terminal a picture, and put the cells that show it into the cache.

        `sending` is called when the terminal is about to be given the pixels, and says whether they are still wanted.
        None when they are not, when the terminal was given back meanwhile, and when it shows no pixels at all.
        """
        if key.cell is None:
            return None
        if self.row_protocol is not None:
            return await self._draw_rows(key, key.cell, self.row_protocol, source, sending)
        across, down = key.cell
        pixels = await self._decoder.pixels(
            source or key.path,
            width=key.columns * across,
            height=key.rows * down,
            background=key.background,
        )
        if sending is not None and not sending():
            return None
        placeholders = await self.transmission.send(
            pixels, columns=key.columns, rows=key.rows, background=key.background
        )
        return None if placeholders is None else self.cache.put_placeholders(key, placeholders)

    async def _draw_rows(
        self,
        key: ImageKey,
        cell: tuple[int, int],
        protocol: PieceProtocol,
        source: Path | None,
        sending: Callable[[], bool] | None,
    ) -> CachedImage | None:
        """The pixels row by row, for a terminal that holds none.

        The mosaic that is shown where they cannot be is drawn before them, unless `are_pixels_soon`.
        """
        image = self.cache.get(key)
        if (image is None or image.mosaic is None) and not self.are_pixels_soon(key):
            image = await self.draw_mosaic(key, source)
        most = self._terminal().most_columns or key.columns
        if key.columns > most or key.columns * key.rows * cell[0] * cell[1] > MOST_PIECES_PIXELS:
            return await self._as_mosaic(key, source)
        try:
            drawn = await self._decoder.pieces(
                source or key.path,
                columns=key.columns,
                rows=key.rows,
                cell=cell,
                background=key.background,
                protocol=protocol,
                colours=self._terminal().sixel_colours,
            )
        except PictureUnreadable as error:
            if image is None and error.again_in is not None:
                raise
            return await self._as_mosaic(key, source)  # which is better than a sentence, if it can be read
        if (sending is not None and not sending()) or (image is not None and image.is_empty):
            return None
        driver = driver_of(self._host.app)
        if isinstance(driver, TerminalDriver):
            driver.show_pixels(self._table)
        # Another driver would write the characters as they are.
        is_shown = isinstance(driver, TerminalDriver) or (driver is not None and driver.is_headless)
        mosaic = None if image is None else image.mosaic
        cells = self._table.add(drawn, mosaic, key.background) if is_shown else None
        if cells is None:
            return await self._as_mosaic(key, source)
        return self.cache.put_placeholders(key, cells)

    async def _as_mosaic(self, key: ImageKey, source: Path | None) -> CachedImage:
        """The image as glyphs, which is as good as it can be shown."""
        image = self.cache.get(key)
        if image is None or image.mosaic is None:
            image = await self.draw_mosaic(key, source)
        image.is_mosaic_best = True
        return image

    def _free(self, cells: Placeholders | PixelRows) -> None:
        if isinstance(cells, PixelRows):
            self._table.remove(cells)
        else:
            self.transmission.free(cells)

    async def draw_thumbnail(self, path: Path, *, side: int, background: Rgb) -> bytes:
        """A picture as a JPEG of at most `side` pixels each way, to be kept and drawn from later."""
        return await self._decoder.thumbnail(path, side=side, background=background)

    @property
    def _decoder(self) -> PictureDecoder:
        assert self.decoder is not None  # noqa: S101 (without one, pictures are cards of words)
        return self.decoder
