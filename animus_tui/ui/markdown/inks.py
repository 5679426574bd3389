"""The styles that text is set in, every one with its own colours: a row looks the same wherever it is painted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from msgspec import Struct
from rich.style import Style

if TYPE_CHECKING:
    from collections.abc import Iterable


class Languages:
    """The languages whose colours are at hand: loading those of another one takes too long for a key press."""

    def __init__(self) -> None:
        self._ready: set[str] = set()
        self.missing: set[str] = set()
        """What was asked for and is not at hand."""

    def has(self, language: str) -> bool:
        """Whether code in this language can be coloured now; if not, that is noted."""
        if language not in self._ready:
            self.missing.add(language)
        return language in self._ready

    def add(self, languages: Iterable[str]) -> None:
        """These are at hand from now on, or never will be."""
        self._ready.update(languages)
        self.missing.difference_update(languages)


class Inks(Struct, frozen=True):
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
    languages: Languages | None = None
    """Only code in these is coloured; None: in every language, however long loading its colours takes."""
