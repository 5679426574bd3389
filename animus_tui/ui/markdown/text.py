"""A text is set: Markdown becomes rows of cells."""

from __future__ import annotations

from typing import Any

from msgspec import Struct
from rich.style import Style

from animus_tui.markdown.limits import may_be_markdown
from animus_tui.ui.markdown.inks import Inks
from animus_tui.ui.markdown.plain import is_plain, set_plain
from animus_tui.ui.markdown.rows import LongText, SetText
from animus_tui.ui.markdown.sheet import Frame, Sheet


class Look(Struct, frozen=True):
    """All that the layout of a text depends on, besides the text."""

    width: int
    """Cells."""
    inks: Inks
    boxes: bool


def set_text(text: str, width: int, inks: Inks, *, boxes: bool = True) -> SetText:
    """The rows of a text, none wider than `width` cells; without `boxes` no lines are drawn and nothing stands aside.

    The text is `printable`. Nothing in it raises. Of a text that is too long for Markdown only the tail is set.
    """
    if not may_be_markdown(text):
        return as_it_stands(text, width, inks)
    sheet = new_sheet(SetText(), width, inks, boxes=boxes)
    if is_plain(text):
        set_plain(text, sheet)
    else:
        # The parser takes 50 to 60 ms, a sixth of what Textual takes: a conversation of plain words starts without it.
        from animus_tui.markdown.parser import block_tokens
        from animus_tui.ui.markdown.blocks import BlockSetter

        references: dict[str, Any] = {}
        tokens = block_tokens(text, references)
        BlockSetter(sheet, references).set_blocks(tokens, 0, len(tokens))
    return sheet.out


def as_it_stands(text: str, width: int, inks: Inks) -> SetText:
    """A text of any length without Markdown, at next to no cost."""
    return SetText(tail=LongText(text, width, inks.text))


def new_sheet(out: SetText, width: int, inks: Inks, *, boxes: bool) -> Sheet:
    """A sheet that goes on below what `out` holds."""
    root = Frame("", "", Style(), "", "", cells=0, has_blocks=bool(out.rows), row_begun=True, line_begun=True)
    return Sheet(out, max(width, 1), inks, boxes, [root])
