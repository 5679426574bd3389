"""Paragraphs, headings, flat lists and code, which are most of what anybody says, are laid out without the parser.

Only what has one reading is taken: marks in pairs, none within another, and items of one line each. Everything else is
for the parser, and what is taken here looks as it does from there. The parser takes a tenth of a start to import.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from animus_tui.late_pattern import late_pattern
from animus_tui.markdown.limits import LONGEST_INLINE
from animus_tui.ui.markdown.code_blocks import layout_code
from animus_tui.ui.markdown.layout_buffer import Frame
from animus_tui.ui.markdown.styled_lines import GrowingLines, heading_style

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rich.style import Style

    from animus_tui.ui.markdown.layout_buffer import LayoutBuffer
    from animus_tui.ui.markdown.styled_lines import StyledLine
    from animus_tui.ui.markdown.text_layout import TextStyles

_MARKS = r"*_`#\[\]<>|~&\\\0\t"
_INNER = rf"[^\s{_MARKS}](?:[^\n{_MARKS}]*[^\s{_MARKS}])?"
"""Between two marks: without marks, and without a space beside them."""
_BEFORE = r"(?:(?<![^ \n])|(?<=[\"“(‘—])(?=\*+\w))"
_BEHIND = r"(?=[ \n.,;:!?)\"'’”…—]|$)"


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


def layout_simple(text: str, buffer: LayoutBuffer) -> bool:
    """Lay out a text that has nothing but these blocks; False for any other one, of which nothing is laid out."""
    reader = _Reader(text, buffer)
    try:
        while reader.at < len(reader.lines):
            reader.take_block()
    except _NotSimpleError:
        return False
    for layout_block in reader.blocks:
        layout_block()
    return True


class _Reader:
    """Reads the blocks of a text."""

    def __init__(self, text: str, buffer: LayoutBuffer) -> None:
        self.lines = text.split("\n")
        self.at = 0
        self.blocks: list[Callable[[], None]] = []
        """What lays out each of them, once all are known to be simple."""
        self._buffer = buffer

    def take_block(self) -> None:
        """The block that begins at this line, or a blank line."""
        line = self.lines[self.at]
        found = _LINE.fullmatch(line)
        if not line:
            self.at += 1
        elif found is None:
            self._take_paragraph()
        elif found["heading"]:
            self.at += 1
            style = heading_style(self._buffer.styles, len(found["hashes"]))
            self._take_prose(found["heading"], style)
        elif found["fence"]:
            self._take_code(found["info"])
        elif found["item"]:
            self._take_items("item", is_ordered=False)
        elif found["number"] == "1.":
            self._take_items("numbered", is_ordered=True)
        else:
            raise _NotSimpleError

    def _take_paragraph(self) -> None:
        begin = self.at
        while self.at < len(self.lines) and (line := self.lines[self.at]) and not _LINE.fullmatch(line):
            self.at += 1
        self._take_prose("\n".join(self.lines[begin : self.at]), self._buffer.styles.text)

    def _take_prose(self, source: str, style: Style) -> None:
        self.blocks.append(partial(self._buffer.add_prose, _styled(source, style, self._buffer.styles)))

    def _take_code(self, info: str) -> None:
        begin = self.at + 1
        end = next((at for at in range(begin, len(self.lines)) if "```" in self.lines[at]), None)
        if end is None or self.lines[end] != "```":
            raise _NotSimpleError
        self.at = end + 1
        content = "".join(line + "\n" for line in self.lines[begin:end])
        self.blocks.append(partial(layout_code, self._buffer, content, info))

    def _take_items(self, kind: str, *, is_ordered: bool) -> None:
        styles = self._buffer.styles
        items: list[list[StyledLine]] = []
        while self.at < len(self.lines) and (line := self.lines[self.at]):
            found = _LINE.fullmatch(line)
            if found is None or not found[kind] or _LINE.fullmatch(found[kind]):
                raise _NotSimpleError
            items.append(_styled(found[kind], styles.text, styles))
            self.at += 1
        rest = next((line for line in self.lines[self.at :] if line), "")
        found = _LINE.fullmatch(rest)
        if found is not None and not (found["heading"] or found["fence"]):
            raise _NotSimpleError  # blank lines within a list make it loose
        self.blocks.append(partial(self._layout_items, items, is_ordered=is_ordered))

    def _layout_items(self, items: Sequence[list[StyledLine]], *, is_ordered: bool) -> None:
        buffer = self._buffer
        buffer.begin_block()
        widest = len(f"{len(items)}. ")
        for number, lines in enumerate(items, 1):
            line_mark = f"{number}. " if is_ordered else "- "
            mark = line_mark.rjust(widest) if is_ordered else ("• " if buffer.boxes else "- ")
            rest, line_rest = " " * len(mark), " " * len(line_mark)
            buffer.open_frame(
                Frame(mark, rest, buffer.styles.quiet, line_mark, line_rest, len(mark), loose=False)
            )
            buffer.add_prose(lines)
            buffer.close_frame()


def _styled(source: str, style: Style, styles: TextStyles) -> list[StyledLine]:
    """The lines of a paragraph, a heading or an item."""
    if len(source) > LONGEST_INLINE or _ADDRESS.search(source):
        raise _NotSimpleError
    lines = GrowingLines(style, styles)
    match, at = _PIECE.match, 0
    while at < len(source):
        found = match(source, at)
        if found is None or found.lastgroup is None:
            raise _NotSimpleError
        at, kind = found.end(), found.lastgroup
        if found["link"]:
            lines.begin_link(found["href"])
            lines.add(found["link"])
            lines.end_link()
        elif kind == "code":
            lines.add(found["code"], styles.code)
        elif kind == "text":
            first, *rest = found["text"].split("\n")
            lines.add(first)
            for line in rest:
                lines.end_line()
                lines.add(line)
        else:
            lines.mark(kind, 1)
            lines.add(found[kind])
            lines.mark(kind, -1)
    lines.end_line()
    return lines.done
