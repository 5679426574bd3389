"""Searching all conversations as one types: messages and prompts of pictures, each in its context."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual import on
from textual.binding import Binding
from textual.containers import Horizontal
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Input, Static

from animus_tui.chat.search_everything import MOST_FOUND, EverythingSearch, FoundMessage
from animus_tui.config.actions import BY_ID
from animus_tui.ui.commands.key_bindings import bindings_of
from animus_tui.ui.commands.places import IN_SEARCH
from animus_tui.ui.screens.help import help_of_place
from animus_tui.ui.textual_compat import key_name, scroll_to_first_value
from animus_tui.ui.widgets.conversation_bar import ListedKeys
from animus_tui.ui.widgets.key_footer import Entry, help_entry
from animus_tui.ui.widgets.line_input import LONGEST, LineInput, one_line
from animus_tui.ui.widgets.search_results import SearchResults

if TYPE_CHECKING:
    from pathlib import Path

    from textual import events
    from textual.app import ComposeResult

KEYS = Entry("go", "enter", "Go there"), Entry("back", "escape", "Back")
EMPTY = (
    "Type words: every message and every prompt of a picture that has them all is found, in any conversation and in"
    " any version of it."
)
NOTHING = "No message has these words."
SEARCHING = "searching…"
SLOW = 0.3
"""Seconds after which it is said that one searches; before, that would only flash."""
STEPS = {"up": -1, "down": 1}
PAGES = {"pageup": -1, "pagedown": 1}


class SearchScreen(Screen[FoundMessage | None]):
    """Dismissed with the message to which the user wants to go, or None."""

    CSS_PATH = "search.tcss"
    AUTO_FOCUS = "SearchField"
    BINDINGS = [
        Binding("escape", "back", "Back", show=False),
        # Before the field, which deletes a word with it.
        Binding(BY_ID["find"].keys, "select_words", show=False, id="find", priority=True),
        Binding("ctrl+c", "app.help_quit", show=False, system=True),
        *bindings_of("help"),
    ]

    def __init__(self, root: Path, words: str = "", *, assistant: str = "") -> None:
        """`root` is the data directory, `assistant` who answers where a conversation does not say."""
        super().__init__()
        self._search = EverythingSearch(root)
        self._initial = one_line(words)
        self._assistant = assistant
        self._needle = ""
        """What is sought now."""
        self._number = 0
        """Of the search for that: one more each time that something else is sought."""
        self._shown = ""
        """What the messages on the screen were found for."""
        self._is_complete = True
        self._goes_when_found = False
        """Enter was pressed before there was anything to go to."""
        self._searching = asyncio.Lock()
        """One thread at a time searches."""

    def compose(self) -> ComposeResult:
        """The parts of the screen, from top to bottom."""
        with Horizontal(id="search-line"):
            yield Static("Search ❯ ", id="search-mark")
            yield SearchField(self._initial)
            yield Static(id="search-count", markup=False)
        yield SearchResults(self._assistant)
        yield ListedKeys()

    def on_mount(self) -> None:
        """Search what was brought along; else read ahead what is going to be searched."""
        self._results.show((), "", sentence=EMPTY)
        go, back = KEYS
        self.query_one(ListedKeys).show([go, *help_entry(self), back])
        if self._initial.strip():
            self._look_for(self._initial)
        else:
            self.run_worker(self._read_ahead())

    @property
    def needle(self) -> str:
        """What the messages on the screen were found for."""
        return self._shown

    @property
    def is_complete(self) -> bool:
        """Whether everything was searched for what stands in the field."""
        return self._is_complete

    @property
    def _results(self) -> SearchResults:
        return self.query_one(SearchResults)

    # The search

    async def _read_ahead(self) -> None:
        async with self._searching:
            await asyncio.to_thread(self._search.prepare, lambda: not self._needle and self.is_attached)

    def _look_for(self, words: str) -> None:
        self._needle, self._is_complete, self._goes_when_found = words, False, False
        self._number += 1
        self.run_worker(self._look(words, self._number))

    async def _look(self, words: str, number: int) -> None:
        telling = self.set_timer(SLOW, lambda: self._say_that_it_takes_time(number))
        try:
            async with self._searching:
                if not self._is_wanted(number):
                    return
                steps = self._search.found(words, goes_on=lambda: self._is_wanted(number))
                is_first = True
                while (batch := await asyncio.to_thread(next, steps, None)) is not None:
                    if not self._is_wanted(number):
                        return
                    self._take(batch, words, is_first=is_first)
                    is_first = False
                if self._is_wanted(number):
                    self._end(words, found_nothing=is_first)
        finally:
            telling.stop()

    def _is_wanted(self, number: int) -> bool:
        return number == self._number and self.is_attached

    def _take(self, batch: list[FoundMessage], words: str, *, is_first: bool) -> None:
        """Show what was found, in place of what was found for other words."""
        room = MOST_FOUND - (0 if is_first else self._results.count)
        if is_first:
            self._results.show(batch[:room], words)
            self._shown = words
        else:
            self._results.add(batch[:room])
        self._count(has_more=len(batch) > room)
        if self._goes_when_found:
            self._go()

    def _end(self, words: str, *, found_nothing: bool) -> None:
        self._is_complete = True
        if found_nothing:
            self._results.show((), words, sentence=NOTHING if words.strip() else EMPTY)
            self._shown = words
            self._tell("")

    def _count(self, *, has_more: bool) -> None:
        messages, conversations = self._results.count, self._results.conversations
        if has_more:
            self._tell(f"more than {MOST_FOUND} messages")
        else:
            many = f"{messages:,} message{'' if messages == 1 else 's'}"
            self._tell(f"{many} in {conversations:,}" if self.size.width >= 60 else f"{messages:,}")

    def _tell(self, count: str) -> None:
        self.query_one("#search-count", Static).update(Content(count))

    def _say_that_it_takes_time(self, number: int) -> None:
        if self._is_wanted(number) and self._shown != self._needle:
            self._tell(SEARCHING)

    # What the keys do

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if event.value != self._needle:
            self._look_for(event.value)

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        if event.value != self._shown or event.value != self._needle:
            self._goes_when_found = True  # to the first one
        else:
            self._go()

    def press(self, key: str) -> bool:
        """Do what a key of the list does; False when it is none."""
        if key in STEPS:
            self._results.move(STEPS[key])
        elif key in PAGES:
            self._results.page(PAGES[key])
        elif key == "escape":
            self.action_back()
        else:
            return False
        return True

    @on(SearchResults.Opened)
    def _go(self) -> None:
        if (chosen := self._results.chosen) is not None and self.is_current:
            self.dismiss(chosen)

    def action_help(self) -> None:
        """Show the keys that work here."""
        self.app.push_screen(help_of_place(self, IN_SEARCH))

    def action_select_words(self) -> None:
        """Select the words, so that others can be typed in their place."""
        self.query_one(SearchField).select_all()

    def action_back(self) -> None:
        """Close the search and go nowhere."""
        if self.is_current:
            self.dismiss(None)


class SearchField(LineInput):
    """The words; the keys that move are for the list."""

    def __init__(self, words: str) -> None:
        super().__init__(words, compact=True, max_length=LONGEST, select_on_focus=bool(words))
        scroll_to_first_value(self)

    def on_key(self, event: events.Key) -> None:
        """Move in the list; Input's own handler runs after this one unless it is prevented."""
        screen = self.screen
        if isinstance(screen, SearchScreen) and screen.press(key_name(event.key)):
            event.stop()
            event.prevent_default()
