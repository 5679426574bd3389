"""A screen with a list that is filtered as one types, and whose keys act on the chosen entry."""

from __future__ import annotations

import asyncio
import inspect
from contextlib import suppress
from typing import TYPE_CHECKING, Generic, TypeVar

from textual import events, on
from textual.binding import Binding
from textual.screen import Screen

from animus_tui.ui.commands.key_bindings import bindings_of
from animus_tui.ui.controllers.controller import Reporter
from animus_tui.ui.screens.help import help_of_place
from animus_tui.ui.widgets.conversation_bar import ConversationBar, ListedKeys, TitleField, UndoLine
from animus_tui.ui.widgets.key_footer import Entry, help_entry

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from textual.app import ComposeResult

    from animus_tui.ui.commands.places import Place
    from animus_tui.ui.widgets.row_list import RowList

Result = TypeVar("Result")
SOON = 0.1
"""Seconds for which the first frame waits at most for the entries."""


class ListScreen(Screen[Result], Generic[Result]):
    """A field for words above the list, and below it the keys and what can be undone. A subclass reads the entries."""

    AUTO_FOCUS = "TitleField"
    # Done behind the letters that were typed before them: keys that come in one piece are a filter, then an action.
    BINDINGS = [
        Binding("escape", "in_order('back')", "Back", show=False, priority=True),
        Binding("down", "in_order('move', 1)", show=False, priority=True),
        Binding("up", "in_order('move', -1)", show=False, priority=True),
        Binding("pagedown", "in_order('page', 1)", show=False, priority=True),
        Binding("pageup", "in_order('page', -1)", show=False, priority=True),
        Binding("ctrl+home", "in_order('end', -1)", show=False, priority=True),
        Binding("ctrl+end", "in_order('end', 1)", show=False, priority=True),
        Binding("ctrl+u", "in_order('undo')", "Undo", show=False, priority=True),
        Binding("ctrl+c", "app.help_quit", show=False, system=True),
        *bindings_of("help"),
    ]

    def __init__(self, bar: ConversationBar, rows: RowList[Any], place: Place) -> None:
        """`place` has the keys that the help names."""
        super().__init__()
        self._place = place
        self._bar = bar
        self._rows = rows
        self._reporter = Reporter(self)
        self._words = ""
        """What was typed to filter, while something else is typed into the field."""
        self._shown_words = ""
        """What the rows on the screen are filtered by."""
        self._is_read = False
        """Whether the rows show what was read."""
        self._has_shown = asyncio.Event()
        """Whether entries have been shown, or cannot be."""
        self._has_read = asyncio.Event()
        """Whether all have been read, or cannot be."""

    def compose(self) -> ComposeResult:
        """The parts of the screen, from top to bottom."""
        yield self._bar
        yield self._rows
        yield UndoLine()
        yield ListedKeys()

    @on(events.ScreenSuspend)
    @on(events.ScreenResume)
    def _repaint_pictures(self) -> None:
        """Below a box pictures are drawn of other cells than above it."""
        self._rows.refresh()

    async def show_first(self) -> None:
        """Wait for the entries, so that the first frame has them unless the disk is slow."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._has_shown.wait(), SOON)

    @property
    def _field(self) -> TitleField:
        return self._bar.field

    @property
    def filter_words(self) -> str:
        """What the entries are filtered by."""
        return self._words if self.is_asking else self._field.value

    def _has_parts(self) -> bool:
        """Whether its parts are there: a thread may be done only when the screen has been left.

        Its parts go one after the other then, so that one which is there says nothing of the others.
        """
        return self.is_attached and self in self.app.screen_stack and bool(self.query(ConversationBar))

    # What a subclass says

    @property
    def is_asking(self) -> bool:
        """Whether the field is for something else than a filter."""
        raise NotImplementedError

    def waits_for_list(self, action: str) -> bool:
        """Whether an action is only done once all entries have been read."""
        raise NotImplementedError

    def show_filtered(self, choose: str | None = None) -> None:
        """Show the entries that have the words of the filter, and have the named one chosen."""
        raise NotImplementedError

    def show_keys(self) -> None:
        """Show the keys that work now."""
        raise NotImplementedError

    # The keys

    def show_entries(self, keys: Sequence[Entry], deleted: str | None = None) -> None:
        """Show these keys and that of the help, the last one at the right, and which deleted entry can be restored."""
        self.query_one(ListedKeys).show([*keys[:-1], *help_entry(self), *keys[-1:]])
        undo = None if deleted is None else Entry("undo", "ctrl+u", "Undo")
        self.query_one(UndoLine).show(f"Deleted {deleted}", undo)

    @on(TitleField.Changed)
    def _typed(self) -> None:
        if not self.is_asking and self._is_read and self._field.value != self._shown_words:
            self.show_filtered()

    def action_in_order(self, action: str, *arguments: int | str) -> None:
        """Do what a key says once the field has taken the letters before it."""
        self._field.call_later(self._do_in_order, action, arguments)

    async def _do_in_order(self, action: str, arguments: tuple[int | str, ...]) -> None:
        if self.waits_for_list(action):
            await self._has_read.wait()
        if not self.is_current or not self.check_action(action, arguments):
            return  # a key before it changed that
        self._typed()
        done = getattr(self, f"action_{action}")(*arguments)
        if inspect.isawaitable(done):
            await done

    def action_help(self) -> None:
        """Show the keys that work here."""
        self.app.push_screen(help_of_place(self, self._place))

    def action_move(self, step: int) -> None:
        """Choose the entry below (1) or above (-1)."""
        self._rows.move(step)
        self.show_keys()

    def action_page(self, step: int) -> None:
        """Choose the entry a page below (1) or above (-1)."""
        self._rows.page(step)
        self.show_keys()

    def action_end(self, end: int) -> None:
        """Choose the first entry (-1) or the last one (1)."""
        self._rows.end(end)
        self.show_keys()

    def ask(self, text: str, mark: str) -> None:
        """Have something else than a filter typed, beginning with a text; the `mark` before the field says what."""
        self._words = self._field.value
        self._bar.ask_title(text, mark)
        self.show_keys()

    def stop_asking(self) -> None:
        """Have words to filter by typed again."""
        self._bar.ask_words(self._words)
        self.show_keys()
