"""Whatever can be read in a text can be read on its rows, and its source can be copied."""

from __future__ import annotations

import subprocess
import sys

from hypothesis import given, settings
from hypothesis import strategies as st

from animus_tui.printable import printable
from animus_tui.ui.markdown.cells import TOO_WIDE, shown
from animus_tui.ui.markdown.document import is_plain, layout_text
from tests.support.markdown_samples import ANY_TEXT, DOCUMENTS, FENCE, STYLES, same
from tests.support.markdown_samples import shown as row_text

QUICK = settings(max_examples=80, derandomize=True, deadline=None)
WORDS = st.lists(
    st.sampled_from(
        ["word", "漢字", "👩‍👩‍👧", "e\u0301", "🇩🇪", "longerword", "שלום", "a,", "  ", "\n", "\n\n"]
    )
).map(" ".join)


def visible(text: str) -> str:
    return "".join(shown(text).replace(TOO_WIDE, "").split())


@QUICK
@given(text=(WORDS | ANY_TEXT).filter(is_plain), width=st.integers(2, 60))
def test_every_visible_character_of_a_plain_text_is_painted_in_order(text: str, width: int) -> None:
    found = layout_text(text, width, STYLES)
    rows = "".join(row_text(row) for row in found.rows)
    assert visible(rows) == "".join(visible(line) for line in text.split("\n"))
    assert "".join(visible(line) for line in found.lines) == visible(rows)


@QUICK
@given(text=WORDS | ANY_TEXT | DOCUMENTS)
def test_a_text_without_markdown_looks_as_with_markdown(text: str) -> None:
    if is_plain(text):
        with_markdown = layout_text(text + "\n\n[a]: http://e.org", 30, STYLES)
        assert not is_plain(text + "\n\n[a]: http://e.org")
        same(layout_text(text, 30, STYLES), with_markdown)


@QUICK
@given(code=st.text().map(printable).filter(lambda code: FENCE not in code), width=st.integers(4, 60))
def test_every_character_of_code_is_painted_and_copied(code: str, width: int) -> None:
    found = layout_text(f"{FENCE}\n{code}\n{FENCE}", width, STYLES)
    assert found.code == [code]
    assert "\n".join(found.lines) == code
    covered = ["" for _ in found.lines]
    for row in found.rows:
        for piece in row.pieces:
            covered[piece.line] += found.lines[piece.line][piece.start : piece.end]
    assert covered == found.lines


def test_a_text_without_markdown_needs_no_parser() -> None:
    script = (
        "import sys\n"
        "from animus_tui.ui.markdown.document import layout_text\n"
        "from tests.support.markdown_samples import STYLES\n"
        "layout_text('Just words.', 40, STYLES)\n"
        "assert not {'markdown_it', 'pygments', 'textual'} & set(sys.modules)\n"
        "layout_text('Some *words*.', 40, STYLES)\n"
        "assert 'textual' not in sys.modules\n"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False, capture_output=True).stderr == b""
    assert is_plain("Just words.")
