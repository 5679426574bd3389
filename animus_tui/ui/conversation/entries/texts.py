"""The texts of messages, laid out: as they were typed, as Markdown, in a thread when long, or while they stream in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from animus_tui.markdown.limits import is_long
from animus_tui.printable import PrintableStream, printable
from animus_tui.ui.conversation.entries.long_text_cache import layout_with_options
from animus_tui.ui.markdown.document import StreamLayout, TextOptions
from animus_tui.ui.markdown.styled_lines import Run, StyledLine, chop_code, wrap_prose
from animus_tui.ui.markdown.text_layout import LazyText, Piece, Row, TextLayout

if TYPE_CHECKING:
    from rich.style import Style

    from animus_tui.ui.conversation.entries.render_context import RenderContext


def layout_plain(text: str, width: int, style: Style, *, lead: tuple[int, Style] | None = None) -> TextLayout:
    """The layout of a text without Markdown, wrapped at words; a line that begins with a blank, at any character.

    `lead`: how many characters of the first line have another style, and that style. A long text is laid out lazily.
    """
    if is_long(text):
        return TextLayout(tail=LazyText(text, width, style))
    layout = TextLayout(lines=text.split("\n"))
    for number, line in enumerate(layout.lines):
        is_prose = line[:1].strip() and "\t" not in line
        line_runs = [Run(len(line), style)]
        if lead is not None and not number:
            line_runs.insert(0, Run(min(lead[0], len(line)), lead[1]))
        styled = StyledLine(line, line_runs)
        spans = (wrap_prose if is_prose else chop_code)(styled, width)
        for segments, cells, start, end in spans:
            layout.rows.append(Row(tuple(segments), cells, (Piece(0, number, start, end),)))
        if not spans:
            layout.rows.append(Row((), 0, (Piece(0, number, 0, 0),)))
    return layout


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
        self._stream_layout: StreamLayout | None = None
        self._context: RenderContext | None = None
        """What a text that streams in was last laid out for."""
        self._layout: TextLayout | None = None
        """Its layout for that; None when more of it came since."""
        self._loaded = 0
        """How many languages had their colours loaded then: code that was laid out with fewer may lack them."""

    @property
    def text(self) -> str:
        """What is shown, as Markdown."""
        return self._text if self._growing is None else self._growing.text

    def stream(self, text: str) -> None:
        """Add text that streams in."""
        if self._growing is None or self._stream_layout is None:
            self._growing, self._stream_layout = StreamedText(), StreamLayout()
            self._growing.add(self._text)
        self._growing.add(text)
        self._layout = None

    def finish(self, text: str) -> None:
        """The whole text, in place of what was streamed."""
        self._end(printable(text))

    def end_stream(self) -> None:
        """End the streaming: the text is whole."""
        self._end(self.text)

    def _end(self, text: str) -> None:
        """End the streaming with the whole text; its last layout is kept, so that it is not laid out once more."""
        stream, context = self._stream_layout, self._context
        if stream is not None and context is not None and not stream.is_behind:
            layout = self._update(text, context)
            if layout.tail is None:
                context.long_texts.keep_streamed(self, text, _text_options(context), layout)
        self._text = text
        self._growing = self._stream_layout = self._context = self._layout = None

    def layout(self, context: RenderContext) -> TextLayout:
        """The layout of the text; while it streams in, the last one as long as it is valid."""
        if self._stream_layout is None:
            options = _text_options(context)
            if (streamed := context.long_texts.streamed(self, self._text, options)) is not None:
                return streamed
            if is_long(self._text):
                return context.long_texts.get(self, self._text, options)
            return layout_with_options(self._text, options)
        loaded = context.palette.page.loaded
        is_valid = self._context is context and self._loaded == loaded and not self._stream_layout.is_behind
        if self._layout is None or not is_valid:
            self._context, self._loaded = context, loaded
            self._layout = self._update(self.text, context)
        return self._layout

    @property
    def is_behind(self) -> bool:
        """Whether more text arrived than could be laid out at once."""
        return self._stream_layout is not None and self._stream_layout.is_behind

    def _update(self, text: str, context: RenderContext) -> TextLayout:
        options = _text_options(context)
        assert self._stream_layout is not None  # noqa: S101 (only for what streams in)
        return self._stream_layout.update(text, options.width, options.styles, boxes=options.boxes)


def _text_options(context: RenderContext) -> TextOptions:
    styles = context.palette.page
    return TextOptions(context.text_width, styles, not context.plain, styles.loaded)
