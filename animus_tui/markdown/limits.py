"""How much of a text is laid out as Markdown, and how much of that at a time.

Costs are rough microseconds of processor time. They are counted from what a text holds, so that no text, however it
was made, keeps the application from reading keys.
"""

from __future__ import annotations

LONGEST_MARKDOWN = 160_000
"""Characters of a message; a longer one is shown as the text that it is."""
MOST_COST = 600_000
"""The cost of a message; one that costs more is shown as the text that it is, too."""
LONGEST_INLINE = 16_000
"""Characters of a paragraph, a heading or a cell; a longer one is text without marks."""
MOST_BRACKETS = 600
"""Opening brackets in a paragraph: for each that is never closed the parser looks through all that follows."""
MOST_CELLS = 6_000
"""Cells of a table; a larger one is text."""
MOST_AT_ONCE = 20_000
"""The cost of what is laid out at once; what costs more is laid out in a thread."""
MOST_GROWING = 10_000
"""The cost of the part of a growing text that is laid out anew with each frame."""

_LINE, _BLANK = 50, 10
_MARK = 8
_WIDE = 3
_CELL = 15
"""The cost of a line, of a blank one, of a mark, of a character outside ASCII, and of a cell of a table."""
_UNCLOSED = 10
"""For how many others a bracket or link that is not closed costs 1: for each the parser looks through them all."""
_MARKS = "[]*_`|<&\\~!#>\t"


def cost_of(text: str) -> int:
    """What it costs to lay out a text as Markdown."""
    lines = _LINE * text.count("\n") - (_LINE - _BLANK) * text.count("\n\n")
    cost = len(text) // 3 + lines + _MARK * sum(map(text.count, _MARKS))
    if not text.isascii():
        cost += _WIDE * (len(text) - len(text.encode("ascii", "ignore")))
    unclosed = max(0, text.count("[") - text.count("]"), text.count("](") - text.count(")"))
    # Never so much that it is no Markdown for that: there may be many within code.
    cost += min(unclosed * unclosed // _UNCLOSED, MOST_AT_ONCE)
    if cost <= MOST_COST and "|" in text:
        # Each row of a table has as many cells as its first one, however few are written.
        marks = [line.count("|") for line in text.split("\n") if "|" in line]
        cost += _CELL * max(marks) * len(marks)
    return cost


def may_be_markdown(text: str) -> bool:
    """Whether a text may be laid out as Markdown at all."""
    return len(text) <= LONGEST_MARKDOWN and cost_of(text) <= MOST_COST


def is_long(text: str) -> bool:
    """Whether a text costs more than may be laid out at once."""
    return len(text) > MOST_AT_ONCE or cost_of(text) > MOST_AT_ONCE


def affordable(text: str, most: int) -> int:
    """How many characters from the beginning of a text, up to the end of a line or of the text, cost at most `most`."""
    if len(text) <= most and cost_of(text) <= most:
        return len(text)
    end = cost = columns = 0
    while end < len(text):
        line_end = text.find("\n", end) + 1 or len(text)
        line = text[end:line_end]
        cost += cost_of(line) if len(line) <= most else most + 1
        if line.isspace():
            columns = 0
        else:
            # A row that has fewer cells than the first one of its table is filled up.
            cells = line.count("|")
            columns = max(columns, cells)
            cost += _CELL * (columns - cells)
        if cost > most:
            break
        end = line_end
    return end
