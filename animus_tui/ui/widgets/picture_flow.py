"""Draws the pictures that are in view, and gives back what nobody has looked at for long."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual import work

from animus_tui.graphics.decode import PictureUnreadable
from animus_tui.graphics.memory import give_large_blocks_back
from animus_tui.printable import printable
from animus_tui.ui.flow.drawn import DrawnPictures
from animus_tui.ui.flow.picture import PictureEntry
from animus_tui.ui.terminal_pictures import TerminalPictures
from animus_tui.ui.widgets.picture_cursor import PictureCursor

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from textual.app import App
    from textual.geometry import Region
    from textual.strip import Strip
    from textual.worker import Worker

    from animus_tui.graphics.cells import Cells
    from animus_tui.graphics.kitty import Placeholders
    from animus_tui.graphics.protocol import Glyphs
    from animus_tui.graphics.terminal import Terminal
    from animus_tui.ui.flow.canvas import Looks
    from animus_tui.ui.flow.shown import Drawing, Shown


class Job:
    """A picture that is on its way."""

    def __init__(self, entries: list[Shown]) -> None:
        self.entries = entries
        """Those that wait for it."""
        self.worker: Worker[None] | None = None
        self.is_sending = False
        """Whether the terminal has part of it: then it gets the rest, too."""


class PictureFlow(PictureCursor):
    """Pictures are drawn when they come into view; those that go out of it before their turn are not.

    Where the terminal holds pictures, a dialog above would tint the colours that say which picture is meant: as long
    as there is one, a mosaic stands in their place.
    """

    def __init__(self, looks: Looks) -> None:
        super().__init__()
        self._looks = looks
        self.drawing: dict[Drawing, Job] = {}
        """What is being drawn now."""
        self._drawn = DrawnPictures()
        self._covering: Drawing | None = None
        """The picture whose mosaic is being drawn."""
        self._is_covered = False
        self._terminal_pictures: TerminalPictures | None = None

    @property
    def terminal_pictures(self) -> TerminalPictures:
        """The pictures that the terminal holds."""
        if self._terminal_pictures is None:
            inside_tmux = self._looks.terminal.inside_tmux
            self._terminal_pictures = TerminalPictures(self.app, inside_tmux=inside_tmux)
        return self._terminal_pictures

    @property
    def are_pictures_complete(self) -> bool:
        """Whether everything in view has its picture."""
        return not self.drawing and self._covering is None

    def on_mount(self) -> None:
        """The terminal may be lent to somebody else, and comes back without our pictures."""
        self.app.app_resume_signal.subscribe(self, self._come_back)

    def on_unmount(self) -> None:
        """Nobody looks any more."""
        self.forget_pictures()
        if self._terminal_pictures is not None:
            self._terminal_pictures.give_back()

    def forget_pictures(self) -> None:
        """Another conversation: nothing of this one is kept, here or in the terminal."""
        for drawing in list(self.drawing):
            self._give_up(drawing)
        self._free(self._drawn.clear())

    def _come_back(self, _: App[Any]) -> None:
        self.forget_pictures()
        if self._terminal_pictures is not None:
            self._terminal_pictures.come_back()
        self._draw_pictures()
        self.refresh()

    # What is in view

    def settle(self) -> bool:
        """Set what is in view; pictures in it are drawn, and only those."""
        moved = super().settle()
        self._draw_pictures()
        return moved

    def _pictures_in_view(self) -> list[Shown]:
        entries = (self.flow[index] for index in self._in_view())
        return [shown for entry in entries if isinstance(entry, PictureEntry) for shown in entry.pictures]

    def _draw_pictures(self) -> None:
        """Begin with what is in view and not drawn, from the top; give up what is no longer in view."""
        canvas = self.canvas
        if canvas is None or canvas.looks.decoder is None or not self.is_attached:
            return
        if self._terminal_pictures is not None and self._terminal_pictures.is_away:
            return
        wanted: dict[Drawing, list[Shown]] = {}
        differs = False
        entries = self._pictures_in_view()
        for entry in entries:
            differs |= entry.cover(self._is_covered)
            drawing = entry.wanted(canvas)
            if drawing is not None and drawing in self._drawn:
                self._free(self._drawn.give(drawing, entry))
                differs = True
            elif drawing is not None:
                wanted.setdefault(drawing, []).append(entry)
        self._free(self._drawn.look_at([entry.drawn for entry in entries if entry.drawn is not None]))
        for drawing in [given for given in self.drawing if given not in wanted]:
            if not self.drawing[drawing].is_sending:
                self._give_up(drawing)
        for drawing, waiting in wanted.items():
            self._begin_drawing(drawing, waiting)
        if not self.drawing and self._covering is None:
            self._cover_next(entries)
        if differs:
            self.refresh()

    def _begin_drawing(self, drawing: Drawing, waiting: list[Shown]) -> None:
        job = self.drawing.get(drawing)
        if job is None:
            job = self.drawing[drawing] = Job(waiting)
            job.worker = self._draw(drawing, job)
        job.entries = waiting

    def _give_up(self, drawing: Drawing) -> None:
        job = self.drawing.pop(drawing)
        if job.worker is not None:
            job.worker.cancel()

    def _free(self, gone: Iterable[Placeholders]) -> None:
        for cells in gone:
            self.terminal_pictures.free(cells)

    # Drawing

    @work
    async def _draw(self, drawing: Drawing, job: Job) -> None:
        cells, sentence, again_in = None, "", None
        try:
            cells = await (self._glyphs(drawing) if drawing.cell is None else self._pixels(drawing, job))
        except PictureUnreadable as error:
            sentence, again_in = printable(error.sentence, newlines=False), error.again_in
        finally:
            if self.drawing.get(drawing) is job:
                del self.drawing[drawing]
        if cells is not None:
            self._drawn.put(drawing, cells)
        for entry in job.entries:
            if cells is not None:
                self._free(self._drawn.give(drawing, entry))
            elif sentence:
                self._free(self._drawn.take(entry))
                entry.draw(drawing, None, sentence, again_in=again_in)
            self.entry_changed(entry.entry)
        if again_in is not None:
            self.set_timer(again_in + 0.1, self._draw_pictures)  # a little later, so that it is time for sure
        self._draw_pictures()

    async def _glyphs(self, drawing: Drawing) -> Cells:
        """The picture as glyphs. Raises PictureUnreadable."""
        terminal, decoder = self._looks.terminal, self._looks.decoder
        assert decoder is not None  # noqa: S101 (nothing is drawn without one)
        return await decoder.render(
            drawing.path,
            columns=drawing.columns,
            rows=drawing.rows,
            background=drawing.background,
            colours=terminal.colours,
            glyphs=_glyphs_of(terminal),
        )

    async def _pixels(self, drawing: Drawing, job: Job) -> Placeholders | None:
        """The picture as cells of which the terminal knows what they show. Raises PictureUnreadable."""
        decoder = self._looks.decoder
        assert decoder is not None  # noqa: S101
        assert drawing.cell is not None  # noqa: S101
        across, down = drawing.cell
        await asyncio.to_thread(give_large_blocks_back)
        pixels = await decoder.pixels(
            drawing.path,
            width=drawing.columns * across,
            height=drawing.rows * down,
            background=drawing.background,
        )
        job.is_sending = True
        return await self.terminal_pictures.bring(
            pixels, columns=drawing.columns, rows=drawing.rows, background=drawing.background
        )

    # Below a dialog

    def render_lines(self, crop: Region) -> list[Strip]:
        """The rows of a part of the widget."""
        is_covered = not self.screen.is_active
        if is_covered != self._is_covered:
            self._is_covered = is_covered
            for entry in self._pictures_in_view():
                entry.cover(is_covered)
        return super().render_lines(crop)

    def _cover_next(self, entries: list[Shown]) -> None:
        """Draw the mosaics of pictures that the terminal holds, when there is nothing else to do."""
        for entry in entries:
            if entry.drawn is not None and self._drawn.lacks_cover(entry.drawn):
                self._covering = entry.drawn
                self._draw_cover(entry.drawn)
                return

    @work
    async def _draw_cover(self, drawing: Drawing) -> None:
        cells = None
        try:
            cells = await self._glyphs(drawing)
        except PictureUnreadable:
            pass  # its file went meanwhile: below a dialog the place is empty
        finally:
            self._covering = None
        for entry in self._drawn.cover(drawing, cells):
            if self._is_covered:
                self.entry_changed(entry.entry)
        self._draw_pictures()


def _glyphs_of(terminal: Terminal) -> Glyphs:
    return "halves" if terminal.style == "block" else terminal.glyphs
