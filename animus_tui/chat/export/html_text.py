"""The Markdown of a reply as HTML. Nothing in a text becomes markup that the Markdown parser did not make."""

from __future__ import annotations

import re
from functools import cache
from html import escape
from typing import TYPE_CHECKING, Any

from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML

from animus_tui.markdown.limits import LONGEST_INLINE, may_be_markdown
from animus_tui.markdown.parser import block_tokens, inline_tokens, parser

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from markdown_it.token import Token
    from markdown_it.utils import EnvType, OptionsDict

LONGEST_CODE = 20_000
"""Characters of a block of code that has colours."""
_COLOURED = frozenset(("comment", "keyword", "name", "number", "string"))
"""Kinds of tokens for which the page has a colour."""
LINK = ' rel="noopener noreferrer nofollow" target="_blank"'
_SENTENCES = re.compile(r"[^\W\d_](?:[^\W_]|[ ,.;!?'\"’‘“”…()–—-])*(?<! )")
"""One line of words without any mark that may mean something in Markdown."""
_PLACES = {
    "text-align:left": "left",
    "text-align:center": "center",
    "text-align:right": "right",
}
"""How the parser says where the text of a cell stands → a class; the page allows no styles within its text."""


def html_of(text: str) -> str:
    """A printable text as HTML: Markdown, or the text as it is where reading it would take too long."""
    if _SENTENCES.fullmatch(text) and len(text) <= LONGEST_INLINE:
        return f"<p>{escapeHtml(text)}</p>\n"  # what the parser would find, in a tenth of the time
    if not may_be_markdown(text):
        return f'<p class="plain">{escape(text)}</p>'
    references: dict[str, Any] = {}
    tokens = block_tokens(text, references)
    for token in tokens:
        if token.type == "inline":
            token.children = inline_tokens(token.content, references)
    return str(_renderer().render(tokens, parser().options, {}))


class _Renderer(RendererHTML):
    """The parser's own renderer; links lead out of the page, pictures of others are links, code has colours."""

    def link_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """A link that tells the other side nothing."""
        return f'<a href="{escape(str(tokens[idx].attrs.get("href", "")))}"{LINK}>'

    def image(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """A picture that stands elsewhere: the page loads nothing, so that it is a link."""
        token = tokens[idx]
        words = self.renderInlineAsText(token.children, options, env) if token.children else token.content
        address = str(token.attrs.get("src", ""))
        return f'<a href="{escape(address)}"{LINK}>{escape(words or address)}</a>'

    def fence(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """A block of code, with the name of its language."""
        token = tokens[idx]
        language = (token.info.split() or [""])[0]
        label = f'<span class="language">{escape(language)}</span>' if language else ""
        return f"<pre>{label}<code>{''.join(_coloured(token.content, language.lower()))}</code></pre>\n"

    def _aligned(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        token = tokens[idx]
        place = _PLACES.get(str(token.attrs.get("style", "")))
        return f'<{token.tag} class="{place}">' if place else f"<{token.tag}>"

    th_open = td_open = _aligned

    def _as_text(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return escape(tokens[idx].content)

    html_block = html_inline = _as_text  # the parser makes none; if it ever did, they would be text


@cache
def _renderer() -> _Renderer:
    """The only one: to make it, it looks through all of its methods, which takes as long as a short text."""
    return _Renderer()


def _coloured(code: str, language: str) -> Iterator[str]:
    """The code with the colours of its language, where Pygments knows it."""
    if len(code) > LONGEST_CODE or not language:
        yield escape(code)
        return
    from animus_tui.markdown.code_tokens import stretches  # Pygments takes 30 ms, and most texts have no code

    for kind, text in stretches(code, language):
        yield f'<span class="{kind}">{escape(text)}</span>' if kind in _COLOURED else escape(text)
