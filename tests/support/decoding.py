"""What the fixtures of the decoding process are: functions that draw bytes, or bring them down to pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pathlib import Path

    from animus_tui.graphics.decoding.decoder import PictureDecoder
    from animus_tui.graphics.decoding.protocol import Colours, Glyphs, Pixels, Rgb
    from animus_tui.graphics.rendering.cells import Cells


class Draw(Protocol):
    """Draws bytes through a file."""

    async def __call__(
        self,
        data: bytes,
        columns: int = 10,
        rows: int = 5,
        *,
        background: Rgb = (0, 0, 0),
        colours: Colours = "truecolor",
        glyphs: Glyphs = "halves",
    ) -> Cells: ...


class Send(Protocol):
    """Brings bytes down to pixels, through a file."""

    async def __call__(
        self, data: bytes, width: int, height: int, *, background: Rgb = (0, 0, 0)
    ) -> Pixels: ...


def drawer(decoder: PictureDecoder, folder: Path) -> Draw:
    """Draws bytes by way of a file in a folder."""

    async def draw(
        data: bytes,
        columns: int = 10,
        rows: int = 5,
        *,
        background: Rgb = (0, 0, 0),
        colours: Colours = "truecolor",
        glyphs: Glyphs = "halves",
    ) -> Cells:
        path = folder / "picture"
        path.write_bytes(data)
        return await decoder.render(
            path, columns=columns, rows=rows, background=background, colours=colours, glyphs=glyphs
        )

    return draw
