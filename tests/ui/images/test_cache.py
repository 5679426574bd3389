"""What is drawn is bounded in bytes here and in the terminal, and whoever loses an image is told so."""

from __future__ import annotations

import base64
import zlib
from pathlib import Path

import pytest

from animus_tui.graphics.decoding.protocol import Line, Pixels
from animus_tui.graphics.rendering.cells import Cells
from animus_tui.graphics.rendering.kitty import FIRST_ID, Placeholders, placeholders
from animus_tui.graphics.rendering.pixel_rows import PixelRows
from animus_tui.ui.conversation.entries.entry import Predecessor
from animus_tui.ui.conversation.entries.picture import PictureEntry
from animus_tui.ui.images.cache import ImageCache, ImageKey
from animus_tui.ui.images.slot import ImageSlot

PIXELS = Pixels(10, 10, base64.b64encode(zlib.compress(bytes(300))))
THERE = 400
"""Bytes that such a picture takes in a terminal."""
CELLS = Cells(4, 2, (Line("▀▀▀▀", bytes(12), bytes(12)),) * 2)
PANE, GALLERY = "pane", "gallery"


def key(number: int, cell: tuple[int, int] | None = (10, 20)) -> ImageKey:
    return ImageKey(Path(f"{number}.png"), 4, 2, (0, 0, 0), cell)


def slot(number: int = 0) -> ImageSlot:
    return PictureEntry(f"i{number}", "A cat", "", Predecessor(), size=(10, 10)).slot


def in_terminal(number: int) -> Placeholders:
    return placeholders(FIRST_ID + number, PIXELS, 4, 2, (0, 0, 0))


class Terminal:
    """The numbers of the images that were freed, since they were last asked for."""

    def __init__(self) -> None:
        self._freed: list[int] = []

    def free(self, cells: Placeholders | PixelRows) -> None:
        assert isinstance(cells, Placeholders)
        self._freed.append(cells.image_id - FIRST_ID)

    def freed(self) -> list[int]:
        freed, self._freed = self._freed, []
        return freed


@pytest.fixture
def terminal() -> Terminal:
    return Terminal()


@pytest.fixture
def cache(terminal: Terminal) -> ImageCache:
    return ImageCache(terminal.free)


def several(cache: ImageCache, count: int) -> list[ImageSlot]:
    """So many pictures that the terminal holds, each in an entry of its own."""
    slots = [slot(at) for at in range(count)]
    for number, shown in enumerate(slots):
        cache.put_placeholders(key(number), in_terminal(number))
        show(cache, key(number), shown)
    return slots


def show(cache: ImageCache, wanted: ImageKey, slot: ImageSlot) -> None:
    if slot.key is not None and slot.key != wanted:
        cache.release(slot.key, slot)
    slot.show(cache.use(wanted, slot))


def test_the_longest_unseen_go_first_and_their_entries_know(cache: ImageCache, terminal: Terminal) -> None:
    slots = several(cache, 5)
    cache.most_terminal_bytes = 3 * THERE
    cache.look_at(PANE, [key(0)])
    assert terminal.freed() == [1, 2]
    assert [shown.key is None for shown in slots] == [False, True, True, False, False]
    assert [shown.cells is None for shown in slots] == [False, True, True, False, False]
    assert cache.size_in_bytes == (3 * in_terminal(0).size_in_bytes, 3 * THERE)


def test_what_is_in_view_stays_even_when_it_is_too_much(cache: ImageCache, terminal: Terminal) -> None:
    slots = several(cache, 3)
    cache.most_terminal_bytes = THERE
    cache.look_at(PANE, [key(0), key(1), key(2)])
    assert terminal.freed() == []
    assert all(shown.key is not None for shown in slots)


def test_what_one_viewer_has_in_view_stays_whatever_another_looks_at(
    cache: ImageCache, terminal: Terminal
) -> None:
    several(cache, 4)
    cache.most_terminal_bytes = THERE
    cache.look_at(PANE, [key(0), key(1), key(2), key(3)])
    cache.look_at(GALLERY, [key(3)])
    cache.look_at(PANE, [key(0)])
    assert terminal.freed() == [1, 2]
    cache.leave(GALLERY)
    cache.look_at(PANE, [key(0)])
    assert terminal.freed() == [3]


def test_another_conversation_leaves_what_another_viewer_has_in_view(
    cache: ImageCache, terminal: Terminal
) -> None:
    several(cache, 3)
    cache.look_at(PANE, [key(0), key(1)])
    cache.look_at(GALLERY, [key(1)])
    cache.clear(PANE)
    assert sorted(terminal.freed()) == [0, 2]
    cache.clear()
    assert terminal.freed() == [1]


def test_another_picture_in_an_entry_frees_the_one_before_unless_another_entry_shows_it(
    cache: ImageCache, terminal: Terminal
) -> None:
    first, second = slot(1), slot(2)
    for number in range(2):
        cache.put_placeholders(key(number), in_terminal(number))
    for shown in (first, second):
        show(cache, key(0), shown)
    show(cache, key(1), first)
    assert terminal.freed() == []
    show(cache, key(1), second)
    assert terminal.freed() == [0]
    assert len(cache) == 1


def test_an_image_that_is_sent_again_takes_the_place_of_the_one_before(
    cache: ImageCache, terminal: Terminal
) -> None:
    for number in range(2):
        cache.put_placeholders(key(0), in_terminal(number))
    assert terminal.freed() == [0]
    assert cache.size_in_bytes == (in_terminal(0).size_in_bytes, THERE)


def test_what_is_shown_below_a_dialog_counts_and_goes_with_its_picture(
    cache: ImageCache, terminal: Terminal
) -> None:
    (shown,) = several(cache, 1)
    image = cache.get(key(0))
    assert image is not None
    assert [image.lacks_mosaic] == [True]
    shown.cover(True)
    assert [shown.cells] == [None]
    assert cache.put_mosaic(key(0), CELLS) is image
    assert [image.lacks_mosaic] == [False]
    assert [shown.cells] == [CELLS]
    shown.cover(False)
    assert [shown.cells] == [in_terminal(0)]
    assert cache.size_in_bytes[0] == in_terminal(0).size_in_bytes + CELLS.size_in_bytes
    cache.clear()
    assert terminal.freed() == [0]
    assert cache.size_in_bytes == (0, 0)
    assert image.is_empty


def test_a_mosaic_is_all_there_is_only_where_the_terminal_shows_no_pixels(cache: ImageCache) -> None:
    assert cache.put_mosaic(key(0, None), CELLS).is_drawn
    assert not cache.put_mosaic(key(0), CELLS).is_drawn
    assert cache.put_placeholders(key(0), in_terminal(0)).is_drawn


@pytest.mark.parametrize("room", [0, 1])
def test_cells_of_glyphs_are_bounded_too_and_nothing_of_them_is_in_a_terminal(
    cache: ImageCache, terminal: Terminal, room: int
) -> None:
    cache.most_bytes = room * CELLS.size_in_bytes
    for number in range(2):
        cache.put_mosaic(key(number, None), CELLS)
        show(cache, key(number, None), slot(number))
    cache.look_at(PANE, [])
    assert terminal.freed() == []
    assert len(cache) == room


def test_nobody_s_image_can_be_discarded_and_no_other(cache: ImageCache, terminal: Terminal) -> None:
    several(cache, 1)
    cache.put_placeholders(key(1), in_terminal(1))
    for number in range(3):
        cache.discard(key(number))
    assert terminal.freed() == [1]
