"""A line of a picture's form that tells what is joined to its words, and lets one leave it out."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from textual.binding import Binding
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from animus_tui.printable import short_line

if TYPE_CHECKING:
    from animus_tui.chat.images.joined_prompt import Addition, PromptAdditions

SHOWN = 500
"""Characters of the words that are shown, which one row cuts off anyway."""


class JoinedWords(NamedTuple):
    """What is joined, and where it comes from."""

    addition: Addition
    origin: str
    words: tuple[str, ...]
    """Those before and those behind the user's, as far as there are any."""


def joined_words(additions: PromptAdditions) -> list[JoinedWords]:
    """What the lines of a form tell: the appearance and the style that are joined to the prompt."""
    lines = []
    if additions.appearance:
        lines.append(
            JoinedWords("appearance", f"appearance ({additions.character})", (additions.appearance,))
        )
    if additions.style and (additions.prefix or additions.suffix):
        around = tuple(filter(None, (additions.prefix, additions.suffix)))
        lines.append(JoinedWords("style", f"style {additions.style}", around))
    return lines


class JoinedLine(Static, can_focus=True):
    """`+ appearance (Ada): a woman of 30 …`; Space, Enter or a click leaves it out, and takes it in again."""

    SCOPED_CSS = False
    DEFAULT_CSS = """
    JoinedLine {
        height: 1;
        color: $text-muted;
        text-wrap: nowrap;
        text-overflow: ellipsis;
        &:focus { color: $foreground; background: $foreground 12%; }
        &.-left-out { text-style: strike; }
    }
    """
    BINDINGS = [
        Binding("space,enter", "switch", "Leave out", show=False),
        Binding("up", "screen.focus_previous", show=False),
        Binding("down", "screen.focus_next", show=False),
    ]

    class Switched(Message):
        """The words of this line are left out now, or joined again."""

    def __init__(self, joined: JoinedWords, *, is_left_out: bool) -> None:
        super().__init__(markup=False)
        self.joined = joined
        self.is_left_out = is_left_out

    def on_mount(self) -> None:
        """Show the words."""
        self._show()

    def action_switch(self) -> None:
        """Leave it out, or take it in again."""
        self.is_left_out = not self.is_left_out
        self._show()
        self.post_message(self.Switched())

    def on_click(self) -> None:
        """Leave it out, or take it in again, by a click."""
        self.action_switch()

    def _show(self) -> None:
        origin, words = short_line(self.joined.origin), short_line(" … ".join(self.joined.words))[:SHOWN]
        told = f"− {origin} left out: {words}" if self.is_left_out else f"+ {origin}: {words}"
        self.set_class(self.is_left_out, "-left-out")
        self.update(Content(told))
