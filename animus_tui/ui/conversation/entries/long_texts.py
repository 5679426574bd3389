"""Long texts, which are laid out in a thread: what is waited for, and what was laid out last."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from animus_tui.ui.markdown.text import as_it_stands, set_text

if TYPE_CHECKING:
    from collections.abc import Hashable

    from animus_tui.ui.markdown.rows import SetText
    from animus_tui.ui.markdown.text import Look

MOST_KEPT = 600_000
"""Characters of the texts whose layout is kept: a layout takes some fifty times as many bytes."""


class LongTexts:
    """Shows a long text as it stands until its layout is there."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, tuple[str, Look, SetText]] = OrderedDict()
        self._wanted: dict[Hashable, tuple[str, Look]] = {}
        self._size = 0

    def get(self, owner: Hashable, text: str, look: Look) -> SetText:
        """The layout of a text; as long as that is not there the text as it stands, and it is noted that it is wanted.

        `owner` is whose text it is.
        """
        kept = self._kept.get(owner)
        if kept is not None and kept[1] == look and kept[0] == text:
            self._kept.move_to_end(owner)
            return kept[2]
        self._wanted[owner] = text, look
        return as_it_stands(text, look.width, look.inks)

    def keep(self, owner: Hashable, text: str, look: Look, layout: SetText) -> None:
        """Keep the layout of a text, which was wanted."""
        self._wanted.pop(owner, None)
        self._drop(owner)
        self._kept[owner] = text, look, layout
        self._size += len(text)
        while self._size > MOST_KEPT and len(self._kept) > 1:
            self._drop(next(iter(self._kept)))

    def _drop(self, owner: Hashable) -> None:
        if (before := self._kept.pop(owner, None)) is not None:
            self._size -= len(before[0])

    @property
    def is_waiting(self) -> bool:
        """Whether a layout is wanted that is not there."""
        return bool(self._wanted)

    def take_wanted(self) -> tuple[Hashable, str, Look] | None:
        """The text that was asked for last: owner, text and look. It is to be laid out and given to `keep`."""
        if not self._wanted:
            return None
        owner, (text, look) = self._wanted.popitem()
        return owner, text, look

    def clear(self) -> None:
        """Forget all layouts and all that is wanted, as when another conversation is opened."""
        self._kept.clear()
        self._wanted.clear()
        self._size = 0


def lay_out(text: str, look: Look) -> SetText:
    """The layout of a text; safe in a thread."""
    return set_text(text, look.width, look.inks, boxes=look.boxes)
