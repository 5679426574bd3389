"""The help: everything that can be done in the conversation, or the keys that work on another screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from rich.table import Table
from rich.text import Text
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.widget import Widget
from textual.widgets import Static

from animus_tui.chat.abilities import EVERYTHING
from animus_tui.config.actions import BY_ID, COMMANDS, KEY_ACTIONS
from animus_tui.config.keymap import key_names
from animus_tui.ui.commands.key_bindings import key_label
from animus_tui.ui.commands.places import FULL_QUALITY, PLACES
from animus_tui.ui.screens.box_screen import BoxScreen
from animus_tui.ui.widgets.prompt import Prompt

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from textual.app import ComposeResult
    from textual.binding import ActiveBinding
    from textual.screen import Screen

    from animus_tui.chat.abilities import Abilities
    from animus_tui.ui.commands.places import Place

ROOMY = 64
"""Cells of the screen from which keys stand in one line; below, they wrap too."""
WIDE, NARROW = 19, 11
"""Cells of the column of keys and commands."""


class Line(NamedTuple):
    """A key or a command, and what it does."""

    what: str
    description: str
    is_working: bool = True


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

    def __init__(self, lines: Sequence[Line]) -> None:
        super().__init__()
        self._lines = lines

    @property
    def lines(self) -> Sequence[Line]:
        """The lines, from the top."""
        return self._lines

    def render(self) -> Table:
        """Two columns; the second one wraps."""
        what = self.get_component_rich_style("help-table--what", partial=True)
        resting = self.get_component_rich_style("help-table--resting", partial=True)
        table = Table.grid(padding=(0, 2, 0, 0), expand=True)
        table.add_column(width=WIDE if self.app.size.width >= ROOMY else NARROW)
        table.add_column(ratio=1)
        for line in self._lines:
            table.add_row(
                Text(line.what, style=what if line.is_working else resting),
                Text(line.description, style="" if line.is_working else resting),
            )
        return table


class HelpScreen(BoxScreen[None]):
    """Keys and commands; Esc, q and the key of the help close it."""

    CSS_PATH = "help.tcss"
    BINDINGS = [
        Binding("f1", "leave", "Close", id="help", show=False),
        Binding("escape,q", "leave", "Close", show=False),
    ]

    def __init__(self, sections: Sequence[tuple[str, Sequence[Line]]]) -> None:
        """`sections` are titles, each with the lines below it; those without a line are left out."""
        super().__init__()
        self._sections = sections

    def compose(self) -> ComposeResult:
        """One section after the other in a box that scrolls."""
        with VerticalScroll(id="box"):
            yield Static("Help · Esc Close", classes="title")
            for title, lines in self._sections:
                if lines:
                    yield Static(title, classes="heading", markup=False)
                    yield HelpTable(lines)


def help_of_chat(
    keys: Mapping[str, str],
    live: Mapping[str, ActiveBinding],
    *,
    has_full_quality: bool = True,
    abilities: Abilities = EVERYTHING,
) -> HelpScreen:
    """The help with everything that there is.

    `keys` maps each action to its key or keys; `live` are the bindings of the screen that asks for help.
    `has_full_quality` tells whether a picture can have the whole terminal; else its key is not described.
    `abilities` is what the services can do: what needs more is not described.
    """
    able = {"", *abilities}
    commands = [Line(each.command, each.help) for each in COMMANDS if each.needs in able]
    return HelpScreen(
        (
            ("Keys", list(_actions(keys, live, able))),
            ("On what is focused now", list(_of_focused(live))),
            ("Commands", commands),
            *(
                (place.title, list(_of_place(place, able, has_full_quality=has_full_quality)))
                for place in PLACES
            ),
        )
    )


def help_of_place(
    screen: Screen[Any], place: Place, *, has_full_quality: bool = True, abilities: Abilities = EVERYTHING
) -> HelpScreen:
    """The help with the keys that work on a screen: those of its place, and those of the table of actions."""
    lines = list(_of_place(place, {"", *abilities}, has_full_quality=has_full_quality))
    return HelpScreen(((place.title, lines), ("Here and elsewhere", list(_bound(screen.active_bindings)))))


def _actions(keys: Mapping[str, str], live: Mapping[str, ActiveBinding], able: set[str]) -> Iterator[Line]:
    working = {action.id for action in KEY_ACTIONS if action.owner == "prompt"}
    for active in live.values():
        if active.enabled:
            working |= {active.binding.id or "", active.binding.action.removeprefix("app.")}
    for action in KEY_ACTIONS:
        if action.needs in able:
            shown = " ".join(key_label(key) for key in key_names(keys[action.id]))
            yield Line(shown, action.help, is_working=action.id in working)


def _bound(live: Mapping[str, ActiveBinding]) -> Iterator[Line]:
    """The actions of the table that work, by their keys; a screen may do another thing with a key, and says what."""
    for action in KEY_ACTIONS:
        found = [each.binding for each in live.values() if each.enabled and each.binding.id == action.id]
        if found and (does := found[0].description):
            keys = " ".join(key_label(binding.key) for binding in found)
            yield Line(keys, action.help if does == action.label else does)


def _of_place(place: Place, able: set[str], *, has_full_quality: bool) -> Iterator[Line]:
    """The keys of a place, but for those that this terminal or the services can do nothing with."""
    for keys in place.keys:
        is_drawn = has_full_quality or keys is not FULL_QUALITY
        if is_drawn and keys.needs in able:
            yield Line(keys.shown, keys.help)


def _of_focused(live: Mapping[str, ActiveBinding]) -> Iterator[Line]:
    """What a focused card adds; the prompt's own keys have a section, and scrolling explains itself."""
    for active in live.values():
        node, binding = active.node, active.binding
        is_focused = isinstance(node, Widget) and node.has_focus and not isinstance(node, Prompt)
        is_plain = binding.id in BY_ID or binding.action.startswith(("scroll", "page_"))
        if is_focused and active.enabled and binding.description and not is_plain:
            yield Line(key_label(binding.key), binding.tooltip or binding.description)
