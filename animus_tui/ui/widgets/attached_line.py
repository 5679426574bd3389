"""The line above the prompt that says which pictures go with the message that is being written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message
from textual.widgets import Static

from animus_tui.ui.literal import literal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from animus_tui.chat.attachments import Attachment


class Dropped(Message):
    """Paths of pictures or cards were pasted, as terminals do it for dropped files; `text` is what was pasted."""

    def __init__(self, text: str, paths: Sequence[Path]) -> None:
        super().__init__()
        self.text, self.paths = text, paths


class AttachedLine(Static):
    """Takes no row while there is nothing to say."""

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
