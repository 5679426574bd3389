"""The texts of messages, laid out: as they were typed, as Markdown, in a thread when long, or while they stream in."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from animus_tui.markdown.limits import is_long
from animus_tui.printable import PrintableStream, printable
from animus_tui.ui.markdown.document import StreamLayout, TextOptions, layout_text, layout_verbatim
from animus_tui.ui.markdown.styled_lines import Run, StyledLine, chop_code, wrap_prose
from animus_tui.ui.markdown.text_layout import LazyText, Piece, Row, TextLayout

if TYPE_CHECKING:
    from collections.abc import Hashable

    from rich.style import Style

    from animus_tui.ui.conversation.entries.render_context import RenderContext


def layout_plain(text: str, width: int, style: Style) -> TextLayout:
    """Set a text at a width, parted between words; a line that begins with a blank is parted where a row is full.

    Of a long text only the tail is laid out.
    """
    if is_long(text):
        return TextLayout(tail=LazyText(text, width, style))
    layout_text = TextLayout(lines=text.split("\n"))
    for number, line in enumerate(layout_text.lines):
        is_prose = line[:1].strip() and "\t" not in line
        styled = StyledLine(line, [Run(len(line), style)])
        spans = (wrap_prose if is_prose else chop_code)(styled, width)
        for segments, cells, start, end in spans:
            layout_text.rows.append(Row(tuple(segments), cells, (Piece(0, number, start, end),)))
        if not spans:
            layout_text.rows.append(Row((), 0, (Piece(0, number, 0, 0),)))
    return layout_text


MOST_KEPT = 600_000
"""Characters of the texts whose layout is kept: a layout takes some fifty times as many bytes."""


class LongTextCache:
    """Shows a long text as it stands until its layout is there."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, tuple[str, TextOptions, TextLayout]] = OrderedDict()
        self._wanted: dict[Hashable, tuple[str, TextOptions]] = {}
        self._size = 0

    def get(self, owner: Hashable, text: str, options: TextOptions) -> TextLayout:
        """The layout of a text; as long as that is not there the text as it stands, and it is noted that it is wanted.

        `owner` is whose text it is.
        """
        kept = self._kept.get(owner)
        if kept is not None and kept[1] == options and kept[0] == text:
            self._kept.move_to_end(owner)
            return kept[2]
        self._wanted[owner] = text, options
        return layout_verbatim(text, options.width, options.styles)

    def keep(self, owner: Hashable, text: str, options: TextOptions, layout: TextLayout) -> None:
        """Keep the layout of a text, which was wanted."""
        self._wanted.pop(owner, None)
        self._drop(owner)
        self._kept[owner] = text, options, layout
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

    def take_wanted(self) -> tuple[Hashable, str, TextOptions] | None:
        """The text that was asked for last: owner, text and options. It is to be laid out and given to `keep`."""
        if not self._wanted:
            return None
        owner, (text, options) = self._wanted.popitem()
        return owner, text, options

    def clear(self) -> None:
        """Forget all layouts and all that is wanted, as when another conversation is opened."""
        self._kept.clear()
        self._wanted.clear()
        self._size = 0


def layout_with_options(text: str, options: TextOptions) -> TextLayout:
    """The layout of a text; safe in a thread."""
    return layout_text(text, options.width, options.styles, boxes=options.boxes)


class StreamedText:
    """The printable text of all pieces together: an escape sequence may be cut across them."""

    def __init__(self) -> None:
        self._stream = PrintableStream()
        self._printable: list[str] = []

    def add(self, piece: str) -> None:
        """Append a piece of the text."""
        if text := self._stream.feed(piece):
            self._printable.append(text)

    @property
    def text(self) -> str:
        """What can be shown of it so far."""
        if len(self._printable) > 1:
            self._printable = ["".join(self._printable)]
        return "".join((*self._printable, self._stream.unfinished))


class Turn:
    """The text of one bubble: whole, or while it streams in."""

    def __init__(self, text: str = "") -> None:
        self._text = printable(text)
        self._growing: StreamedText | None = None
        """What streams in, until the text is whole."""
        self._setter: StreamLayout | None = None
        self._set: tuple[RenderContext, TextLayout] | None = None
        """The last layout of a text that streams in, and what it was made for."""
        self._context: RenderContext | None = None
        """What a text that streams in was last laid out for."""

    @property
    def text(self) -> str:
        """What is shown, as Markdown."""
        return self._text if self._growing is None else self._growing.text

    def stream(self, text: str) -> None:
        """Add text that streams in."""
        if self._growing is None or self._setter is None:
            self._growing, self._setter = StreamedText(), StreamLayout()
            self._growing.add(self._text)
        self._growing.add(text)
        self._set = None

    def finish(self, text: str) -> None:
        """The whole text, in place of what was streamed."""
        self._end(printable(text))

    def rest(self) -> None:
        """End the streaming: the text is whole."""
        self._end(self.text)

    def _end(self, text: str) -> None:
        """Let go of what was kept for a text that grows; a long one need not be laid out once more."""
        if self._setter is not None and self._context is not None and is_long(text):
            layout = self._update(text, self._context)
            if layout.tail is None:
                self._context.long_texts.keep(self, text, _text_options(self._context), layout)
        self._text = text
        self._growing = self._setter = self._set = self._context = None

    def layout(self, context: RenderContext) -> TextLayout:
        """The layout of the text; while it streams in, the last one as long as nothing changes it."""
        if self._setter is None:
            options = _text_options(context)
            if is_long(self._text):
                return context.long_texts.get(self, self._text, options)
            return layout_with_options(self._text, options)
        if self._set is None or self._set[0] is not context or self._setter.is_behind:
            self._set, self._context = (context, self._update(self.text, context)), context
        return self._set[1]

    @property
    def is_behind(self) -> bool:
        """Whether more text arrived than could be laid out at once."""
        return self._setter is not None and self._setter.is_behind

    def _update(self, text: str, context: RenderContext) -> TextLayout:
        options = _text_options(context)
        assert self._setter is not None  # noqa: S101 (only for what streams in)
        return self._setter.update(text, options.width, options.styles, boxes=options.boxes)


def _text_options(context: RenderContext) -> TextOptions:
    return TextOptions(context.text_width, context.palette.page, not context.plain)
