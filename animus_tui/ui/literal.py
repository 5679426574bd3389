"""Text for Textual's widgets that is shown as it stands: a `str` would be read as markup, a `Content` is not."""

from __future__ import annotations

from textual.content import Content

from animus_tui.printable import short_line


def literal(text: str) -> Content:
    """One line of text from outside for a label, a title, an option or a tooltip: brackets in it are brackets."""
    return Content(short_line(text))
