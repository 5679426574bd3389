"""What the user said, and what stands above any message: the day where one begins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace
from rich.segment import Segment

from animus_tui.printable import printable
from animus_tui.ui.conversation.entries.entry import (
    Entry,
    MessageHeader,
    Predecessor,
    joined,
    runs,
    version_note,
)
from animus_tui.ui.conversation.entries.layout import Layout, PlacedRow
from animus_tui.ui.conversation.entries.texts import layout_plain
from animus_tui.ui.markdown.text_layout import Row

if TYPE_CHECKING:
    from animus_tui.chat.messages import ChatMessage
    from animus_tui.ui.conversation.entries.render_context import RenderContext

WIDEST = 0.8
"""Part of the column that the user's words take at most."""


class UserEntry(Entry):
    """The user's words, as they were typed."""

    def __init__(self, message: ChatMessage, before: Predecessor) -> None:
        super().__init__(message.id)
        self.head: MessageHeader = MessageHeader(message.timestamp, before)
        self._text = printable(message.content or "")
        self._failed = message.outcome == "failed"
        self._version = version_note(message)
        self.is_hidden = message.hidden
        self.branch, self.branches = message.branch, message.branch_count

    def mark_failed(self, failed: bool) -> None:
        """Say whether it was answered."""
        if failed != self._failed:
            self._failed = failed
            self.invalidate()

    def source(self) -> str:
        """The text as it was typed."""
        return self._text

    def layout(self, context: RenderContext) -> Layout:
        """A tinted bubble on the right, the time after the words."""
        layout = self.head.begin(context)
        if self.is_hidden:
            layout.tint = context.palette.page.quiet
        (self._add_plainly if context.plain else self._add_bubble)(layout, context)
        layout.add_blank()
        return layout

    def _notes(self, context: RenderContext) -> str:
        return joined(
            (
                self.head.time(context),
                self._version,
                "not answered" if self._failed else "",
                self.head.unsaved_note,
            )
        )

    def _add_plainly(self, layout: Layout, context: RenderContext) -> None:
        styles = context.palette.page
        notes = self._notes(context)
        if context.for_reader:
            layout.add_row(context.text_x, [Segment(joined(("You", notes)) + ":", styles.quiet)])
        else:
            parts = runs(("You", context.palette.you), (f" {notes}" if notes else "", styles.quiet))
            layout.add_row(context.text_x, parts)
        layout.add_text(context.text_x, layout_plain(self._text, context.text_width, styles.text))

    def _add_bubble(self, layout: Layout, context: RenderContext) -> None:
        palette = context.palette
        styles, frame = palette.bubble, palette.frame
        around = 4 if frame else 2
        room = context.column - 2 - around
        width = max(1, room if context.is_narrow else int((context.column - 2) * WIDEST) - around)
        text = layout_plain(self._text, width, styles.text)
        rows = list(text.rows)
        last: list[Row] = []
        if notes := self._notes(context):
            style = palette.warning if self._failed or self.head.is_unsaved else styles.quiet
            note = Segment(notes, style + styles.text.background_style)
            if text.tail is None and rows and rows[-1].cells + 2 + len(notes) <= width:
                row = rows.pop()
                segments = (*row.segments, Segment("  ", styles.text), note)
                rows.append(Row(segments, row.cells + 2 + len(notes), row.pieces))
            else:
                last = [Row((note,), len(notes))]
        # The rows of a long text are made when they are painted, and nobody knows the widest: as wide as can be.
        widest = max((row.cells for row in (*rows, *last)), default=0) if text.tail is None else width
        broad = min(widest, width) + 2
        x = context.left + (1 if context.is_narrow else max(0, context.column - 1 - broad - (around - 2)))
        edge = [Segment("│", frame)] if frame else []
        first = len(layout.lines)

        def place(row: Row, first_line: int) -> PlacedRow:
            pad = Segment(" " * max(1, broad - row.cells - 1), styles.text)
            segments = (*edge, Segment(" ", styles.text), *row.segments, pad, *edge)
            pieces = tuple(replace(piece, x=piece.x + len(edge) + 1) for piece in row.pieces)
            cells = sum(segment.cell_length for segment in segments)
            return PlacedRow(x, Row(segments, cells, pieces), first_line)

        if frame:
            layout.add_row(x, [Segment(f"╭{'─' * broad}╮", frame)])
        if text.tail is not None:
            layout.add_lazy_text(text.tail, place)
        else:
            layout.lines += text.lines
        layout.placed += [place(row, first) for row in (*rows, *last)]
        if frame:
            layout.add_row(x, [Segment(f"╰{'─' * broad}╯", frame)])
