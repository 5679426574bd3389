"""Markdown becomes tokens, which a screen, an export or a command can use."""

from __future__ import annotations

from typing import Any

import pytest

from animus_tui.markdown.limits import LONGEST_INLINE
from animus_tui.markdown.parser import (
    MOST_COLUMNS,
    IncrementalInlineParser,
    block_end,
    block_tokens,
    inline_tokens,
    items_of,
    shape_of,
)

TEXT = """# Tides

The sea *comes back*.
[1]: is no definition

- one
- two

```python
print("x")
```

| a | b |
|---|---|
| 1 | 2 |

> quoted

***
"""


def kinds(source: str) -> list[str]:
    """The type of each outermost block."""
    tokens, at, found = block_tokens(source, {}), 0, []
    while at < len(tokens):
        found.append(tokens[at].type.removesuffix("_open"))
        at = block_end(tokens, at)
    return found


def links(source: str, references: dict[str, Any] | None = None) -> list[str]:
    """Where the links lead."""
    tokens = inline_tokens(source, references or {})
    return [str(token.attrs["href"]) for token in tokens if token.type == "link_open"]


def words(source: str) -> str:
    """The text within a paragraph, without its marks."""
    return "".join(token.content for token in inline_tokens(source, {}))


def test_a_text_is_parted_into_its_blocks() -> None:
    assert kinds(TEXT) == ["heading", "paragraph", "bullet_list", "fence", "table", "blockquote", "hr"]


def test_what_is_defined_at_the_end_is_known_to_what_stands_before() -> None:
    references: dict[str, Any] = {}
    block_tokens("See [there].\n\n[there]: https://example.org/a\n", references)
    assert links("See [there].", {}) == []
    assert links("See [there].", references) == ["https://example.org/a"]


def test_only_whole_addresses_that_can_be_opened_become_links() -> None:
    rows: list[tuple[str, list[str]]] = [
        ("go to https://example.org/a, now", ["https://example.org/a"]),
        ("(https://example.org/a_(b))", ["https://example.org/a_(b)"]),
        ("[words](mailto:a@example.org)", ["mailto:a@example.org"]),
        ("[words](javascript:alert(1))", []),
        ("[words](file:///etc/passwd)", []),
        ("example.org and `https://example.org/a`", []),
    ]
    for source, found in rows:
        assert links(source) == found


def test_tags_are_text() -> None:
    assert words("a <b>c</b> <script>d</script>") == "a <b>c</b> <script>d</script>"
    assert kinds("<div>\n\nx\n\n</div>") == ["paragraph"] * 3


@pytest.mark.parametrize(
    ("source", "kind"),
    [("391. That is the number.", "paragraph"), ("1. One.", "ordered_list"), ("7. a\n8. b", "ordered_list")],
)
def test_a_sentence_that_begins_with_a_number_is_no_list(source: str, kind: str) -> None:
    assert kinds(source) == [kind]


def test_the_shape_of_a_list_tells_its_numbers_and_whether_lines_part_its_items() -> None:
    tight, loose = (block_tokens(source, {}) for source in ("3. a\n4. b\n5. c", "* a\n\n* b"))
    shape = shape_of(tight, 0, len(tight))
    assert (shape.is_ordered, shape.first, shape.items, shape.loose) == (True, 3, 3, False)
    assert [shape.line_mark(index) for index in range(3)] == ["3. ", "4. ", "5. "]
    assert len(items_of(loose, 0, len(loose))) == 2
    assert shape_of(loose, 0, len(loose)).loose


def test_what_is_too_long_or_too_wide_is_text_without_marks() -> None:
    long = "*a* " * (LONGEST_INLINE // 4 + 1)
    assert {token.type for token in inline_tokens(long, {})} == {"text"}
    columns = MOST_COLUMNS + 1
    assert kinds("|" + "a|" * columns + "\n|" + "-|" * columns + "\n") == ["paragraph"]


def test_text_that_grows_is_parsed_as_if_it_had_come_at_once() -> None:
    source = "Some **bold words** and `code here` and https://example.org/a then *more"
    growing = IncrementalInlineParser()
    for end in range(len(source) + 1):
        grown = growing.parse(source[:end], {})
        whole = inline_tokens(source[:end], {})
        assert [(token.type, token.content) for token in merged(grown)] == [
            (token.type, token.content) for token in merged(whole)
        ]


def merged(tokens: list[Any]) -> list[Any]:
    """The same tokens, neighbouring texts as one; empty ones go."""
    found: list[Any] = []
    for token in tokens:
        if token.type == "text" and found and found[-1].type == "text":
            found[-1] = found[-1].copy(content=found[-1].content + token.content)
        elif token.type != "text" or token.content:
            found.append(token)
    return found
