"""A block of code on its ground."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style

from animus_tui.printable import printable
from animus_tui.ui.markdown.cells import cells_of, shown
from animus_tui.ui.markdown.code import coloured, parts
from animus_tui.ui.markdown.paint import PaintedSpan, Run, StyledLine, paint_code

if TYPE_CHECKING:
    from collections.abc import Sequence

    from animus_tui.ui.markdown.code import Token
    from animus_tui.ui.markdown.inks import Inks
    from animus_tui.ui.markdown.sheet import Sheet

CONTINUED = "›"
"""Beside the rows that go on with a line of code; never part of the text."""

_ROOM_FOR_MARGIN = 8
_LONGEST_LABEL = 20


def set_code(sheet: Sheet, content: str, info: str) -> None:
    """The rows and lines of a block of code; `info` is what stands behind the opening fence."""
    source = content.removesuffix("\n")
    sheet.begin_block()
    sheet.out.code.append(source)
    add_code(sheet, list(parts(source)), info)


def add_code(
    sheet: Sheet, code: Sequence[str], info: str, *, above: bool = False, below: bool = False
) -> None:
    """Some `parts` of a block, with more of it `above` or `below`; the first row of the block names the language."""
    words = printable(info, newlines=False).split()
    language = words[0] if words else ""
    colours = _known_now(language.lower(), sheet.inks)
    margin = 1 if sheet.room >= _ROOM_FOR_MARGIN else 0
    label = "" if above else shown(language[:_LONGEST_LABEL])
    lines = "".join(code).split("\n")
    for text, tokens in zip(lines[:-1] if below else lines, coloured(code, colours), strict=False):
        index = sheet.add_bare_line(text)
        for span in paint_code(StyledLine(text, _runs(tokens, sheet.inks)), sheet.room - 2 * margin):
            segments = _on_ground(span, sheet, margin, label)
            label = ""
            sheet.add_row(segments, sheet.room, ((margin, index, span.start, span.end),))


def _known_now(language: str, inks: Inks) -> str:
    at_hand = inks.languages is None or not language or inks.languages.has(language)
    return language if at_hand else ""


def _runs(tokens: list[Token], inks: Inks) -> list[Run]:
    styles, other = inks.tokens, inks.code_block
    return [Run(end, styles.get(kind, other)) for end, kind in tokens]


def _on_ground(span: PaintedSpan, sheet: Sheet, margin: int, label: str) -> list[Segment]:
    """The row filled up to the right, with the language at its end where that leaves the code alone."""
    ground = sheet.inks.code_block
    quiet = _quiet(ground, sheet.inks.quiet)
    free = sheet.room - margin - span.cells
    before = CONTINUED if margin and span.start and sheet.boxes else " " * margin
    segments = [Segment(before, quiet), *span.segments] if margin else list(span.segments)
    cells = cells_of(label)
    if label and cells + 2 + margin <= free:
        segments.append(Segment(" " * (free - cells - margin), ground))
        segments.append(Segment(label, quiet))
        free = margin
    if free:
        segments.append(Segment(" " * free, ground))
    return segments


@lru_cache(maxsize=16)
def _quiet(ground: Style, quiet: Style) -> Style:
    return ground + Style(color=quiet.color)
