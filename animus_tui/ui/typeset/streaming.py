"""A growing text is set again and again, at the cost of what is new in it."""

from __future__ import annotations

import re
from itertools import accumulate
from typing import TYPE_CHECKING, Any, NamedTuple

from animus_tui.ui.typeset.plain import is_plain, paragraphs, set_paragraph
from animus_tui.ui.typeset.rows import SetText
from animus_tui.ui.typeset.text import new_sheet

if TYPE_CHECKING:
    from markdown_it.token import Token

    from animus_tui.ui.typeset.blocks import KnownProse
    from animus_tui.ui.typeset.inks import Inks
    from animus_tui.ui.typeset.sheet import Sheet


_MAY_GO_ON = re.compile(r"\s|[-+*](?:\s|$)|\d{1,9}(?:$|[.)](?:\s|$))|$")
"""A line that is not complete and may become one that goes on with a list or indented code."""


class _Look(NamedTuple):
    width: int
    inks: Inks
    boxes: bool


class _Mark(NamedTuple):
    """How much was set before a block that begins at the `offset` of the rest of the text."""

    offset: int
    rows: int
    lines: int
    code: int
    links: int


class StreamSetter:
    """Sets one text as it grows, each time exactly as `set_text` would.

    Blocks that no further text can change are settled: they are neither parsed nor set again. A block is settled behind
    a blank line, unless what follows may turn out to go on with it, as the next item goes on with a list. Without a
    blank line it is settled when the next one begins right below it and two lines of that are complete: no rule of the
    parser looks further ahead to end a block.
    """

    def __init__(self) -> None:
        self._look: _Look | None = None
        self._known: KnownProse = {}
        self._forget()

    def _forget(self) -> None:
        """Nothing is settled."""
        self._settled = ""
        self._out = SetText()
        self._mark = _Mark(0, 0, 0, 0, 0)
        self._references: dict[str, Any] = {}
        self._addresses: dict[str, str] = {}

    @property
    def settled_rows(self) -> int:
        """How many rows from the top the next update leaves alone, if the text only grows."""
        return self._mark.rows

    def update(self, text: str, width: int, inks: Inks, *, boxes: bool = True) -> SetText:
        """The rows of the whole text so far. What is returned is valid, and not changed, until the next update."""
        look = _Look(width, inks, boxes)
        if look != self._look:
            self._look = look
            self._known.clear()
            self._forget()
        elif not text.startswith(self._settled):
            self._forget()
        if not self._set_rest(text, look):
            self._forget()
            self._set_rest(text, look)
        return self._out

    def _set_rest(self, text: str, look: _Look) -> bool:
        """Set what is not settled; False, if a link definition in it changes what is."""
        out, mark = self._out, self._mark
        del out.rows[mark.rows :], out.lines[mark.lines :], out.code[mark.code :], out.links[mark.links :]
        sheet = new_sheet(out, look.width, look.inks, boxes=look.boxes)
        rest = text[len(self._settled) :]
        if is_plain(rest):
            self._set_plain(rest, sheet)
            return True
        return self._set_markdown(rest, sheet)

    def _set_plain(self, rest: str, sheet: Sheet) -> None:
        settled = self._mark
        last_break = rest.rfind("\n")
        for start, end in paragraphs(rest):
            if 0 < start <= last_break:
                settled = _mark(start, sheet.out)
            set_paragraph(rest[start:end], sheet)
        self._settle(rest, settled)

    def _set_markdown(self, rest: str, sheet: Sheet) -> bool:
        from animus_tui.ui.typeset.blocks import BlockSetter, block_end
        from animus_tui.ui.typeset.markdown import block_tokens

        references = self._references.copy()
        tokens = block_tokens(rest, references)
        addresses = {label: str(reference["href"]) for label, reference in references.items()}
        if addresses != self._addresses:
            self._known.clear()
            if "[" in self._settled:
                return False
            self._addresses = addresses
        setter = BlockSetter(sheet, references, self._known)
        source = _Source(rest)
        settled, settled_line, start, above = self._mark, 0, 0, None
        while start < len(tokens):
            block = tokens[start]
            first = block.map[0] if block.map else 0
            if above is not None and source.is_settled(above, first):
                settled_line, settled = first, _mark(source.starts[first], sheet.out)
            stop = block_end(tokens, start)
            setter.set_blocks(tokens, start, stop)
            start, above = stop, block
        if above is not None and source.is_settled(above, source.last):
            settled_line, settled = source.last, _mark(source.starts[source.last], sheet.out)
        for label, reference in references.items():
            if reference["map"][0] < settled_line:
                self._references.setdefault(label, reference)
        self._known = setter.used
        self._settle(rest, settled)
        return True

    def _settle(self, rest: str, mark: _Mark) -> None:
        """What stands above the mark is settled."""
        if mark.offset:
            self._settled += rest[: mark.offset]
            self._mark = mark._replace(offset=0)


class _Source:
    """The lines of a text."""

    def __init__(self, text: str) -> None:
        self._lines = text.split("\n")
        self.starts = [0, *accumulate(len(line) + 1 for line in self._lines)]
        self.last = len(self._lines) - 1
        """The line that is not complete yet, and often empty."""

    def is_settled(self, block: Token, line: int) -> bool:
        """Whether no further text can change a block that ends above a line, where the next one begins."""
        end = block.map[1] if block.map else line
        if self._lines[line - 1].strip(" \t") or end > line - 1:
            return end == line and line + 1 < self.last
        if block.type in ("bullet_list_open", "ordered_list_open", "code_block"):
            return line < self.last or not _MAY_GO_ON.match(self._lines[line])
        return True


def _mark(offset: int, out: SetText) -> _Mark:
    return _Mark(offset, len(out.rows), len(out.lines), len(out.code), len(out.links))
