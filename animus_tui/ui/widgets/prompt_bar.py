"""The bar at the bottom: what is written, what is attached to it, and what can be completed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from animus_tui.ui.literal import literal
from animus_tui.ui.widgets.attached_line import AttachedLine
from animus_tui.ui.widgets.completion_list import CompletionList
from animus_tui.ui.widgets.prompt import Prompt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

PAINTED = 0.2
"""Seconds after which a start is painted."""


class PromptBar(Vertical):
    """The prompt behind its mark, the offers above it."""

    SCOPED_CSS = False
    DEFAULT_CSS = """
    PromptBar {
        height: auto;
    }
    #prompt-row {
        height: auto;
        padding: 0 1 1 1;
        border-top: solid $foreground 20%;
    }
    #prompt-note {
        display: none;
        height: auto;
        padding: 0 1;
        color: $text-muted;
        &.-shown { display: block; }
    }
    #prompt-mark {
        width: 2;
        height: 1;
        color: $secondary;
    }
    Prompt {
        width: 1fr;
        height: auto;
        border: none;
        padding: 0;
        background: $background;
        overflow-y: scroll;  /* a scrollbar that comes and goes would wrap the text anew, and break undo */
        scrollbar-size-vertical: 1;
        scrollbar-visibility: hidden;
        &.-long { scrollbar-visibility: visible; }
        &:focus { border: none; }
        .text-area--placeholder { color: $text-muted; }
    }
    .-compact #prompt-row { padding: 0 1; }
    .-plain #prompt-row { border-top: none; padding: 1; }  /* messages stand there */
    .-theme-animus-contrast #prompt-row {
        border-top: solid $foreground;
    }
    """

    def __init__(self, *, send_keys: Sequence[str], newline_keys: Sequence[str]) -> None:
        super().__init__()
        self._send_keys = send_keys
        self._newline_keys = newline_keys
        self._hidden: tuple[CompletionList, Static, AttachedLine] | None = None
        """What stands above the row and is not seen at first; None until it is mounted."""

    def compose(self) -> ComposeResult:
        """The row is the bar; what hangs over it is mounted behind the first frame, in which nothing of it is seen."""
        with Horizontal(id="prompt-row"):
            yield Static(">" if self.screen.has_class("-plain") else "❯", id="prompt-mark")
            yield Prompt(
                send_keys=self._send_keys, newline_keys=self._newline_keys, offers=lambda: self.commands
            )

    def on_mount(self) -> None:
        """Have the bar complete before somebody types, but not while the first frames are painted."""
        self.set_timer(PAINTED, self._above)

    def _above(self) -> tuple[CompletionList, Static, AttachedLine]:
        """What stands above the row: the offers, the note, the names of pictures."""
        if self._hidden is None:
            self._hidden = CompletionList(), Static(id="prompt-note", markup=False), AttachedLine()
            self.mount_all(self._hidden, before=0)
        return self._hidden

    @property
    def commands(self) -> CompletionList:
        """The offers."""
        return self._above()[0]

    @property
    def attached(self) -> AttachedLine:
        """The names of the pictures that go with what is written."""
        return self._above()[2]

    def show_note(self, sentence: str) -> None:
        """Say something above what is written, until it is taken back with an empty text."""
        note = self._above()[1]
        note.update(literal(sentence))
        note.set_class(bool(sentence), "-shown")

    @on(CompletionList.Taken)
    def _taken(self, event: CompletionList.Taken) -> None:
        event.stop()
        prompt = self.query_one(Prompt)
        prompt.focus()
        prompt.take(event.offer, send=event.offer.is_whole)
