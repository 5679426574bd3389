"""What the entries are laid out for: laid out anew when the size, the size of a cell or the theme changes."""

from __future__ import annotations

import sys
from datetime import date
from typing import TYPE_CHECKING

from msgspec.structs import replace

from animus_tui.graphics.window import cell_size
from animus_tui.ui.conversation.entries.canvas import Canvas
from animus_tui.ui.conversation.entries.long_texts import LongTexts
from animus_tui.ui.conversation.pane_styles import palette_of
from animus_tui.ui.markdown.inks import Languages

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from textual.theme import Theme
    from textual.widget import Widget

    from animus_tui.ui.conversation.content import Content
    from animus_tui.ui.conversation.entries.canvas import Looks, Palette
    from animus_tui.ui.conversation.viewport import Viewport

CONTRAST = "animus-contrast"
"""The theme in which messages have a frame."""


class Rendering:
    """Keeps what the entries are laid out for up to date."""

    def __init__(self, host: Widget, content: Content, viewport: Viewport, looks: Looks) -> None:
        """`host` has the colours; `looks` are replaced when a cell gets another size."""
        self._host = host
        self._content = content
        self._viewport = viewport
        self.looks = looks
        self.path_of: Callable[[str], Path] = _no_file
        """Finds the file of a picture."""
        self.long_texts = LongTexts()
        """Those that are laid out in a thread."""
        self.languages = Languages()
        """The programming languages whose colours are loaded."""
        self.has_frame = False
        """Whether something was painted."""
        self._cell = _cell_now()
        """Width and height of a cell in pixels, as far as the kernel is told."""

    @property
    def _canvas(self) -> Canvas | None:
        return self._content.entries.canvas

    def resized(self) -> None:
        """The pane has another size: what is painted next fits it already."""
        if self._viewport.width and self._viewport.height:
            self._draw_on_new_canvas()
            self.has_frame = True

    def follow_theme(self, _: Theme | None = None) -> None:
        """Draw everything in the colours of now, if they are others than it has."""
        canvas = self._canvas
        if self._host.is_attached and canvas is not None and self._palette() != canvas.palette:
            self.draw_anew()

    def draw_anew(self) -> None:
        """Lay out and paint everything that is in view, once there is a size to do it for."""
        if self._canvas is not None:
            self._draw_on_new_canvas(anew=True)
            self._host.refresh()

    def _palette(self) -> Palette:
        return palette_of(self._host, self.languages, framed=self._host.app.theme == CONTRAST)

    def _draw_on_new_canvas(self, *, anew: bool = False) -> None:
        width, rows = self._viewport.width, self._host.app.size.height
        before = self._canvas
        anew |= self._has_other_cells()
        if not anew and before is not None and (before.width, before.screen_rows) == (width, rows):
            self._viewport.settle()
            return
        canvas = Canvas(
            width=width,
            screen_rows=rows,
            palette=self._palette(),
            looks=self.looks,
            path_of=self.path_of,
            today=date.today(),  # noqa: DTZ011 (the user's own day)
            background=self._host.background_colors[1].rgb,
            long_texts=self.long_texts,
        )
        is_same = before is not None and before.width == width
        self._viewport.redraw(canvas, None if is_same else self._content.heights(canvas.column, rows))

    def _has_other_cells(self) -> bool:
        """Whether the letters have another size since the last look: pictures are drawn for that."""
        cell = _cell_now()
        if cell is None or cell == self._cell:
            return False
        self._cell = cell
        terminal = replace(self.looks.terminal, cell_size=cell, cell_ratio=cell[0] / cell[1])
        self.looks = replace(self.looks, terminal=terminal)
        return True


def _no_file(file: str) -> Path:
    raise LookupError(f"no conversation is shown that could have {file}")


def _cell_now() -> tuple[int, int] | None:
    return cell_size(sys.__stdout__.fileno()) if sys.__stdout__ is not None else None
