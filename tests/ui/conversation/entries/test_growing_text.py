"""A text that arrives in pieces is as printable as the whole of it, and no piece is looked at twice."""

from __future__ import annotations

from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from animus_tui.printable import LONGEST_SEQUENCE, printable
from animus_tui.ui.conversation.entries.texts import StreamedText

PIECES = st.lists(st.text("\x1b[]P0;m\\\x07\x9b\x9d\x9c\r\n\u2028 (aé\u202e", max_size=6), max_size=8)


@given(PIECES)
def test_after_each_piece_it_is_the_printable_form_of_all_that_arrived(pieces: list[str]) -> None:
    growing = StreamedText()
    for piece, whole in zip(pieces, accumulate(pieces), strict=True):
        growing.add(piece)
        assert growing.text == printable(whole)


@pytest.mark.parametrize("whole", ["a\x1b[31mred\x1b[0m", "\x1b]0;title\x1b\\b", "x\r\ny", "\x9b2Jz"])
def test_a_sequence_that_is_cut_anywhere_never_reaches_the_screen(whole: str) -> None:
    for cut in range(len(whole)):
        growing = StreamedText()
        growing.add(whole[:cut])
        growing.add(whole[cut:])
        assert growing.text == printable(whole)


def test_a_sequence_without_an_end_is_text_after_a_while() -> None:
    growing = StreamedText()
    growing.add("a\x1b]")
    for _ in range(3 * LONGEST_SEQUENCE):
        growing.add("x")
    assert growing.text == "a]" + 3 * LONGEST_SEQUENCE * "x"
