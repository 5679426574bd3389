"""What is drawn is bounded in bytes here and in the terminal, and whoever loses a picture is told so."""

from __future__ import annotations

import base64
import zlib
from pathlib import Path

import pytest

from animus_tui.graphics.decoding.protocol import Line, Pixels
from animus_tui.graphics.rendering.cells import Cells
from animus_tui.graphics.rendering.kitty import FIRST_ID, Placeholders, placeholders
from animus_tui.ui.conversation.entries.drawn import DrawnPictures
from animus_tui.ui.conversation.entries.entry import Predecessor
from animus_tui.ui.conversation.entries.picture import PictureEntry
from animus_tui.ui.conversation.entries.shown import Drawing, ImageSlot

PIXELS = Pixels(10, 10, base64.b64encode(zlib.compress(bytes(300))))
THERE = 400
"""Bytes that such a picture takes in a terminal."""
CELLS = Cells(4, 2, (Line("▀▀▀▀", bytes(12), bytes(12)),) * 2)


def drawing(number: int) -> Drawing:
    return Drawing(Path(f"{number}.png"), 4, 2, (0, 0, 0), (10, 20))


def slot(number: int = 0) -> ImageSlot:
    return PictureEntry(f"i{number}", "A cat", "", Predecessor(), size=(10, 10)).slot


def in_terminal(number: int) -> Placeholders:
    return placeholders(FIRST_ID + number, PIXELS, 4, 2, (0, 0, 0))


def several(count: int, *, room: int) -> tuple[DrawnPictures, list[ImageSlot]]:
    """So many pictures that the terminal holds, each in an entry of its own, with room for `room` of them."""
    drawn, entries = DrawnPictures(most_terminal_bytes=room * THERE), [slot(at) for at in range(count)]
    for number, shown in enumerate(entries):
        drawn.put(drawing(number), in_terminal(number))
        drawn.give(drawing(number), shown)
    return drawn, entries


def numbers(gone: list[Placeholders]) -> list[int]:
    return [cells.image_id - FIRST_ID for cells in gone]


def test_the_longest_unseen_go_first_and_their_entries_know() -> None:
    drawn, entries = several(5, room=3)
    assert numbers(drawn.look_at([drawing(0)])) == [1, 2]
    assert [shown.drawn is None for shown in entries] == [False, True, True, False, False]
    assert drawn.size_in_bytes == (3 * in_terminal(0).size_in_bytes, 3 * THERE)


def test_what_is_in_view_stays_even_when_it_is_too_much() -> None:
    drawn, entries = several(3, room=1)
    assert numbers(drawn.look_at([drawing(0), drawing(1), drawing(2)])) == []
    assert all(shown.drawn is not None for shown in entries)


def test_another_picture_in_an_entry_frees_the_one_before_unless_another_entry_shows_it() -> None:
    drawn, first, second = DrawnPictures(), slot(1), slot(2)
    for number in range(2):
        drawn.put(drawing(number), in_terminal(number))
    for shown in (first, second):
        assert drawn.give(drawing(0), shown) == []
    assert drawn.give(drawing(1), first) == []
    assert numbers(drawn.give(drawing(1), second)) == [0]
    assert len(drawn) == 1


def test_what_is_shown_below_a_dialog_counts_and_goes_with_its_picture() -> None:
    drawn, (shown,) = several(1, room=9)
    assert drawn.lacks_cover(drawing(0))
    assert drawn.cover(drawing(0), CELLS) == [shown]
    assert not drawn.lacks_cover(drawing(0))
    assert drawn.size_in_bytes[0] == in_terminal(0).size_in_bytes + CELLS.size_in_bytes
    assert numbers(drawn.clear()) == [0]
    assert drawn.size_in_bytes == (0, 0)
    assert drawn.cover(drawing(0), CELLS) == []


def test_what_cannot_be_shown_below_a_dialog_is_not_asked_for_again() -> None:
    drawn, _ = several(1, room=9)
    drawn.cover(drawing(0), None)
    assert not drawn.lacks_cover(drawing(0))


@pytest.mark.parametrize("room", [0, 1])
def test_cells_of_glyphs_are_bounded_too_and_nothing_of_them_is_in_a_terminal(room: int) -> None:
    drawn, shown = DrawnPictures(most_bytes=room * CELLS.size_in_bytes), [slot(0), slot(1)]
    for number in range(2):
        drawn.put(drawing(number), CELLS)
        drawn.give(drawing(number), shown[number])
    assert drawn.look_at([]) == []
    assert len(drawn) == room
    assert not drawn.lacks_cover(drawing(1))
