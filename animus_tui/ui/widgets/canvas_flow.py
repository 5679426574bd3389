"""Keeps the canvas of the conversation: its size, its colours, and how large a cell is."""

from __future__ import annotations

import asyncio
import sys
from datetime import date
from typing import TYPE_CHECKING

from msgspec.structs import replace
from textual import work

from animus_tui.graphics.window import cell_size
from animus_tui.ui.flow.canvas import Canvas
from animus_tui.ui.flow.long_texts import LongTexts, lay_out
from animus_tui.ui.flow.reply import ReplyEntry
from animus_tui.ui.textual_compat import around_size_update
from animus_tui.ui.typeset.inks import Languages
from animus_tui.ui.widgets.pane_styles import palette_of
from animus_tui.ui.widgets.picture_flow import PictureFlow

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable
    from pathlib import Path

    from textual.theme import Theme

    from animus_tui.ui.flow.canvas import Looks, Palette
    from animus_tui.ui.flow.flow import Flow

CONTRAST = "animus-contrast"
"""The theme in which messages have a frame."""


class CanvasFlow(PictureFlow):
    """Sets the flow anew when its size, the size of a cell or the theme changes."""

    def __init__(self, looks: Looks) -> None:
        super().__init__(looks)
        around_size_update(self, self._drawing_anew)
        self.path_of: Callable[[str], Path] = _no_file
        """Finds the file of a picture."""
        self.long_texts = LongTexts()
        """Those that are laid out in a thread."""
        self._are_long_texts_coming = False
        self._languages = Languages()
        self._are_colours_coming = False
        self._has_frame = False
        self._cell = _cell_now()
        """Width and height of a cell in pixels, as far as the kernel is told."""

    def estimates(self, flow: Flow | None) -> list[int]:
        """Rows of the entries at this width, roughly."""
        return [] if flow is None else [flow.height(index) for index in range(len(flow))]

    def _drawing_anew(self, update: Callable[[], bool]) -> bool:
        """The pane has another size: what is painted next fits it already."""
        changed = update()
        if self.view.width and self.view.height:
            self._draw_on_new_canvas()
            self._has_frame = True
        return changed

    def on_mount(self) -> None:
        """Follow the theme in the step in which it changes, so that no frame mixes the colours of two."""
        self.app.theme_changed_signal.subscribe(self, self._follow_theme)

    def notify_style_update(self) -> None:
        """Styles have changed. Those of the parts of the pane are set only after this call, so they are read later."""
        super().notify_style_update()
        self.call_next(self._follow_theme)

    def _follow_theme(self, _: Theme | None = None) -> None:
        """Draw everything in the colours of now, if they are others than it has."""
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
        anew |= self._are_cells_other()
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
            background=self.background_colors[1].rgb,
            long_texts=self.long_texts,
        )
        same = before is not None and before.width == width
        self.redraw(self.canvas, None if same else self.estimates(self.flow))

    def _are_cells_other(self) -> bool:
        """Whether the letters have another size since the last look: pictures are drawn for that."""
        cell = _cell_now()
        if cell is None or cell == self._cell:
            return False
        self._cell = cell
        terminal = replace(self._looks.terminal, cell_size=cell, cell_ratio=cell[0] / cell[1])
        self._looks = replace(self._looks, terminal=terminal)
        return True

    def settle(self) -> bool:
        """Set what is in view, and load what its code is coloured by."""
        moved = super().settle()
        if self._languages.missing and not self._are_colours_coming:
            self._are_colours_coming = True
            # A thread takes time from the frame before: the first one, painted in this very step, or the next.
            (self.call_after_refresh if self._has_frame else self.call_later)(self._load_colours)
        if self.long_texts.is_waiting and not self._are_long_texts_coming:
            self._are_long_texts_coming = True
            self.call_after_refresh(self._lay_out_long_texts)
        return moved

    @property
    def is_complete(self) -> bool:
        """Whether everything in view has its pictures and the colours of its code."""
        are_texts_there = not self.long_texts.is_waiting and not self._are_long_texts_coming
        return self.are_pictures_complete and not self._languages.missing and are_texts_there

    @work
    async def _load_colours(self) -> None:
        """Code is there at once and has colours as soon as those of its language are loaded, in a thread."""
        from animus_tui.ui.typeset.code import prepare

        while wanted := set(self._languages.missing):
            await asyncio.to_thread(prepare, wanted)
            self._languages.add(wanted)
            self.draw_anew()
        self._are_colours_coming = False

    @work
    async def _lay_out_long_texts(self) -> None:
        """A long text is there at once, and as Markdown as soon as that is laid out, in a thread."""
        while (wanted := self.long_texts.take_wanted()) is not None:
            owner, text, look = wanted
            layout = await asyncio.to_thread(lay_out, text, look)
            self.long_texts.keep(owner, text, look, layout)
            self._show_layout_of(owner)
        self._are_long_texts_coming = False

    def _show_layout_of(self, owner: Hashable) -> None:
        """Show the layout of a long turn in place of its plain text; what is marked in it loses its place."""
        for entry in self.flow.made():
            index = self.flow.index(entry) if isinstance(entry, ReplyEntry) and owner in entry.turns else None
            if index is not None:
                self.drop_marks(index)
                entry.changed()
                self.entry_changed(entry)
                return


def _no_file(file: str) -> Path:
    raise LookupError(f"no conversation is shown that could have {file}")


def _cell_now() -> tuple[int, int] | None:
    return cell_size(sys.__stdout__.fileno()) if sys.__stdout__ is not None else None
