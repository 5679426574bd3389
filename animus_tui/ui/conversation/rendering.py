"""What entries are laid out for: the styles of the theme, the size, and what threads prepare of code and long texts."""

from __future__ import annotations

import asyncio
import sys
from datetime import datetime
from typing import TYPE_CHECKING

from msgspec.structs import replace
from rich.style import Style

from animus_tui.graphics.probe.capabilities import cell_size
from animus_tui.ui.contrast import CONTRAST, least_contrast, readable
from animus_tui.ui.conversation.entries.long_text_cache import LongTextCache, layout_with_options
from animus_tui.ui.conversation.entries.render_context import RenderContext
from animus_tui.ui.conversation.entries.reply import ReplyEntry
from animus_tui.ui.conversation.pane_colours import OTHERS, palette_of, style_of
from animus_tui.ui.markdown.code_blocks import prepare
from animus_tui.ui.markdown.text_layout import Languages
from animus_tui.ui.themes import ground_of

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable
    from pathlib import Path

    from textual.theme import Theme
    from textual.widget import Widget

    from animus_tui.ui.conversation.content import Content
    from animus_tui.ui.conversation.entries.render_context import DisplayOptions, Palette
    from animus_tui.ui.conversation.selection import MouseSelection
    from animus_tui.ui.conversation.viewport import Viewport


class Rendering:
    """Keeps what the entries are laid out for up to date."""

    def __init__(self, host: Widget, content: Content, viewport: Viewport, options: DisplayOptions) -> None:
        """`host` has the colours; `options` are replaced when a cell gets another size."""
        self._host = host
        self._content = content
        self._viewport = viewport
        self.options = options
        self.path_of: Callable[[str], Path] = _no_file
        """Finds the file of a picture."""
        self.long_texts = LongTextCache()
        """Those that are laid out in a thread."""
        self.languages = Languages()
        """The programming languages whose colours are loaded."""
        self.has_frame = False
        """Whether something was painted."""
        self._cell = _cell_now()
        """Width and height of a cell in pixels, as far as the kernel is told."""

    @property
    def _context(self) -> RenderContext | None:
        return self._content.entries.context

    @property
    def is_of_today(self) -> bool:
        """Whether what was laid out tells the days, such as `Today`, by the day that it is now."""
        return self._context is None or self._context.today == datetime.now().astimezone().date()

    def resized(self) -> None:
        """Lay out for another size of the pane at once."""
        if self._viewport.width and self._viewport.height:
            self._update_context()
            self.has_frame = True

    def follow_theme(self, _: Theme | None = None) -> None:
        """Draw everything in the colours of the theme, if they have changed."""
        context = self._context
        if self._host.is_attached and context is not None and self._palette() != context.palette:
            self.invalidate()

    def invalidate(self, *, resized: bool = False) -> None:
        """Lay out and paint everything that is in view, once there is a size to do it for.

        `resized`: also the entries that are not in view take other rows than before.
        """
        if self._context is not None:
            self._update_context(anew=True, resized=resized)
            self._host.refresh()

    def _palette(self) -> Palette:
        """The theme's colours, and the character's own for its name; messages have a frame in high contrast."""
        app, page = self._host.app, self._host.background_colors[1]
        palette = palette_of(app.theme_variables, page, self.languages, framed=app.theme == CONTRAST)
        return replace(palette, name=self._named(palette.name, self.options.accent))

    def _named(self, name: Style, accent: str) -> Style:
        """How a name is drawn in the colour of its character, as far as that can be read."""
        host = self._host
        colour = readable(accent, ground_of(host), least_contrast(host.app.theme))
        return name if colour is None else name + Style(color=colour)

    def _former_names(self) -> dict[str, Style]:
        accents = {each.accent or "" for each in self.options.former}
        if not accents:
            return {}
        host = self._host
        name = style_of(OTHERS["name"], host.app.theme_variables, host.background_colors[1])
        return {accent: self._named(name, accent) for accent in accents}

    def _update_context(self, *, anew: bool = False, resized: bool = False) -> None:
        width, rows = self._viewport.width, self._host.app.size.height
        before = self._context
        anew |= self._has_other_cells()
        if not anew and before is not None and (before.width, before.screen_rows) == (width, rows):
            self._viewport.layout()
            return
        now = datetime.now().astimezone()
        context = RenderContext(
            width=width,
            screen_rows=rows,
            palette=self._palette(),
            options=self.options,
            path_of=self.path_of,
            today=now.date(),
            now=now,
            background=ground_of(self._host),
            long_texts=self.long_texts,
            former_names=self._former_names(),
        )
        is_same = before is not None and before.width == width and not resized
        self._viewport.redraw(context, None if is_same else self._content.heights(context))

    def _has_other_cells(self) -> bool:
        """Whether the size of a cell has changed since the last look: pictures are drawn for it."""
        cell = _cell_now()
        if cell is None or cell == self._cell:
            return False
        self._cell = cell
        terminal = replace(self.options.terminal, cell_size=cell, cell_ratio=cell[0] / cell[1])
        self.options = replace(self.options, terminal=terminal)
        return True


def _no_file(file: str) -> Path:
    raise LookupError(f"no conversation is shown that could have {file}")


def _cell_now() -> tuple[int, int] | None:
    return cell_size(sys.__stdout__.fileno()) if sys.__stdout__ is not None else None


class BackgroundLayout:
    """Loads the colours of code and lays out long texts in threads; until then they are shown without."""

    def __init__(
        self,
        host: Widget,
        viewport: Viewport,
        selection: MouseSelection,
        rendering: Rendering,
    ) -> None:
        """`host` runs the workers; `rendering` knows which colours and texts are wanted."""
        self._host = host
        self._viewport = viewport
        self._selection = selection
        self._rendering = rendering
        self._are_colours_coming = False
        self._are_long_texts_coming = False
        self._waiting: list[Callable[[], object]] = []
        """What is called when everything is there."""

    @property
    def is_complete(self) -> bool:
        """Whether everything in view has its colours and its Markdown."""
        is_waiting = self._rendering.long_texts.is_waiting or self._rendering.languages.missing
        return not is_waiting and not self._are_long_texts_coming

    def when_complete(self, call: Callable[[], object]) -> None:
        """Call something once everything in view has its colours and its Markdown, at once if it has them."""
        self._waiting.append(call)
        self._tell_complete()

    def _tell_complete(self) -> None:
        if self.is_complete:
            waiting, self._waiting = self._waiting, []
            for call in waiting:
                call()

    def begin(self) -> None:
        """Begin with the colours and the long texts of the entries in view."""
        rendering, host = self._rendering, self._host
        if rendering.languages.missing and not self._are_colours_coming:
            self._are_colours_coming = True
            # A thread takes time from the frame before: the first one, painted in this very step, or the next.
            later = host.call_after_refresh if rendering.has_frame else host.call_later
            later(host.run_worker, self._load_colours)
        if rendering.long_texts.is_waiting and not self._are_long_texts_coming:
            self._are_long_texts_coming = True
            host.call_after_refresh(host.run_worker, self._lay_out_long_texts)

    async def _load_colours(self) -> None:
        languages = self._rendering.languages
        while wanted := set(languages.missing):
            await asyncio.to_thread(prepare, wanted)
            languages.add(wanted)
            for entry in self._viewport.entries.with_code():
                entry.invalidate()
                self._viewport.entry_changed(entry)
        self._are_colours_coming = False
        self._tell_complete()

    async def _lay_out_long_texts(self) -> None:
        long_texts = self._rendering.long_texts
        while (wanted := long_texts.take_wanted()) is not None:
            owner, text, options = wanted
            layout = await asyncio.to_thread(layout_with_options, text, options)
            long_texts.keep(owner, text, options, layout)
            self._show_layout_of(owner)
        self._are_long_texts_coming = False
        self._tell_complete()

    def _show_layout_of(self, owner: Hashable) -> None:
        """Show the layout of a long turn in place of its plain text; what is selected in it loses its place."""
        for entry in self._viewport.entries.existing():
            is_owner = isinstance(entry, ReplyEntry) and owner in entry.turns
            if is_owner and (index := self._viewport.entries.index(entry)) is not None:
                self._selection.drop(index)
                entry.invalidate()
                self._viewport.entry_changed(entry)
                return
