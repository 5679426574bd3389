"""What Textual paints of pictures arrives as pixels in a terminal that draws them at the cursor, row by row."""

from __future__ import annotations

import random
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pyte
import pytest
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.app import App
from textual.drivers.headless_driver import HeadlessDriver
from textual.geometry import Offset, Region
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Static

from animus_tui.graphics.decoding.protocol import Line
from animus_tui.graphics.rendering.cells import Cells
from animus_tui.graphics.rendering.pieces import PictureRows as Drawn
from animus_tui.graphics.rendering.pixel_rows import FIRST, LAST, PixelRows, PixelTable
from animus_tui.ui.terminal.picture_rows import SYNC_END, SYNC_START, PictureRows
from tests.support.pixel_screen import PixelScreen, WrongPixelsError, compare, known

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from textual.app import ComposeResult
    from textual.driver import Driver
    from textual.pilot import Pilot

WIDTH, HEIGHT, CELL = 60, 16, 4
MUCH = 1 << 20
GROUND = Style(color="white", bgcolor="rgb(10,20,30)")


def picture(table: PixelTable, columns: int, rows: int, letter: str, *, weight: int = 0) -> PixelRows:
    """One whose rows are of some `weight` bytes."""
    start = f'\x1bP0;1;0q"1;1;{columns * CELL};8#1'
    rest = "~" * weight
    sequences = tuple(f"{start}{letter}#{row}{rest}\x1b\\".encode() for row in range(rows))
    lines = tuple(Line(letter * columns, bytes([row] * columns), bytes(columns)) for row in range(rows))
    made = table.add(Drawn(columns, rows, sequences), Cells(columns, rows, lines), (1, 2, 3))
    assert made is not None
    return made


class Page(Widget):
    """Rows of text, and pictures at places of it."""

    DEFAULT_CSS = "Page { width: 100%; height: 100%; }"

    def __init__(self) -> None:
        super().__init__()
        self.places: list[tuple[int, int, PixelRows]] = []
        """Column, row and picture, from the left."""
        self.y = self.x = 0
        """The first row and column that are in view."""
        self.marked = 0
        """A cell of the pictures from which on they look otherwise."""

    def _marked(self, strip: Strip) -> Strip:
        """The cells in another style from one on, as if they were selected."""
        parts = strip.divide([self.marked, strip.cell_length]) if self.marked else [strip]
        return Strip.join(
            [part.apply_style(Style(reverse=True)) if at else part for at, part in enumerate(parts)]
        )

    def render_line(self, y: int) -> Strip:
        row = y + self.y
        strip = Strip([Segment(f"{row:3} 漢字 e\u0301 ".ljust(100, "·")[:96], GROUND)])
        for x, top, shown in self.places:
            if top <= row < top + shown.rows:
                cells = self._marked(Strip(shown.segments(row - top), shown.columns))
                strip = Strip.join([strip.crop(0, x), cells, strip.crop(x + shown.columns)])
        return strip.crop_extend(self.x, self.x + self.size.width, GROUND)


class PixelDriver(HeadlessDriver):
    """Writes as to a terminal, through what translates pictures, and keeps what was to be written."""

    @property
    def is_headless(self) -> bool:
        return False

    def write(self, data: str) -> None:
        app = self._app
        assert isinstance(app, PixelApp)
        app.take(data)


class PixelApp(App[None]):
    """A page, and something above it."""

    CSS = """
    Screen { layers: below above; }
    #above { layer: above; display: none; width: 20; height: 4; background: red; }
    #above.-there { display: block; }
    """

    def __init__(self, *, is_synchronized: bool, erases_beside: bool) -> None:
        super().__init__()
        self.page = Page()
        self.table = PixelTable()
        self.most, self.most_moving = MUCH, MUCH
        self.rows = PictureRows(self.table)
        self.screens: list[tuple[bytes, str]] = []
        self.seen = PixelScreen(
            WIDTH, HEIGHT, CELL, is_synchronized=is_synchronized, erases_beside=erases_beside
        )
        self.told = pyte.Screen(WIDTH, HEIGHT)
        self._told = pyte.Stream(self.told)
        self.pictures: list[PixelRows] = []
        self._is_synchronized = is_synchronized
        self.deferred = 0

    def _build_driver(
        self, headless: bool, inline: bool, mouse: bool, size: tuple[int, int] | None
    ) -> Driver:
        self._driver = PixelDriver(self, size=size)
        return self._driver

    def compose(self) -> ComposeResult:
        yield self.page
        yield Static("something above\nin four rows", id="above")

    def take(self, data: str) -> None:
        frame = [SYNC_START, data, SYNC_END] if self._is_synchronized else [data]
        for part in frame:
            size, moving = (self.size.width, self.size.height), self.most_moving
            self.write(self.rows.translated(part, size, most=self.most, most_moving=moving))
            self.deferred += self.rows.has_deferred
        self._told.feed(data)

    def write(self, data: bytes) -> None:
        assert not any(FIRST <= ord(one) <= LAST for one in data.decode())
        self.seen.feed(data)

    def add(self, columns: int, rows: int, letter: str, *, x: int, y: int, weight: int = 0) -> PixelRows:
        made = picture(self.table, columns, rows, letter, weight=weight)
        self.pictures.append(made)
        self.page.places.append((x, y, made))
        self.page.refresh()
        return made


class Stage:
    """An application, and what its terminal makes of it."""

    def __init__(self, app: PixelApp, pilot: Pilot[None]) -> None:
        self.app, self.pilot = app, pilot

    async def painted(self) -> None:
        """The screen is painted, and is what the application says."""
        await self.pilot.pause()
        compare(self.app.seen, self.app.told, [known(one) for one in self.app.pictures])

    async def scroll(self, y: int, x: int = 0) -> int:
        """Show the page from this row on; the number of rows of pictures that were drawn."""
        before = self.app.seen.drawn
        self.app.page.y, self.app.page.x = y, x
        self.app.page.refresh()
        await self.painted()
        return self.app.seen.drawn - before

    async def cover(self, x: int, y: int) -> None:
        """Show something above the page there."""
        above = self.app.query_one("#above")
        above.styles.offset = (x, y)
        above.add_class("-there")
        await self.painted()

    async def uncover(self) -> None:
        self.app.query_one("#above").remove_class("-there")
        await self.painted()

    def glyphs(self, y: int) -> str:
        """What stands as text where a picture of 20 cells stands."""
        return "".join(self.app.seen.screen.buffer[y][x].data for x in range(16, 36))

    @property
    def lines(self) -> list[int]:
        """The rows of the screen that have pixels."""
        return sorted({y for y, _ in self.app.seen.pixels})


@asynccontextmanager
async def stage(*, is_synchronized: bool = True, erases_beside: bool = False) -> AsyncIterator[Stage]:
    app = PixelApp(is_synchronized=is_synchronized, erases_beside=erases_beside)
    async with app.run_test(size=(WIDTH, HEIGHT)) as pilot:
        yield Stage(app, pilot)
        app.seen.close()


@pytest.mark.parametrize("is_synchronized", [True, False])
async def test_a_picture_goes_with_the_text_and_leaves_nothing_behind(is_synchronized: bool) -> None:
    async with stage(is_synchronized=is_synchronized) as on:
        on.app.add(20, 6, "a", x=16, y=4)
        await on.painted()
        assert on.lines == [4, 5, 6, 7, 8, 9]
        assert await on.scroll(1) == 6
        assert await on.scroll(7) == 3
        assert on.lines == [0, 1, 2]
        await on.scroll(30)
        assert on.lines == []
        assert await on.scroll(-8) == 3
        assert on.lines == [12, 13, 14], "on the last row a terminal might scroll"
        on.app.page.places.clear()
        on.app.page.refresh()
        await on.painted()
        assert on.lines == []


async def test_what_stands_where_it_stood_is_not_drawn_again() -> None:
    async with stage() as on:
        on.app.add(20, 6, "a", x=16, y=4)
        await on.painted()
        assert await on.scroll(0) == 0
        on.app.screen.refresh()
        await on.painted()
        assert on.app.seen.drawn == 6
        on.app.rows.forget()
        on.app.screen.refresh()
        await on.painted()
        assert on.app.seen.drawn == 12


async def test_what_is_covered_or_cropped_at_a_side_is_glyphs() -> None:
    async with stage() as on:
        on.app.add(20, 6, "a", x=16, y=4)
        await on.painted()
        for x, y in ((0, 0), (30, 6), (20, 6), (10, 2), (16, 8), (36, 8)):
            await on.cover(x, y)
        assert on.lines == [4, 5, 6, 7, 8, 9]
        await on.cover(35, 8)
        assert on.lines == [4, 5, 6, 7]
        assert await on.scroll(1) == 5
        await on.uncover()
        assert on.lines == [3, 4, 5, 6, 7, 8]
        for x in (16, 17, 30, 36):
            await on.scroll(0, x)
            assert bool(on.lines) == (x == 16)
        on.app.page.places[0] = (WIDTH - 10, 4, on.app.pictures[0])
        await on.scroll(0)
        assert on.lines == []
        on.app.page.places[0] = (WIDTH - 20, 4, on.app.pictures[0])
        assert await on.scroll(0) == 6


async def test_two_beside_each_other_and_of_the_same_picture() -> None:
    async with stage() as on:
        first = on.app.add(12, 4, "a", x=12, y=3)
        on.app.add(12, 6, "b", x=24, y=2)
        on.app.page.places.append((40, 3, first))
        await on.painted()
        assert on.app.seen.drawn == 4 + 6 + 4
        await on.cover(20, 4)
        await on.uncover()
        await on.scroll(3)
        other = on.app.add(12, 6, "c", x=24, y=2)
        del on.app.page.places[1]
        before = on.app.seen.drawn
        await on.painted()
        assert on.app.seen.drawn - before == 5
        on.app.table.remove(other)
        del on.app.pictures[-1]
        await on.scroll(2)  # its cells are blank: nobody knows what stands in them
        assert len({x for _, x in on.app.seen.pixels}) == 24


async def test_the_cursor_stays_where_it_is_when_the_last_row_of_a_frame_is_its_own() -> None:
    async with stage() as on:
        on.app.cursor_position = Offset(5, 2)
        on.app.page.places.append((16, 2, picture(on.app.table, 20, 1, "a")))
        on.app.pictures.append(on.app.page.places[0][2])
        on.app.page.refresh(Region(0, 2, WIDTH, 1))
        await on.painted()
        assert on.lines == [2]


async def test_pixels_that_are_too_much_for_a_frame_come_later_and_glyphs_stand_there_meanwhile() -> None:
    async with stage() as on:
        on.app.most = on.app.most_moving = 1000
        on.app.add(20, 6, "a", x=16, y=4, weight=400)
        await on.pilot.pause()
        # It appears and does not move: what may be written at once is there.
        assert (on.lines, on.app.deferred, on.app.rows.is_owing) == ([4, 5], 1, True)
        assert (on.glyphs(5), on.glyphs(6)) == (" " * 20, "a" * 20)
        on.app.write(on.app.rows.owed(0))
        assert on.lines == [4, 5, 6]
        on.app.write(on.app.rows.owed(1))
        assert on.lines == [4, 5, 6, 7]
        on.app.screen.refresh()
        await on.pilot.pause()
        assert (on.lines, on.app.deferred) == ([4, 5, 6, 7], 1)
        on.app.page.y = 1
        on.app.page.refresh()
        await on.pilot.pause()
        assert (on.lines, on.app.deferred) == ([], 2)
        assert on.glyphs(3) == "a" * 20
        while on.app.rows.is_owing:
            on.app.write(on.app.rows.owed(500))
        await on.painted()
        assert on.lines == [3, 4, 5, 6, 7, 8]
        assert on.app.rows.owed(500) == b""


async def test_while_glyphs_stand_for_pixels_what_moves_is_glyphs_and_what_comes_is_pixels() -> None:
    async with stage() as on:
        on.app.most_moving = 0
        on.app.add(20, 6, "a", x=16, y=4)
        await on.painted()
        assert on.lines == [4, 5, 6, 7, 8, 9]
        on.app.add(20, 3, "b", x=38, y=10)
        await on.painted()
        assert (on.lines, on.app.deferred) == ([*range(4, 13)], 0)
        on.app.page.y = 1
        on.app.page.refresh()
        await on.pilot.pause()
        assert (on.lines, on.app.deferred) == ([], 1)


async def test_a_picture_without_glyphs_is_pixels_wherever_it_moves_and_gets_its_glyphs_later() -> None:
    async with stage() as on:
        on.app.most = on.app.most_moving = 1000
        made = on.app.add(20, 6, "a", x=16, y=4, weight=400)
        glyphs, made.mosaic = made.mosaic, None
        assert glyphs is not None
        await on.pilot.pause()
        assert (on.lines, on.glyphs(6)) == ([4, 5], " " * 20)
        on.app.page.y = 1
        on.app.page.refresh()
        await on.pilot.pause()
        assert on.lines == [3, 4, 5, 6, 7, 8]
        assert not on.app.rows.lacks_glyphs
        on.app.query_one("#above").styles.offset = (30, 5)
        on.app.query_one("#above").add_class("-there")
        await on.pilot.pause()
        assert (on.glyphs(5), on.app.rows.lacks_glyphs) == (" " * 14 + "someth", True)
        assert sorted(x for y, x in on.app.seen.pixels if y == 5) == [*range(16, 30)], "the rest stays"
        on.app.table.set_mosaic(made, glyphs)
        on.app.most = MUCH
        on.app.rows.forget()
        on.app.screen.refresh()
        await on.painted()
        assert (on.lines, on.glyphs(5), on.app.rows.lacks_glyphs) == ([3, 4], "a" * 14 + "someth", False)


async def test_pixels_owed_to_a_picture_that_went_are_forgotten() -> None:
    async with stage() as on:
        on.app.most = 0
        made = on.app.add(20, 6, "a", x=16, y=4)
        await on.pilot.pause()
        assert on.app.rows.is_owing
        on.app.table.remove(made)
        assert on.app.rows.owed(MUCH) == b""
        assert not on.app.rows.is_owing


async def test_another_size_of_the_window_draws_all_anew() -> None:
    async with stage() as on:
        on.app.add(20, 6, "a", x=16, y=4)
        await on.painted()
        for width, height in ((50, 12), (30, 12), (40, 9), (WIDTH, HEIGHT)):
            on.app.seen.resize(width, height)
            on.app.told.resize(height, width)
            await on.pilot.resize_terminal(width, height)
            await on.painted()
            assert on.lines == [y for y in range(4, 10) if y < height - 1 and width >= 36]


async def test_pixels_of_another_size_of_the_cells_are_glyphs_until_there_are_new_ones() -> None:
    async with stage() as on:
        on.app.add(20, 6, "a", x=16, y=4)
        await on.painted()
        on.app.rows.outdate()
        on.app.screen.refresh()
        await on.pilot.pause()
        assert on.lines == []
        assert on.app.seen.screen.buffer[4][16].data == "a"
        on.app.page.places.clear()
        on.app.add(20, 6, "b", x=16, y=4)
        await on.painted()
        assert on.lines == [4, 5, 6, 7, 8, 9]


@pytest.mark.parametrize("words", ["\u2764\ufe0f", "\U0001f468\u200d\U0001f469\u200d\U0001f467", "a"])
def test_words_of_another_width_than_the_terminal_gives_them_move_and_hide_nothing_of_a_picture(
    words: str,
) -> None:
    table = PixelTable()
    cells = picture(table, 20, 1, "a").text(0)
    rows, seen = PictureRows(table), PixelScreen(WIDTH, HEIGHT, CELL)
    frame = f"\x1b[3;1H\x1b[31m{words}\x1b[0m{' ' * (16 - cell_len(words))}{cells}\x1b[31mbeside\x1b[0m"
    for text in (frame, frame, f"\x1b[3;1H\x1b[31m{words * 5}\x1b[0m"):
        seen.feed(rows.translated(text, (WIDTH, HEIGHT), most=MUCH, most_moving=MUCH))
        assert sorted(seen.pixels) == [(2, x) for x in range(16, 36)]
        assert "".join(seen.screen.buffer[2][x].data for x in range(36, 42)) == "beside"


@pytest.mark.parametrize("erases_beside", [False, True])
async def test_a_walk(erases_beside: bool) -> None:
    chance = random.Random(7)
    async with stage(erases_beside=erases_beside) as on:
        on.app.add(12, 9, "a", x=12, y=3)
        on.app.add(20, 6, "b", x=30, y=5, weight=300)
        on.app.add(30, 8, "c", x=14, y=14)
        for _ in range(60):
            on.app.most = chance.choice((MUCH, MUCH, 1000))
            on.app.most_moving = chance.choice((on.app.most, 0))
            on.app.page.marked = chance.choice((0, 0, 5, 11))
            match chance.randrange(5):
                case 0:
                    above = on.app.query_one("#above")
                    above.styles.offset = (chance.randrange(50), chance.randrange(14))
                    above.toggle_class("-there")
                case 1:
                    on.app.page.x = chance.choice((0, 0, 13))
                    on.app.page.refresh()
                case 2:
                    x, y, shown = on.app.page.places.pop(chance.randrange(3))
                    on.app.page.places.append((x, y + chance.randrange(-1, 2), shown))
                    on.app.page.places.sort(key=lambda place: place[0])
                    on.app.page.refresh()
                case _:
                    on.app.page.y = chance.randrange(-4, 16)
                    on.app.page.refresh()
            await on.pilot.pause()
            while on.app.rows.is_owing:
                on.app.write(on.app.rows.owed(500))
            await on.painted()
        assert on.app.seen.drawn > 200


def test_the_reader_itself_refuses_what_no_terminal_should_get() -> None:
    piece = b'\x1bP0;1;0q"1;1;8;8#1~\x1b\\'
    for wrong in (b"\x1b[16;1H" + piece, b"\x1b[1;60H" + piece, b"\x1bP0qx\x1b\\", b"\x1b[16;1H\n"):
        with pytest.raises(WrongPixelsError):
            PixelScreen(WIDTH, HEIGHT, CELL).feed(wrong)
    with pytest.raises(WrongPixelsError):
        PixelScreen(WIDTH, HEIGHT, CELL, is_synchronized=True).feed(piece)
    screen: Any = PixelScreen(WIDTH, HEIGHT, CELL)
    screen.feed(piece[:9])
    with pytest.raises(WrongPixelsError):
        screen.close()
    screen.feed(piece[9:])
    assert len(screen.pixels) == 2
