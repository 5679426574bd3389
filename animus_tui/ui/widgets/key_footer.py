"""The keys that work now, drawn from the live bindings; on a narrow screen the less needed ones give way."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from msgspec import Struct
from rich.cells import cell_len
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, TextArea

from animus_tui.config.actions import BY_ID, KEY_ACTIONS
from animus_tui.config.keymap import key_names
from animus_tui.ui.commands.key_bindings import key_label
from animus_tui.ui.widgets.line_input import literal
from animus_tui.ui.widgets.prompt import Prompt

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from textual import events
    from textual.screen import Screen

FOOTER = sorted(
    (action for action in KEY_ACTIONS if action.footer),
    key=lambda action: action.footer.place if action.footer else 0,
)
"""The actions that stand there, from left to right."""
NEEDS = {action.id: action.footer.need for action in KEY_ACTIONS if action.footer}
"""Action → how soon it gives way on a narrow screen, the highest number first."""
NEED_OF_CARD = 50
"""The same for the keys of a focused card."""
GAP = 2
"""Cells between two entries."""
ABOVE_KEYS = "-above-keys"
"""Class of a line above the keys that a message is not to cover."""


class Entry(Struct, frozen=True):
    """One key and what it does."""

    action: str
    key: str
    label: str

    @property
    def width(self) -> int:
        """Cells, without a gap."""
        return cell_len(key_label(self.key)) + 1 + cell_len(self.label)


def fitting(entries: Sequence[Entry], width: int) -> list[Entry]:
    """Those that fit beside each other in `width` cells, the most needed ones; the order stays."""
    kept: set[Entry] = set()
    room = width + GAP
    for entry in sorted(entries, key=_need):
        if entry.width + GAP <= room:
            kept.add(entry)
            room -= entry.width + GAP
    return [entry for entry in entries if entry in kept]


def help_entry(screen: Screen[Any]) -> list[Entry]:
    """The key of the help on a screen that lists its keys itself; none where that does not work."""
    action = BY_ID["help"]
    keys = (key for key, each in screen.active_bindings.items() if each.binding.id == action.id)
    return [Entry(action.id, key, action.label) for key in islice(keys, 1)]


def _need(entry: Entry) -> int:
    return NEEDS.get(entry.action, NEED_OF_CARD)


class KeyFooter(Widget):
    """One line; a click on an entry does what its key does."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES = {"key-footer--key"}
    DEFAULT_CSS = """
    KeyFooter {
        height: 1;
        padding: 0 1;
        color: $text-muted;
        .key-footer--key { color: $foreground; text-style: bold; }
    }
    """

    def __init__(self, keys: Mapping[str, str]) -> None:
        """`keys` maps each action to its key or keys, as configured."""
        super().__init__()
        self._keys = keys
        self.is_unconfigured = False
        """Whether the demo answers for want of a service."""
        self._is_due = False
        self._drawn: list[Entry] = []

    def on_mount(self) -> None:
        """Draw anew whenever what works has changed."""
        self.screen.bindings_updated_signal.subscribe(self, self._bindings_changed)

    def _bindings_changed(self, _: Screen[object]) -> None:
        if not self._is_due:
            self._is_due = True
            self.call_after_refresh(self._draw_if_changed)

    def _draw_if_changed(self) -> None:
        self._is_due = False
        if self.is_attached and self.entries() != self._drawn:
            self.refresh()

    def entries(self) -> list[Entry]:
        """The keys that work now and fit, from left to right."""
        return fitting([*self._own_keys_of_focused(), *self._actions()], self.content_size.width)

    def _own_keys_of_focused(self) -> Iterator[Entry]:
        focused = self.screen.focused
        if focused is None or isinstance(focused, TextArea | Input):
            return  # where one writes the keys are known
        seen: set[str] = set()
        for active in self.screen.active_bindings.values():
            binding = active.binding
            is_moving = binding.action.removeprefix("screen.").startswith(("scroll", "page_", "choose"))
            if active.node is focused and active.enabled and not is_moving and binding.action not in seen:
                seen.add(binding.action)
                yield Entry(binding.action, binding.key, binding.description)

    def _actions(self) -> Iterator[Entry]:
        working = {
            name
            for active in self.screen.active_bindings.values()
            if active.enabled
            for name in (active.binding.id, active.binding.action.removeprefix("app."))
        }
        if isinstance(self.screen.focused, Prompt):
            working |= {action.id for action in KEY_ACTIONS if action.owner == "prompt"}
        for action in FOOTER:
            if action.footer and action.footer.only_unconfigured and not self.is_unconfigured:
                continue
            if action.id in working and (keys := key_names(self._keys[action.id])):
                yield Entry(action.id, keys[0], action.label)

    def render(self) -> Content:
        """The entries, the last one at the right edge."""
        self._drawn = entries = self.entries()
        key_style = self.get_visual_style("key-footer--key")
        drawn = [Content.assemble((key_label(entry.key), key_style), f" {entry.label}") for entry in entries]
        if len(drawn) < 2:
            return Content("").join(drawn)
        left = Content(" " * GAP).join(drawn[:-1])
        room = self.content_size.width - left.cell_length - drawn[-1].cell_length
        return Content.assemble(left, " " * room, drawn[-1])

    def on_click(self, event: events.Click) -> None:
        """Press the key under the pointer."""
        offset = event.get_content_offset(self)
        entry = self._entry_at(offset.x) if offset is not None else None
        if entry is not None:
            self.app.simulate_key(entry.key)

    def _entry_at(self, x: int) -> Entry | None:
        left = 0
        for entry in self._drawn[:-1]:
            if left <= x < left + entry.width:
                return entry
            left += entry.width + GAP
        last = self._drawn[-1] if self._drawn else None
        return last if last is not None and (x >= self.content_size.width - last.width) else None

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Say in a tooltip what the key under the pointer does."""
        offset = event.get_content_offset(self)
        entry = self._entry_at(offset.x) if offset is not None else None
        action = BY_ID.get(entry.action) if entry is not None else None
        self.tooltip = None if action is None else literal(action.help)
