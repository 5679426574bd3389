"""The blocks of Markdown are set on a sheet: paragraphs, headings, lists, quotations, rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from markdown_it.token import Token
from msgspec import Struct, field
from rich.segment import Segment
from rich.style import Style

from animus_tui.markdown.list_shape import items_of, shape_of
from animus_tui.markdown.parser import block_end, inline_tokens
from animus_tui.ui.markdown.code_block import set_code
from animus_tui.ui.markdown.inline import heading_ink, styled_lines
from animus_tui.ui.markdown.lists import BULLETS, item_frame
from animus_tui.ui.markdown.paint import PaintedSpan, StyledLine, paint_prose
from animus_tui.ui.markdown.sheet import Frame, Sheet
from animus_tui.ui.markdown.tables import set_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from animus_tui.markdown.list_shape import ListShape

Prose = list[tuple[StyledLine, list[PaintedSpan]]]
"""The lines of a block of text, each with its rows."""


class Known(Struct):
    """Blocks of text that were set before, with the same definitions and inks."""

    lines: dict[tuple[str, Style], list[StyledLine]] = field(default_factory=dict)
    """By source and ink."""
    prose: dict[tuple[str, Style, int], Prose] = field(default_factory=dict)
    """By source, ink and width."""


class BlockSetter(Struct):
    """Sets blocks on a sheet, one after the other."""

    sheet: Sheet
    references: dict[str, Any]
    """The link definitions of the whole text."""
    parse: Callable[[str, dict[str, Any]], list[Token]] = inline_tokens
    """What parses inline text."""
    known: Known = field(default_factory=Known)
    """What was set before."""
    used: Known = field(default_factory=Known)
    """What is set now."""
    item_begins: Callable[[Token], object] = lambda item: None
    """Called before an item of an outermost list."""
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
        key = source, ink
        lines = self.known.lines.get(key)
        if lines is None:
            lines = styled_lines(self.parse(source, self.references), ink, self.sheet.inks)
        self.used.lines[key] = lines
        return lines

    def _prose(self, source: str, ink: Style) -> Prose:
        width = self.sheet.room
        key = source, ink, width
        prose = self.known.prose.get(key)
        if prose is None:
            prose = [(line, paint_prose(line, width)) for line in self.styled(source, ink)]
        self.used.prose[key] = prose
        return prose

    def _set_prose(self, source: str, ink: Style) -> None:
        prose = self._prose(source, ink)
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
        self.sheet.begin_block()
        self.set_items(tokens, start, end, shape_of(tokens, start, end))

    def set_items(self, tokens: Sequence[Token], start: int, end: int, shape: ListShape) -> None:
        """The items of a list, which are the last ones of its shape."""
        items = items_of(tokens, start, end)
        bullet = BULLETS[self.lists % len(BULLETS)] if self.sheet.boxes else "-"
        self.lists += not shape.is_ordered
        for index, at in enumerate(items, shape.items - len(items)):
            if tokens[at].level == 1:
                self.item_begins(tokens[at])
            if index and shape.loose:
                self.sheet.add_gap()
            text = tokens[at + 2] if tokens[at + 1].type == "paragraph_open" else None
            quiet, boxes = self.sheet.inks.quiet, self.sheet.boxes
            self.sheet.open_frame(item_frame(shape, index, bullet, text, quiet, boxes=boxes))
            self.set_blocks(tokens, at + 1, block_end(tokens, at) - 1)
            self.sheet.close_frame()
        self.lists -= not shape.is_ordered


def set_rule(sheet: Sheet) -> None:
    """A thin line from margin to margin."""
    sheet.begin_block()
    index, offset = sheet.add_line("---")
    if sheet.boxes:
        sheet.add_row([Segment("─" * sheet.room, sheet.inks.line)], sheet.room, ())
    else:
        cells = min(3, sheet.room)
        sheet.add_row([Segment("-" * cells, sheet.inks.line)], cells, ((0, index, offset, offset + cells),))
