"""Which texts look the same with and without Markdown."""

from __future__ import annotations

import re

_MARKDOWN = re.compile(
    r"[*_`#\[\]<>|~&\\]"  # emphasis, code, headings, links, tags, tables, character references
    r"|://"
    r"|^ {0,3}(?:[-+]|\d{1,9}[.)])(?:\s|$)"  # lists
    r"|^(?: {4}| {0,3}\t)"  # indented code
    r"|^ {0,3}[-=]+\s*$",  # rules and underlined headings
    re.MULTILINE,
)
_GAP = re.compile(r"\n\s*\n")


def is_plain(text: str) -> bool:
    """Whether nothing in the text means anything in Markdown, so that it can be shown as it is."""
    return _MARKDOWN.search(text) is None


def tidy(text: str) -> str:
    """Plain text with at most one blank line in a row and no blanks around it, as Markdown would show it."""
    return _GAP.sub("\n\n", text.strip())
