"""A text that arrives in pieces, made printable at the cost of what is new in it."""

from __future__ import annotations

from animus_tui.printable import PrintableStream


class GrowingText:
    """The printable text of all pieces together: an escape sequence may be cut across them."""

    def __init__(self) -> None:
        self._stream = PrintableStream()
        self._printable: list[str] = []

    def add(self, piece: str) -> None:
        """Append the next piece."""
        if text := self._stream.feed(piece):
            self._printable.append(text)

    @property
    def text(self) -> str:
        """What can be shown of it so far."""
        if len(self._printable) > 1:
            self._printable = ["".join(self._printable)]
        return "".join((*self._printable, self._stream.unfinished))
