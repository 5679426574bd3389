"""Pictures that the terminal holds: brought once, replaced, freed, and given way to a mosaic below a dialog."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from msgspec.structs import replace
from textual.screen import ModalScreen
from textual.widgets import Static

from animus_tui.graphics.rendering.kitty import PLACEHOLDER
from animus_tui.ui.images.transmission import SLICE
from animus_tui.ui.themes import THEMES
from tests.support.kitty_app import (
    BLUE,
    KITTY,
    MOSAIC,
    RED,
    SQUARE,
    CountingDecoder,
    album,
    corners,
    fill,
    terminal_of,
)
from tests.support.pane_app import Stage, painted, said, show, stage, until
from tests.support.screen import strips_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from textual.app import ComposeResult


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


class Dialog(ModalScreen[None]):
    """Tints what is below."""

    def compose(self) -> ComposeResult:
        yield Static("a dialog")


async def test_a_picture_is_sent_once_and_every_cell_of_it_is_shown(
    decoder: CountingDecoder, folder: Path
) -> None:
    async with terminal_of(decoder, folder, painted("i", "red.png", size=SQUARE)) as (on, terminal):
        await until(terminal.is_whole)
        (image,) = terminal.reader.images.values()
        assert (image.columns, image.rows, image.width, image.height) == (30, 15, 300, 300)
        assert image.pixel(150, 150) == RED
        on.pane.refresh()
        await on.settle()
        assert len(terminal.reader.sent) == 1
        assert decoder.asked == ["pixels of red.png", "cells of red.png"]  # the latter for below a dialog


async def test_a_picture_leaves_the_terminal_with_the_pane(decoder: CountingDecoder, folder: Path) -> None:
    async with terminal_of(decoder, folder, painted("i", "red.png", size=SQUARE)) as (on, terminal):
        await until(terminal.is_whole)
        await on.pane.remove()
        assert terminal.reader.deleted == terminal.reader.sent
        terminal.reader.close()


async def test_another_conversation_has_the_terminal_for_itself(
    decoder: CountingDecoder, folder: Path
) -> None:
    async with terminal_of(decoder, folder, painted("i", "red.png", size=SQUARE)) as (on, terminal):
        await until(terminal.is_whole)
        show(on, [painted("j", "blue.png", size=SQUARE)], folder)
        await on.settle()
        await until(terminal.is_whole)
        (image,) = terminal.reader.images.values()
        assert image.pixel(0, 0) == BLUE
        assert len(terminal.reader.deleted) == 1


async def test_inside_tmux_all_that_is_written_is_wrapped(decoder: CountingDecoder, folder: Path) -> None:
    shown = painted("i", "red.png", size=SQUARE)
    async with terminal_of(decoder, folder, shown, tmux=True) as (on, terminal):
        await until(terminal.is_whole)
        await on.pane.remove()
        assert len(terminal.reader.sent) == len(terminal.reader.deleted) == 1
        terminal.reader.close()


async def test_inside_tmux_a_large_picture_is_written_no_faster_than_tmux_passes_it_on(
    decoder: CountingDecoder, folder: Path
) -> None:
    """tmux throws away what its terminal does not take in time, so there is a pause between two slices."""
    async with terminal_of(decoder, folder, painted("i", "noise.png", size=SQUARE), tmux=True) as (
        on,
        terminal,
    ):
        await until(terminal.is_whole)
        driver = on.app.recorder
        slices = [at for at, data in zip(driver.times, driver.written, strict=True) if len(data) > SLICE // 2]
        assert len(slices) > 6
        assert min(after - before for before, after in pairwise(slices)) > 0.02


async def test_a_dialog_shows_a_mosaic_in_place_of_the_picture_and_every_cell_comes_back(
    decoder: CountingDecoder, folder: Path
) -> None:
    async with terminal_of(decoder, folder, painted("i", "red.png", size=SQUARE)) as (on, terminal):
        await until(terminal.is_whole)
        for _ in range(2):
            on.app.frames.clear()
            await on.app.push_screen(Dialog())
            await on.settle()
            assert terminal.shown() == {}
            # In no frame, not even the first: in another colour they would be another picture.
            below = [frame for frame in on.app.frames if "a dialog" in frame]
            assert below
            assert not any(PLACEHOLDER in frame for frame in below)
            await on.app.pop_screen()
            await on.settle()
            await until(terminal.is_whole)
        assert len(terminal.reader.sent) == 1
        assert len(decoder.asked) == 2


async def test_a_picture_that_comes_below_a_dialog_is_there_when_it_goes(
    decoder: CountingDecoder, folder: Path
) -> None:
    async with terminal_of(decoder, folder, said(0)) as (on, terminal):
        on.pane.updates.begin_image("i", "A red square", message_id=None, reply_to=None)
        await on.app.push_screen(Dialog())
        on.pane.updates.finish_image("i", painted("i", "red.png", size=SQUARE))
        await until(lambda: len(terminal.reader.sent) == 1)
        assert terminal.shown() == {}
        await on.app.pop_screen()
        await on.settle()
        await until(terminal.is_whole)


async def test_another_theme_lays_the_picture_on_another_ground_and_frees_the_one_before(
    decoder: CountingDecoder, folder: Path
) -> None:
    async with terminal_of(decoder, folder, painted("i", "clear.png", size=SQUARE)) as (on, terminal):
        grounds = []
        for theme in THEMES[:2]:
            on.app.theme = theme.name
            await on.settle()
            await until(terminal.is_whole)
            (image,) = terminal.reader.images.values()
            assert image.pixel(9, 9) == on.pane.background_colors[1].rgb
            grounds.append(image.pixel(9, 9))
        assert grounds[0] != grounds[1]


@pytest.mark.parametrize("style", ["mosaic", "block"])
async def test_another_theme_lays_a_mosaic_on_another_ground(
    decoder: CountingDecoder, folder: Path, style: str
) -> None:
    terminal = replace(MOSAIC, style=style)
    shown = painted("i", "clear.png", size=SQUARE)
    async with stage([shown], decoder=decoder, folder=folder, terminal=terminal) as on:
        before = on.pane.background_colors[1].rgb
        on.app.theme = THEMES[1].name
        await until(lambda: before not in grounds(on))
        assert decoder.asked == ["cells of clear.png"] * 2


def grounds(on: Stage) -> set[tuple[int, ...]]:
    """All colours of backgrounds on the screen."""
    segments = [segment for row in strips_of(on.app) for segment in row]
    colours = [segment.style.bgcolor for segment in segments if segment.style is not None]
    return {tuple(colour.triplet) for colour in colours if colour is not None and colour.triplet is not None}


async def test_a_larger_picture_replaces_the_smaller_one_and_nothing_jumps(
    decoder: CountingDecoder, folder: Path
) -> None:
    async with terminal_of(decoder, folder, painted("i", "red.png", size=SQUARE)) as (on, terminal):
        await until(terminal.is_whole)
        on.app.frames.clear()
        await on.pilot.resize_terminal(80, 29)
        await until(lambda: terminal.is_whole(40, 20))
        (image,) = terminal.reader.images.values()
        assert (image.width, image.height) == (400, 400)
        assert len(terminal.reader.sent) == 2
        captions = {
            next(row for row, line in enumerate(frame.split("\n")) if "A red square" in line)
            for frame in on.app.frames
        }
        assert len(captions) == 1


async def test_a_picture_that_is_too_wide_for_now_is_cut_and_not_wrapped(
    decoder: CountingDecoder, folder: Path
) -> None:
    async with terminal_of(decoder, folder, painted("i", "red.png", size=SQUARE)) as (on, terminal):
        await until(terminal.is_whole)
        await on.pilot.resize_terminal(24, 24)
        await until(lambda: terminal.is_whole(21, 10) or terminal.is_whole(21, 11))
        assert len(terminal.reader.images) == 1


async def test_a_variant_takes_the_place_of_the_one_before_it(decoder: CountingDecoder, folder: Path) -> None:
    async with terminal_of(decoder, folder, painted("i", "red.png", size=SQUARE)) as (on, terminal):
        await until(terminal.is_whole)
        before = terminal.shown()
        on.pane.updates.show_picture(painted("i", "blue.png", size=SQUARE))
        assert terminal.shown() == before  # until the new one is there
        await until(lambda: len(terminal.reader.deleted) == 1)
        await until(terminal.is_whole)
        (image,) = terminal.reader.images.values()
        assert image.pixel(0, 0) == BLUE


async def test_one_file_in_two_messages_is_sent_once_and_freed_when_both_are_gone(
    decoder: CountingDecoder, folder: Path
) -> None:
    twins = [painted("i", "red.png", size=SQUARE), painted("j", "red.png", size=SQUARE)]
    async with terminal_of(decoder, folder, *twins, size=(80, 60)) as (on, terminal):
        await until(lambda: len(terminal.reader.sent) == 1)
        await on.settle()
        on.pane.updates.show_picture(painted("i", "blue.png", size=SQUARE))
        await until(lambda: len(terminal.reader.sent) == 2)
        await on.settle()
        assert terminal.reader.deleted == []
        on.pane.updates.show_picture(painted("j", "blue.png", size=SQUARE))
        await until(lambda: len(terminal.reader.deleted) == 1)
        assert len(terminal.reader.sent) == 2


async def test_pictures_are_brought_again_after_the_terminal_was_lent_to_another_program(
    decoder: CountingDecoder, folder: Path
) -> None:
    async with terminal_of(decoder, folder, painted("i", "red.png", size=SQUARE)) as (on, terminal):
        await until(terminal.is_whole)
        on.pane.images.renderer.transmission.give_back()
        assert terminal.reader.images == {}
        on.pane.updates.show_picture(painted("i", "blue.png", size=SQUARE))
        await on.pilot.pause()
        assert len(terminal.reader.sent) == 1
        on.app._resume_signal()
        await until(terminal.is_whole)
        (image,) = terminal.reader.images.values()
        assert image.pixel(0, 0) == BLUE


async def test_a_transmission_that_is_given_up_half_way_is_ended_properly(
    decoder: CountingDecoder, folder: Path
) -> None:
    shown = painted("n", "noise.png", size=SQUARE)
    async with terminal_of(decoder, folder, said(0)) as (on, terminal):
        show(on, [shown], folder)
        await until(lambda: any("a=T" in data for data in on.app.recorder.written))
        show(on, [painted("i", "red.png", size=SQUARE)], folder)
        await until(terminal.is_whole)
        (image,) = terminal.reader.images.values()
        assert image.pixel(0, 0) == RED
        assert terminal.reader.abandoned == 1 or len(terminal.reader.sent) == 2


async def test_without_24_bit_colours_there_are_no_placeholders(
    decoder: CountingDecoder, folder: Path
) -> None:
    terminal = replace(KITTY, colours="256")
    shown = painted("i", "red.png", size=SQUARE)
    async with stage([shown], decoder=decoder, folder=folder, terminal=terminal) as on:
        await on.settle()
        assert decoder.asked == ["cells of red.png"]
        assert not any("\x1b_G" in data for data in on.app.recorder.written)


async def test_a_damaged_file_is_a_sentence_and_nothing_is_sent(
    decoder: CountingDecoder, folder: Path
) -> None:
    (folder / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n and then nothing")
    async with terminal_of(decoder, folder, painted("i", "broken.png", size=(64, 64))) as (on, terminal):
        await on.wait_for("broken header; make it again.")
        assert terminal.reader.sent == []


@pytest.mark.parametrize("rows", [-1, -4, -13])
async def test_cells_move_by_exactly_as_many_rows_as_one_scrolls(
    decoder: CountingDecoder, folder: Path, rows: int
) -> None:
    async with terminal_of(decoder, folder, *album(4), size=(80, 40)) as (on, terminal):
        await until(lambda: len(terminal.shown()) == 2)
        before = corners(on)
        on.pane.viewport.scroll(rows)
        await on.settle()
        after = corners(on)
        both = before.keys() & after.keys()
        assert both
        assert all(after[image] == before[image] - rows for image in both)


async def test_what_is_freed_while_another_picture_comes_goes_behind_it(
    decoder: CountingDecoder, folder: Path
) -> None:
    async with terminal_of(decoder, folder, said(0)) as (on, terminal):
        held = on.pane.images.renderer.transmission
        small, large = [
            await decoder.pixels(folder / name, width=400, height=400, background=RED)
            for name in ("red.png", "noise.png")
        ]
        first = await held.send(small, columns=20, rows=10, background=RED)
        assert first is not None
        coming = asyncio.create_task(held.send(large, columns=20, rows=10, background=RED))
        await until(lambda: sum("a=T" in data for data in on.app.recorder.written) == 2)
        assert not coming.done()
        held.free(first)
        second = await coming
        assert second is not None
        assert terminal.reader.sent == [first.image_id, second.image_id]
        assert terminal.reader.deleted == [first.image_id]
