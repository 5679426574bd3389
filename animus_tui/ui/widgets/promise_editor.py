"""Where the prompt of a promised picture is changed: it lies over the rows of its card."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.message import Message
from textual.widgets import TextArea

from animus_tui.printable import printable
from animus_tui.ui.textual_compat import key_name, wrapped_rows
from animus_tui.ui.widgets.key_order import follows_focus, moves_focus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events


class PromiseEditor(TextArea):
    """The prompt while it is changed. Enter keeps it, Esc does not."""

    DEFAULT_CSS = """
    PromiseEditor {
        layer: edit;
        border: none;
        padding: 0;
        background: $background;
        overflow-y: scroll;  /* a scrollbar that comes and goes would wrap the text anew, and break undo */
        scrollbar-size-vertical: 1;
        scrollbar-visibility: hidden;
        &.-long { scrollbar-visibility: visible; }
        &:focus { border: none; }
    }
    """

    class Edited(Message):
        """The text is another one, or the cursor stands elsewhere."""

    class Ended(Message):
        """Editing has ended, with the text to keep or without a change (None)."""

        def __init__(self, text: str | None) -> None:
            super().__init__()
            self.text = text

    def __init__(self, *, send_keys: Sequence[str], newline_keys: Sequence[str]) -> None:
        super().__init__(soft_wrap=True, tab_behavior="focus", compact=True, highlight_cursor_line=False)
        self.cursor_blink = False
        self.match_cursor_bracket = False
        self._begun = ""
        self.is_over = True
        """Whether nothing is changed: then it is not on the screen."""
        self._send_keys = frozenset(send_keys)
        self._newline_keys = frozenset(newline_keys)

    def begin(self, text: str) -> None:
        """Have a text changed, from its end on."""
        self.load_text(printable(text))
        self.move_cursor(self.document.end)
        self._begun, self.is_over, self.display = self.text, False, True

    def end(self) -> None:
        """Leave the screen. It stays mounted: taken away it might be painted once more, without its styles."""
        self.is_over, self.display = True, False

    def rows(self, width: int) -> int:
        """How many rows the text takes in so many cells."""
        # One cell for the cursor behind the last letter.
        return wrapped_rows(
            self.document, max(1, width - self.scrollbar_size_vertical - 1), self.indent_width
        )

    async def on_key(self, event: events.Key) -> None:
        """Keep or leave; any other key is for the text area."""
        key = key_name(event.key)
        if key == "escape":
            self.post_message(self.Ended(None))
        elif key in self._newline_keys:
            self.replace("\n", *self.selection, maintain_selection_offset=False)
        elif key in self._send_keys:
            self.post_message(self.Ended(self.text))
        elif not (follows_focus(self, event) or await moves_focus(self, key)):
            return
        event.stop()
        event.prevent_default()

    def on_paste(self, event: events.Paste) -> None:
        """Paste what can be shown."""
        event.text = printable(event.text)

    def on_blur(self) -> None:
        """Keep what was written when the user goes elsewhere, but not when the whole terminal loses the focus."""
        if self.app.app_focus and not self.is_over:
            self.post_message(self.Ended(self.text if self.text.strip() else None))

    @property
    def is_changed(self) -> bool:
        """Whether it says something else than at first."""
        return self.text != self._begun

    @on(TextArea.Changed)
    @on(TextArea.SelectionChanged)
    def _edited(self, event: Message) -> None:
        event.stop()  # the chat screen takes these for those of the prompt
        self.post_message(self.Edited())
