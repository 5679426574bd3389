"""The pane in a terminal that draws pixels at the cursor: glyphs first, then pixels, within bounds."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace
from textual.screen import ModalScreen

from animus_tui.graphics.decoding.decoder import PictureDecoder, PictureUnreadable
from animus_tui.graphics.rendering.pixel_rows import CELLS
from tests.support.kitty_app import SQUARE, album, fill
from tests.support.pane_app import TERMINAL, Stage, painted, stage, until
from tests.support.terminal import MOSAIC

if TYPE_CHECKING:
    from pathlib import Path

    from animus_tui.graphics.probe.capabilities import Terminal
    from animus_tui.graphics.rendering.pieces import PictureRows

SIXEL = replace(TERMINAL, style="sixel", cell_size=(6, 12))
ITERM2 = replace(TERMINAL, style="iterm2", cell_size=(6, 12))


class WatchedDecoder(PictureDecoder):
    """Tells what stood on the screen when the pixels of a picture came, or refuses to bring any."""

    def __init__(self, *, refuses: bool = False) -> None:
        super().__init__()
        self._refuses = refuses
        self.on: Stage | None = None
        self.before: list[tuple[int, int]] = []
        """Cells of glyphs and of pixels on the screen."""

    async def pieces(self, *args: Any, **options: Any) -> PictureRows:
        if self._refuses:
            raise PictureUnreadable("The decoder stopped.")
        if self.on is not None:
            on = self.on
            await until(lambda: bool(MOSAIC.search(on.app.text())))
            self.before.append(counted(on))
        return await super().pieces(*args, **options)


def counted(on: Stage) -> tuple[int, int]:
    """How many cells of glyphs and of pixels are on the screen."""
    text = on.app.text()
    return len(MOSAIC.findall(text)), sum(map(len, CELLS.findall(text)))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return fill(tmp_path)


@pytest.mark.parametrize("terminal", [SIXEL, ITERM2], ids=["sixel", "iterm2"])
async def test_a_picture_is_glyphs_until_its_pixels_come_and_below_a_dialog(
    folder: Path, terminal: Terminal
) -> None:
    async with (
        aclosing(WatchedDecoder()) as decoder,
        stage(decoder=decoder, terminal=terminal) as on,
    ):
        decoder.on = on
        message = painted("i0", "noise.png", size=SQUARE)
        on.pane.show([message], path_of=lambda file: folder / file, greeting="", suggestions=())
        await on.settle()
        glyphs, pixels = counted(on)
        assert (glyphs, pixels) == (0, 30 * 15)
        assert [before[1] for before in decoder.before] == [0]
        assert decoder.before[0][0] > 200
        on.app.push_screen(ModalScreen())
        await on.settle()
        assert counted(on)[1] == 0
        on.app.pop_screen()
        await on.settle()
        assert counted(on) == (0, 30 * 15)


async def test_a_picture_whose_pixels_cannot_be_had_stays_as_glyphs(folder: Path) -> None:
    async with aclosing(WatchedDecoder(refuses=True)) as decoder:
        message = painted("i0", "noise.png", size=SQUARE)
        async with stage([message], decoder=decoder, folder=folder, terminal=SIXEL) as on:
            await on.settle()
            assert counted(on)[1] == 0
            assert counted(on)[0] > 200
            assert "stopped" not in on.app.text()


async def test_pixels_that_are_far_away_are_given_back_and_come_again(folder: Path) -> None:
    async with (
        aclosing(PictureDecoder()) as decoder,
        stage(album(6), decoder=decoder, folder=folder, terminal=SIXEL) as on,
    ):
        cache = on.pane.images.renderer.cache
        cache.most_terminal_bytes = 1
        for _ in range(2):
            for go in (on.pane.action_scroll_home, on.pane.action_scroll_end):
                go()
                await on.settle()
                in_view = len({slot.key for slot in on.pane.images.in_view()})
                assert len(cache) <= in_view + 1
                assert counted(on)[1] >= 30 * 10
        on.pane.images.forget()
        assert cache.size_in_bytes == (0, 0)


async def test_what_is_wider_than_the_terminal_draws_is_glyphs(folder: Path) -> None:
    async with aclosing(PictureDecoder()) as decoder:
        narrow = replace(SIXEL, sixel_width=29 * 6)
        message = painted("i0", "noise.png", size=SQUARE)
        async with stage([message], decoder=decoder, folder=folder, terminal=narrow) as on:
            assert counted(on)[1] == 0
            assert counted(on)[0] > 200
