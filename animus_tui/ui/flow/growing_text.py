"""A text that arrives in pieces, made printable at the cost of what is new in it."""

from __future__ import annotations

import re

from animus_tui.printable import printable

MOST_HELD = 4096
"""Characters of an escape sequence that may still end; a longer one is taken for text."""

# The beginning of an escape sequence or of a line break that goes on in the next piece.
_UNFINISHED = re.compile(
    "(?:\x1b\\[|\x9b)[0-?]*[ -/]*\\Z"
    "|(?:\x1b[\\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x00-\x1f\x7f-\x9f]*\x1b?\\Z"
    "|\x1b[ -/]*\\Z"
    "|\r\\Z"
)


class GrowingText:
    """The printable text of all pieces together: an escape sequence may be cut across them."""

    def __init__(self) -> None:
        self._printable: list[str] = []
        self._held = ""
        """The end of what arrived, which means something else with what follows."""

    def add(self, piece: str) -> None:
        """More of it arrived."""
        raw = self._held + piece
        unfinished = None if len(raw) > MOST_HELD and self._held else _UNFINISHED.search(raw)
        end = len(raw) if unfinished is None else unfinished.start()
        self._held = raw[end:]
        if end:
            self._printable.append(printable(raw[:end]))

    @property
    def text(self) -> str:
        """What can be shown of it so far."""
        if len(self._printable) > 1:
            self._printable = ["".join(self._printable)]
        return "".join((*self._printable, printable(self._held)))
