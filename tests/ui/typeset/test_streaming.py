"""A growing text looks at every cut as if it were set at once."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from animus_tui.ui.typeset.streaming import StreamSetter
from animus_tui.ui.typeset.text import set_text
from tests.ui.typeset.samples import DOCUMENTS, INKS, same


@settings(max_examples=250, derandomize=True, deadline=None)
@given(text=DOCUMENTS, width=st.integers(1, 60), steps=st.lists(st.integers(1, 12), min_size=1, max_size=5))
def test_a_stream_is_set_at_every_cut_like_the_text_so_far(text: str, width: int, steps: list[int]) -> None:
    setter = StreamSetter()
    cut = turn = 0
    while cut < len(text):
        cut += steps[turn % len(steps)]
        turn += 1
        same(setter.update(text[:cut], width, INKS), set_text(text[:cut], width, INKS))
