"""The styles that text is set in, every one with its own colours: a row looks the same wherever it is painted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.style import Style


@dataclass(frozen=True, slots=True)
class Inks:
    """Complete styles, foreground and background; emphasis and strength are added to whichever is in force."""

    text: Style
    quiet: Style
    """Times, marks, list bullets, quoted text."""
    heading: Style
    code: Style
    """Code within a line."""
    code_block: Style
    """A block of code, whose ground fills the whole width."""
    link: Style
    line: Style
    """Rules, the bar beside a quotation, the lines of a table."""
    tokens: Mapping[str, Style]
    """Syntax colours on the ground of `code_block`, by kind: comment, keyword, name, number, operator, string."""
