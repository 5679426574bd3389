"""Everything that can be done: the configured keys, those of a focused card, and the table of commands."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from rich.table import Table
from rich.text import Text
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Static

from animus_tui.actions import BY_ID, COMMANDS, KEY_ACTIONS
from animus_tui.keys import key_names
from animus_tui.ui.key_labels import key_label
from animus_tui.ui.widgets.prompt import Prompt

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from textual import events
    from textual.app import ComposeResult
    from textual.binding import ActiveBinding


ROOMY = 64
"""Cells of the screen from which keys stand in one line; below, they wrap too."""
WIDE, NARROW = 19, 11
"""Cells of the column of keys and commands."""


class Entry(NamedTuple):
    """A key or a command, and what it does."""

    what: str
    description: str
    is_working: bool = True


WRITING = (
    Entry(
        "↑ ↓",
        "On the first and the last row: what you sent before, here and elsewhere; your draft comes back.",
    ),
    Entry("/", "Commands, as the first letter; Tab completes, Enter takes, Esc closes."),
    Entry("--", "Behind the words of /image, /edit, /batch and /again: options, such as --size."),
    Entry("//", "At the beginning: say a text that begins with a slash."),
    Entry("^_ ^Y", "Undo, redo."),
    Entry("^← ^→", "A word back, a word on; with Shift select."),
    Entry("^A ^E", "Begin and end of the line."),
    Entry("^W ^U ^K", "Delete the word before, to the begin, to the end of the line."),
    Entry(
        "^X ^C ^V",
        "Cut, copy, paste; what you paste keeps its line breaks, and a very long text stands as a label.",
    ),
)
FULL_QUALITY = Entry("Enter f", "Full quality: the whole terminal is the picture's until you press a key.")
VIEWING = (
    Entry("← →", "The picture before, the next one, through the whole conversation."),
    Entry("↑ ↓ [ ]", "The variant before, the next one; the conversation then shows it too."),
    FULL_QUALITY,
    Entry("i y o s", "What it was made from; copy its path; open it outside; save it."),
    Entry("Esc q", "Back to the conversation, with the picture chosen."),
)
GALLERY = (
    Entry("Arrows", "From picture to picture; PgUp, PgDn, Home and End go farther."),
    Entry("Enter", "To the place of the picture, in whichever conversation it stands."),
    Entry("/", "Only pictures with these words in their prompts; Esc shows all again."),
    Entry("v y o", "View it as large as the screen; copy its path; open it outside."),
    Entry("Tab", "The account's groups of pictures, and back; Enter opens a group, Esc goes up."),
    Entry("Esc q", "Back to the conversation."),
)
READING = (
    Entry("Tab Esc", "To the conversation, and back to the prompt."),
    Entry("↑ ↓", "There: from message to message."),
    Entry("← →", "There: from picture to picture."),
    Entry("y c o", "On a message: copy it, copy its code block by block, open its links one by one."),
    Entry("Enter v", "On a picture: view it as large as the screen; a click does the same."),
    Entry("i y o", "On a picture: what it was made from, copy its path, open it outside; a clip is played."),
    Entry("Space", "On an answer: open or fold its reasoning."),
    Entry("[ ]", "On a picture: the one before, the next one."),
    Entry("p s", "On a picture: same seed and other words; same words and another size."),
    Entry("1 to 8, Enter", "On several pictures of one prompt: choose one; arrows mark, a click does, too."),
    Entry("Esc", "On a picture that is being made: stop this one."),
    Entry("Enter r", "On what failed: try it again."),
    Entry("PgUp PgDn", "Scroll; End goes back down and follows."),
    Entry("Mouse", "Drag to mark text, also beyond the edge; twice marks a word, three times a line."),
    Entry("Alt+1 2 3", "In an empty conversation: one of the suggestions."),
    Entry("^P", "All of this by a word of what you want, and the themes."),
)


class HelpTable(Widget):
    """Keys or commands in one column, in the other what they do; what does not work now is quiet."""

    COMPONENT_CLASSES = {"help-table--what", "help-table--resting"}
    DEFAULT_CSS = """
    HelpTable {
        height: auto;
        .help-table--what { color: $primary; text-style: bold; }
        .help-table--resting { color: $text-muted; }
    }
    """

    def __init__(self, entries: Sequence[Entry]) -> None:
        super().__init__()
        self._entries = entries

    def render(self) -> Table:
        """Two columns; the second one wraps."""
        what = self.get_component_rich_style("help-table--what", partial=True)
        resting = self.get_component_rich_style("help-table--resting", partial=True)
        table = Table.grid(padding=(0, 2, 0, 0), expand=True)
        table.add_column(width=WIDE if self.app.size.width >= ROOMY else NARROW)
        table.add_column(ratio=1)
        for entry in self._entries:
            table.add_row(
                Text(entry.what, style=what if entry.is_working else resting),
                Text(entry.description, style="" if entry.is_working else resting),
            )
        return table


class HelpScreen(ModalScreen[None]):
    """Keys and commands; Esc, q and the key of the help close it."""

    CSS_PATH = "help.tcss"
    BINDINGS = [
        Binding("f1", "close", "Close", id="help", show=False),
        Binding("escape,q", "close", "Close", show=False),
        Binding("ctrl+c", "app.help_quit", show=False, system=True),
    ]

    def __init__(
        self,
        keys: Mapping[str, str],
        live: Mapping[str, ActiveBinding] | None = None,
        *,
        has_full_quality: bool = True,
    ) -> None:
        """`keys` maps each action to its key or keys; `live` are the bindings of the screen that asks for help.

        `has_full_quality` tells whether a picture can have the whole terminal; else its key is not described.
        """
        super().__init__()
        self._keys = keys
        self._live = live
        self._viewing = [entry for entry in VIEWING if has_full_quality or entry is not FULL_QUALITY]

    def compose(self) -> ComposeResult:
        """One section after the other in a box that scrolls."""
        here = list(self._here())
        sections = (
            ("Keys", list(self._actions())),
            *((("On what is focused now", here),) if here else ()),
            ("Commands", [Entry(command.command, command.about_command) for command in COMMANDS]),
            ("In the message", WRITING),
            ("In the conversation", READING),
            ("While a picture fills the screen", self._viewing),
            ("In the gallery", GALLERY),
        )
        with VerticalScroll():
            yield Static("Help · Esc closes", classes="title")
            for title, entries in sections:
                yield Static(title, classes="heading", markup=False)
                yield HelpTable(entries)

    def _actions(self) -> Iterator[Entry]:
        working = {action.id for action in KEY_ACTIONS if action.owner == "prompt"}
        for active in (self._live or {}).values():
            if active.enabled:
                working |= {active.binding.id or "", active.binding.action.removeprefix("app.")}
        for action in KEY_ACTIONS:
            keys = " ".join(key_label(key) for key in key_names(self._keys[action.id]))
            yield Entry(keys, action.help, is_working=self._live is None or action.id in working)

    def _here(self) -> Iterator[Entry]:
        """What a focused card adds; the prompt's own keys have a section, and scrolling explains itself."""
        for active in (self._live or {}).values():
            node, binding = active.node, active.binding
            is_focused = isinstance(node, Widget) and node.has_focus and not isinstance(node, Prompt)
            is_plain = binding.id in BY_ID or binding.action.startswith(("scroll", "page_"))
            if is_focused and active.enabled and binding.description and not is_plain:
                yield Entry(key_label(binding.key), f"{binding.tooltip or binding.description}.")

    def on_click(self, event: events.Click) -> None:
        """A click beside the box closes."""
        if event.widget is self:
            self.action_close()

    def action_close(self) -> None:
        """Back to the chat."""
        self.dismiss()
