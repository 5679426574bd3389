"""Which texts mean the same with and without Markdown, and how these are set."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from animus_tui.ui.markdown.inline import plain_line
from animus_tui.ui.markdown.paint import paint_prose

if TYPE_CHECKING:
    from collections.abc import Iterator

    from animus_tui.ui.markdown.sheet import Sheet

_MARKDOWN = re.compile(
    r"[*_`#\[\]<>|~&\\\0]"  # emphasis, code, headings, links, tags, tables, character references
    r"|://|mailto:"
    r"|^ {0,3}(?:[-+]|\d{1,9}[.)])(?:\s|$)"  # lists
    r"|^(?: {4}| {0,3}\t)"  # indented code
    r"|^ {0,3}[-=]+\s*$",  # rules and underlined headings
    re.MULTILINE | re.IGNORECASE,
)
_GAP = re.compile(r"\n(?:[ \t]*\n)+")


def is_plain(text: str) -> bool:
    """Whether nothing in the text means anything in Markdown, so that it can be set as it is."""
    return _MARKDOWN.search(text) is None


def set_plain(text: str, sheet: Sheet) -> None:
    """The paragraphs of a text, as Markdown would show them."""
    for start, end in paragraphs(text):
        set_paragraph(text[start:end], sheet)


def paragraphs(text: str) -> Iterator[tuple[int, int]]:
    """Where each paragraph begins and ends."""
    start = 0
    for gap in _GAP.finditer(text):
        yield start, gap.start()
        start = gap.end()
    yield start, len(text)


def set_paragraph(text: str, sheet: Sheet) -> None:
    """One paragraph; nothing, if it is blank."""
    lines = [plain_line(line, sheet.inks.text) for line in text.strip().split("\n")]
    if any(line.text for line in lines):
        sheet.begin_block()
    for line in lines:
        if line.text:
            index, offset = sheet.add_line(line.text)
            sheet.add_spans(paint_prose(line, sheet.room), index, offset)
