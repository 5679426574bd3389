"""Keeps the canvas of the conversation: its size, its colours, and the pictures that come into view."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import TYPE_CHECKING

from textual import work

from animus_tui.graphics.decode import PictureUnreadable
from animus_tui.printable import printable
from animus_tui.ui.flow.canvas import Canvas
from animus_tui.ui.flow.picture import PictureEntry
from animus_tui.ui.typeset.inks import Languages
from animus_tui.ui.widgets.message_cursor import MessageCursor
from animus_tui.ui.widgets.pane_styles import palette_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from textual.geometry import Size

    from animus_tui.ui.flow.canvas import Looks, Palette
    from animus_tui.ui.flow.flow import Flow
    from animus_tui.ui.flow.picture import Drawing

CONTRAST = "animus-contrast"
"""The theme in which messages have a frame."""


class CanvasFlow(MessageCursor):
    """Sets the flow anew when its size or the theme changes, and draws pictures where somebody looks."""

    def __init__(self, looks: Looks) -> None:
        super().__init__()
        self._looks = looks
        self.path_of: Callable[[str], Path] = _no_file
        """Finds the file of a picture."""
        self._languages = Languages()
        self._are_colours_coming = False
        self.drawing: set[Drawing] = set()
        """What is being drawn now."""

    def estimates(self, flow: Flow | None) -> list[int]:
        """Rows of the entries at this width, roughly."""
        return [] if flow is None else [flow.height(index) for index in range(len(flow))]

    def _size_updated(
        self, size: Size, virtual_size: Size, container_size: Size, layout: bool = True
    ) -> bool:
        """The pane has another size: what is painted next fits it already."""
        changed = super()._size_updated(size, virtual_size, container_size, layout)
        if self.view.width and self.view.height:
            self._draw_on_new_canvas()
        return changed

    def notify_style_update(self) -> None:
        """Another theme: everything has other colours."""
        super().notify_style_update()
        if self.is_attached and self.canvas is not None and self._palette() != self.canvas.palette:
            self.draw_anew()

    def _palette(self) -> Palette:
        return palette_of(self, self._languages, framed=self.app.theme == CONTRAST)

    def draw_anew(self) -> None:
        """Set and paint everything that is in view, once there is a size to do it for."""
        if self.canvas is not None:
            self._draw_on_new_canvas(anew=True)
            self.refresh()

    def _draw_on_new_canvas(self, *, anew: bool = False) -> None:
        width, rows = self.view.width, self.app.size.height
        before = self.canvas
        if not anew and before is not None and (before.width, before.screen_rows) == (width, rows):
            self.settle()
            return
        self.canvas = Canvas(
            width=width,
            screen_rows=rows,
            palette=self._palette(),
            looks=self._looks,
            path_of=self.path_of,
            today=date.today(),  # noqa: DTZ011 (the user's own day)
        )
        same = before is not None and before.width == width
        self.redraw(self.canvas, None if same else self.estimates(self.flow))

    def settle(self) -> bool:
        """Set what is in view; pictures in it are drawn, and only those."""
        moved = super().settle()
        if self.canvas is not None and self._looks.decoder is not None and len(self.flow):
            self._draw_pictures(self.canvas)
        if self._languages.missing and not self._are_colours_coming:
            self._are_colours_coming = True
            self._load_colours()
        return moved

    @property
    def is_complete(self) -> bool:
        """Whether everything in view has its pictures and the colours of its code."""
        return not self.drawing and not self._languages.missing

    @work
    async def _load_colours(self) -> None:
        """Code is there at once and has colours as soon as those of its language are loaded, in a thread."""
        from animus_tui.ui.typeset.code import prepare

        while wanted := set(self._languages.missing):
            await asyncio.to_thread(prepare, wanted)
            self._languages.add(wanted)
            self.draw_anew()
        self._are_colours_coming = False

    def _draw_pictures(self, canvas: Canvas) -> None:
        index = self.flow.at(self._y).entry
        while index < len(self.flow) and self.flow.top(index) < self._y + self.view.height:
            entry = self.flow[index]
            if isinstance(entry, PictureEntry):
                drawing = entry.wanted(canvas)
                if drawing is not None and drawing not in self.drawing:
                    self.drawing.add(drawing)
                    self._draw(entry, drawing, canvas)
            index += 1

    @work
    async def _draw(self, entry: PictureEntry, drawing: Drawing, canvas: Canvas) -> None:
        decoder = self._looks.decoder
        assert decoder is not None  # noqa: S101 (nothing is drawn without one)
        try:
            cells = await decoder.render(
                drawing.path,
                columns=drawing.columns,
                rows=drawing.rows,
                background=self.background_colors[1].rgb,
                colours=self._looks.terminal.colours,
            )
        except PictureUnreadable as error:
            entry.draw(drawing, None, printable(error.sentence, newlines=False))
        else:
            entry.draw(drawing, cells)
        finally:
            self.drawing.discard(drawing)
        self.entry_changed(entry)


def _no_file(file: str) -> Path:
    raise LookupError(f"no conversation is shown that could have {file}")
