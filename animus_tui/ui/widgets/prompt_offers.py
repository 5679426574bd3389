"""What a prompt offers for the text that is written: commands, names, paths, and what was sent."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial
from textwrap import wrap
from typing import TYPE_CHECKING

from rich.cells import cell_len

from animus_tui.picture_files import dropped_files
from animus_tui.printable import printable, short_line
from animus_tui.ui.commands.completion import (
    Offer,
    command_offers,
    is_name_optional,
    is_prompt_too,
    name_begun,
    name_offers,
    path_begun,
    path_offers,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Sequence
    from pathlib import Path

    from textual.widgets import TextArea
    from textual.worker import Worker

    from animus_tui.chat.abilities import Abilities
    from animus_tui.ui.commands.completion import NameBegun, NameKind
    from animus_tui.ui.widgets.completion_list import CompletionList

    NamesReader = Callable[[NameKind], Awaitable[Sequence[str]]]
    from collections.abc import Sequence

    from textual.geometry import Size


MOST_ROWS = 10
"""Texts that are shown at once, and on a low screen a third of its rows."""
BEFORE_HIT = 12
"""Characters before the first word that stay in sight where the beginning of a long text gives way."""
HELP = "Type words of what you sent · ↑ ↓ choose · Enter takes it · Esc leaves"
SHORT_HELP = "↑ ↓ choose · Enter takes · Esc leaves"
NOTHING = "Nothing that you sent has these words · Esc leaves"
SHORT_NOTHING = "No such words were sent · Esc leaves"
NOTHING_SENT = "Nothing was sent yet · Esc leaves"


class SentSearch:
    """The texts that were sent, those of them that are wanted, and the one that is chosen."""

    def __init__(self, sent: Sequence[str], *, begun: str) -> None:
        """`sent`: oldest first; `begun`: what was being written, which waits meanwhile."""
        newest_first = dict.fromkeys(reversed(sent))
        self.begun = begun
        self._sent = [(text, text.casefold()) for text in newest_first]
        self._found: list[str] = []
        self._words: tuple[str, ...] | None = None
        self._at = 0

    @property
    def chosen(self) -> str | None:
        """The text that Enter takes; None when none has the words."""
        return self._found[self._at] if self._found else None

    def step(self, step: int) -> None:
        """Choose the next older text (1) or the next newer one (-1), around the ends."""
        if self._found:
            self._at = (self._at + step) % len(self._found)

    def look_for(self, typed: str, screen: Size) -> tuple[list[Offer], int | None]:
        """What to show above the prompt for what is typed, and which line is chosen."""
        words = tuple(typed.casefold().split())
        if words != self._words:
            self._words, self._at = words, 0
            self._found = [text for text, folded in self._sent if all(word in folded for word in words)]
        room = max(10, screen.width - 2)
        if not self._found:
            nothing = NOTHING if cell_len(NOTHING) <= room else SHORT_NOTHING
            return [Offer("", nothing if self._sent else NOTHING_SENT)], None
        rows = max(1, min(MOST_ROWS, screen.height // 3))
        first = min(max(0, self._at - rows + 1), max(0, len(self._found) - rows))
        offers = [Offer(text, _line(text, words, room)) for text in self._found[first : first + rows]]
        help_line = HELP if cell_len(HELP) <= room else SHORT_HELP
        return [*offers, Offer("", help_line)], self._at - first


def _line(text: str, words: Sequence[str], room: int) -> str:
    """A text in one line, the first of the words in sight."""
    line = short_line(" ".join(text.split()))
    hits = [at for word in words if (at := line.casefold().find(word)) >= 0]
    hit = min(hits, default=0)
    return line if hit + 2 * BEFORE_HIT <= room else f"…{line[hit - BEFORE_HIT :]}"


LONGEST_READ = 0.5
"""Seconds that Tab waits for names and paths, which a thread reads; a service may take longer to list its models."""


class PromptOffers:
    """Fills the list above a prompt."""

    def __init__(
        self,
        prompt: TextArea,
        *,
        commands: Callable[[], CompletionList],
        abilities: Callable[[], Abilities],
        read_names: Callable[[], NamesReader | None],
    ) -> None:
        """`commands` gives the list, `abilities` what the services can do, `read_names` what reads their names."""
        self._prompt = prompt
        self._commands = commands
        self._abilities = abilities
        self._read_names = read_names
        self._offered_for = ""
        self._are_read = asyncio.Event()
        """Whether the list shows what completes the present text, or there is nothing."""
        self._are_read.set()

    def is_for(self, text: str) -> bool:
        """Whether the list shows, or is about to show, what completes a text."""
        return self._offered_for == text

    async def has_read(self) -> bool:
        """Whether what completes the present text is there; what a thread reads is waited for a moment."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._are_read.wait(), LONGEST_READ)
        return self._are_read.is_set()

    def explain(self, sentence: str) -> None:
        """A quiet sentence in place of offers."""
        self._begin()
        room = max(10, self._prompt.screen.size.width - 2)
        lines = wrap(printable(sentence, newlines=False), room)
        self._commands().offer([Offer("", line) for line in lines])

    def dropped(self, pasted: str) -> list[Path]:
        """The files whose paths a terminal pastes for dropped ones, as `dropped_files`."""
        return dropped_files(pasted)

    def search(self, sent: Sequence[str], *, begun: str) -> SentSearch:
        """Begin to look through what was sent, oldest first; `begun` is what was being written."""
        return SentSearch(sent, begun=begun)

    def offer_found(self, search: SentSearch) -> None:
        """Offer what was sent and has the words that are written."""
        self._begin()
        offers, marked = search.look_for(self._prompt.text, self._prompt.screen.size)
        self._commands().offer(offers, marked=marked)

    def offer(self, *, is_recalled: bool) -> None:
        """Offer what completes the present text; of one that was sent before, paths alone."""
        self._begin()
        text, abilities, commands = self._prompt.text, self._abilities(), self._commands()
        if path_begun(text) is not None:
            self._read(partial(self._offer_paths, text))
        elif not is_recalled and (begun := name_begun(text, abilities)) is not None:
            commands.marked = None  # until the names are there, Enter sends what is typed
            self._read(partial(self._offer_names, text, begun))
        else:
            offers = [] if is_recalled else command_offers(text, abilities)
            commands.offer(offers, marked=None if is_prompt_too(text) else 0)

    def _begin(self) -> None:
        self._offered_for = self._prompt.text
        self._are_read.set()

    def _read(self, offer: Callable[[], Coroutine[None, None, None]]) -> Worker[None]:
        """Read what is offered, in place of what is being read.

        A worker may be cancelled before it begins, and a coroutine would then never be awaited: it gets a function.
        """
        self._are_read.clear()
        return self._prompt.run_worker(offer, exclusive=True)

    async def _offer_paths(self, text: str) -> None:
        offers = await asyncio.to_thread(path_offers, text)
        if self._prompt.text == text:
            self._commands().offer(offers, marked=None)
            self._are_read.set()

    async def _offer_names(self, text: str, begun: NameBegun) -> None:
        read = self._read_names()
        names = [] if read is None else await read(begun.kind)
        if self._prompt.text == text:
            offers = name_offers(begun, names) or ([] if names else command_offers(text, self._abilities()))
            self._commands().offer(offers, marked=None if is_name_optional(begun) else 0)
            self._are_read.set()
