"""Inks, and texts made of everything that Markdown knows."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import strategies as st
from rich.style import Style

from animus_tui.printable import printable
from animus_tui.ui.markdown.document import layout_text
from animus_tui.ui.markdown.text_layout import Row, TextLayout, TextStyles


def _style(definition: str) -> Style:
    return Style.parse(definition)


STYLES = TextStyles(
    text=_style("white on black"),
    quiet=_style("grey50 on black"),
    heading=_style("bold cyan on black"),
    code=_style("yellow on grey11"),
    code_block=_style("white on grey15"),
    link=_style("blue on black"),
    line=_style("grey30 on black"),
    tokens={
        "comment": _style("grey50 on grey15"),
        "keyword": _style("magenta on grey15"),
        "name": _style("cyan on grey15"),
        "number": _style("green on grey15"),
        "operator": _style("red on grey15"),
        "string": _style("yellow on grey15"),
    },
)

FENCE = "```"

_INLINE = (
    "word", "other words here", "**strong**", "*slanted*", "~~gone~~", "`code`", "``a ` b``", "**open", "*open",
    "[label](https://example.org/a)", "[label](javascript:x)", "[ref]", "[ref][a]", "![alt](http://e.org/x.png)",
    "https://example.org/x_y.", "mailto:a@b.c", "<https://auto.link>", "<b>", "&amp;", "&#x202e;", "&#10;", "\\*",
    "漢字かな", "한국어", "👩‍👩‍👧", "👍🏽", "🇩🇪🇫🇷", "❤️", "e\u0301", "שלום", "مرحبا", "a|b",
    "Averylongwordwithoutanybreak",
    "-", "+", "1.", "2)", "#", "|", ">", ":--", "=", "--", "\\", "!", "[", "](", "_", "`", "\t", "  ",
    "\u200d", "\ufe0f",
)  # fmt: skip
_STARTS = (
    "", "", "", "# ", "### ", "- ", "- ", "* ", "+ ", "1. ", "2. ", "10) ", "  - ", "   1. ", "    ", "\t",
    "> ", "> > ",
    "> - ", "- > ", "- [ ] ", "- [x] ", "[a]: ", "[ref]: http://e.org/", "[ref]: ", "  ", "      ",
)  # fmt: skip
_WHOLE_LINES = (
    "", "", "", "---", "***", "===", "-", "1.", "#", ">", FENCE, FENCE, FENCE + "python", "  " + FENCE, "~~~",
    "> " + FENCE,
    "| a | b |", "|---|:-:|", "|-|-", "a | b", "--- | --:", "| 1 | two words | three |",
    "[ref]: http://e.org/x 'title'",
    "[a]:", "http://e.org", '"title"', "def f(x):", "    return 'a' + 1  # why", "<div>", "</div>", "```` js", "````",
)  # fmt: skip

LINES = st.one_of(
    st.sampled_from(_WHOLE_LINES),
    st.builds(
        lambda start, parts: start + " ".join(parts),
        st.sampled_from(_STARTS),
        st.lists(st.sampled_from(_INLINE), min_size=1, max_size=4),
    ),
)
DOCUMENTS = st.lists(LINES, max_size=14).map("\n".join)
"""Markdown, well formed and not."""

ANY_TEXT = st.text().map(printable)
WIDTHS = st.integers(1, 200)


def shown(row: Row) -> str:
    """What a row paints."""
    return "".join(segment.text for segment in row.segments)


def painted(text: str, width: int = 40, *, boxes: bool = True) -> list[str]:
    """What is painted of a text, row by row, without the spaces at the ends."""
    return [shown(row).rstrip() for row in layout_text(text, width, STYLES, boxes=boxes).rows]


def same(one: TextLayout, other: TextLayout) -> bool:
    """Whether two texts are set alike, with a readable difference otherwise."""
    assert one.lines == other.lines
    assert [shown(row) for row in one.rows] == [shown(row) for row in other.rows]
    assert one == other
    return True


HOSTILE: dict[str, Callable[[int], str]] = {
    "asterisks": lambda n: "*" * n,
    "asterisks and words": lambda n: "*a **b " * (n // 7),
    "quotations": lambda n: ">" * n,
    "bullets": lambda n: "- " * (n // 2),
    "numbers": lambda n: "1. " * (n // 3),
    "open brackets": lambda n: "[" * n,
    "brackets": lambda n: "[" * (n // 2) + "]" * (n // 2),
    "open links": lambda n: "[a](" * (n // 4),
    "images": lambda n: "![" * (n // 6) + "](http://a)" * (n // 6),
    "backticks": lambda n: "` `` " * (n // 5),
    "angles": lambda n: "<a " * (n // 3),
    "addresses": lambda n: "http://" * (n // 7),
    "brackets behind an address": lambda n: "http://a" + ")" * n,
    "definitions": lambda n: "[a]: http://x 'y\n" * (n // 17),
    "columns": lambda n: "|a" * (n // 6) + "|\n" + "|-" * (n // 6) + "|\n" + "|\n" * (n // 6),
    "short rows": lambda n: "|a" * 20 + "|\n" + "|-" * 20 + "|\n" + "|\n" * (n // 8),
    "comments that do not end": lambda n: f"{FENCE}js\n" + "/*\n" * (n // 3),
    "a line of code": lambda n: f"{FENCE}js\n" + "/*" * (n // 2),
    "marks on one letter": lambda n: "a" + "\u0301" * n,
    "joined pictures": lambda n: "👩\u200d" * (n // 2),
    "flags": lambda n: "🇩" * n,
    "tabs": lambda n: f"{FENCE}\n" + "\ta" * (n // 2),
    "one word": lambda n: "x" * n,
    "one wide word": lambda n: "漢" * n,
    "spaces": lambda n: "*a*" + " " * n + "b",
    "lines": lambda n: "*a*\n" * (n // 4),
    "loose items": lambda n: "- a\n\n" * (n // 5),
}
