"""A picture with its caption: while it is made, when it is there, and when it failed."""

from __future__ import annotations

import time
from textwrap import wrap
from typing import TYPE_CHECKING, NamedTuple

from rich.segment import Segment
from textual.strip import Strip

from animus_tui.graphics.cells import fit
from animus_tui.graphics.kitty import Placeholders
from animus_tui.printable import printable
from animus_tui.ui.flow.caption import Caption
from animus_tui.ui.flow.entry import EMPTY, PlacedRow, Target, joined
from animus_tui.ui.flow.plain import set_plain
from animus_tui.ui.flow.reply import RETRY
from animus_tui.ui.flow.said import MessageEntry
from animus_tui.ui.flow.waiting import waiting_rows
from animus_tui.ui.typeset.rows import Piece, Row

if TYPE_CHECKING:
    from pathlib import Path

    from rich.style import Style

    from animus_tui.chat.messages import ChatMessage, ImageRecord
    from animus_tui.graphics.cells import Cells
    from animus_tui.graphics.protocol import Rgb
    from animus_tui.ui.flow.canvas import Canvas
    from animus_tui.ui.flow.entry import Layout
    from animus_tui.ui.flow.said import Before

VIEW = "view"
"""What a click on a picture does."""
SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
ROWS_AROUND = 9
"""Rows that a picture leaves free on the screen, for the words around it and the prompt."""


class Drawing(NamedTuple):
    """A file in a number of cells, and all else that its looks depend on."""

    path: Path
    columns: int
    rows: int
    background: Rgb
    """What it is laid on where it is transparent."""
    cell: tuple[int, int] | None
    """Width and height of a cell in pixels, for a terminal that shows pixels; None for a mosaic."""


class PictureEntry(MessageEntry):
    """One picture of the conversation."""

    is_picture = True

    def __init__(
        self,
        entry_id: str,
        prompt: str,
        timestamp: str,
        before: Before,
        *,
        size: tuple[int, int],
        message: ChatMessage | None = None,
    ) -> None:
        """`size` in pixels keeps the place until the picture is there."""
        super().__init__(entry_id, timestamp, before)
        self.prompt = prompt
        self.message: ChatMessage | None = None
        self.image_id: str | None = None
        """The job that failed or is under way."""
        self.is_waiting = False
        """Whether a picture is being made."""
        self._pixels = size
        self._path: str | None = None
        self.drawn: Drawing | None = None
        """What is shown, or could not be."""
        self._cells: Cells | Placeholders | None = None
        self._covered_cells: Cells | None = None
        self._is_covered = False
        self._sentence = ""
        self._began = 0.0
        self._percent: float | None = None
        self._error: tuple[str, str] | None = None
        self._note = ""
        self._frame = 0
        if message is not None:
            self.show(message)

    @property
    def can_retry(self) -> bool:
        """Whether there is something to try again."""
        return self._error is not None and not self.is_waiting

    # What happens to it

    def wait(self, image_id: str, prompt: str, *, began: float | None = None) -> None:
        """A job began, at `began` (`time.monotonic()`, now by default)."""
        self.image_id, self.prompt = image_id, prompt
        self._began, self._percent = began or time.monotonic(), None
        self.is_waiting, self._error, self._note = True, None, ""
        self.changed()

    def progress(self, percent: float | None, elapsed: float) -> None:
        """How far the job has come: 0 to 100 or None, and the seconds since its start."""
        self._percent, self._began = percent, time.monotonic() - elapsed
        self.changed()

    def note(self, text: str) -> None:
        """Why it takes longer, such as a busy service."""
        if text != self._note:
            self._note = text
            self.changed()

    def tick(self, frame: int) -> None:
        """Turn the spinner."""
        self._frame = frame
        self.changed()

    def finish(self, message: ChatMessage) -> None:
        """The job is done: this is its picture."""
        self.is_waiting, self.image_id, self._error = False, None, None
        self.id = message.id
        self.show(message)

    def show(self, message: ChatMessage) -> None:
        """The picture of this message, or another variant of it; a job that is under way goes on."""
        self.message = message
        record = message.image
        if record is not None:
            if record.file != self._path:
                self._sentence = ""
            self.prompt = record.prompt
            self._path, self._pixels = record.file, (record.width, record.height)
        self.changed()

    def fail(self, title: str, sentence: str) -> None:
        """No picture; one that was there before stays."""
        self.is_waiting = False
        self._error = printable(title, newlines=False), printable(sentence, newlines=False)
        self.changed()

    def variant(self, step: int) -> int | None:
        """The index of the variant before (-1) or after (1) the one that is shown; None at either end."""
        variants = (self.message.variants if self.message else None) or []
        if self.message is None or self.message.image not in variants:
            return None
        index = variants.index(self.message.image) + step
        return index if 0 <= index < len(variants) else None

    # Its cells

    def drawing(self, canvas: Canvas) -> Drawing | None:
        """What should be drawn for this canvas; None when there is no picture, or pictures are cards of words."""
        if self._path is None or canvas.looks.decoder is None:
            return None
        path = canvas.path_of(self._path)
        return Drawing(path, *self._size(canvas), canvas.background, canvas.pixels_of_cell)

    def wanted(self, canvas: Canvas) -> Drawing | None:
        """What should be drawn for this canvas and is not yet."""
        drawing = self.drawing(canvas)
        return drawing if drawing != self.drawn else None

    def draw(self, drawing: Drawing, cells: Cells | Placeholders | None, sentence: str = "") -> None:
        """It was drawn, or the sentence says why it cannot be."""
        self.drawn, self._cells, self._sentence = drawing, cells, sentence
        self.changed()

    def draw_covered(self, cells: Cells | None) -> None:
        """What is shown in place of placeholders below a dialog, whose tint changes colours; None: an empty place."""
        if cells is not self._covered_cells:
            self._covered_cells = cells
            if self._is_covered:
                self.changed()

    def cover(self, is_covered: bool) -> bool:
        """A dialog came, or went; whether that makes the entry look different."""
        if is_covered == self._is_covered:
            return False
        self._is_covered = is_covered
        if not isinstance(self._cells, Placeholders):
            return False
        self.changed()
        return True

    def forget(self) -> None:
        """Its cells are no longer at hand; they are wanted again when somebody looks."""
        self.drawn = self._cells = self._covered_cells = None
        self.changed()

    @property
    def _cells_now(self) -> Cells | Placeholders | None:
        is_hidden = self._is_covered and isinstance(self._cells, Placeholders)
        return self._covered_cells if is_hidden else self._cells

    def _size(self, canvas: Canvas) -> tuple[int, int]:
        """Columns and rows of the picture."""
        rows = max(4, min(canvas.looks.ui.image_rows, canvas.screen_rows - ROWS_AROUND))
        columns = canvas.text_width
        ratio = canvas.looks.terminal.cell_ratio
        return fit(*self._pixels, max_columns=columns, max_rows=rows, cell_ratio=ratio)

    # Its looks

    def set(self, canvas: Canvas) -> Layout:
        """The picture or its place, the caption, what went wrong."""
        layout = self.begin(canvas)
        palette = canvas.palette
        start = len(layout)
        record = self.message.image if self.message is not None else None
        failed = self.can_retry and record is None
        x, width = canvas.text_x, canvas.text_width
        if not failed:
            self._set_picture(layout, canvas, x, width)
        words = self.prompt if canvas.looks.decoder is not None or failed else ""
        line = len(layout.lines)
        layout.lines.append(printable(words, newlines=False))
        for segments, words_x, shown in self._caption(canvas, record, words).rows(width, palette):
            layout.row(x, segments, *([Piece(words_x, line, 0, shown)] if shown else []))
        if self._error is not None:
            title, sentence = self._error
            hint = f"{canvas.looks.retry_key} tries again"
            told = set_plain(f"{title} — {sentence}  {hint}", width, palette.page.quiet)
            for number, row in enumerate(told.rows):
                told_so = row.segments if number else _coloured(row.segments, len(title), palette.error)
                layout.placed.append(PlacedRow(x, Row(told_so, row.cells)))
                layout.target(RETRY)
        if not canvas.plain and (self.is_waiting or failed):
            self._set_bar(layout, canvas, start, palette.bar if self.is_waiting else palette.error_bar)
        layout.blank()
        return layout

    def _set_picture(self, layout: Layout, canvas: Canvas, x: int, width: int) -> None:
        inks = canvas.palette.page
        if canvas.looks.decoder is None:
            layout.text(x, set_plain(f"[picture] {printable(self.prompt, newlines=False)}", width, inks.text))
            return
        columns, rows = self._size(canvas)
        if self._sentence:
            lines = [*wrap(self._sentence, width), *[""] * rows][:rows]
            layout.placed += [PlacedRow(x, Row((Segment(line, inks.quiet),), len(line))) for line in lines]
        elif (cells := self._cells_now) is not None:
            shown = [_row(cells, row, columns) for row in range(min(rows, cells.rows))]
            layout.placed += [PlacedRow(x, row) for row in (*shown, *[EMPTY] * (rows - len(shown)))]
        else:
            layout.placed += [PlacedRow(x, row) for row in self._place(canvas, columns, rows)]
        if self.message is not None:
            below = range(len(layout) - rows, len(layout))
            layout.targets += [Target(row, x, x + columns, VIEW) for row in below]

    def _place(self, canvas: Canvas, columns: int, rows: int) -> list[Row]:
        """Where the picture will be: how far it has come, or nothing while its file is read."""
        if not self.is_waiting:
            return [Row((Segment(" " * columns, canvas.palette.place),), columns)] * rows
        return waiting_rows(
            columns,
            rows,
            canvas.palette,
            percent=self._percent,
            seconds=int(time.monotonic() - self._began),
            frame=None if canvas.looks.ui.reduced_motion else self._frame,
        )

    def _caption(self, canvas: Canvas, record: ImageRecord | None, words: str) -> Caption:
        if self.is_waiting:
            elapsed = f"{int(time.monotonic() - self._began)} s"
            percent = "" if self._percent is None else f"{self._percent:.0f} %"
            still = canvas.looks.ui.reduced_motion
            spinner = "" if still else f"{SPINNER[self._frame % len(SPINNER)]} "
            told = joined((self._note, percent, elapsed))
            return Caption(
                words, state=f"{spinner}painting{'…' if still else ''}", hints=f"{told}   Esc cancels"
            )
        facts, hints = _facts(self.message, record)
        return Caption(words, facts=joined((facts, "not saved" if self._is_unsaved else "")), hints=hints)

    def _set_bar(self, layout: Layout, canvas: Canvas, start: int, style: Style) -> None:
        for at in range(start, len(layout)):
            x, row, first = layout.placed[at]
            pieces = tuple(piece._replace(x=piece.x + 1) for piece in row.pieces)
            segments = (Segment("▌", style), *row.segments)
            layout.placed[at] = PlacedRow(max(0, x - 1), Row(segments, row.cells + 1, pieces), first)


def _row(cells: Cells | Placeholders, row: int, columns: int) -> Row:
    """A row of the picture, cut where it is drawn for more columns than there are now."""
    segments = cells.segments(row)
    if cells.columns <= columns:
        return Row(tuple(segments), cells.columns)
    return Row(tuple(Strip(segments, cells.columns).crop(0, columns)), columns)


def _coloured(segments: tuple[Segment, ...], length: int, style: Style) -> tuple[Segment, ...]:
    """The first characters in another style."""
    text = "".join(segment.text for segment in segments)
    rest = segments[-1].style if segments else None
    return Segment(text[:length], style), Segment(text[length:], rest)


def _facts(message: ChatMessage | None, record: ImageRecord | None) -> tuple[str, str]:
    """What is known of a picture, and what its keys do."""
    if message is None or record is None:
        return "", ""
    size = f"{record.width}×{record.height}" if record.width else ""
    if not message.variants:
        return size, ""
    place = f"{message.variants.index(record) + 1} of {len(message.variants)}"
    return joined((size, place)), "[ ] variants"
