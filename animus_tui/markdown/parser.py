"""The Markdown parser: text in, tokens of markdown-it out, of blocks and of what stands within them.

GitHub's Markdown with three differences: HTML tags are text, only whole addresses become links, and a sentence that
begins with a number, such as "391. That is the number.", is no list. What a text costs is bounded: a paragraph, a
table or a nesting beyond the limits is text without marks.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.rules_block import blockquote, list_block, table
from markdown_it.token import Token
from msgspec import Struct
from msgspec.structs import replace

from animus_tui.late_pattern import late_pattern
from animus_tui.markdown.limits import LONGEST_INLINE, MOST_BRACKETS, MOST_CELLS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_inline import StateInline

    BlockRule = Callable[[StateBlock, int, int, bool], bool]


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
        is_stable = self.loose or (self.loose is False and rest.loose is False)
        return whole if as_before and as_wide and is_stable else None


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


OFFERED_SCHEMES = ("http", "https", "mailto")
"""Links that can be opened; any other is left as the text that it is."""

DEEPEST = 14
"""Levels of tokens above which no list and no quotation begins: their marks are text there."""

MOST_COLUMNS = 30
"""Columns of a table; what has more is text."""

_SCHEME = late_pattern(r"(?<![a-z0-9+.\-])(?:https?|mailto)$", re.IGNORECASE)
_ADDRESS = late_pattern(r"(?:https?://|mailto:)[^\s<>`|\"]{1,2000}", re.IGNORECASE)
_PAIRS = {")": "(", "]": "[", "}": "{"}


class _Parser(MarkdownIt):
    def validateLink(self, url: str) -> bool:  # noqa: N802 - the name is markdown-it's
        try:
            return urlsplit(url).scheme.lower() in OFFERED_SCHEMES
        except ValueError:
            return False


@cache
def parser() -> MarkdownIt:
    """The parser of this process, made once."""
    markdown = _Parser("gfm-like", {"html": False, "linkify": False})
    block = markdown.block.ruler
    block.at("blockquote", _bounded(blockquote), {"alt": ["paragraph", "reference", "blockquote", "list"]})
    block.at("table", _with_few_columns, {"alt": ["paragraph", "reference"]})
    block.at("list", _bounded(list_block), {"alt": ["paragraph", "reference", "blockquote"]})
    markdown.inline.ruler.before("newline", "address", _address)
    return markdown


def _bounded(rule: BlockRule) -> BlockRule:
    """Keep a block from being nested too deeply: beyond the parser's own bound the text would be lost."""

    def bounded(state: StateBlock, line: int, end: int, silent: bool) -> bool:
        return state.level < DEEPEST and rule(state, line, end, silent)

    return bounded


def _with_few_columns(state: StateBlock, line: int, end: int, silent: bool) -> bool:
    """A table: each of its rows has all columns, however short it is in the source, so these are bounded."""
    columns = state.src.count("|", state.bMarks[line], state.eMarks[line])
    if columns > MOST_COLUMNS:
        return False
    last = line + 2 + MOST_CELLS // max(columns, 1)  # what stands below is text
    return table(state, line, min(end, last), silent)


def block_tokens(source: str, references: dict[str, Any], *, begins_in_list: bool = False) -> list[Token]:
    """The blocks of a text, their inline text not parsed yet; link definitions are added to `references`.

    A number that is no beginning of a list, such as that of a sentence, is text, unless the text `begins_in_list`.
    """
    tokens: list[Token] = []
    markdown = parser()
    markdown.block.parse(source.replace("\0", "\ufffd"), markdown, {"references": references}, tokens)
    if any(token.type == "ordered_list_open" for token in tokens):
        return list(lone_numbers_as_text(tokens, begins_in_list=begins_in_list))
    return tokens


def block_end(tokens: Sequence[Token], start: int) -> int:
    """Behind the last token of the block that begins at `start`."""
    if tokens[start].nesting <= 0:
        return start + 1
    level, at = tokens[start].level, start + 1
    while tokens[at].level > level:
        at += 1
    return at + 1


def inline_tokens(source: str, references: dict[str, Any]) -> list[Token]:
    """What stands within a paragraph, a heading or the cell of a table."""
    if len(source) > LONGEST_INLINE or source.count("[") > MOST_BRACKETS:
        return _lines_of(source)
    markdown = parser()
    return markdown.inline.parse(source, markdown, {"references": references}, [])


def _lines_of(source: str) -> list[Token]:
    """The lines of a text as text, without reading marks."""
    tokens: list[Token] = []
    for line in source.split("\n"):
        tokens += (Token("softbreak", "br", 0), Token("text", "", 0, content=line))
    return tokens[1:]


def _address(state: StateInline, silent: bool) -> bool:
    """An address within the text, without the punctuation behind it."""
    at = state.pos
    if silent or state.src[at] != ":" or state.linkLevel > 0:
        return False
    scheme = _SCHEME.search(state.src, max(at - 8, 0), at)
    if scheme is None:
        return False
    begin = at - len(scheme[0])
    found = _ADDRESS.match(state.src, begin, state.posMax)
    written = _trimmed(found[0]) if found else ""
    href = state.md.normalizeLink(written)
    if not written or not state.md.validateLink(href):
        return False
    state.pending = state.pending[: -len(scheme[0])]
    opening = state.push("link_open", "a", 1)
    opening.attrs = {"href": href}
    state.push("text", "", 0).content = written
    state.push("link_close", "a", -1)
    state.pos = begin + len(written)
    return True


def _trimmed(address: str) -> str:
    """Without punctuation that belongs to the sentence, such as a bracket that was opened before the address."""
    while address:
        last = address[-1]
        if last in ".,;:!?'*_~" or (last in _PAIRS and address.count(last) > address.count(_PAIRS[last])):
            address = address[:-1]
        else:
            break
    return address if len(address) > address.index(":") + 1 + 2 * ("://" in address[:9]) else ""


_MAY_OPEN = late_pattern(r"[*_~`\[]")


class IncrementalInlineParser:
    """Parses inline text that mostly goes on where the last one ended, exactly as `inline_tokens` does.

    What was parsed is kept up to the last space, unless it holds a mark that opened nothing yet: such a mark is all
    that later text can look back to. Everything else that the parser looks for holds no space.
    """

    def __init__(self) -> None:
        self._source = ""
        self._tokens: list[Token] = []

    def parse(self, source: str, references: dict[str, Any]) -> list[Token]:
        """The tokens of a text; the definitions are the same each time."""
        if not source.startswith(self._source):
            self._source, self._tokens = "", []
        tokens = inline_tokens(source[len(self._source) :], references)
        known = self._tokens
        self._keep(source, tokens)
        return [*known, *tokens]

    def _keep(self, source: str, tokens: Sequence[Token]) -> None:
        if not tokens or any(token.type == "text" and _MAY_OPEN.search(token.content) for token in tokens):
            return
        last = tokens[-1]
        end = last.content.rfind(" ", 0, -1) + 1
        if last.type == "text" and end and not last.content[end].isspace() and source.endswith(last.content):
            self._source = source[: len(source) - len(last.content) + end]
            kept = Token("text", "", 0, content=last.content[:end])
            self._tokens = [*self._tokens, *tokens[:-1], kept]
