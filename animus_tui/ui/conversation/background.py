"""What is done in threads for the entries in view: the colours of code, and the layout of long texts."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from animus_tui.ui.conversation.entries.long_texts import lay_out
from animus_tui.ui.conversation.entries.reply import ReplyEntry
from animus_tui.ui.markdown.code import prepare

if TYPE_CHECKING:
    from collections.abc import Hashable

    from textual.widget import Widget

    from animus_tui.ui.conversation.mouse import MouseSelection
    from animus_tui.ui.conversation.rendering import Rendering
    from animus_tui.ui.conversation.viewport import Viewport
    from animus_tui.ui.conversation.virtual_list import VirtualList


class BackgroundLayout:
    """Text is there at once; its colours and the Markdown of a long one come as soon as a thread has made them."""

    def __init__(
        self,
        host: Widget,
        entries: VirtualList,
        viewport: Viewport,
        selection: MouseSelection,
        rendering: Rendering,
    ) -> None:
        """`host` runs the workers; `rendering` knows which colours and texts are wanted."""
        self._host = host
        self._entries = entries
        self._viewport = viewport
        self._selection = selection
        self._rendering = rendering
        self._are_colours_coming = False
        self._are_long_texts_coming = False

    @property
    def is_complete(self) -> bool:
        """Whether everything in view has its colours and its Markdown."""
        is_waiting = self._rendering.long_texts.is_waiting or self._rendering.languages.missing
        return not is_waiting and not self._are_long_texts_coming

    def begin(self) -> None:
        """Begin with what is wanted of the entries in view."""
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
            self._rendering.draw_anew()
        self._are_colours_coming = False

    async def _lay_out_long_texts(self) -> None:
        long_texts = self._rendering.long_texts
        while (wanted := long_texts.take_wanted()) is not None:
            owner, text, look = wanted
            layout = await asyncio.to_thread(lay_out, text, look)
            long_texts.keep(owner, text, look, layout)
            self._show_layout_of(owner)
        self._are_long_texts_coming = False

    def _show_layout_of(self, owner: Hashable) -> None:
        """Show the layout of a long turn in place of its plain text; what is selected in it loses its place."""
        for entry in self._entries.made():
            is_owner = isinstance(entry, ReplyEntry) and owner in entry.turns
            if is_owner and (index := self._entries.index(entry)) is not None:
                self._selection.drop(index)
                entry.changed()
                self._viewport.entry_changed(entry)
                return
