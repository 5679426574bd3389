"""A sentence that begins with a number and a full stop, such as "391. That is the number.", is no list.

An ordered list is text when it has one item only and its number is neither 0 nor 1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from markdown_it.token import Token

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

FIRST = (0, 1)
"""Numbers with which a list begins."""
LONE = "lone_number"
"""Key of `meta` of a paragraph that begins with such a number: a further item would make it one of a list."""


def lone_numbers_as_text(tokens: Sequence[Token], *, begins_in_list: bool) -> Sequence[Token]:
    """The same blocks, with paragraphs in place of such lists; the very first list stays if it `begins_in_list`.

    The tokens are changed.
    """
    lists = _lone_lists(tokens)
    if begins_in_list:
        lists.pop(0, None)
    if not lists:
        return tokens
    ends = set(lists.values())
    dropped = {at for begin, end in lists.items() for at in (begin, begin + 1, end - 1, end)}
    found: list[Token] = []
    depth = 0
    number: Token | None = None
    for at, token in enumerate(tokens):
        if at - 2 in lists:
            number = tokens[at - 2]
            if token.type != "paragraph_open":
                found += _paragraph(number, depth)
                number = None
        depth += 2 * (at in lists) - 2 * (at in ends)
        if at in dropped:
            continue
        token.level -= depth
        if number is not None and token.type == "paragraph_open":
            token.meta = {LONE: True}
        elif number is not None:
            token.content = f"{_written(number)} {token.content}"
            number = None
        found.append(token)
    return found


def _lone_lists(tokens: Iterable[Token]) -> dict[int, int]:
    """Where such lists begin and end."""
    found: dict[int, int] = {}
    open_lists: list[tuple[int, Token, list[None]]] = []
    for at, token in enumerate(tokens):
        if token.type in ("ordered_list_open", "bullet_list_open"):
            open_lists.append((at, token, []))
        elif token.type == "list_item_open":
            open_lists[-1][2].append(None)
        elif token.type in ("ordered_list_close", "bullet_list_close"):
            begin, opening, items = open_lists.pop()
            if opening.type == "ordered_list_open" and len(items) == 1 and _number(opening) not in FIRST:
                found[begin] = at
    return found


def _number(opening: Token) -> int:
    return int(opening.attrs.get("start", 1))


def _written(opening: Token) -> str:
    return f"{_number(opening)}{opening.markup}"


def _paragraph(opening: Token, depth: int) -> list[Token]:
    """The number of such a list as a paragraph of its own."""
    level = opening.level + 2 - depth
    begin = Token("paragraph_open", "p", 1, map=opening.map, level=level, meta={LONE: True})
    inline = Token("inline", "", 0, map=opening.map, level=level + 1, content=_written(opening), children=[])
    return [begin, inline, Token("paragraph_close", "p", -1, level=level)]
