"""The bar at the bottom: what is written, what is attached to it, and what can be completed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from animus_tui.ui.widgets.completion_list import CompletionList
from animus_tui.ui.widgets.line_input import literal
from animus_tui.ui.widgets.prompt import Prompt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

    from animus_tui.chat.attachments import Attachment


class AttachedLine(Static):
    """Says above the prompt which pictures go with the message; takes no row while there is nothing to say."""

    SCOPED_CSS = False
    DEFAULT_CSS = """
    AttachedLine {
        display: none;
        height: auto;
        padding: 0 1;
        color: $secondary;
        &.-shown { display: block; }
    }
    """

    def __init__(self) -> None:
        super().__init__(markup=False)
        self._words = ""

    def show(self, attached: Sequence[Attachment], *, reading: str = "") -> None:
        """Name the pictures that are attached, and the file that is being read."""
        names = [f"{each.name} {each.width}×{each.height}" for each in attached]
        hint = f"Esc removes {'it' if len(names) == 1 else 'the last'}" if names else ""
        told = f"Attached: {', '.join(names)}" if names else ""
        waiting = f"Reading {reading}…" if reading else ""
        words = " · ".join(part for part in (told, waiting, hint) if part)
        if words != self._words:  # or each message that is sent would have the whole screen laid out anew
            self._words = words
            self.update(literal(words))
            self.set_class(bool(words), "-shown")


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

    def compose(self) -> ComposeResult:
        """The list hangs over what is above the bar; the row is the bar."""
        yield CompletionList()
        yield Static(id="prompt-note", markup=False)
        yield AttachedLine()
        with Horizontal(id="prompt-row"):
            yield Static(">" if self.screen.has_class("-plain") else "❯", id="prompt-mark")
            yield Prompt(
                send_keys=self._send_keys, newline_keys=self._newline_keys, offers=lambda: self.commands
            )

    @property
    def commands(self) -> CompletionList:
        """The offers."""
        return self.query_one(CompletionList)

    @property
    def attached(self) -> AttachedLine:
        """The names of the pictures that go with what is written."""
        return self.query_one(AttachedLine)

    def show_note(self, sentence: str) -> None:
        """Say something above what is written, until it is taken back with an empty text."""
        note = self.query_one("#prompt-note", Static)
        note.update(literal(sentence))
        note.set_class(bool(sentence), "-shown")

    @on(CompletionList.Taken)
    def _taken(self, event: CompletionList.Taken) -> None:
        event.stop()
        prompt = self.query_one(Prompt)
        prompt.focus()
        prompt.take(event.offer, send=event.offer.is_whole)
