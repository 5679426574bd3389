"""How many cells a picture takes, and how they become segments."""

from __future__ import annotations

import os

from hypothesis import given
from hypothesis import strategies as st
from rich.segment import Segment

from animus_tui.graphics.decoding.protocol import Line
from animus_tui.graphics.rendering.cells import Cells, fit

SIDES = st.integers(1, 20_000)
CELLS = st.integers(1, 300)


def test_the_cells_have_the_shape_of_the_picture() -> None:
    rows: list[tuple[tuple[int, int], tuple[int, int], float, tuple[int, int]]] = [
        ((1024, 1024), (60, 30), 0.5, (60, 30)),
        ((1024, 1024), (60, 20), 0.5, (40, 20)),
        ((1024, 1024), (60, 60), 0.45, (60, 27)),
        ((1920, 1080), (80, 40), 0.5, (80, 22)),
        ((1080, 1920), (80, 40), 0.5, (45, 40)),
        ((10_000, 1), (80, 40), 0.5, (80, 1)),
        ((1, 10_000), (80, 40), 0.5, (1, 40)),
        ((0, 0), (60, 30), 0.5, (60, 30)),
        ((5, 5), (0, -3), 0.5, (1, 1)),
    ]
    for picture, room, ratio, cells in rows:
        assert fit(*picture, max_columns=room[0], max_rows=room[1], cell_ratio=ratio) == cells


@given(SIDES, SIDES, CELLS, CELLS, st.floats(0.25, 1.0))
def test_a_picture_fits_its_room_and_touches_two_of_its_sides(
    width: int, height: int, max_columns: int, max_rows: int, ratio: float
) -> None:
    columns, rows = fit(width, height, max_columns=max_columns, max_rows=max_rows, cell_ratio=ratio)
    assert 1 <= columns <= max_columns
    assert 1 <= rows <= max_rows
    assert columns == max_columns or rows == max_rows
    wanted = height / width * ratio  # rows for one column
    assert (
        abs(columns * wanted - rows) <= 0.51 or abs(rows / wanted - columns) <= 0.51 or 1 in (columns, rows)
    )


def test_neighbours_that_look_alike_are_one_segment() -> None:
    red, blue = b"\xff\0\0", b"\0\0\xff"
    cells = Cells(5, 1, (Line("▀▀▀ ▀", red * 3 + blue + red, blue * 5),))
    assert [(piece.text, *colours(piece)) for piece in cells.segments(0)] == [
        ("▀▀▀", "#ff0000", "#0000ff"),
        (" ", "#0000ff", "#0000ff"),
        ("▀", "#ff0000", "#0000ff"),
    ]


def colours(piece: Segment) -> list[str]:
    """What stands in front and behind."""
    assert piece.style is not None
    found = piece.style.color, piece.style.bgcolor
    return [colour.get_truecolor().hex for colour in found if colour is not None]


def test_indexes_become_colours_of_the_palette() -> None:
    cells = Cells(2, 1, (Line("▀▀", bytes((196, 16)), bytes((21, 21))),))
    assert [str(piece.style) for piece in cells.segments(0)] == [
        "color(196) on color(21)",
        "color(16) on color(21)",
    ]


def test_a_picture_takes_little_memory() -> None:
    lines = tuple(Line("▀" * 60, os.urandom(180), os.urandom(180)) for _ in range(30))
    assert Cells(60, 30, lines).size_in_bytes < 25_000  # 200 of them: 5 MB
