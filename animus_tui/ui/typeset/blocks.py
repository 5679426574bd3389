"""The blocks of Markdown are set on a sheet: paragraphs, headings, lists, quotations, rules."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rich.segment import Segment

from animus_tui.ui.typeset.code_block import set_code
from animus_tui.ui.typeset.inline import heading_ink, styled_lines
from animus_tui.ui.typeset.markdown import inline_tokens
from animus_tui.ui.typeset.paint import PaintedSpan, StyledLine, paint_prose
from animus_tui.ui.typeset.sheet import Frame, Sheet
from animus_tui.ui.typeset.tables import set_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it.token import Token
    from rich.style import Style

BULLETS = "•◦▪"
_TASK = re.compile(r"\[([ xX])\][ \t]+(?=\S)")

Prose = list[tuple[StyledLine, list[PaintedSpan]]]
"""The lines of a block of text, each with its rows."""

KnownProse = dict[tuple[str, "Style", int], Prose]
"""Blocks of text by source, ink and width."""


@dataclass(slots=True)
class BlockSetter:
    """Sets blocks on a sheet, one after the other."""

    sheet: Sheet
    references: dict[str, Any]
    """The link definitions of the whole text."""
    known: KnownProse = field(default_factory=dict)
    """What was set before with the same definitions and inks."""
    used: KnownProse = field(default_factory=dict)
    """What is set now."""
    lists: int = 0
    """How many bullet lists are open."""

    def set_blocks(self, tokens: Sequence[Token], start: int, end: int) -> None:
        """The blocks of `tokens[start:end]`, which are whole."""
        while start < end:
            stop = block_end(tokens, start)
            self._set_block(tokens, start, stop)
            start = stop

    def _set_block(self, tokens: Sequence[Token], start: int, end: int) -> None:
        token = tokens[start]
        match token.type:
            case "heading_open":
                self._set_prose(tokens[start + 1].content, heading_ink(self.sheet.inks, int(token.tag[1:])))
            case "bullet_list_open" | "ordered_list_open":
                self._set_list(tokens, start, end)
            case "blockquote_open":
                self._set_quotation(tokens, start, end)
            case "table_open":
                set_table(self.sheet, tokens, start, end, self.styled)
            case "fence" | "code_block":
                set_code(self.sheet, token.content, token.info)
            case "hr":
                set_rule(self.sheet)
            case _:
                content = tokens[start + 1].content if token.nesting else token.content
                self._set_prose(content, self._ink)

    @property
    def _ink(self) -> Style:
        inks = self.sheet.inks
        quoted = any(frame.line_rest == "> " for frame in self.sheet.frames)
        return inks.quiet if quoted else inks.text

    def styled(self, source: str, ink: Style) -> list[StyledLine]:
        """The lines of inline text."""
        return styled_lines(inline_tokens(source, self.references), ink, self.sheet.inks)

    def _prose(self, source: str, ink: Style, width: int) -> Prose:
        key = source, ink, width
        prose = self.known.get(key) or [(line, paint_prose(line, width)) for line in self.styled(source, ink)]
        self.used[key] = prose
        return prose

    def _set_prose(self, source: str, ink: Style) -> None:
        prose = self._prose(source, ink, self.sheet.room)
        if prose:
            self.sheet.begin_block()
        for line, spans in prose:
            index, offset = self.sheet.add_line(line.text, line.links)
            self.sheet.add_spans(spans, index, offset)

    def _set_quotation(self, tokens: Sequence[Token], start: int, end: int) -> None:
        sheet = self.sheet
        bar = "▎ " if sheet.boxes else "> "
        sheet.begin_block()
        sheet.open_frame(Frame(bar, bar, sheet.inks.line, "> ", "> ", cells=2))
        self.set_blocks(tokens, start + 1, end - 1)
        sheet.close_frame()

    def _set_list(self, tokens: Sequence[Token], start: int, end: int) -> None:
        items = [at for at in range(start + 1, end - 1) if _is_child(tokens, start, at, "list_item_open")]
        loose = any(
            token.type == "paragraph_open" and token.level == tokens[start].level + 2 and not token.hidden
            for token in tokens[start:end]
        )
        marks = self._marks(tokens[start], [tokens[at] for at in items])
        self.sheet.begin_block()
        self.lists += tokens[start].type == "bullet_list_open"
        for index, (at, (mark, line_mark)) in enumerate(zip(items, marks, strict=True)):
            if index and loose:
                self.sheet.add_gap()
            self._set_item(tokens, at, mark, line_mark, loose=loose)
        self.lists -= tokens[start].type == "bullet_list_open"

    def _marks(self, opening: Token, items: list[Token]) -> list[tuple[str, str]]:
        """What is painted and what is written before each item."""
        if opening.type == "bullet_list_open":
            bullet = BULLETS[self.lists % len(BULLETS)] if self.sheet.boxes else "-"
            return [(f"{bullet} ", "- ")] * len(items)
        first = int(opening.attrs.get("start", 1))
        numbers = [f"{number}. " for number in range(first, first + len(items))]
        return [(number.rjust(len(numbers[-1])), number) for number in numbers]

    def _set_item(
        self, tokens: Sequence[Token], start: int, mark: str, line_mark: str, *, loose: bool
    ) -> None:
        task = None
        if tokens[start + 1].type == "paragraph_open":
            text = tokens[start + 2]
            task = _TASK.match(text.content)
        line_rest = " " * len(line_mark)
        if task:
            text.content = text.content[task.end() :]
            done = task[1] != " "
            box = ("☑ " if done else "☐ ") if self.sheet.boxes else f"[{task[1].lower()}] "
            mark = mark[:-2].replace(" ", "") and mark + box if mark[-2] == "." else box
            line_mark += f"[{task[1].lower()}] "
        frame = Frame(mark, " " * len(mark), self.sheet.inks.quiet, line_mark, line_rest, len(mark), loose)
        self.sheet.open_frame(frame)
        self.set_blocks(tokens, start + 1, block_end(tokens, start) - 1)
        self.sheet.close_frame()


def block_end(tokens: Sequence[Token], start: int) -> int:
    """Behind the last token of the block that begins at `start`."""
    if tokens[start].nesting <= 0:
        return start + 1
    level, at = tokens[start].level, start + 1
    while tokens[at].level > level:
        at += 1
    return at + 1


def _is_child(tokens: Sequence[Token], parent: int, at: int, kind: str) -> bool:
    return tokens[at].type == kind and tokens[at].level == tokens[parent].level + 1


def set_rule(sheet: Sheet) -> None:
    """A thin line from margin to margin."""
    sheet.begin_block()
    index, offset = sheet.add_line("---")
    if sheet.boxes:
        sheet.add_row([Segment("─" * sheet.room, sheet.inks.line)], sheet.room, ())
    else:
        cells = min(3, sheet.room)
        sheet.add_row([Segment("-" * cells, sheet.inks.line)], cells, ((0, index, offset, offset + cells),))
