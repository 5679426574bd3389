"""What is laid out without the parser looks as it does from the parser."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from animus_tui.printable import printable
from animus_tui.ui.markdown.blocks import layout_markdown
from animus_tui.ui.markdown.document import layout_text, new_buffer
from animus_tui.ui.markdown.simple_markdown import layout_simple
from animus_tui.ui.markdown.text_layout import TextLayout
from tests.support.markdown_samples import STYLES
from tests.support.random_messages import texts as hostile

SIMPLE = [
    "*smiles* Hello, **you**!",
    "## A heading\n\nA line with `code` and *two* words.\nAnother [link](https://example.com/a_b), and more.",
    "# One\nbelow it\n## Two",
    "“*Well,*” she said — **never**… *again*?",
    "One.\n\n*Two.*\n\n**Three**\n*four*",
    "`a*b` and `<b>` and `x_y|z`",
    "Look:\n- one *two*\n- `three`\n\n```python\ndef f(): # <>\n\n    pass\n```\nAnd\n\n1. a\n2. b\n3. c\n\n# So",
    "".join(f"{number}. item\n" for number in range(1, 12)),
    "```\n```\n\n*a*",
]
NOT_SIMPLE = [
    "*a **b** c*", "a*b*c", "***a***", "- a\n\n- b", "- a\nb", "- a\n  - b", "- - a", "- 1. a", "2. a\n3. b",
    "- [ ] a", "- a\n+ b", "1. a\n- b", "```a\nb", "```a\nb\n````", "~~~\na\n~~~", "- # a", "1) a", "> a", "`` a ` b``",
    "[a]: http://e.org/x", "![a](https://e.org)",
    "<b>", "&amp; *a*", "\\*a*", "*a", "a\n===", "a\n---", "a  \n*b*", "| a |\n|---|", "*a*\n:--",
    "https://e.org *a*",
    "    *a*", "_a_", "~~a~~", "*a* mailto:b@c", "[a](javascript:x)", "`a``",
]  # fmt: skip
PARTS = (
    "*", "**", "***", "`", "``", "[", "]", "](https://e.org/a)", "!", "(", ")", "“", "”", "—", " ",
    " ", "\n", "\n\n", ".", ",", ":",
    "//", "http", "a", "b c", "word", "7", "7. ", "- ", "#", "## ", "\xa0", "é", "漢", "\u2028",
    "-", "=", "\t", "*a*", "**b**",
    "`c`", "[d](https://e.org/f)", "…", "+", "¤", "'s", "\ud800",
)  # fmt: skip
WHOLE = (
    "*a*", "**b c**", "`d*e`", "[f g](https://e.org/h_i)", "words", "*q.*", "*“r”*", "**é!**",
    "*漢*", "*(x)*", "*$y*", "**s—**",
    "`<b>`", "`&amp;`", "\n- a", "\n1. b", "\n2. *c*", "\n```x\ny\n```\n", "\n```\n",
)  # fmt: skip
BETWEEN = (
    " ", " ", " ", "\n", "\n\n", "\n\n\n", ".", "!", "”", " “", " (", ")", "—", "…", '"', "'s",
    " - ", "$", "7", "\xa0", "  \n",
    "\n## ", "\n7. ", "",
)  # fmt: skip
texts = st.one_of(
    hostile,
    st.lists(st.sampled_from(PARTS), max_size=12).map("".join),
    st.lists(st.sampled_from(WHOLE) | st.sampled_from(BETWEEN), max_size=10).map("".join),
)


def parsed(text: str, width: int) -> TextLayout:
    """What the parser makes of it."""
    buffer = new_buffer(TextLayout(), width, STYLES, boxes=True)
    layout_markdown(text, buffer)
    return buffer.out


def is_simple(text: str) -> bool:
    """Whether it needs no parser."""
    return layout_simple(text, new_buffer(TextLayout(), 12, STYLES, boxes=True))


@pytest.mark.parametrize("text", SIMPLE)
def test_words_with_simple_marks_need_no_parser(text: str) -> None:
    assert is_simple(text)
    for width in (5, 17, 80):
        assert layout_text(text, width, STYLES) == parsed(text, width)


@pytest.mark.parametrize("text", NOT_SIMPLE)
def test_what_may_be_read_in_two_ways_is_for_the_parser(text: str) -> None:
    assert not is_simple(text)


@given(texts)
@example("*a*\n\n\n*b*")
@example("*hi!*\" *b*'")
def test_whatever_is_taken_looks_as_it_does_from_the_parser(text: str) -> None:
    text = printable(text)
    if is_simple(text):
        assert layout_text(text, 12, STYLES) == parsed(text, 12)


def test_it_loads_no_parser() -> None:
    code = (
        "import sys\n"
        "from animus_tui.ui.markdown.document import layout_text\n"
        "from animus_tui.ui.markdown.text_layout import TextStyles\n"
        "from rich.style import Style\n"
        "s = Style()\n"
        "styles = TextStyles(text=s, quiet=s, heading=s, code=s, code_block=s, link=s, line=s, tokens={})\n"
        "layout_text('# One\\n\\n*smiles* **Hello**, `you`', 40, styles)\n"
        "assert not {'markdown_it', 'pygments'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
