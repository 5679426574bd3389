"""Inline text that grows is parsed from where nothing that comes can change what stands before."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from markdown_it.token import Token

from animus_tui.markdown.parser import inline_tokens

if TYPE_CHECKING:
    from collections.abc import Sequence

_MAY_OPEN = re.compile(r"[*_~`\[]")


class GrowingInline:
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
