"""Text for Textual's widgets that is shown as it stands: a `str` would be read as markup, a `Content` is not."""

from __future__ import annotations

from textual.content import Content

from animus_tui.printable import printable

LONGEST = 1000
"""Characters that are shown of a text in one line; no terminal is wider."""


def literal(text: str) -> Content:
    """One line of text from outside for a label, a title, an option or a tooltip: brackets in it are brackets."""
    line = printable(text[: 2 * LONGEST], newlines=False)
    return Content(line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…")
