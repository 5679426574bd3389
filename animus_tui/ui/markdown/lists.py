"""What stands left of the items of a list: bullets, numbers, the boxes of tasks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from animus_tui.ui.markdown.sheet import Frame

if TYPE_CHECKING:
    from markdown_it.token import Token
    from rich.style import Style

    from animus_tui.markdown.list_shape import ListShape

BULLETS = "•◦▪"
"""Marks of bullet lists, one within the other."""

_TASK = re.compile(r"\[([ xX])\][ \t]+(?=\S)")


def item_frame(
    shape: ListShape, index: int, bullet: str, text: Token | None, ink: Style, *, boxes: bool
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
    return Frame(mark, " " * len(mark), ink, line_mark, line_rest, len(mark), bool(shape.loose))
