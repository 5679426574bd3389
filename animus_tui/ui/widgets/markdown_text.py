"""Markdown from the network as widgets, painted whole with the first frame, with nothing in it but text and links.

What needs no Markdown is shown without it (`is_plain`): that is most of a conversation, and it is cheap. This module
is imported when the first text needs it.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from textual.await_complete import AwaitComplete
from textual.widgets import Markdown

from animus_tui.printable import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it.rules_core import StateCore
    from markdown_it.token import Token
    from textual.app import ComposeResult

OFFERED_SCHEMES = ("http", "https", "mailto")
"""Links that can be opened; any other is left as the text that it is."""


class _Parser(MarkdownIt):
    def validateLink(self, url: str) -> bool:  # noqa: N802 - the name is markdown-it's
        try:
            return urlsplit(url).scheme.lower() in OFFERED_SCHEMES
        except ValueError:
            return False


@cache
def parser() -> MarkdownIt:
    """GitHub's Markdown; tags are text, line breaks stay, only whole addresses become links."""
    markdown = _Parser("gfm-like", {"html": False})
    if markdown.linkify is not None:
        markdown.linkify.set({"fuzzy_link": False, "fuzzy_email": False})
    markdown.core.ruler.after("text_join", "as_written", _as_written)
    return markdown


def _as_written(state: StateCore) -> None:
    for token in state.tokens:
        for child in token.children or ():
            _clean(child)
            for part in child.children or ():
                _clean(part)


def _clean(token: Token) -> None:
    if token.type == "softbreak":
        token.type = "hardbreak"
    # A character reference such as &#x202e; becomes a character only now.
    token.content = printable(token.content)
    href = token.attrs.get("href", token.attrs.get("src"))
    if isinstance(href, str):
        # Markdown.LinkClicked takes percent signs for an encoding of its own and undoes it.
        token.attrs["href" if "href" in token.attrs else "src"] = href.replace("%", "%25")


class MarkdownText(Markdown):
    """Markdown that is there with the first frame and grows by `append`."""

    DEFAULT_CSS = """
    MarkdownText {
        padding: 0;
        width: 1fr;
        & > MarkdownBlock { margin: 1 0 0 0 !important; }
        & > MarkdownBlock:first-child { margin: 0 !important; }
        & MarkdownHeader { content-align: left middle; }
        & MarkdownFence > Label { padding: 0 1; }
        & MarkdownBlockQuote MarkdownParagraph { margin: 0; }
        & MarkdownHorizontalRule { border-bottom: none; border-top: solid $foreground 30%; padding-top: 0; }
    }
    """

    def __init__(self, text: str) -> None:
        super().__init__(parser_factory=parser, open_links=False)
        self._whole = text

    def compose(self) -> ComposeResult:
        """The blocks, there with the first frame."""
        tokens = parser().parse(self._whole)
        self._markdown = self._whole
        self._last_parsed_line = _last_block(tokens)
        yield from self._parse_markdown(tokens)

    def update(self, markdown: str) -> AwaitComplete:
        """Nothing: what was given is composed already, and another text is another widget."""
        return AwaitComplete()


def _last_block(tokens: Sequence[Token]) -> int:
    """The line from which on the text is parsed again when more of it arrives."""
    tops: list[Any] = [token.map[0] for token in tokens if token.level == 0 and token.map]
    return int(tops[-1]) if tops else 0
