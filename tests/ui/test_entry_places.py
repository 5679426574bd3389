"""Where the entries of a list stand: no row belongs to two of them, and headings belong to what is below them."""

from __future__ import annotations

from animus_tui.ui.widgets.row_list import EntryPlaces


def test_every_row_belongs_to_the_entry_above_whose_end_or_below_whose_heading_it_is() -> None:
    places = EntryPlaces([1, 0, 2], stride=3, entry_rows=2)
    assert (places.rows, places.headings) == (12, 2)
    assert [places.top(index) for index in range(3)] == [1, 4, 9]
    assert [places.index_at(row) for row in range(-1, 14)] == [0] * 5 + [1] * 3 + [2] * 7


def test_an_entry_comes_into_view_with_its_heading_and_without_the_blank_row_behind_it() -> None:
    places = EntryPlaces([1, 0, 2], stride=3, entry_rows=2)
    assert [places.span(index) for index in range(3)] == [(0, 3), (4, 6), (7, 11)]


def test_the_entries_in_a_part_of_the_rows_are_those_of_which_something_is_in_it() -> None:
    places, entries = EntryPlaces([1, 0, 2], stride=3), "abc"
    assert entries[places.between(0, 12)] == "abc"
    assert entries[places.between(3, 4)] == "a"
    assert entries[places.between(3, 8)] == "abc"
    assert entries[places.between(12, 20)] == ""


def test_a_list_without_an_entry_has_no_rows() -> None:
    places = EntryPlaces()
    assert (places.rows, places.headings, places.top(0), places.span(0)) == (0, 0, 0, (0, 0))
    assert "abc"[:0][places.between(0, 10)] == ""
