"""Whatever the text, a row is as wide as it says, and never wider than it may be."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.strip import Strip

from animus_tui.ui.markdown.document import layout_text
from tests.support.markdown_samples import ANY_TEXT, DOCUMENTS, STYLES, WIDTHS, shown


@settings(max_examples=100, derandomize=True, deadline=None)
@given(text=ANY_TEXT | DOCUMENTS, width=WIDTHS | st.integers(1, 12), boxes=st.booleans())
def test_no_row_is_wider_than_it_may_be_nor_than_it_says(text: str, width: int, *, boxes: bool) -> None:
    for row in layout_text(text, width, STYLES, boxes=boxes).rows:
        assert row.cells <= width
        assert Strip(row.segments).cell_length == row.cells
        assert cell_len(shown(row)) == row.cells
