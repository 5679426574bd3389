"""Several pictures of one prompt in a grid, from which one is chosen."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest
from msgspec.structs import replace

from animus_tui.chat.messages import ChatMessage, ImageRecord
from animus_tui.demo.server import DemoServer
from animus_tui.ui.images.grid import grid_shape
from tests.support.kitty_app import CountingDecoder, fill, terminal_of
from tests.support.pane_app import until
from tests.support.studio_app import QUICK, SEEN, Studio, open_studio

FOUR = "/image a fox in snow --count 4 --seed 3"


@pytest.fixture
async def studio(tmp_path: Path) -> AsyncIterator[Studio]:
    async with DemoServer(QUICK) as server, open_studio(tmp_path, server) as opened:
        yield opened


def test_a_grid_has_room_for_all_and_stays_within_its_bounds() -> None:
    rows_of_columns: list[tuple[int, int]] = [(98, 20), (78, 15), (38, 15), (10, 4)]
    for columns, rows in rows_of_columns:
        for count in range(2, 9):
            shape = grid_shape(count, (1024, 768), max_columns=columns, max_rows=rows, cell_ratio=0.5)
            assert shape.across * shape.down >= count > shape.across * (shape.down - 1)
            assert shape.width <= columns
            assert shape.height <= max(rows, 2 * shape.down)


@pytest.mark.parametrize(
    ("columns", "rows", "shape"),
    [
        (98, 24, (2, 2, 22, 11)),
        (38, 15, (2, 2, 12, 6)),
        (78, 15, (4, 1, 18, 9)),
        (198, 36, (4, 1, 48, 24)),
    ],
)
def test_four_are_two_by_two_unless_they_are_much_larger_in_a_row(
    columns: int, rows: int, shape: tuple[int, int, int, int]
) -> None:
    assert grid_shape(4, (512, 512), max_columns=columns, max_rows=rows, cell_ratio=0.5) == shape


def test_a_grid_is_never_larger_than_its_room() -> None:
    for count in range(1, 9):
        for columns, rows in ((38, 15), (98, 24), (198, 36), (248, 48)):
            for pixels in ((512, 512), (1024, 256), (256, 1024)):
                shape = grid_shape(count, pixels, max_columns=columns, max_rows=rows, cell_ratio=0.5)
                assert shape.width <= columns
                assert shape.height <= rows
                assert shape.across * shape.down >= count


async def test_on_a_wide_screen_a_grid_takes_more_than_the_column_and_keeps_its_place(tmp_path: Path) -> None:
    async with DemoServer(SEEN) as server, open_studio(tmp_path, server, size=(200, 60)) as studio:
        await studio.type(FOUR)
        await until(lambda: bool(studio.cards) and studio.cards[0].is_waiting)
        await studio.wait_for("Generating")
        (card,) = studio.cards
        index = studio.pane.entries.index(card)
        assert index is not None
        height = len(studio.pane.entries.layout(index))
        await studio.settle()
        assert len(studio.pane.entries.layout(index)) == height
        labels = next(line for line in studio.text().split("\n") if "❯ 1" in line)
        assert "4 ·" in labels
        assert labels.index("4 ·") - labels.index("❯ 1") > 100
        await studio.pilot.press("tab", "right", "right", "right")
        assert "❯ 4" in studio.text()


async def test_four_pictures_stand_in_a_grid_of_the_size_that_was_kept_for_them(tmp_path: Path) -> None:
    async with DemoServer(SEEN) as server, open_studio(tmp_path, server) as studio:
        await studio.type(FOUR)
        await until(lambda: bool(studio.cards) and studio.cards[0].is_waiting)
        await studio.wait_for("Generating")
        (card,) = studio.cards
        index = studio.pane.entries.index(card)
        assert index is not None
        height = len(studio.pane.entries.layout(index))
        await studio.settle()
        assert len(studio.pane.entries.layout(index)) == height
        for number, seed in enumerate((3, 4, 5, 6), 1):
            assert f"{number} · seed {seed}" in studio.text()
        assert "❯ 1" in studio.text()
        assert "Tab, then 1–4 or Enter" in studio.text()
        await studio.pilot.press("tab")
        await studio.settle()
        assert "1–4 or Enter chooses" in studio.text()
        assert all(picture.key is not None for picture in card.slots)
        assert len({picture.key for picture in card.slots}) == 4


async def test_arrows_mark_and_enter_chooses(studio: Studio) -> None:
    await studio.make(FOUR)
    assert studio.pictures[0].undecided
    studio.pane.focus()
    await studio.pilot.pause()
    await studio.pilot.press("right", "down")
    assert "❯ 4" in studio.text()
    await studio.pilot.press("left")
    assert "❯ 3" in studio.text()
    await studio.pilot.press("enter")
    await studio.settle()
    (message,) = studio.pictures
    assert not message.undecided
    assert message.image == (message.variants or [])[2]
    assert "seed 5 · " in studio.text()
    assert "3 of 4" in studio.text()
    await studio.pilot.press("left_square_bracket")
    await studio.settle()
    assert "2 of 4" in studio.text()


async def test_a_number_chooses_at_once_and_one_that_is_none_is_typed(studio: Studio) -> None:
    await studio.make(FOUR)
    studio.pane.focus()
    await studio.pilot.pause()
    await studio.pilot.press("7")
    assert studio.prompt.text == "7"
    studio.pane.focus()
    await studio.pilot.pause()
    await studio.pilot.press("2")
    await studio.settle()
    assert "2 of 4" in studio.text()


async def test_a_click_chooses(studio: Studio) -> None:
    await studio.make(FOUR)
    lines = studio.text().split("\n")
    row = next(at for at, line in enumerate(lines) if "4 · seed" in line)
    await studio.pilot.click(offset=(lines[row].index("4 · seed"), row - 2))
    await studio.settle()
    assert "4 of 4" in studio.text()


async def test_who_has_not_chosen_finds_the_grid_again_after_a_restart(tmp_path: Path) -> None:
    async with DemoServer(QUICK) as server:
        async with open_studio(tmp_path, server) as studio:
            await studio.make(FOUR)
        async with open_studio(tmp_path, server, size=(40, 30)) as studio:
            await studio.settle()
            assert "4 · seed 6" in studio.text()
            assert max(map(len, studio.text().split("\n"))) <= 40


async def test_a_terminal_that_holds_pictures_shows_all_four_whole_and_then_the_chosen_one(
    tmp_path: Path,
) -> None:
    records = [
        ImageRecord(
            prompt="A square", file=f"{number}.png", width=1024, height=1024, settings={"seed": number}
        )
        for number in range(4)
    ]
    several = ChatMessage(id="i", role="assistant", image=records[0], variants=records, undecided=True)
    async with aclosing(CountingDecoder()) as decoder:
        async with terminal_of(decoder, fill(tmp_path), several) as (on, terminal):
            await on.settle()
            shape = grid_shape(4, (1024, 1024), max_columns=77, max_rows=15, cell_ratio=0.5)
            whole = {(row, column) for row in range(shape.rows) for column in range(shape.columns)}
            shown = terminal.shown()
            assert list(shown.values()) == [whole] * 4
            assert shown.keys() <= terminal.reader.images.keys()
            on.pane.updates.show_picture(replace(several, image=records[2], undecided=False))
            await on.settle()
            assert terminal.is_whole()
        assert terminal.reader.images == {}
