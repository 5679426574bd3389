"""Layout of the blocks of Markdown: paragraphs, headings, lists, quotations, code, rules."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from markdown_it.token import Token
from msgspec import Struct, field
from rich.segment import Segment
from rich.style import Style

from animus_tui.markdown.parser import block_end, block_tokens, inline_tokens, items_of, shape_of
from animus_tui.ui.markdown.code_blocks import layout_code
from animus_tui.ui.markdown.layout_buffer import Frame, LayoutBuffer
from animus_tui.ui.markdown.styled_lines import (
    StyledLine,
    WrappedLine,
    heading_style,
    styled_lines,
    wrap_prose,
)
from animus_tui.ui.markdown.tables import layout_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from animus_tui.markdown.parser import ListShape


BULLETS = "•◦▪"
"""Marks of bullet lists, one within the other."""

_TASK = re.compile(r"\[([ xX])\][ \t]+(?=\S)")


def item_frame(
    shape: ListShape, index: int, bullet: str, text: Token | None, style: Style, *, boxes: bool
) -> Frame:
    """The frame of an item; the box of a task is taken out of its first paragraph, `text`."""
    mark, line_mark = shape.mark(index, bullet), shape.line_mark(index)
    task = _TASK.match(text.content) if text else None
    line_rest = " " * len(line_mark)
    if text and task:
        text.content = text.content[task.end() :]
        box = f"[{task[1].lower()}] "
        line_mark += box
        if boxes:
            box = "☐ " if task[1] == " " else "☑ "
        mark = mark + box if shape.is_ordered else box
    return Frame(mark, " " * len(mark), style, line_mark, line_rest, len(mark), bool(shape.loose))


class Known(Struct):
    """Blocks of text that were laid out before, with the same definitions and styles."""

    lines: dict[tuple[str, Style], list[StyledLine]] = field(default_factory=dict)
    """By source and style."""
    wrapped: dict[tuple[str, Style, int], list[WrappedLine]] = field(default_factory=dict)
    """By source, style and width."""


def layout_markdown(text: str, buffer: LayoutBuffer) -> None:
    """Lay out the blocks of a whole text."""
    references: dict[str, Any] = {}
    tokens = block_tokens(text, references)
    BlockLayout(buffer, references).layout_blocks(tokens, 0, len(tokens))


class BlockLayout(Struct):
    """Lays out blocks in a buffer, one after the other."""

    buffer: LayoutBuffer
    references: dict[str, Any]
    """The link definitions of the whole text."""
    parse: Callable[[str, dict[str, Any]], list[Token]] = inline_tokens
    """What parses inline text."""
    known: Known = field(default_factory=Known)
    """What was laid out before."""
    used: Known = field(default_factory=Known)
    """What is laid out now."""
    item_begins: Callable[[Token], object] = lambda item: None
    """Called before an item of an outermost list."""
    lists: int = 0
    """How many bullet lists are open."""

    def layout_blocks(self, tokens: Sequence[Token], start: int, end: int) -> None:
        """The blocks of `tokens[start:end]`, which are whole."""
        while start < end:
            stop = block_end(tokens, start)
            self._layout_block(tokens, start, stop)
            start = stop

    def _layout_block(self, tokens: Sequence[Token], start: int, end: int) -> None:
        token = tokens[start]
        match token.type:
            case "heading_open":
                self._layout_prose(
                    tokens[start + 1].content, heading_style(self.buffer.styles, int(token.tag[1:]))
                )
            case "bullet_list_open" | "ordered_list_open":
                self.buffer.begin_block()
                self.layout_items(tokens, start, end, shape_of(tokens, start, end))
            case "blockquote_open":
                self._layout_quotation(tokens, start, end)
            case "table_open":
                layout_table(self.buffer, tokens, start, end, self.styled)
            case "fence" | "code_block":
                layout_code(self.buffer, token.content, token.info)
            case "hr":
                layout_rule(self.buffer)
            case _:
                content = tokens[start + 1].content if token.nesting else token.content
                self._layout_prose(content, self._style)

    @property
    def _style(self) -> Style:
        styles = self.buffer.styles
        quoted = any(frame.line_rest == "> " for frame in self.buffer.frames)
        return styles.quiet if quoted else styles.text

    def styled(self, source: str, style: Style) -> list[StyledLine]:
        """The lines of inline text."""
        key = source, style
        lines = self.known.lines.get(key)
        if lines is None:
            lines = styled_lines(self.parse(source, self.references), style, self.buffer.styles)
        self.used.lines[key] = lines
        return lines

    def _layout_prose(self, source: str, style: Style) -> None:
        width = self.buffer.room
        key = source, style, width
        lines = self.known.wrapped.get(key)
        if lines is None:
            lines = [(line, wrap_prose(line, width)) for line in self.styled(source, style)]
        self.used.wrapped[key] = lines
        self.buffer.add_wrapped(lines)

    def _layout_quotation(self, tokens: Sequence[Token], start: int, end: int) -> None:
        buffer = self.buffer
        bar = "▎ " if buffer.boxes else "> "
        buffer.begin_block()
        buffer.open_frame(Frame(bar, bar, buffer.styles.line, "> ", "> ", cells=2))
        self.layout_blocks(tokens, start + 1, end - 1)
        buffer.close_frame()

    def layout_items(self, tokens: Sequence[Token], start: int, end: int, shape: ListShape) -> None:
        """The items of a list, which are the last ones of its shape."""
        items = items_of(tokens, start, end)
        bullet = BULLETS[self.lists % len(BULLETS)] if self.buffer.boxes else "-"
        self.lists += not shape.is_ordered
        for index, at in enumerate(items, shape.items - len(items)):
            if tokens[at].level == 1:
                self.item_begins(tokens[at])
            if index and shape.loose:
                self.buffer.add_gap()
            text = tokens[at + 2] if tokens[at + 1].type == "paragraph_open" else None
            quiet, boxes = self.buffer.styles.quiet, self.buffer.boxes
            self.buffer.open_frame(item_frame(shape, index, bullet, text, quiet, boxes=boxes))
            self.layout_blocks(tokens, at + 1, block_end(tokens, at) - 1)
            self.buffer.close_frame()
        self.lists -= not shape.is_ordered


def layout_rule(buffer: LayoutBuffer) -> None:
    """A thin line from margin to margin."""
    buffer.begin_block()
    index, offset = buffer.add_line("---")
    if buffer.boxes:
        buffer.add_row([Segment("─" * buffer.room, buffer.styles.line)], buffer.room, ())
    else:
        cells = min(3, buffer.room)
        buffer.add_row(
            [Segment("-" * cells, buffer.styles.line)], cells, ((0, index, offset, offset + cells),)
        )
