"""What the user said, and what stands above any message: the day where one begins."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace
from rich.segment import Segment

from animus_tui.printable import printable
from animus_tui.ui.conversation.entries.dates import clock, day_name, day_of
from animus_tui.ui.conversation.entries.entry import Entry, Layout, PlacedRow, joined, runs
from animus_tui.ui.conversation.entries.plain import set_plain
from animus_tui.ui.markdown.rows import Row

if TYPE_CHECKING:
    from animus_tui.chat.messages import ChatMessage
    from animus_tui.ui.conversation.entries.canvas import Canvas
    from animus_tui.ui.markdown.rows import LongText

WIDEST = 0.8
"""Part of the column that the user's words take at most."""


class Before(Struct, frozen=True):
    """What stands above a message."""

    speaker: str = ""
    """Who spoke last; nobody before the first message."""
    day: date | None = None
    """The user's day of the last message that has any."""


class MessageHead:
    """What is known of any message of the history besides its words: when it came, and what stands above it."""

    def __init__(self, timestamp: str, before: Before) -> None:
        self.time = clock(timestamp)
        day = day_of(timestamp)
        self.begins: date | None = day if day and day != before.day else None
        """The day that begins with it."""
        self._is_first = not before.speaker
        self.is_unsaved = False
        """Whether the message is not on disk."""

    def mark_unsaved(self, unsaved: bool) -> bool:
        """Say whether the message is on disk; returns whether that is something else than before."""
        is_changed = unsaved != self.is_unsaved
        self.is_unsaved = unsaved
        return is_changed

    @property
    def unsaved_note(self) -> str:
        """What is said of a message that is not on disk."""
        return "not saved" if self.is_unsaved else ""

    def begin(self, canvas: Canvas) -> Layout:
        """A layout with the day on top, where one begins."""
        layout = Layout(canvas.width)
        if self.begins is not None:
            name = day_name(self.begins, canvas.today)
            line = name if canvas.plain else f"── {name} ──"
            if self._is_first:
                layout.blank()
            x = canvas.text_x if canvas.plain else canvas.left + max(0, (canvas.column - len(line)) // 2)
            layout.row(x, [Segment(line[: canvas.width], canvas.palette.page.quiet)])
            layout.blank()
            layout.head = len(layout)
        return layout


class UserEntry(Entry):
    """The user's words, as they were typed."""

    def __init__(self, message: ChatMessage, before: Before) -> None:
        super().__init__(message.id)
        self.head = MessageHead(message.timestamp, before)
        self._text = printable(message.content or "")
        self._failed = message.outcome == "failed"

    def mark_failed(self, failed: bool) -> None:
        """Say whether it was answered."""
        if failed != self._failed:
            self._failed = failed
            self.changed()

    def source(self) -> str:
        """The words."""
        return self._text

    def set(self, canvas: Canvas) -> Layout:
        """A tinted bubble on the right, the time after the words."""
        layout = self.head.begin(canvas)
        (self._set_plainly if canvas.plain else self._set_bubble)(layout, canvas)
        layout.blank()
        return layout

    def _notes(self, canvas: Canvas) -> str:
        return joined(
            (
                self.head.time if canvas.looks.ui.show_time else "",
                "not answered" if self._failed else "",
                self.head.unsaved_note,
            )
        )

    def _set_plainly(self, layout: Layout, canvas: Canvas) -> None:
        inks = canvas.palette.page
        layout.row(canvas.text_x, [Segment(joined(("You", self._notes(canvas))) + ":", inks.quiet)])
        layout.text(canvas.text_x, set_plain(self._text, canvas.text_width, inks.text))

    def _set_bubble(self, layout: Layout, canvas: Canvas) -> None:
        palette = canvas.palette
        inks = palette.bubble
        around = 4 if palette.frame else 2
        room = canvas.column - 2 - around
        width = max(1, room if canvas.is_narrow else int((canvas.column - 2) * WIDEST) - around)
        text = set_plain(self._text, width, inks.text)
        if text.tail is not None:
            self._set_long_bubble(layout, canvas, text.tail, width)
            return
        notes = self._notes(canvas)
        style = palette.warning if self._failed or self.head.is_unsaved else inks.quiet
        note = [Segment(notes, style + inks.text.background_style)] if notes else []
        rows = list(text.rows)
        if rows and notes and rows[-1].cells + 2 + len(notes) <= width:
            last = rows[-1]
            cells = last.cells + 2 + len(notes)
            rows[-1] = Row((*last.segments, Segment("  ", inks.text), *note), cells, last.pieces)
        elif notes:
            rows.append(Row(tuple(note), len(notes)))
        broad = min(max((row.cells for row in rows), default=0), width) + 2
        x = canvas.left + (1 if canvas.is_narrow else max(0, canvas.column - 1 - broad - (around - 2)))
        first = len(layout.lines)
        layout.lines += text.lines
        frame = palette.frame
        if frame:
            layout.row(x, [Segment(f"╭{'─' * broad}╮", frame)])
        for row in rows:
            edge = [Segment("│", frame)] if frame else []
            pad = Segment(" " * max(1, broad - row.cells - 1), inks.text)
            segments = (*edge, Segment(" ", inks.text), *row.segments, pad, *edge)
            shift = 2 if frame else 1
            pieces = tuple(replace(piece, x=piece.x + shift) for piece in row.pieces)
            cells = sum(segment.cell_length for segment in segments)
            layout.placed.append(PlacedRow(x, Row(segments, cells, pieces), first))
        if frame:
            layout.row(x, runs((f"╰{'─' * broad}╯", frame)))

    def _set_long_bubble(self, layout: Layout, canvas: Canvas, text: LongText, width: int) -> None:
        """The same for a text whose rows are made when they are painted: as wide as can be."""
        palette = canvas.palette
        inks, frame = palette.bubble, palette.frame
        broad = width + 2
        x = canvas.left + (1 if canvas.is_narrow else max(0, canvas.column - 1 - broad - (2 if frame else 0)))
        edge = [Segment("│", frame)] if frame else []
        shift = len(edge) + 1

        def place(row: Row, first_line: int) -> PlacedRow:
            pad = Segment(" " * max(1, broad - row.cells - 1), inks.text)
            segments = (*edge, Segment(" ", inks.text), *row.segments, pad, *edge)
            pieces = tuple(replace(piece, x=piece.x + shift) for piece in row.pieces)
            return PlacedRow(x, Row(segments, broad + 2 * len(edge), pieces), first_line)

        if frame:
            layout.row(x, [Segment(f"╭{'─' * broad}╮", frame)])
        layout.long_text(text, place)
        if notes := self._notes(canvas):
            style = palette.warning if self._failed or self.head.is_unsaved else inks.quiet
            told = Segment(notes, style + inks.text.background_style)
            layout.placed.append(place(Row((told,), len(notes)), 0))
        if frame:
            layout.row(x, runs((f"╰{'─' * broad}╯", frame)))
