"""Which rows of a virtual list are in view: at the end it follows, elsewhere what is read stays. Without a widget."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from animus_tui.ui.conversation.entries.entry import Entry
from animus_tui.ui.conversation.entries.layout import Layout
from animus_tui.ui.conversation.entries.render_context import RenderContext
from animus_tui.ui.conversation.entries.texts import layout_plain
from animus_tui.ui.conversation.viewport import Viewport
from animus_tui.ui.conversation.virtual_list import VirtualList
from tests.support.entries import STYLE, canvas_of

WIDTH, HEIGHT = 60, 10
ROWS = 4
"""Of each entry."""


class Lines(Entry):
    """So many lines of text."""

    def __init__(self, name: str, count: int = ROWS) -> None:
        super().__init__(name)
        self.lines = [f"{name} line {number}" for number in range(count)]

    def layout(self, context: RenderContext) -> Layout:
        layout = Layout(context.width)
        layout.add_text(0, layout_plain("\n".join(self.lines), context.width, STYLE))
        return layout


class View:
    """A viewport with what it tells, and the text of its rows."""

    def __init__(self, count: int, *, guessed: int = ROWS) -> None:
        self.entries = VirtualList()
        self.entries.open([guessed] * count, lambda index: Lines(f"e{index}"))
        self.entries.set_context(canvas_of(WIDTH))
        self.painted: list[int | None] = []
        """Rows that were to be painted anew; None stands for all."""
        self.on_layout = 0
        self.viewport = Viewport(
            self.entries, size=lambda: (WIDTH, HEIGHT), on_layout=self._on_layout, repaint=self._repaint
        )
        self.viewport.layout()

    def _on_layout(self) -> None:
        self.on_layout += 1

    def _repaint(self, rows: Sequence[range] | None) -> None:
        self.painted += [None] if rows is None else [row for span in rows for row in span]

    def texts(self) -> list[str]:
        """The rows in view."""
        places = [self.entries.at(self.viewport.y + row) for row in range(HEIGHT)]
        return [self.entries.layout(index).lines[row] for index, row in places]

    def existing(self) -> int:
        """How many entries exist."""
        return len(list(self.entries.existing()))


def test_it_begins_at_the_end_and_stays_there_when_something_is_added() -> None:
    view = View(50)
    assert view.texts()[-1] == "e49 line 3"
    view.entries.insert(50, Lines("new", 2))
    view.viewport.entries_changed()
    assert view.viewport.following
    assert view.texts()[-1] == "new line 1"
    assert view.viewport.y == view.entries.rows - HEIGHT


@pytest.mark.parametrize("guessed", [1, 9])
def test_what_is_read_stays_whatever_the_heights_above_were_guessed_to_be(guessed: int) -> None:
    view = View(50, guessed=guessed)
    for _ in range(12):
        before = view.texts()
        view.viewport.scroll(-1)
        assert view.texts()[1:] == before[:-1]


def test_what_is_read_stays_when_something_above_it_goes_or_grows_and_when_something_is_added() -> None:
    view = View(50)
    view.viewport.scroll(-9)
    before = view.texts()
    view.entries.remove(20)
    view.entries.insert(50, Lines("new"))
    view.viewport.entries_changed()
    assert not view.viewport.following
    assert view.texts() == before
    grown = view.entries[30]
    assert isinstance(grown, Lines)
    grown.lines.append("one more")
    grown.invalidate()
    view.viewport.entry_changed(grown)
    assert view.texts() == before


def test_of_an_entry_that_changed_only_the_rows_that_differ_are_painted() -> None:
    view = View(50)
    changed = view.entries[48]
    assert isinstance(changed, Lines)
    changed.lines[2] = "another text"
    changed.invalidate()
    view.painted.clear()
    view.viewport.entry_changed(changed)
    assert view.painted == [view.texts().index("another text")]


def test_an_entry_that_is_not_in_view_is_neither_laid_out_nor_painted() -> None:
    view = View(50)
    view.viewport.scroll_home()
    below = view.entries[40]
    assert isinstance(below, Lines)
    below.invalidate()
    view.painted.clear()
    view.viewport.entry_changed(below)
    assert view.painted == []
    assert view.entries.cached(40) is None


def test_what_arrives_below_the_view_is_counted_until_the_reader_is_at_the_end() -> None:
    view = View(50)
    view.viewport.entry_arrived()
    assert view.viewport.unseen == 0
    view.viewport.scroll(-20)
    view.viewport.entry_arrived()
    view.viewport.entry_arrived()
    assert view.viewport.unseen == 2
    view.viewport.follow()
    assert view.viewport.unseen == 0


def test_a_jump_makes_only_the_entries_of_both_ends() -> None:
    view = View(10_000)
    view.viewport.scroll_home()
    assert view.texts()[0] == "e0 line 0"
    assert view.existing() < 10
    view.viewport.scroll(5_000 * ROWS)
    assert view.existing() < 20


def test_a_row_comes_into_view_by_the_shortest_way_with_rows_around_it() -> None:
    view = View(50)
    view.viewport.scroll_home()
    view.viewport.go_to(2, 0, margin=1)
    assert view.viewport.y == 0
    view.viewport.go_to(5, 0, margin=2)
    assert view.texts()[-3:] == ["e5 line 0", "e5 line 1", "e5 line 2"]
    view.viewport.go_to(1, 0, margin=2)
    assert view.texts()[2] == "e1 line 0"


def test_one_returns_to_where_one_read() -> None:
    view = View(50)
    view.viewport.scroll(-30)
    reading, before = view.viewport.reading, view.texts()
    view.viewport.scroll_home()
    view.viewport.return_to(reading)
    assert view.texts() == before


def test_without_room_nothing_is_in_view() -> None:
    entries = VirtualList()
    entries.open([1] * 3, lambda index: Lines(f"e{index}"))
    told: list[str] = []
    viewport = Viewport(
        entries,
        size=lambda: (0, 0),
        on_layout=lambda: told.append("settled"),
        repaint=lambda _: told.append("repaint"),
    )
    assert viewport.layout()
    assert viewport.in_view == range(0)
    viewport.scroll(-1)
    assert told == ["settled"]
