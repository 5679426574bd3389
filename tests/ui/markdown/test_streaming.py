"""A growing text looks at every cut as if it were set at once."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from animus_tui.ui.markdown.document import StreamLayout, layout_text
from tests.support.markdown_samples import DOCUMENTS, FENCE, STYLES, same

pytestmark = pytest.mark.slow


@settings(max_examples=120, derandomize=True, deadline=None)
@given(text=DOCUMENTS, width=st.integers(1, 60), steps=st.lists(st.integers(1, 12), min_size=1, max_size=5))
def test_a_stream_is_set_at_every_cut_like_the_text_so_far(text: str, width: int, steps: list[int]) -> None:
    setter = StreamLayout()
    cut = turn = 0
    while cut < len(text):
        cut += steps[turn % len(steps)]
        turn += 1
        same(setter.update(text[:cut], width, STYLES), layout_text(text[:cut], width, STYLES))


PARAGRAPH = (
    "Some **strong** and *slanted* words, `code`, a [link](https://e.org/x), snake_case and 漢字 in one text. "
    * 3
)
ITEMS = "".join(f"{number}. item {number} with **words**\n" for number in range(7, 13))
LOOSE = "".join(f"- item {number}\n\n  more of it\n\n" for number in range(4))
DAMAGE = ("\n", "\n\n", "*", "`", " ", "- ", "  ", "[", "]", FENCE)
CODE = "".join(f"def f{number}(x: int) -> str:\n    return 'a{number}'  # why\n\n\n" for number in range(12))
TABLE = "| name | n |\n|---|--:|\n" + "".join(f"| row {number} | {number} |\n" for number in range(8))
PAGE = f"""# Title

{PARAGRAPH}

{ITEMS}{PARAGRAPH}

{LOOSE}
{FENCE}python
{CODE}{FENCE}

{TABLE}
> quote

See [one] and [two].

- last
- items


- loose now

[one]: http://e.org/1

[two]: http://e.org/2
"""
GROWING = (PARAGRAPH + "\n\n", ITEMS, FENCE + "python\n" + CODE, TABLE + "\n", "Plain words here.\n\n")


@pytest.mark.parametrize("step", [7, 64])
def test_a_whole_page_is_set_at_every_cut_like_the_text_so_far(step: int) -> None:
    setter = StreamLayout()
    for cut in range(0, len(PAGE) + step, step):
        same(setter.update(PAGE[:cut], 50, STYLES), layout_text(PAGE[:cut], 50, STYLES))


@settings(max_examples=25, derandomize=True, deadline=None)
@given(data=st.data())
def test_a_damaged_page_is_set_at_every_cut_like_the_text_so_far(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(PAGE)))
    text = PAGE[start : start + 700]
    for place in data.draw(st.lists(st.integers(0, 700), max_size=6)):
        text = text[:place] + data.draw(st.sampled_from(DAMAGE)) + text[place:]
    setter = StreamLayout()
    for cut in range(0, len(text) + 23, 23):
        same(setter.update(text[:cut], 40, STYLES), layout_text(text[:cut], 40, STYLES))


@pytest.mark.parametrize(
    "text", [PARAGRAPH + "\n\n", ITEMS, FENCE + "python\n" + CODE, TABLE + "\n", "Plain words here.\n\n"]
)
def test_what_is_settled_is_not_set_again(text: str) -> None:
    text = (text * 20)[:6_000]
    setter = StreamLayout()
    unsettled = [
        len(setter.update(text[:cut], 80, STYLES).rows) - setter.stable_rows for cut in range(64, 6_000, 64)
    ]
    assert sum(unsettled) / len(unsettled) < 40


def test_another_text_width_or_look_is_set_from_the_top() -> None:
    setter = StreamLayout()
    for text, width, boxes in [
        (PAGE, 50, True),
        (PAGE[100:], 50, True),
        (PAGE[100:], 30, True),
        (PAGE, 30, False),
        ("", 30, False),
    ]:
        same(setter.update(text, width, STYLES, boxes=boxes), layout_text(text, width, STYLES, boxes=boxes))


@pytest.mark.parametrize(
    "text", ["3. three\n\n4. four\n5. five\n\nend", "It is\n\n391. That.\n\nYes\n\n392. x\n", "7. a\n8. b\n"]
)
def test_a_lone_number_that_becomes_a_list_is_set_like_the_text_so_far(text: str) -> None:
    setter = StreamLayout()
    for cut in range(len(text) + 1):
        same(setter.update(text[:cut], 30, STYLES), layout_text(text[:cut], 30, STYLES))
