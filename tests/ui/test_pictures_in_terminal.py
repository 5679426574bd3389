"""Pictures that the terminal holds: brought once, replaced, freed, and given way to a mosaic below a dialog."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from textual.screen import ModalScreen
from textual.widgets import Static

from animus_tui.graphics.decode import PictureDecoder
from animus_tui.graphics.kitty import PLACEHOLDER, marks
from animus_tui.ui.flow.drawn import DrawnPictures
from animus_tui.ui.flow.picture import PictureEntry
from animus_tui.ui.themes import THEMES
from tests.kitty_reader import KittyReader
from tests.ui.pane_app import TERMINAL, Stage, painted, said, show, stage, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path
    from typing import Any

    from textual.app import ComposeResult

    from animus_tui.chat.messages import ChatMessage
    from animus_tui.graphics.cells import Cells
    from animus_tui.graphics.protocol import Pixels

RED, BLUE = (220, 30, 30), (30, 30, 220)
KITTY = replace(TERMINAL, style="kitty", cell_size=(10, 20))
MOSAIC = replace(TERMINAL, style="mosaic")
SQUARE = (1024, 1024)
SMALL = 128
"""Pixels of a side of the pictures of an album: fewer than they take on the screen, so that all are sent."""
HELD = SMALL * SMALL * 4
"""Bytes that one of them takes in the terminal."""


class CountingDecoder(PictureDecoder):
    """Counts what it is asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    async def render(self, path: Path, **options: Any) -> Cells:
        self.asked.append(f"cells of {path.name}")
        return await super().render(path, **options)

    async def pixels(self, path: Path, **options: Any) -> Pixels:
        self.asked.append(f"pixels of {path.name}")
        return await super().pixels(path, **options)


@pytest.fixture
async def decoder() -> AsyncIterator[CountingDecoder]:
    decoder = CountingDecoder()
    yield decoder
    await decoder.aclose()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    Image.new("RGB", SQUARE, RED).save(tmp_path / "red.png")
    Image.new("RGB", SQUARE, BLUE).save(tmp_path / "blue.png")
    Image.new("RGBA", SQUARE, (0, 0, 0, 0)).save(tmp_path / "clear.png")
    for number in range(24):
        Image.new("RGB", (SMALL, SMALL), (number * 10, 0, 0)).save(tmp_path / f"{number}.png")
    return tmp_path


def album(count: int) -> list[ChatMessage]:
    return [painted(f"i{number}", f"{number}.png", size=SQUARE) for number in range(count)]


@asynccontextmanager
async def terminal_of(
    decoder: PictureDecoder, folder: Path, *messages: ChatMessage, tmux: bool = False, **options: Any
) -> AsyncIterator[tuple[Stage, Terminal]]:
    terminal = replace(KITTY, inside_tmux=tmux)
    async with stage(messages, decoder=decoder, folder=folder, terminal=terminal, **options) as on:
        yield on, Terminal(on, tmux)


class Terminal:
    """What a terminal makes of what is written to it."""

    def __init__(self, on: Stage, inside_tmux: bool) -> None:
        self._on, self._reader = on, KittyReader(inside_tmux)
        self._taken = 0

    @property
    def reader(self) -> KittyReader:
        written = self._on.app.recorder.written
        self._reader.feed("".join(written[self._taken :]).encode())
        self._taken = len(written)
        return self._reader

    def shown(self) -> dict[int, set[tuple[int, int]]]:
        """By image, the parts of it that stand on the screen."""
        found: dict[int, set[tuple[int, int]]] = {}
        number = {mark: at for at, mark in enumerate(marks())}
        for row in self._on.app.screen._compositor.render_strips():
            for segment in row:
                if not segment.text.startswith(PLACEHOLDER):
                    continue
                assert segment.style is not None
                assert segment.style.color is not None
                assert segment.style.color.triplet is not None
                image = int.from_bytes(bytes(segment.style.color.triplet))
                cells = segment.text.split(PLACEHOLDER)[1:]
                assert all(len(cell) == 2 for cell in cells)
                parts = {(number[cell[0]], number[cell[1]]) for cell in cells}
                found.setdefault(image, set()).update(parts)
        return found

    def is_whole(self, columns: int = 30, rows: int = 15) -> bool:
        """Whether nothing but one whole picture of this size is shown, and the terminal has it."""
        cells = {(row, column) for row in range(rows) for column in range(columns)}
        shown = self.shown()
        return list(shown.values()) == [cells] and shown.keys() <= self.reader.images.keys()


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
        on.pane.begin_image("i", "A red square", message_id=None, reply_to=None)
        await on.app.push_screen(Dialog())
        on.pane.finish_image("i", painted("i", "red.png", size=SQUARE))
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
    terminal = replace(MOSAIC, style=style)  # type: ignore[arg-type]  # one of its two words
    shown = painted("i", "clear.png", size=SQUARE)
    async with stage([shown], decoder=decoder, folder=folder, terminal=terminal) as on:
        before = on.pane.background_colors[1].rgb
        on.app.theme = THEMES[1].name
        await until(lambda: before not in grounds(on))
        assert decoder.asked == ["cells of clear.png"] * 2


def grounds(on: Stage) -> set[tuple[int, ...]]:
    """All colours of backgrounds on the screen."""
    segments = [segment for row in on.app.screen._compositor.render_strips() for segment in row]
    colours = [segment.style.bgcolor for segment in segments if segment.style is not None]
    return {tuple(colour.triplet) for colour in colours if colour is not None and colour.triplet is not None}


def pictures(on: Stage) -> list[PictureEntry]:
    return [entry for entry in on.pane.flow.made() if isinstance(entry, PictureEntry)]


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
        captions = {frame.split("\n").index(" A red square · 1024×1024") for frame in on.app.frames}
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
        on.pane.show_picture(painted("i", "blue.png", size=SQUARE))
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
        on.pane.show_picture(painted("i", "blue.png", size=SQUARE))
        await until(lambda: len(terminal.reader.sent) == 2)
        await on.settle()
        assert terminal.reader.deleted == []
        on.pane.show_picture(painted("j", "blue.png", size=SQUARE))
        await until(lambda: len(terminal.reader.deleted) == 1)
        assert len(terminal.reader.sent) == 2


@pytest.mark.parametrize("style", ["kitty", "mosaic"])
async def test_scrolling_over_pictures_that_were_drawn_decodes_and_sends_nothing(
    decoder: CountingDecoder, folder: Path, style: str
) -> None:
    terminal = replace(KITTY, style=style)  # type: ignore[arg-type]  # one of its two words
    async with stage(album(20), decoder=decoder, folder=folder, terminal=terminal) as on:
        await scroll_over_everything(on)
        asked, written = len(decoder.asked), len(on.app.recorder.written)
        assert len(set(decoder.asked)) == 20 * (1 if style == "mosaic" else 2)
        await scroll_over_everything(on)
        on.pane.action_scroll_end()
        await on.settle()
        assert len(decoder.asked) == asked
        assert len(on.app.recorder.written) == written


async def scroll_over_everything(on: Stage) -> None:
    """From the first message to the last, and wait at each page until all is drawn."""
    on.pane.action_scroll_home()
    await on.settle()
    while not on.pane.following:
        on.pane.action_page_down()
        await on.settle()


async def test_what_is_too_much_for_the_terminal_leaves_it_and_comes_back_when_somebody_looks(
    decoder: CountingDecoder, folder: Path
) -> None:
    async with terminal_of(decoder, folder, *album(12)) as (on, terminal):
        await on.settle()
        on.pane.forget_pictures()
        on.pane._drawn = DrawnPictures(most_terminal_bytes=4 * HELD)
        on.pane.draw_anew()
        await scroll_over_everything(on)
        # In view while another comes: one more, for a moment.
        assert terminal.reader.most_in_terminal <= 6 * HELD
        assert len(terminal.reader.images) <= 4
        assert on.pane.terminal_pictures.held == len(terminal.reader.images)
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
        on.pane.forget_pictures()
        on.pane._drawn = DrawnPictures(most_bytes=1, most_terminal_bytes=1)
        on.pane.draw_anew()
        await on.settle()
        await until(lambda: len(terminal.shown()) == 2)
        sent = len(terminal.reader.sent)
        on.pane.draw_anew()
        await on.settle()
        assert len(terminal.reader.sent) == sent
        assert terminal.shown().keys() == terminal.reader.images.keys()


async def test_cells_of_a_mosaic_that_is_far_away_are_given_back_and_drawn_again(
    decoder: CountingDecoder, folder: Path
) -> None:
    async with stage(album(12), decoder=decoder, folder=folder, terminal=MOSAIC) as on:
        await on.settle()
        on.pane.forget_pictures()
        on.pane._drawn = DrawnPictures(most_bytes=40_000)
        on.pane.draw_anew()
        await scroll_over_everything(on)
        here, there = on.pane._drawn.size_in_bytes
        assert 0 < here <= 40_000
        assert there == 0
        kept = [entry for entry in pictures(on) if entry.drawn is not None]
        assert len(kept) == len(on.pane._drawn) < 12
        on.pane.action_scroll_home()
        await on.settle()
        assert all(entry.drawn is not None for entry in on.pane._pictures_in_view())


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
        drawn = {entry.drawn.path.name for entry in pictures(on) if entry.drawn is not None}
        assert len(drawn) < 12


async def test_pictures_are_brought_again_after_the_terminal_was_lent_to_another_program(
    decoder: CountingDecoder, folder: Path
) -> None:
    async with terminal_of(decoder, folder, painted("i", "red.png", size=SQUARE)) as (on, terminal):
        await until(terminal.is_whole)
        on.pane.terminal_pictures.give_back()
        assert terminal.reader.images == {}
        on.pane.show_picture(painted("i", "blue.png", size=SQUARE))
        await on.pilot.pause()
        assert len(terminal.reader.sent) == 1
        on.app._resume_signal()
        await until(terminal.is_whole)
        (image,) = terminal.reader.images.values()
        assert image.pixel(0, 0) == BLUE


async def test_a_transmission_that_is_given_up_half_way_is_ended_properly(
    decoder: CountingDecoder, folder: Path
) -> None:
    Image.effect_noise(SQUARE, 90).convert("RGB").save(folder / "noise.png")
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


def corners(on: Stage) -> dict[int, int]:
    """By image the row of the screen where its first row stands or would stand; all its cells must fit to that."""
    number = {mark: at for at, mark in enumerate(marks())}
    found: dict[int, set[tuple[int, int]]] = {}
    for y, line in enumerate(on.app.screen._compositor.render_strips()):
        x = 0
        for segment in line:
            if segment.text.startswith(PLACEHOLDER):
                assert segment.style is not None
                assert segment.style.color is not None
                assert segment.style.color.triplet is not None
                image = int.from_bytes(bytes(segment.style.color.triplet))
                for at, cell in enumerate(segment.text.split(PLACEHOLDER)[1:]):
                    corner = y - number[cell[0]], x + at - number[cell[1]]
                    found.setdefault(image, set()).add(corner)
            x += segment.cell_length
    assert all(len(places) == 1 for places in found.values())
    return {image: next(iter(places))[0] for image, places in found.items()}


@pytest.mark.parametrize("rows", [-1, -4, -13])
async def test_cells_move_by_exactly_as_many_rows_as_one_scrolls(
    decoder: CountingDecoder, folder: Path, rows: int
) -> None:
    async with terminal_of(decoder, folder, *album(4), size=(80, 40)) as (on, terminal):
        await until(lambda: len(terminal.shown()) == 2)
        before = corners(on)
        on.pane.scroll_rows(rows)
        await on.settle()
        after = corners(on)
        both = before.keys() & after.keys()
        assert both
        assert all(after[image] == before[image] - rows for image in both)


async def test_what_is_freed_while_another_picture_comes_goes_behind_it(
    decoder: CountingDecoder, folder: Path
) -> None:
    Image.effect_noise(SQUARE, 90).convert("RGB").save(folder / "noise.png")
    async with terminal_of(decoder, folder, said(0)) as (on, terminal):
        held = on.pane.terminal_pictures
        small, large = [
            await decoder.pixels(folder / name, width=400, height=400, background=RED)
            for name in ("red.png", "noise.png")
        ]
        first = await held.bring(small, columns=20, rows=10, background=RED)
        assert first is not None
        coming = asyncio.create_task(held.bring(large, columns=20, rows=10, background=RED))
        await until(lambda: sum("a=T" in data for data in on.app.recorder.written) == 2)
        assert not coming.done()
        held.free(first)
        second = await coming
        assert second is not None
        assert terminal.reader.sent == [first.image_id, second.image_id]
        assert terminal.reader.deleted == [first.image_id]
