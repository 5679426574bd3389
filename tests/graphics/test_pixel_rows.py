"""Each cell of a picture is a character of its own, however what it stands in is cut."""

from __future__ import annotations

import re

import pytest
from rich.cells import cell_len
from textual.strip import Strip

from animus_tui.graphics.decoding.protocol import Line
from animus_tui.graphics.rendering.cells import Cells
from animus_tui.graphics.rendering.pieces import PictureRows
from animus_tui.graphics.rendering.pixel_rows import FIRST, LAST, PixelRows, PixelTable
from animus_tui.printable import printable

BLACK = (0, 0, 0)
MOST = 297


def drawn(columns: int, rows: int) -> tuple[PictureRows, Cells]:
    line = Line("▀" * columns, bytes(columns), bytes(columns))
    return PictureRows(columns, rows, (b"",) * rows), Cells(columns, rows, (line,) * rows)


def add(table: PixelTable, columns: int, rows: int) -> PixelRows:
    made = table.add(*drawn(columns, rows), BLACK)
    assert made is not None
    return made


def test_every_cut_of_a_row_falls_between_two_cells() -> None:
    table = PixelTable()
    add(table, MOST, 3)
    picture = add(table, MOST, MOST)
    for row in (0, MOST - 1):
        (segment,) = picture.segments(row)
        text = segment.text
        assert len(text) == cell_len(text) == MOST
        assert table.find(text[0]) is table.find(text[-1]) is picture
        for cut in range(1, MOST):
            before, after = segment.split_cells(cut)
            assert (before.text, after.text) == (text[:cut], text[cut:])
        strips = Strip([segment], MOST).divide([1, 100, 250, MOST])
        assert [strip.text for strip in strips] == [text[:1], text[1:100], text[100:250], text[250:]]


@pytest.mark.parametrize("code", [FIRST, LAST])
def test_the_characters_are_one_cell_wide_and_never_come_from_elsewhere(code: int) -> None:
    assert cell_len(chr(code)) == 1
    assert printable(f"a{chr(code)}b") == "a\ufffdb"


def test_the_stretches_of_a_row_of_the_screen() -> None:
    table = PixelTable()
    one, two = add(table, 5, 2), add(table, 3, 2)
    gone = add(table, 4, 4)
    table.remove(gone)
    cells = f" {one.text(0)}{one.text(1)[2:4]}{two.text(1)}{gone.text(3)} {two.text(0)[1:]}"
    found = [(at.x, at.picture, at.row, at.start, at.stop) for at in table.stretches(cells)]
    assert found == [
        (1, one, 0, 0, 5),
        (6, one, 1, 2, 4),
        (8, two, 1, 0, 3),
        (16, two, 0, 1, 3),
    ]
    assert [at.is_whole for at in table.stretches(cells)] == [True, False, True, False]


def test_characters_are_given_on_in_turn_and_none_twice_at_a_time() -> None:
    table = PixelTable()
    first = add(table, 5, 2)
    table.remove(first)
    assert add(table, 5, 2).first != first.first
    held = [add(table, 256, 256) for _ in range(9)]
    assert table.add(*drawn(256, 256), BLACK) is None
    table.remove(held[3])
    assert add(table, 256, 256).first == held[3].first
    assert len(table) == 10
    table.remove(held[3])  # its characters are another picture's by now
    assert len(table) == 10


@pytest.mark.parametrize(
    ("depth", "sgr"),
    [
        (3, "\x1b[38;2;1;2;3;48;2;7;8;9mAB\x1b[38;2;4;5;6;48;2;7;8;9mC\x1b[0m"),
        (1, "\x1b[37;100mAB\x1b[38;5;16;100mC\x1b[0m"),
    ],
)
def test_glyphs_as_they_are_written(depth: int, sgr: str) -> None:
    red, blue, ground = (
        (b"\x07", b"\x10", b"\x08") if depth == 1 else (b"\x01\x02\x03", b"\x04\x05\x06", b"\x07\x08\x09")
    )
    cells = Cells(5, 1, (Line("xABCy", blue + red * 2 + blue * 2, ground * 5),))
    assert cells.sequence(0, 1, 4) == sgr
    assert re.sub("\x1b[^m]*m", "", cells.sequence(0, 0, 5)) == "xABCy"
