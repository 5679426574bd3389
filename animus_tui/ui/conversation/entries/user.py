"""What the user said, and what stands above any message: the day where one begins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace
from rich.segment import Segment

from animus_tui.printable import printable
from animus_tui.ui.conversation.entries.entry import Entry, MessageHeader, Predecessor, joined, runs
from animus_tui.ui.conversation.entries.layout import Layout, PlacedRow
from animus_tui.ui.conversation.entries.texts import layout_plain
from animus_tui.ui.markdown.text_layout import Row

if TYPE_CHECKING:
    from animus_tui.chat.messages import ChatMessage
    from animus_tui.ui.conversation.entries.render_context import RenderContext
    from animus_tui.ui.markdown.text_layout import LazyText

WIDEST = 0.8
"""Part of the column that the user's words take at most."""


class UserEntry(Entry):
    """The user's words, as they were typed."""

    def __init__(self, message: ChatMessage, before: Predecessor) -> None:
        super().__init__(message.id)
        self.head = MessageHeader(message.timestamp, before)
        self._text = printable(message.content or "")
        self._failed = message.outcome == "failed"

    def mark_failed(self, failed: bool) -> None:
        """Say whether it was answered."""
        if failed != self._failed:
            self._failed = failed
            self.invalidate()

    def source(self) -> str:
        """The words."""
        return self._text

    def layout(self, context: RenderContext) -> Layout:
        """A tinted bubble on the right, the time after the words."""
        layout = self.head.begin(context)
        (self._add_plainly if context.plain else self._add_bubble)(layout, context)
        layout.add_blank()
        return layout

    def _notes(self, context: RenderContext) -> str:
        return joined(
            (
                self.head.time if context.options.ui.show_time else "",
                "not answered" if self._failed else "",
                self.head.unsaved_note,
            )
        )

    def _add_plainly(self, layout: Layout, context: RenderContext) -> None:
        styles = context.palette.page
        layout.add_row(context.text_x, [Segment(joined(("You", self._notes(context))) + ":", styles.quiet)])
        layout.add_text(context.text_x, layout_plain(self._text, context.text_width, styles.text))

    def _add_bubble(self, layout: Layout, context: RenderContext) -> None:
        palette = context.palette
        styles = palette.bubble
        around = 4 if palette.frame else 2
        room = context.column - 2 - around
        width = max(1, room if context.is_narrow else int((context.column - 2) * WIDEST) - around)
        text = layout_plain(self._text, width, styles.text)
        if text.tail is not None:
            self._add_lazy_bubble(layout, context, text.tail, width)
            return
        notes = self._notes(context)
        style = palette.warning if self._failed or self.head.is_unsaved else styles.quiet
        note = [Segment(notes, style + styles.text.background_style)] if notes else []
        rows = list(text.rows)
        if rows and notes and rows[-1].cells + 2 + len(notes) <= width:
            last = rows[-1]
            cells = last.cells + 2 + len(notes)
            rows[-1] = Row((*last.segments, Segment("  ", styles.text), *note), cells, last.pieces)
        elif notes:
            rows.append(Row(tuple(note), len(notes)))
        broad = min(max((row.cells for row in rows), default=0), width) + 2
        x = context.left + (1 if context.is_narrow else max(0, context.column - 1 - broad - (around - 2)))
        first = len(layout.lines)
        layout.lines += text.lines
        frame = palette.frame
        if frame:
            layout.add_row(x, [Segment(f"╭{'─' * broad}╮", frame)])
        for row in rows:
            edge = [Segment("│", frame)] if frame else []
            pad = Segment(" " * max(1, broad - row.cells - 1), styles.text)
            segments = (*edge, Segment(" ", styles.text), *row.segments, pad, *edge)
            shift = 2 if frame else 1
            pieces = tuple(replace(piece, x=piece.x + shift) for piece in row.pieces)
            cells = sum(segment.cell_length for segment in segments)
            layout.placed.append(PlacedRow(x, Row(segments, cells, pieces), first))
        if frame:
            layout.add_row(x, runs((f"╰{'─' * broad}╯", frame)))

    def _add_lazy_bubble(self, layout: Layout, context: RenderContext, text: LazyText, width: int) -> None:
        """The same for a text whose rows are made when they are painted: as wide as can be."""
        palette = context.palette
        styles, frame = palette.bubble, palette.frame
        broad = width + 2
        x = context.left + (
            1 if context.is_narrow else max(0, context.column - 1 - broad - (2 if frame else 0))
        )
        edge = [Segment("│", frame)] if frame else []
        shift = len(edge) + 1

        def place(row: Row, first_line: int) -> PlacedRow:
            pad = Segment(" " * max(1, broad - row.cells - 1), styles.text)
            segments = (*edge, Segment(" ", styles.text), *row.segments, pad, *edge)
            pieces = tuple(replace(piece, x=piece.x + shift) for piece in row.pieces)
            return PlacedRow(x, Row(segments, broad + 2 * len(edge), pieces), first_line)

        if frame:
            layout.add_row(x, [Segment(f"╭{'─' * broad}╮", frame)])
        layout.add_lazy_text(text, place)
        if notes := self._notes(context):
            style = palette.warning if self._failed or self.head.is_unsaved else styles.quiet
            told = Segment(notes, style + styles.text.background_style)
            layout.placed.append(place(Row((told,), len(notes)), 0))
        if frame:
            layout.add_row(x, runs((f"╰{'─' * broad}╯", frame)))
