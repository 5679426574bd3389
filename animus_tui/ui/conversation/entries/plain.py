"""Text as it was typed: no mark in it means anything, and no blank line or indentation is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from animus_tui.markdown.limits import is_long
from animus_tui.ui.markdown.paint import Run, StyledLine, paint_code, paint_prose
from animus_tui.ui.markdown.rows import LongText, Piece, Row, SetText

if TYPE_CHECKING:
    from rich.style import Style


def set_plain(text: str, width: int, ink: Style) -> SetText:
    """Set a text at a width, parted between words; a line that begins with a blank is parted where a row is full.

    Of a long text only the tail is set.
    """
    if is_long(text):
        return SetText(tail=LongText(text, width, ink))
    set_text = SetText(lines=text.split("\n"))
    for number, line in enumerate(set_text.lines):
        is_prose = line[:1].strip() and "\t" not in line
        styled = StyledLine(line, [Run(len(line), ink)])
        spans = (paint_prose if is_prose else paint_code)(styled, width)
        for segments, cells, start, end in spans:
            set_text.rows.append(Row(tuple(segments), cells, (Piece(0, number, start, end),)))
        if not spans:
            set_text.rows.append(Row((), 0, (Piece(0, number, 0, 0),)))
    return set_text
