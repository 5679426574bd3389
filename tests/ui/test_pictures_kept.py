"""Pictures that are drawn are kept within bounds, here and in the terminal, and cost nothing to scroll over."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from tests.support.kitty_app import HELD, KITTY, MOSAIC, CountingDecoder, album, fill, pictures, terminal_of
from tests.support.pane_app import Stage, stage, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared_decoder() -> AsyncIterator[CountingDecoder]:
    """One process for the module that counts what it is asked."""
    async with aclosing(CountingDecoder()) as decoder:
        yield decoder


@pytest.fixture
def decoder(shared_decoder: CountingDecoder) -> CountingDecoder:
    shared_decoder.asked.clear()
    return shared_decoder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return fill(tmp_path)


async def test_scrolling_over_pictures_that_were_drawn_decodes_and_sends_nothing(
    decoder: CountingDecoder, folder: Path
) -> None:
    async with stage(album(8), decoder=decoder, folder=folder, terminal=KITTY) as on:
        await scroll_over_everything(on)
        asked, written = len(decoder.asked), len(on.app.recorder.written)
        assert len(set(decoder.asked)) == 8 * 2
        await scroll_over_everything(on)
        on.pane.action_scroll_end()
        await on.settle()
        assert len(decoder.asked) == asked
        assert len(on.app.recorder.written) == written


async def scroll_over_everything(on: Stage) -> None:
    """From the first message to the last, and wait at each page until all is drawn."""
    on.pane.action_scroll_home()
    await on.settle()
    while not on.pane.viewport.following:
        on.pane.action_page_down()
        await on.settle()


async def test_what_is_too_much_for_the_terminal_leaves_it_and_comes_back_when_somebody_looks(
    decoder: CountingDecoder, folder: Path
) -> None:
    async with terminal_of(decoder, folder, *album(12)) as (on, terminal):
        await on.settle()
        on.pane.images.forget()
        on.pane.images.renderer.cache.most_terminal_bytes = 4 * HELD
        on.pane.rendering.invalidate()
        await scroll_over_everything(on)
        # In view while another comes: one more, for a moment.
        assert terminal.reader.most_in_terminal <= 6 * HELD
        assert len(terminal.reader.images) <= 4
        assert on.pane.images.renderer.transmission.held == len(terminal.reader.images)
        sent = len(terminal.reader.sent)
        on.pane.action_scroll_home()
        await on.settle()
        await until(lambda: terminal.shown().keys() <= terminal.reader.images.keys())
        assert len(terminal.reader.sent) > sent
        assert terminal.shown()


async def test_what_is_in_view_stays_however_little_room_there_is(
    decoder: CountingDecoder, folder: Path
) -> None:
    async with terminal_of(decoder, folder, *album(2), size=(80, 60)) as (on, terminal):
        on.pane.images.forget()
        cache = on.pane.images.renderer.cache
        cache.most_bytes = cache.most_terminal_bytes = 1
        on.pane.rendering.invalidate()
        await on.settle()
        await until(lambda: len(terminal.shown()) == 2)
        sent = len(terminal.reader.sent)
        on.pane.rendering.invalidate()
        await on.settle()
        assert len(terminal.reader.sent) == sent
        assert terminal.shown().keys() == terminal.reader.images.keys()


async def test_cells_of_a_mosaic_that_is_far_away_are_given_back_and_drawn_again(
    decoder: CountingDecoder, folder: Path
) -> None:
    async with stage(album(12), decoder=decoder, folder=folder, terminal=MOSAIC) as on:
        await on.settle()
        on.pane.images.forget()
        on.pane.images.renderer.cache.most_bytes = 40_000
        on.pane.rendering.invalidate()
        await scroll_over_everything(on)
        here, there = on.pane.images.renderer.cache.size_in_bytes
        assert 0 < here <= 40_000
        assert there == 0
        kept = [entry for entry in pictures(on) if entry.slot.key is not None]
        assert len(kept) == len(on.pane.images.renderer.cache) < 12
        on.pane.action_scroll_home()
        await on.settle()
        assert all(slot.key is not None for slot in on.pane.images.in_view())


async def test_who_jumps_over_pictures_does_not_wait_for_them(decoder: CountingDecoder, folder: Path) -> None:
    async with stage(album(24), decoder=decoder, folder=folder, terminal=KITTY) as on:
        await on.settle()
        decoder.asked.clear()
        on.pane.action_scroll_home()
        for _ in range(30):
            on.pane.action_page_down()
        on.pane.action_scroll_home()
        await on.settle()
        # Both ends are in view for longer than one step; of all others at most the one that had begun is drawn.
        drawn = {entry.slot.key.path.name for entry in pictures(on) if entry.slot.key is not None}
        assert len(drawn) < 12
