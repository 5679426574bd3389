"""The pictures of the conversation: drawn when they come into view, and given back when nobody has looked for long."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from animus_tui.graphics.decoding.decoder import PictureUnreadable
from animus_tui.printable import printable
from animus_tui.ui.conversation.entries.drawn import DrawnPictures
from animus_tui.ui.conversation.entries.picture import PictureEntry
from animus_tui.ui.terminal_pictures import TerminalPictures

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable
    from typing import Any

    from textual.app import App
    from textual.widget import Widget
    from textual.worker import Worker

    from animus_tui.graphics.decoding.protocol import Glyphs
    from animus_tui.graphics.probe.capabilities import Terminal
    from animus_tui.graphics.rendering.cells import Cells
    from animus_tui.graphics.rendering.kitty import Placeholders
    from animus_tui.ui.conversation.entries.render_context import DisplayOptions
    from animus_tui.ui.conversation.entries.shown import Drawing, ImageSlot
    from animus_tui.ui.conversation.viewport import Viewport
    from animus_tui.ui.conversation.virtual_list import VirtualList


class Job:
    """A picture that is on its way."""

    def __init__(self, slots: list[ImageSlot]) -> None:
        self.slots = slots
        """Those that wait for it."""
        self.worker: Worker[None] | None = None
        self.is_sending = False
        """Whether the terminal has part of it: then it gets the rest, too."""


class ImageRenderer:
    """Draws the pictures that are in view; those that go out of it before their turn are not drawn.

    Where the terminal holds pictures, a dialog above would tint the colours that say which picture is meant: as long
    as there is one, a mosaic stands in their place.
    """

    def __init__(self, host: Widget, entries: VirtualList, viewport: Viewport, *, inside_tmux: bool) -> None:
        """`host` runs the workers; `inside_tmux` says how the terminal is reached."""
        self._host = host
        self._entries = entries
        self._viewport = viewport
        self._inside_tmux = inside_tmux
        self.cache = DrawnPictures()
        """What is drawn, here and in the terminal."""
        self._drawing: dict[Drawing, Job] = {}
        """What is being drawn now."""
        self._covering: Drawing | None = None
        """The picture whose mosaic is being drawn."""
        self._is_covered = False
        self._terminal: TerminalPictures | None = None

    @property
    def terminal(self) -> TerminalPictures:
        """The pictures that the terminal holds."""
        if self._terminal is None:
            self._terminal = TerminalPictures(self._host.app, inside_tmux=self._inside_tmux)
        return self._terminal

    @property
    def is_complete(self) -> bool:
        """Whether everything in view has its picture."""
        return not self._drawing and self._covering is None

    def close(self) -> None:
        """Nobody looks any more."""
        self.forget()
        if self._terminal is not None:
            self._terminal.give_back()

    def forget(self) -> None:
        """Another conversation: nothing of this one is kept, here or in the terminal."""
        for drawing in list(self._drawing):
            self._give_up(drawing)
        self._free(self.cache.clear())

    def come_back(self, _: App[Any]) -> None:
        """The terminal was lent to somebody else, and comes back without our pictures."""
        self.forget()
        if self._terminal is not None:
            self._terminal.come_back()
        self.draw()
        self._host.refresh()

    # What is in view

    def in_view(self) -> list[ImageSlot]:
        """The pictures of which something is in view, from the top."""
        entries = (self._entries[index] for index in self._viewport.in_view)
        return [slot for entry in entries if isinstance(entry, PictureEntry) for slot in entry.slots]

    def draw(self) -> None:
        """Begin with what is in view and not drawn, from the top; give up what is no longer in view."""
        context = self._entries.context
        if context is None or context.options.decoder is None or not self._host.is_attached:
            return
        if self._terminal is not None and self._terminal.is_away:
            return
        wanted: dict[Drawing, list[ImageSlot]] = {}
        differs = False
        slots = self.in_view()
        for slot in slots:
            differs |= slot.cover(self._is_covered)
            drawing = slot.wanted(context)
            if drawing is not None and drawing in self.cache:
                self._free(self.cache.give(drawing, slot))
                differs = True
            elif drawing is not None:
                wanted.setdefault(drawing, []).append(slot)
        self._free(self.cache.look_at([slot.drawn for slot in slots if slot.drawn is not None]))
        for drawing in [given for given in self._drawing if given not in wanted]:
            if not self._drawing[drawing].is_sending:
                self._give_up(drawing)
        for drawing, waiting in wanted.items():
            self._begin_drawing(drawing, waiting)
        if not self._drawing and self._covering is None:
            self._cover_next(slots)
        if differs:
            self._host.refresh()

    def _begin_drawing(self, drawing: Drawing, waiting: list[ImageSlot]) -> None:
        job = self._drawing.get(drawing)
        if job is None:
            job = self._drawing[drawing] = Job(waiting)
            job.worker = self._run(partial(self._draw, drawing, job))
        job.slots = waiting

    def _give_up(self, drawing: Drawing) -> None:
        job = self._drawing.pop(drawing)
        if job.worker is not None:
            job.worker.cancel()

    def _free(self, gone: Iterable[Placeholders]) -> None:
        for cells in gone:
            self.terminal.free(cells)

    # Drawing

    def _run(self, work: Callable[[], Coroutine[None, None, None]]) -> Worker[None]:
        return self._host.run_worker(work)

    @property
    def _options(self) -> DisplayOptions:
        context = self._entries.context
        assert context is not None  # noqa: S101 (nothing is drawn before there is a size)
        return context.options

    async def _draw(self, drawing: Drawing, job: Job) -> None:
        cells, sentence, again_in = None, "", None
        try:
            cells = await (self._glyphs(drawing) if drawing.cell is None else self._pixels(drawing, job))
        except PictureUnreadable as error:
            sentence, again_in = printable(error.sentence, newlines=False), error.again_in
        finally:
            if self._drawing.get(drawing) is job:
                del self._drawing[drawing]
        if cells is not None:
            self.cache.put(drawing, cells)
        for slot in job.slots:
            if cells is not None:
                self._free(self.cache.give(drawing, slot))
            elif sentence:
                self._free(self.cache.take(slot))
                slot.draw(drawing, None, sentence, again_in=again_in)
            self._viewport.entry_changed(slot.entry)
        if again_in is not None:
            self._host.set_timer(again_in + 0.1, self.draw)  # a little later, so that it is time for sure
        self.draw()

    async def _glyphs(self, drawing: Drawing) -> Cells:
        """The picture as glyphs. Raises PictureUnreadable."""
        terminal, decoder = self._options.terminal, self._options.decoder
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
        decoder = self._options.decoder
        assert decoder is not None  # noqa: S101
        assert drawing.cell is not None  # noqa: S101
        across, down = drawing.cell
        pixels = await decoder.pixels(
            drawing.path,
            width=drawing.columns * across,
            height=drawing.rows * down,
            background=drawing.background,
        )
        job.is_sending = True
        return await self.terminal.bring(
            pixels, columns=drawing.columns, rows=drawing.rows, background=drawing.background
        )

    # Below a dialog

    def cover(self, is_covered: bool) -> None:
        """A dialog stands above the pane, or none does any more."""
        if is_covered != self._is_covered:
            self._is_covered = is_covered
            for slot in self.in_view():
                slot.cover(is_covered)

    def _cover_next(self, slots: list[ImageSlot]) -> None:
        """Draw the mosaics of pictures that the terminal holds, when there is nothing else to do."""
        for slot in slots:
            if slot.drawn is not None and self.cache.lacks_cover(slot.drawn):
                self._covering = slot.drawn
                self._run(partial(self._draw_cover, slot.drawn))
                return

    async def _draw_cover(self, drawing: Drawing) -> None:
        cells = None
        try:
            cells = await self._glyphs(drawing)
        except PictureUnreadable:
            pass  # its file went meanwhile: below a dialog the place is empty
        finally:
            self._covering = None
        for slot in self.cache.cover(drawing, cells):
            if self._is_covered:
                self._viewport.entry_changed(slot.entry)
        self.draw()


def _glyphs_of(terminal: Terminal) -> Glyphs:
    return "halves" if terminal.style == "block" else terminal.glyphs
