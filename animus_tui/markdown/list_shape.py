"""The lists of a Markdown text: their marks, their numbers, and whether blank lines part their items."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it.token import Token


class ListShape(Struct, frozen=True):
    """What the items of a list have in common."""

    kind: str
    """Its type of token."""
    markup: str
    """The character that marks an item, or stands behind its number."""
    first: int
    """The number of the first item."""
    items: int
    loose: bool | None
    """Whether blank rows part the items; None if the parser did not say, as no item holds a paragraph."""

    @property
    def is_ordered(self) -> bool:
        """Whether its items have numbers."""
        return self.kind == "ordered_list_open"

    def line_mark(self, index: int) -> str:
        """What is written before an item."""
        return f"{self.first + index}{self.markup} " if self.is_ordered else "- "

    def mark(self, index: int, bullet: str) -> str:
        """What is painted before an item, as wide as before the last one."""
        return (
            self.line_mark(index).rjust(len(self.line_mark(self.items - 1)))
            if self.is_ordered
            else bullet + " "
        )

    def goes_on_with(self, rest: ListShape) -> ListShape | None:
        """The shape of the list with more items, or None if these make the items before look different."""
        whole = replace(self, items=self.items + rest.items)
        as_before = (self.kind, self.markup) == (rest.kind, rest.markup)
        as_wide = len(whole.line_mark(whole.items - 1)) == len(self.line_mark(self.items - 1))
        is_settled = self.loose or (self.loose is False and rest.loose is False)
        return whole if as_before and as_wide and is_settled else None


def items_of(tokens: Sequence[Token], start: int, end: int) -> list[int]:
    """Where the items of a list begin."""
    level = tokens[start].level + 1
    return [
        at for at in range(start, end) if tokens[at].type == "list_item_open" and tokens[at].level == level
    ]


def shape_of(tokens: Sequence[Token], start: int, end: int) -> ListShape:
    """The shape of a whole list."""
    opening = tokens[start]
    level = opening.level + 2
    loose = None
    for token in tokens[start:end]:
        if token.type == "paragraph_open" and token.level == level:
            loose = loose or not token.hidden
    first = int(opening.attrs.get("start", 1))
    return ListShape(opening.type, opening.markup, first, len(items_of(tokens, start, end)), loose)
