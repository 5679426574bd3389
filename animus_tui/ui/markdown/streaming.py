"""A growing text is set again and again, at the cost of what is new in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from animus_tui.markdown.limits import MOST_GROWING, affordable, may_be_markdown
from animus_tui.ui.markdown.plain import is_plain, paragraphs, set_paragraph
from animus_tui.ui.markdown.rows import LongText, SetText
from animus_tui.ui.markdown.sheet import Mark
from animus_tui.ui.markdown.text import Look, as_it_stands, new_sheet

if TYPE_CHECKING:
    from animus_tui.ui.markdown.growing_blocks import GrowingBlocks
    from animus_tui.ui.markdown.inks import Inks
    from animus_tui.ui.markdown.sheet import Sheet


class StreamSetter:
    """Sets one text as it grows, each time exactly as `set_text` would.

    What no further text can change is settled: it is neither parsed nor set again. Where a lot is not settled, only the
    beginning of that is set, and what follows stands in the tail until the next updates come to it.
    """

    def __init__(self) -> None:
        self._look: Look | None = None
        self.is_behind = False
        """Whether another update of the same text would set more of it."""
        self._forget()

    def _forget(self) -> None:
        """Nothing is settled."""
        self._settled = ""
        self._out = SetText()
        self._mark = Mark()
        self._blocks: GrowingBlocks | None = None

    @property
    def settled_rows(self) -> int:
        """How many rows from the top the next update leaves alone, if the text only grows."""
        return self._mark.rows

    def update(self, text: str, width: int, inks: Inks, *, boxes: bool = True) -> SetText:
        """The rows of the whole text so far. What is returned is valid, and not changed, until the next update."""
        look = Look(width, inks, boxes)
        if not may_be_markdown(text):
            self._forget()
            self.is_behind = False
            return as_it_stands(text, width, inks)
        if look != self._look or not text.startswith(self._settled):
            self._look = look
            self._forget()
        end = self._affordable(text)
        if not self._set_rest(text[:end], look):
            self._forget()
            end = self._affordable(text)
            self._set_rest(text[:end], look)
        is_all = end == len(text)
        self._out.tail = None if is_all else LongText(text[end:], width, inks.text)
        self.is_behind = not is_all and self._affordable(text) > end
        return self._out

    def _affordable(self, text: str) -> int:
        """How much of a text may be set now."""
        settled = self._mark.offset
        return settled + affordable(text[settled:], MOST_GROWING)

    def _set_rest(self, text: str, look: Look) -> bool:
        """Set what is not settled; False, if it changes what is."""
        out, settled = self._out, self._mark
        del out.rows[settled.rows :], out.lines[settled.lines :]
        del out.code[settled.code :], out.links[settled.links :]
        sheet = new_sheet(out, look.width, look.inks, boxes=look.boxes)
        rest = text[settled.offset :]
        after = self._set_plain(rest, sheet) if self._is_plain(rest) else self._set_markdown(rest, sheet)
        if after is not None and after.offset:
            self._settled += rest[: after.offset]
            self._mark = replace(after, offset=len(self._settled))
        return after is not None

    def _is_plain(self, rest: str) -> bool:
        return is_plain(rest) and (self._blocks is None or not self._blocks.is_within)

    def _set_plain(self, rest: str, sheet: Sheet) -> Mark:
        """The paragraphs of the rest; a blank line settles what stands above."""
        after = Mark()
        for start, end in paragraphs(rest):
            if start:
                after = sheet.mark(start)
            set_paragraph(rest[start:end], sheet)
        return after

    def _set_markdown(self, rest: str, sheet: Sheet) -> Mark | None:
        """The blocks of the rest, and what they settle; None, if a link definition changes what is settled."""
        if self._blocks is None:
            # With Markdown's parser, see `text`.
            from animus_tui.ui.markdown.growing_blocks import GrowingBlocks

            self._blocks = GrowingBlocks()
        return self._blocks.set_rest(rest, sheet, has_brackets="[" in self._settled)
