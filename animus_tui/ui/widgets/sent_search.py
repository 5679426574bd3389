"""Looking through what was sent: the texts that have all words that are typed, the newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len

from animus_tui.printable import short_line
from animus_tui.ui.commands.completion import Offer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.geometry import Size

MOST_ROWS = 10
"""Texts that are shown at once, and on a low screen a third of its rows."""
BEFORE_HIT = 12
"""Characters before the first word that stay in sight where the beginning of a long text gives way."""
HELP = "Type words of what you sent · ↑ ↓ choose · Enter takes it · Esc leaves"
SHORT_HELP = "↑ ↓ choose · Enter takes · Esc leaves"
NOTHING = "Nothing that you sent has these words · Esc leaves"
SHORT_NOTHING = "No such words were sent · Esc leaves"
NOTHING_SENT = "Nothing was sent yet · Esc leaves"


class SentSearch:
    """The texts that were sent, those of them that are wanted, and the one that is chosen."""

    def __init__(self, sent: Sequence[str], *, begun: str) -> None:
        """`sent`: oldest first; `begun`: what was being written, which waits meanwhile."""
        newest_first = dict.fromkeys(reversed(sent))
        self.begun = begun
        self._sent = [(text, text.casefold()) for text in newest_first]
        self._found: list[str] = []
        self._words: tuple[str, ...] | None = None
        self._at = 0

    @property
    def chosen(self) -> str | None:
        """The text that Enter takes; None when none has the words."""
        return self._found[self._at] if self._found else None

    def step(self, step: int) -> None:
        """Choose the next older text (1) or the next newer one (-1), around the ends."""
        if self._found:
            self._at = (self._at + step) % len(self._found)

    def look_for(self, typed: str, screen: Size) -> tuple[list[Offer], int | None]:
        """What to show above the prompt for what is typed, and which line is chosen."""
        words = tuple(typed.casefold().split())
        if words != self._words:
            self._words, self._at = words, 0
            self._found = [text for text, folded in self._sent if all(word in folded for word in words)]
        room = max(10, screen.width - 2)
        if not self._found:
            nothing = NOTHING if cell_len(NOTHING) <= room else SHORT_NOTHING
            return [Offer("", nothing if self._sent else NOTHING_SENT)], None
        rows = max(1, min(MOST_ROWS, screen.height // 3))
        first = min(max(0, self._at - rows + 1), max(0, len(self._found) - rows))
        offers = [Offer(text, _line(text, words, room)) for text in self._found[first : first + rows]]
        help_line = HELP if cell_len(HELP) <= room else SHORT_HELP
        return [*offers, Offer("", help_line)], self._at - first


def _line(text: str, words: Sequence[str], room: int) -> str:
    """A text in one line, the first of the words in sight."""
    line = short_line(" ".join(text.split()))
    hits = [at for word in words if (at := line.casefold().find(word)) >= 0]
    hit = min(hits, default=0)
    return line if hit + 2 * BEFORE_HIT <= room else f"…{line[hit - BEFORE_HIT :]}"
