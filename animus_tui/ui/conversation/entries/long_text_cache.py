"""Layouts of long texts, which are shown as plain text until a thread has laid them out."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from animus_tui.markdown.limits import is_long
from animus_tui.ui.markdown.document import TextOptions, layout_text, layout_verbatim

if TYPE_CHECKING:
    from collections.abc import Hashable

    from animus_tui.ui.markdown.text_layout import TextLayout

MOST_KEPT = 600_000
"""Characters of the texts whose layout is kept: a layout takes some fifty times as many bytes."""


class _Kept(NamedTuple):
    """A text and its layout."""

    owner: Hashable
    text: str
    options: TextOptions
    layout: TextLayout

    def is_of(self, owner: Hashable, text: str, options: TextOptions) -> bool:
        return self.owner is owner and self.options == options and self.text == text


class LongTextCache:
    """Keeps the layouts of long texts, and which of them are wanted."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, _Kept] = OrderedDict()
        self._wanted: dict[Hashable, tuple[str, TextOptions]] = {}
        self._size = 0
        self._streamed: _Kept | None = None

    def get(self, owner: Hashable, text: str, options: TextOptions) -> TextLayout:
        """The layout of a text; while there is none, that of the plain text, and the layout is noted as wanted.

        `owner` is whose text it is.
        """
        kept = self._kept.get(owner)
        if kept is not None and kept.is_of(owner, text, options):
            self._kept.move_to_end(owner)
            return kept.layout
        self._wanted[owner] = text, options
        if kept is not None and kept.is_of(owner, text, replace(options, loaded=kept.options.loaded)):
            return kept.layout  # only its colours are missing
        return layout_verbatim(text, options.width, options.styles)

    def keep(self, owner: Hashable, text: str, options: TextOptions, layout: TextLayout) -> None:
        """Keep the layout of a text, which was wanted."""
        self._wanted.pop(owner, None)
        self._drop(owner)
        self._kept[owner] = _Kept(owner, text, options, layout)
        self._size += len(text)
        while self._size > MOST_KEPT and len(self._kept) > 1:
            self._drop(next(iter(self._kept)))

    def _drop(self, owner: Hashable) -> None:
        if (before := self._kept.pop(owner, None)) is not None:
            self._size -= len(before.text)

    def keep_streamed(self, owner: Hashable, text: str, options: TextOptions, layout: TextLayout) -> None:
        """Keep the layout of a text that has streamed in, of any length; a long one as long as others."""
        self._streamed = _Kept(owner, text, options, layout)
        if is_long(text):
            self.keep(owner, text, options, layout)

    def streamed(self, owner: Hashable, text: str, options: TextOptions) -> TextLayout | None:
        """The layout of the text that streamed in last, if it is for these options."""
        kept = self._streamed
        return kept.layout if kept is not None and kept.is_of(owner, text, options) else None

    @property
    def is_waiting(self) -> bool:
        """Whether a layout is wanted that is not there."""
        return bool(self._wanted)

    def take_wanted(self) -> tuple[Hashable, str, TextOptions] | None:
        """The text that was asked for last: owner, text and options. It is to be laid out and given to `keep`."""
        if not self._wanted:
            return None
        owner, (text, options) = self._wanted.popitem()
        return owner, text, options

    def clear(self) -> None:
        """Forget all layouts and all that is wanted, as when another conversation is opened."""
        self._kept.clear()
        self._streamed = None
        self._wanted.clear()
        self._size = 0


def layout_with_options(text: str, options: TextOptions) -> TextLayout:
    """The layout of a text; safe in a thread."""
    return layout_text(text, options.width, options.styles, boxes=options.boxes)
