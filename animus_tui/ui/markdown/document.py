"""The layout of a text as Markdown: of a whole text, and of one that grows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace
from rich.style import Style

from animus_tui.late_pattern import late_pattern
from animus_tui.markdown.limits import MOST_GROWING, affordable, may_be_markdown
from animus_tui.ui.markdown.layout_buffer import Checkpoint, Frame, LayoutBuffer
from animus_tui.ui.markdown.simple_markdown import layout_simple
from animus_tui.ui.markdown.styled_lines import plain_line
from animus_tui.ui.markdown.text_layout import LazyText, TextLayout, TextStyles

if TYPE_CHECKING:
    from collections.abc import Iterator

    from animus_tui.ui.markdown.incremental_blocks import IncrementalBlocks


_MARKDOWN = late_pattern(
    r"[*_`#\[\]<>|~&\\\0]"  # emphasis, code, headings, links, tags, tables, character references
    r"|://|mailto:"
    r"|^ {0,3}(?:[-+]|\d{1,9}[.)])(?:\s|$)"  # lists
    r"|^(?: {4}| {0,3}\t)"  # indented code
    r"|^ {0,3}[-=]+\s*$",  # rules and underlined headings
    re.MULTILINE | re.IGNORECASE,
)
_GAP = late_pattern(r"\n(?:[ \t]*\n)+")


def is_plain(text: str) -> bool:
    """Whether nothing in the text means anything in Markdown, so that it can be laid out as it is."""
    return _MARKDOWN.search(text) is None


def paragraphs(text: str) -> Iterator[tuple[int, int]]:
    """Where each paragraph begins and ends."""
    start = 0
    for gap in _GAP.finditer(text):
        yield start, gap.start()
        start = gap.end()
    yield start, len(text)


def layout_paragraph(text: str, buffer: LayoutBuffer) -> None:
    """One paragraph; nothing, if it is blank."""
    lines = (plain_line(line, buffer.styles.text) for line in text.strip().split("\n"))
    buffer.add_prose(line for line in lines if line.text)


class TextOptions(Struct, frozen=True):
    """All that the layout of a text depends on, besides the text."""

    width: int
    """Cells."""
    styles: TextStyles
    boxes: bool
    loaded: int = 0
    """How many languages had their colours at hand."""


def layout_text(text: str, width: int, styles: TextStyles, *, boxes: bool = True) -> TextLayout:
    """The rows of a text, none wider than `width` cells; without `boxes` no lines are drawn, and tables are stacked.

    The text is `printable`. Nothing in it raises. Of a text that is too long for Markdown only the tail is laid out.
    """
    if not may_be_markdown(text):
        return layout_verbatim(text, width, styles)
    buffer = new_buffer(TextLayout(), width, styles, boxes=boxes)
    if is_plain(text):
        for start, end in paragraphs(text):
            layout_paragraph(text[start:end], buffer)
    elif not layout_simple(text, buffer):
        # The parser takes 25 ms, a tenth of a start: a conversation of words with simple marks starts without it.
        from animus_tui.ui.markdown.blocks import layout_markdown

        layout_markdown(text, buffer)
    return buffer.out


def layout_verbatim(text: str, width: int, styles: TextStyles) -> TextLayout:
    """A text of any length without Markdown, at next to no cost."""
    return TextLayout(tail=LazyText(text, width, styles.text))


def new_buffer(out: TextLayout, width: int, styles: TextStyles, *, boxes: bool) -> LayoutBuffer:
    """A buffer that goes on below what `out` holds."""
    root = Frame("", "", Style(), "", "", cells=0, has_blocks=bool(out.rows), row_begun=True, line_begun=True)
    return LayoutBuffer(out, max(width, 1), styles, boxes, [root])


class StreamLayout:
    """Lays out one text as it grows, each time exactly as `layout_text` would.

    What no further text can change is stable: it is neither parsed nor laid out again. Where a lot is not stable, only
    the beginning of that is laid out, and what follows is in the tail until the next updates come to it.
    """

    def __init__(self) -> None:
        self._options: TextOptions | None = None
        self.is_behind = False
        """Whether another update of the same text would lay out more of it."""
        self._forget()

    def _forget(self) -> None:
        """Start anew: no part of the text is stable."""
        self._stable = ""
        self._out = TextLayout()
        self._mark = Checkpoint()
        self._blocks: IncrementalBlocks | None = None

    @property
    def stable_rows(self) -> int:
        """How many rows from the top the next update leaves alone, if the text only grows."""
        return self._mark.rows

    def update(self, text: str, width: int, styles: TextStyles, *, boxes: bool = True) -> TextLayout:
        """The rows of the whole text so far. What is returned is valid, and not changed, until the next update."""
        options = TextOptions(width, styles, boxes, styles.loaded)
        if not may_be_markdown(text):
            self._forget()
            self.is_behind = False
            return layout_verbatim(text, width, styles)
        if options != self._options or not text.startswith(self._stable):
            self._options = options
            self._forget()
        end = self._affordable(text)
        if not self._layout_rest(text[:end], options):
            self._forget()
            end = self._affordable(text)
            self._layout_rest(text[:end], options)
        is_all = end == len(text)
        self._out.tail = None if is_all else LazyText(text[end:], width, styles.text)
        self.is_behind = not is_all and self._affordable(text) > end
        return self._out

    def _affordable(self, text: str) -> int:
        """How much of a text may be laid out now."""
        stable = self._mark.offset
        return stable + affordable(text[stable:], MOST_GROWING)

    def _layout_rest(self, text: str, options: TextOptions) -> bool:
        """Lay out what is not stable; False, if it changes what is."""
        out, stable = self._out, self._mark
        del out.rows[stable.rows :], out.lines[stable.lines :]
        del out.code[stable.code :], out.links[stable.links :]
        buffer = new_buffer(out, options.width, options.styles, boxes=options.boxes)
        rest = text[stable.offset :]
        after = (
            self._layout_plain(rest, buffer) if self._is_plain(rest) else self._layout_markdown(rest, buffer)
        )
        if after is not None and after.offset:
            self._stable += rest[: after.offset]
            self._mark = replace(after, offset=len(self._stable))
        return after is not None

    def _is_plain(self, rest: str) -> bool:
        return is_plain(rest) and (self._blocks is None or not self._blocks.is_within)

    def _layout_plain(self, rest: str, buffer: LayoutBuffer) -> Checkpoint:
        """The paragraphs of the rest; a blank line makes stable what is above it."""
        after = Checkpoint()
        for start, end in paragraphs(rest):
            if start:
                after = buffer.mark(start)
            layout_paragraph(rest[start:end], buffer)
        return after

    def _layout_markdown(self, rest: str, buffer: LayoutBuffer) -> Checkpoint | None:
        """The blocks of the rest, and what they settle; None, if a link definition changes what is stable."""
        if self._blocks is None:
            # With the parser 50 to 60 ms, as in `layout_text`.
            from animus_tui.ui.markdown.incremental_blocks import IncrementalBlocks

            self._blocks = IncrementalBlocks()
        return self._blocks.layout_rest(rest, buffer, has_brackets="[" in self._stable)
