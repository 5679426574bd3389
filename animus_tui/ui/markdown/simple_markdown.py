"""Paragraphs, headings, flat lists and code, which are most of what anybody says, are laid out without the parser.

Only what has one reading is taken: marks in pairs, none within another, and items of one line each. Everything else is
for the parser, and what is taken here looks as it does from there. The parser takes a tenth of a start to import.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from animus_tui.late_pattern import late_pattern
from animus_tui.markdown.limits import LONGEST_INLINE
from animus_tui.ui.markdown.code_blocks import layout_code
from animus_tui.ui.markdown.layout_buffer import Frame
from animus_tui.ui.markdown.styled_lines import GrowingLines, heading_style

if TYPE_CHECKING:
    from rich.style import Style

    from animus_tui.ui.markdown.layout_buffer import LayoutBuffer
    from animus_tui.ui.markdown.styled_lines import StyledLine
    from animus_tui.ui.markdown.text_layout import TextStyles

_MARKS = r"*_`#\[\]<>|~&\\\0\t"
_INNER = rf"[^\s{_MARKS}](?:[^\n{_MARKS}]*[^\s{_MARKS}])?"
"""Between two marks: without marks, and without a space beside them."""
_BEFORE = r"(?:(?<![^ \n])|(?<=[\"“(‘—])(?=\*+\w))"
_BEHIND = r"(?=[ \n.,;:!?)\"'’”…—]|$)"


class Piece(Struct, frozen=True):
    """Some text of one kind: `text`, `code`, `strong`, `em` or `link`."""

    kind: str
    text: str
    href: str = ""


class Prose(Struct, frozen=True):
    """A paragraph (level 0) or a heading (from 1)."""

    level: int
    pieces: Sequence[Piece]


class Items(Struct, frozen=True):
    """A flat list."""

    is_ordered: bool
    """From 1."""
    items: Sequence[Sequence[Piece]]


class Code(Struct, frozen=True):
    """Code between fences."""

    info: str
    content: str


Block = Prose | Items | Code


class _NotSimpleError(Exception):
    """The text is for the parser."""


_PIECE = late_pattern(
    rf"(?P<text>[^{_MARKS}]+)"
    rf"|{_BEFORE}\*\*(?P<strong>{_INNER})\*\*{_BEHIND}"
    rf"|{_BEFORE}\*(?P<em>{_INNER})\*{_BEHIND}"
    rf"|`(?P<code>[^\s`\[\]](?:[^\n`\[\]]*[^\s`\[\]])?)`(?!`)"
    rf"|(?<!!)\[(?P<link>{_INNER})\]\((?P<href>https?://[a-z0-9.-]+(?:/[A-Za-z0-9./_-]*)?)\)"
)


_LINE = late_pattern(
    r"(?P<hashes>\#{1,6})\ +(?P<heading>\S(?:.*\S)?)"
    r"|(?P<fence>```)(?P<info>[\w+.-]*)"
    r"|(?P<bullet>-)\ (?P<item>\S(?:.*\S)?)"
    r"|(?P<number>\d{1,9}\.)\ (?P<numbered>\S(?:.*\S)?)"
    r"|(?P<other>\#{1,6}\ .*|[\s=:+-].*|\d{1,9}[.)](?:\s.*)?|.*\s)",
    re.VERBOSE,
)
"""What a line begins; as the last possibility, what is no simple line: blanks beside it, rules, addresses."""


_ADDRESS = late_pattern(r"(?<!\]\(http)(?<!\]\(https)://|mailto:", re.IGNORECASE)


def simple_blocks(text: str) -> list[Block] | None:
    """The blocks of a text that has nothing but these; None for any other text."""
    reader = _Reader(text)
    try:
        while reader.at < len(reader.lines):
            reader.read_block()
    except _NotSimpleError:
        return None
    return reader.blocks


class _Reader:
    def __init__(self, text: str) -> None:
        self.lines = text.split("\n")
        self.at = 0
        self.blocks: list[Block] = []

    def read_block(self) -> None:
        """The block that begins at this line, or a blank line."""
        line = self.lines[self.at]
        found = _LINE.fullmatch(line)
        if not line:
            self.at += 1
        elif found is None:
            self._read_paragraph()
        elif found["heading"]:
            self.at += 1
            self.blocks.append(Prose(len(found["hashes"]), _pieces(found["heading"])))
        elif found["fence"]:
            self._read_code(found["info"])
        elif found["item"]:
            self._read_items("item", is_ordered=False)
        elif found["number"] == "1.":
            self._read_items("numbered", is_ordered=True)
        else:
            raise _NotSimpleError

    def _read_paragraph(self) -> None:
        begin = self.at
        while self.at < len(self.lines) and (line := self.lines[self.at]) and not _LINE.fullmatch(line):
            self.at += 1
        self.blocks.append(Prose(0, _pieces("\n".join(self.lines[begin : self.at]))))

    def _read_code(self, info: str) -> None:
        begin = self.at + 1
        end = next((at for at in range(begin, len(self.lines)) if "```" in self.lines[at]), None)
        if end is None or self.lines[end] != "```":
            raise _NotSimpleError
        self.at = end + 1
        self.blocks.append(Code(info, "".join(line + "\n" for line in self.lines[begin:end])))

    def _read_items(self, kind: str, *, is_ordered: bool) -> None:
        items: list[Sequence[Piece]] = []
        while self.at < len(self.lines) and (line := self.lines[self.at]):
            found = _LINE.fullmatch(line)
            if found is None or not found[kind] or _LINE.fullmatch(found[kind]):
                raise _NotSimpleError
            items.append(_pieces(found[kind]))
            self.at += 1
        self.blocks.append(Items(is_ordered, items))
        rest = next((line for line in self.lines[self.at :] if line), "")
        found = _LINE.fullmatch(rest)
        if found is not None and not (found["heading"] or found["fence"]):
            raise _NotSimpleError  # blank lines within a list make it loose


def _pieces(source: str) -> list[Piece]:
    if len(source) > LONGEST_INLINE or _ADDRESS.search(source):
        raise _NotSimpleError
    pieces: list[Piece] = []
    match, at = _PIECE.match, 0
    while at < len(source):
        found = match(source, at)
        if found is None or found.lastgroup is None:
            raise _NotSimpleError
        kind = "link" if found["link"] else found.lastgroup
        pieces.append(Piece(kind, found[kind], found["href"] or ""))
        at = found.end()
    return pieces


def layout_simple(blocks: Sequence[Block], buffer: LayoutBuffer) -> None:
    """Lay out the blocks, one below the other."""
    styles = buffer.styles
    for block in blocks:
        if isinstance(block, Code):
            layout_code(buffer, block.content, block.info)
        elif isinstance(block, Items):
            _layout_items(block, buffer)
        else:
            style = heading_style(styles, block.level) if block.level else styles.text
            buffer.add_prose(_styled(block.pieces, style, styles))


def _layout_items(block: Items, buffer: LayoutBuffer) -> None:
    buffer.begin_block()
    widest = len(f"{len(block.items)}. ")
    for number, pieces in enumerate(block.items, 1):
        line_mark = f"{number}. " if block.is_ordered else "- "
        mark = line_mark.rjust(widest) if block.is_ordered else ("• " if buffer.boxes else "- ")
        rest, line_rest = " " * len(mark), " " * len(line_mark)
        buffer.open_frame(
            Frame(mark, rest, buffer.styles.quiet, line_mark, line_rest, len(mark), loose=False)
        )
        buffer.add_prose(_styled(pieces, buffer.styles.text, buffer.styles))
        buffer.close_frame()


def _styled(pieces: Sequence[Piece], style: Style, styles: TextStyles) -> list[StyledLine]:
    lines = GrowingLines(style, styles)
    for piece in pieces:
        kind, text, href = piece.kind, piece.text, piece.href
        if kind == "link":
            lines.begin_link(href)
            lines.add(text)
            lines.end_link()
        elif kind == "code":
            lines.add(text, styles.code)
        elif kind == "text":
            first, *rest = text.split("\n")
            lines.add(first)
            for line in rest:
                lines.end_line()
                lines.add(line)
        else:
            lines.mark(kind, 1)
            lines.add(text)
            lines.mark(kind, -1)
    lines.end_line()
    return lines.done
