"""A message of the user: words in a bubble, and pictures."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING

from msgspec.structs import replace
from rich.segment import Segment

from animus_tui.graphics.rendering.cells import fit
from animus_tui.printable import printable, short_line
from animus_tui.ui.conversation.entries.entry import (
    Entry,
    MessageHeader,
    Predecessor,
    joined,
    runs,
    version_note,
)
from animus_tui.ui.conversation.entries.layout import Layout, PlacedRow, Target
from animus_tui.ui.conversation.entries.texts import layout_plain
from animus_tui.ui.images.slot import ImageSlot, blank_row, row_of_cells
from animus_tui.ui.markdown.text_layout import Row, row_of

if TYPE_CHECKING:
    from animus_tui.chat.messages import ChatMessage, ImageRecord
    from animus_tui.ui.conversation.entries.render_context import RenderContext

SHOW_ATTACHED = "attached "
"""What a click on a picture of the user's does, with its number from 0 behind it."""
WIDEST = 0.8
"""Part of the column that the user's words take at most."""


class AttachedPicture:
    """A picture that the user shows: its cells, or words where pictures are not drawn."""

    def __init__(self, entry: Entry, record: ImageRecord) -> None:
        self._pixels = record.width, record.height
        size = f"{record.width}×{record.height}" if all(self._pixels) else ""
        self._words = f"[picture: {joined((short_line(record.prompt), size))}]"
        self.slot = ImageSlot(entry, self.size, record.file)

    def size(self, context: RenderContext) -> tuple[int, int]:
        """Columns and rows: half of the height that a generated picture takes, since the user knows it."""
        return fit(
            *self._pixels,
            max_columns=max(1, int(context.text_width * WIDEST)),
            max_rows=max(4, context.picture_rows // 2),
            cell_ratio=context.options.terminal.cell_ratio,
        )

    def rows(self, context: RenderContext) -> list[Row]:
        """Its rows, as many whether it is drawn already or not; one or more."""
        quiet = context.palette.page.quiet
        width = max(1, int(context.text_width * WIDEST))
        if context.options.decoder is None:
            return [row_of(Segment(line, quiet)) for line in wrap(self._words, width)]
        columns, rows = self.size(context)
        if self.slot.sentence:
            lines = wrap(f"{self._words} {self.slot.sentence}", width)
            return [row_of(Segment(line, quiet)) for line in lines]
        if (cells := self.slot.cells) is None:
            return [blank_row(columns, context)] * rows
        shown = [row_of_cells(cells, row, columns) for row in range(min(rows, cells.rows))]
        return [*shown, *[blank_row(columns, context)] * (rows - len(shown))]


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
        self._attached = [AttachedPicture(self, record) for record in message.attached or ()]
        self.slots = [picture.slot for picture in self._attached]

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
        if not context.plain:
            self._add_pictures(layout, context)
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
        self._add_pictures(layout, context)
        if self._text or not self._attached:
            layout.add_text(context.text_x, layout_plain(self._text, context.text_width, styles.text))

    def _add_pictures(self, layout: Layout, context: RenderContext) -> None:
        for number, picture in enumerate(self._attached):
            rows = picture.rows(context)
            wide = max(row.cells for row in rows)
            is_left = context.plain or context.is_narrow
            x = context.text_x if is_left else context.left + max(0, context.column - 1 - wide)
            layout.placed += [PlacedRow(x, row) for row in rows]
            if context.options.decoder is not None:
                below = range(len(layout) - len(rows), len(layout))
                layout.targets += [Target(row, x, x + wide, f"{SHOW_ATTACHED}{number}") for row in below]

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
        # The rows of a long text are made when they are painted, so the widest is not known: as wide as can be.
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
