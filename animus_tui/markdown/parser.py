"""The Markdown parser: text in, tokens of markdown-it out, of blocks and of what stands within them.

GitHub's Markdown with two differences: HTML tags are text, and only whole addresses become links. What a text costs is
bounded: a paragraph, a table or a nesting beyond the limits is text without marks.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.rules_block import blockquote, list_block, table
from markdown_it.token import Token

from animus_tui.markdown.limits import LONGEST_INLINE, MOST_BRACKETS, MOST_CELLS
from animus_tui.markdown.lone_numbers import lone_numbers_as_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_inline import StateInline

    BlockRule = Callable[[StateBlock, int, int, bool], bool]

OFFERED_SCHEMES = ("http", "https", "mailto")
"""Links that can be opened; any other is left as the text that it is."""

DEEPEST = 14
"""Levels of tokens above which no list and no quotation begins: their marks are text there."""

MOST_COLUMNS = 30
"""Columns of a table; what has more is text."""

_SCHEME = re.compile(r"(?<![a-z0-9+.\-])(?:https?|mailto)$", re.IGNORECASE)
_ADDRESS = re.compile(r"(?:https?://|mailto:)[^\s<>`|\"]{1,2000}", re.IGNORECASE)
_PAIRS = {")": "(", "]": "[", "}": "{"}


class _Parser(MarkdownIt):
    def validateLink(self, url: str) -> bool:  # noqa: N802 - the name is markdown-it's
        try:
            return urlsplit(url).scheme.lower() in OFFERED_SCHEMES
        except ValueError:
            return False


@cache
def parser() -> MarkdownIt:
    """The one parser."""
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
    """A text without marks."""
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
