"""A picture with its caption: while it is made, when it is there, and when it failed."""

from __future__ import annotations

import time
from textwrap import wrap
from typing import TYPE_CHECKING

from msgspec.structs import replace
from rich.segment import Segment

from animus_tui.graphics.rendering.cells import fit
from animus_tui.printable import printable
from animus_tui.ui.conversation.entries.caption import Caption
from animus_tui.ui.conversation.entries.entry import Entry, MessageHeader, joined, version_note
from animus_tui.ui.conversation.entries.image_progress import (
    ROOMY,
    Preview,
    Work,
    caption_of_work,
    picture_details,
    waiting_rows,
)
from animus_tui.ui.conversation.entries.layout import EMPTY, PlacedRow, Target
from animus_tui.ui.conversation.entries.reply import RETRY
from animus_tui.ui.conversation.entries.texts import layout_plain
from animus_tui.ui.images.grid import (
    CHOOSING,
    GridCell,
    GridShape,
    add_grid,
    grid_room,
    grid_shape,
    grid_x,
)
from animus_tui.ui.images.slot import ImageSlot, blank_row, row_of_cells
from animus_tui.ui.markdown.text_layout import Piece, Row, row_of

if TYPE_CHECKING:
    from rich.style import Style

    from animus_tui.chat.messages import ChatMessage, ImageRecord
    from animus_tui.ui.conversation.entries.entry import Predecessor
    from animus_tui.ui.conversation.entries.layout import Layout
    from animus_tui.ui.conversation.entries.render_context import RenderContext
    from animus_tui.ui.images.grid import Reach

VIEW, CANCEL = "view", "cancel"
"""What a click on a picture does, and one on the line below it while it is made."""


class PictureEntry(Entry):
    """One picture of the conversation, or several of which none was chosen yet."""

    def __init__(
        self,
        entry_id: str,
        prompt: str,
        timestamp: str,
        before: Predecessor,
        *,
        size: tuple[int, int],
        message: ChatMessage | None = None,
    ) -> None:
        """`size` in pixels keeps the place until the picture is there."""
        super().__init__(entry_id)
        self.head: MessageHeader = MessageHeader(timestamp, before)
        self.slot = ImageSlot(self, self.size)
        self.slots = [self.slot]
        self.prompt = prompt
        self._told: tuple[str, str] | None = None
        """The prompt, and the printable line made of it."""
        self.message: ChatMessage | None = None
        self.image_id: str | None = None
        """The job that failed or is under way."""
        self.marked = 0
        """Which of several pictures the keys are for."""
        self._works: list[Work] = []
        """The jobs under way, oldest first: a picture can be painted anew several times at once."""
        self._pixels = size
        self._grid: list[GridCell] = []
        self._reach: Reach = "away"
        self._error: tuple[str, str] | None = None
        self._note = ""
        self._frame = 0
        if message is not None:
            self.show(message)

    @property
    def is_waiting(self) -> bool:
        """Whether a picture is being made."""
        return bool(self._works)

    @property
    def can_retry(self) -> bool:
        """Whether there is something to try again."""
        return self._error is not None and not self.is_waiting

    @property
    def is_undecided(self) -> bool:
        """Whether there are several pictures and none was chosen yet."""
        return bool(self._grid)

    @property
    def is_clip(self) -> bool:
        """Whether it is a clip, of which the first picture is shown."""
        return self.message is not None and self.message.image is not None and bool(self.message.image.video)

    # What happens to it

    def wait(
        self,
        image_id: str,
        prompt: str,
        *,
        began: float | None = None,
        pictures: int = 1,
        is_video: bool = False,
    ) -> None:
        """A job for so many pictures began, at `began` (`time.monotonic()`, now by default)."""
        self.image_id, self.prompt = image_id, prompt
        self._works.append(Work(image_id, prompt, began or time.monotonic(), pictures, is_video))
        self._error, self._note = None, ""
        self.invalidate()

    def progress(
        self,
        image_id: str,
        percent: float | None,
        elapsed: float,
        estimated: float | None,
        preview: Preview | None,
    ) -> None:
        """How far a job has come: 0 to 100 or None, the seconds since its start, and those that it may take.

        `preview` is what a new picture looks like so far; in place of an older one, or of several, it is not shown.
        """
        began = time.monotonic() - elapsed
        for at, work in enumerate(self._works):
            if work.image_id == image_id:
                self._works[at] = replace(work, percent=percent, began=began, estimated=estimated)
        if preview is not None and self.message is None and self._works and self._works[-1].pictures == 1:
            self.slot.show_preview(preview.path)
            self._pixels = preview.size
        self.invalidate()

    def note(self, text: str) -> None:
        """Why it takes longer, such as a busy service."""
        if text != self._note:
            self._note = text
            self.invalidate()

    def tick(self, frame: int) -> None:
        """Turn the spinner."""
        self._frame = frame
        self.invalidate()

    def finish(self, image_id: str, message: ChatMessage) -> None:
        """A job is done: show its picture."""
        self._end(image_id)
        self._error = None
        self.id = message.id
        self.show(message)

    def show(self, message: ChatMessage) -> None:
        """The picture of this message, or another variant of it; a job that is under way goes on."""
        self.message = message
        self.is_hidden, self.branch, self.branches = message.hidden, message.branch, message.branch_count
        record = message.image
        if record is not None:
            self.slot.show_file(record.file)
            self.prompt = record.prompt
            self._pixels = record.width, record.height
        several = (message.variants or []) if message.undecided else []
        if [cell.record for cell in self._grid] != several:
            self._grid = [GridCell(self, each) for each in several]
            self.slots = [cell.slot for cell in self._grid] or [self.slot]
            self.marked = 0
        self.invalidate()

    def fail(self, image_id: str, title: str, sentence: str) -> None:
        """A job failed; a picture that was there before stays."""
        self._end(image_id)
        if self.message is None:
            self.slot.show_preview(None)
        self.image_id = image_id
        self._error = printable(title, newlines=False), printable(sentence, newlines=False)
        self.invalidate()

    def _end(self, image_id: str) -> None:
        self._works = [work for work in self._works if work.image_id != image_id]
        self.image_id = self._works[-1].image_id if self._works else None

    def variant(self, step: int) -> int | None:
        """The index of the variant before (-1) or after (1) the one that is shown; None at either end."""
        variants = (self.message.variants if self.message else None) or []
        if self.message is None or self.message.image not in variants:
            return None
        index = variants.index(self.message.image) + step
        return index if 0 <= index < len(variants) else None

    # Choosing one of several

    def mark(self, across: int, down: int) -> bool:
        """Move the mark by so many pictures; False when there is none in that direction."""
        if not self._grid:
            return False
        wide = self._grid[0].shape.across
        column, row = self.marked % wide + across, self.marked // wide + down
        at = row * wide + column
        if not (0 <= column < wide and row >= 0 and at < len(self._grid)):
            return False
        self.marked = at
        self.invalidate()
        return True

    def tell_keys(self, reach: Reach) -> bool:
        """Say in the caption what to press to choose; returns whether that has changed."""
        if reach == self._reach:
            return False
        self._reach = reach
        self.invalidate()
        return True

    @property
    def choices(self) -> int:
        """From how many pictures one is to be chosen; 0 when that was done."""
        return len(self._grid)

    # Its cells

    def size(self, context: RenderContext) -> tuple[int, int]:
        """Columns and rows of the picture."""
        return fit(
            *self._pixels,
            max_columns=context.text_width,
            max_rows=context.picture_rows,
            cell_ratio=context.options.terminal.cell_ratio,
        )

    def _shape(self, context: RenderContext, count: int) -> GridShape:
        return grid_shape(
            count,
            self._pixels,
            max_columns=grid_room(context),
            max_rows=context.picture_rows,
            cell_ratio=context.options.terminal.cell_ratio,
        )

    # Its looks

    def layout(self, context: RenderContext) -> Layout:
        """Lay out the picture or its place, the caption, and what went wrong."""
        layout = self.head.begin(context)
        palette = context.palette
        start = len(layout)
        record = self.message.image if self.message is not None else None
        failed = self.can_retry and record is None
        x, width = context.text_x, context.text_width
        if not failed:
            self._add_picture(layout, context, x, width)
        words = self._words() if context.options.decoder is not None or failed else ""
        line = len(layout.lines)
        layout.lines.append(words)
        for segments, words_x, shown in self._caption(context, record, words).rows(width, palette):
            layout.add_row(x, segments, *([Piece(words_x, line, 0, shown)] if shown else []))
            if self.is_waiting:
                layout.add_target(CANCEL)
        if self._error is not None:
            self._add_error(layout, context, *self._error)
        if not context.plain and (self.is_waiting or failed):
            self._add_bar(layout, context, start, palette.bar if self.is_waiting else palette.error_bar)
        layout.add_blank()
        return layout

    def _add_error(self, layout: Layout, context: RenderContext, title: str, sentence: str) -> None:
        palette = context.palette
        told = f"{title} — {sentence}  {context.options.retry_key} Retry"
        lead = len(title), palette.error
        for row in layout_plain(told, context.text_width, palette.page.quiet, lead=lead).rows:
            layout.add_row(context.text_x, row.segments)
            layout.add_target(RETRY)

    def _add_picture(self, layout: Layout, context: RenderContext, x: int, width: int) -> None:
        if context.options.decoder is None:
            self._add_words(layout, context, x, width)
            return
        if self._grid:
            shape = self._shape(context, len(self._grid))
            for cell in self._grid:
                cell.shape = shape
            add_grid(layout, context, self._grid, shape, self.marked)
            return
        columns, rows = self.size(context)
        if self.slot.sentence:
            lines = [*wrap(self.slot.sentence, width), *[""] * rows][:rows]
            quiet = context.palette.page.quiet
            layout.placed += [PlacedRow(x, row_of(Segment(line, quiet))) for line in lines]
        elif (cells := self.slot.cells) is not None:
            shown = [row_of_cells(cells, row, columns) for row in range(min(rows, cells.rows))]
            layout.placed += [PlacedRow(x, row) for row in (*shown, *[EMPTY] * (rows - len(shown)))]
        else:
            place = self._place(context, columns, rows)
            x = grid_x(place[0].cells, context)
            layout.placed += [PlacedRow(x, row) for row in place]
            columns, rows = place[0].cells, len(place)
        if self.message is not None:
            below = range(len(layout) - rows, len(layout))
            layout.targets += [Target(row, x, x + columns, VIEW) for row in below]

    def _words(self) -> str:
        """The prompt in one line; made printable once, since it is painted with each frame of the spinner."""
        if self._told is None or self._told[0] != self.prompt:
            self._told = self.prompt, printable(self.prompt, newlines=False)
        return self._told[1]

    def _add_words(self, layout: Layout, context: RenderContext, x: int, width: int) -> None:
        """Add a line of text for each picture, where none are drawn."""
        what, text = "clip" if self.is_clip else "picture", context.palette.page.text
        lines = [f"[{what}] {self._words()}"]
        if self._grid:
            seeds = [cell.record.seed for cell in self._grid]
            told = ["" if seed is None else f", seed {seed}" for seed in seeds]
            lines += [f"{'>' if at == self.marked else ' '} {at + 1}{seed}" for at, seed in enumerate(told)]
        for line in lines:
            layout.add_text(x, layout_plain(line, width, text))

    def _place(self, context: RenderContext, columns: int, rows: int) -> list[Row]:
        """Where the picture will be: how far it has come, or nothing while its file is read."""
        if not self._works:
            return [blank_row(columns, context)] * rows
        work = self._works[-1]
        if work.pictures > 1 and self.message is None:
            shape = self._shape(context, work.pictures)
            columns, rows = shape.width, shape.height
        return waiting_rows(
            columns,
            rows,
            context.palette,
            percent=work.percent,
            seconds=int(time.monotonic() - work.began),
            frame=None if context.options.ui.reduced_motion else self._frame,
        )

    def _caption(self, context: RenderContext, record: ImageRecord | None, words: str) -> Caption:
        if self._works:
            frame = None if context.options.ui.reduced_motion else self._frame
            return caption_of_work(self._works, words, self._note, frame)
        if self._grid:
            hints = CHOOSING[self._reach].format(self.choices)
            return Caption(words, details=f"{self.choices} pictures", hints=hints)
        details, hints = picture_details(self.message, record, with_cost=context.text_width >= ROOMY)
        version = version_note(self.message) if self.message is not None else ""
        return Caption(words, details=joined((details, version, self.head.unsaved_note)), hints=hints)

    def _add_bar(self, layout: Layout, context: RenderContext, start: int, style: Style) -> None:
        for at in range(start, len(layout)):
            placed = layout.placed[at]
            x, row, first = placed.x, placed.row, placed.first_line
            pieces = tuple(replace(piece, x=piece.x + 1) for piece in row.pieces)
            segments = (Segment("▌", style), *row.segments)
            layout.placed[at] = PlacedRow(max(0, x - 1), Row(segments, row.cells + 1, pieces), first)
