"""How many cells a text takes, and which character stands in which cell."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from animus_tui.ui.markdown.cells import _SIMPLE, cells_of, clusters, is_simple, shown
from animus_tui.ui.markdown.document import layout_text
from animus_tui.ui.markdown.text_layout import Piece, Row, TextLayout, cell_of, offset_at
from tests.support.markdown_samples import ANY_TEXT, DOCUMENTS, STYLES

QUICK = settings(max_examples=80, derandomize=True, deadline=None)


def test_what_is_taken_for_one_cell_is_one_cell() -> None:
    simple = [chr(point) for point in range(0x3000) if _SIMPLE.fullmatch(chr(point))]
    assert [character for character in simple if cell_len(character) != 1] == []


@QUICK
@given(text=ANY_TEXT.filter(lambda text: "\t" not in text))
def test_clusters_are_together_as_wide_as_what_is_painted(text: str) -> None:
    found = clusters(text.replace("\n", ""))
    assert sum(cells for _, _, cells in found) == cell_len(shown(text.replace("\n", "")))
    assert [start for start, _, _ in found[1:]] == [end for _, end, _ in found[:-1]]


def test_characters_that_are_painted_as_one_are_one_cluster() -> None:
    rows: list[tuple[str, int, int]] = [
        ("👩‍👩‍👧", 1, 2),
        ("👍🏽", 1, 2),
        ("🇩🇪🇫🇷", 2, 4),
        ("❤️", 1, 2),
        ("e\u0301e", 2, 2),
        ("क्\u200dष", 2, 2),
        ("a\u200db", 2, 2),
        ("漢字", 2, 4),
    ]
    for text, count, cells in rows:
        assert (len(clusters(text)), cells_of(text), cell_len(shown(text))) == (count, cells, cells)


def test_a_tab_reaches_to_the_next_stop() -> None:
    assert [cells for _, _, cells in clusters("a\tbcd\t\t")] == [1, 3, 1, 1, 1, 1, 4]
    assert not is_simple("a\tb")


def _texts(text: str, width: int) -> tuple[TextLayout, list[tuple[Row, Piece]]]:
    found = layout_text(text, width, STYLES)
    return found, [(row, piece) for row in found.rows for piece in row.pieces]


@QUICK
@given(text=ANY_TEXT | DOCUMENTS, width=st.integers(4, 60))
def test_each_cell_leads_to_its_character_and_that_leads_back(text: str, width: int) -> None:
    found, pieces = _texts(text, width)
    for row, piece in pieces:
        line, x = found.lines[piece.line], piece.x
        for start, end, cells in clusters(line[piece.start : piece.end], cells_of(line[: piece.start])):
            first = piece.start + start
            assert {cell_of(piece, line, offset) for offset in range(first, piece.start + end)} == {x}
            for cell in range(x, min(x + cells, row.cells)):
                assert offset_at(row, found.lines, cell) == (piece.line, first)
            x += cells


@QUICK
@given(text=ANY_TEXT | DOCUMENTS, width=st.integers(4, 60))
def test_what_a_piece_points_at_is_painted_there(text: str, width: int) -> None:
    found, pieces = _texts(text, width)
    for row, piece in pieces:
        words = found.lines[piece.line][piece.start : piece.end]
        cells = [character for segment in row.segments for character in segment.text]
        for word in re.findall("[a-z]+", words):
            assert word in "".join(cells)
        assert cell_of(piece, found.lines[piece.line], piece.end) <= row.cells


def test_a_cell_beside_the_text_leads_to_its_nearest_end() -> None:
    found = layout_text("- one\n- two", 20, STYLES)
    assert offset_at(found.rows[0], found.lines, 2) == (0, 2)
    assert offset_at(found.rows[0], found.lines, 19) == (0, 5)
    assert offset_at(found.rows[0], found.lines, -3) == (0, 0)


def test_a_row_without_text_leads_nowhere() -> None:
    assert offset_at(layout_text("---", 20, STYLES).rows[0], [], 3) is None


def test_between_two_cells_of_a_table_the_nearer_text_is_found() -> None:
    found = layout_text("| aaaa | bbbb |\n|---|---|\n| 1 | 2 |", 40, STYLES)
    row = found.rows[2]
    assert found.lines[2:] == ["| 1 | 2 |"]
    assert [offset_at(row, found.lines, x) for x in (0, 1, 2, 6, 7, 30)] == [
        (2, 2), (2, 3), (2, 3), (2, 6), (2, 6), (2, 7),
    ]  # fmt: skip


def test_a_wide_character_and_a_tab_are_found_from_each_of_their_cells() -> None:
    found = layout_text("```\na\t漢x\n```", 30, STYLES)
    row = found.rows[0]
    assert [offset_at(row, found.lines, x) for x in range(1, 9)] == [
        (0, 0), (0, 1), (0, 1), (0, 1), (0, 2), (0, 2), (0, 3), (0, 4),
    ]  # fmt: skip
    assert [cell_of(row.pieces[0], found.lines[0], offset) for offset in range(5)] == [1, 2, 5, 7, 8]
