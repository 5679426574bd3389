"""The keys of the actions: how they are bound, and how they are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.binding import Binding
from textual.keys import format_key

from animus_tui.config.actions import BY_ID

if TYPE_CHECKING:
    from animus_tui.config.action import Action


_NAMES = {
    "enter": "Enter",
    "escape": "Esc",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "space": "Space",
    "delete": "Del",
}
_MARKS = {"ctrl": "^", "shift": "⇧", "alt": "Alt+"}


def key_label(key: str) -> str:
    """A key as it is shown: `ctrl+r` is `^R`, `shift+enter` is `⇧Enter`, `f1` is `F1`."""
    *modifiers, name = key.split("+")
    shown = _NAMES.get(name) or format_key(name)
    if len(shown) == 1 and "ctrl" in modifiers:
        shown = shown.upper()
    elif shown == name or shown.replace(" ", "_") == name:  # a key with a name, such as f1 or tab
        shown = shown.capitalize() if len(shown) > 1 else shown
    return "".join(_MARKS.get(modifier, f"{modifier.capitalize()}+") for modifier in modifiers) + shown


def binding_of(action: Action, does: str = "", *, is_priority: bool | None = None) -> Binding:
    """The binding of an action, with its default keys; the application's keymap puts the user's own in their place.

    `does` is what Textual runs, the action's id by default; `is_priority` is the action's own by default.
    """
    return Binding(
        action.keys,
        does or action.id,
        action.label,
        id=action.id,
        tooltip=action.help,
        priority=action.is_priority if is_priority is None else is_priority,
    )


def bindings_of(*ids: str) -> list[Binding]:
    """The bindings of some actions on a screen that has methods of its own for them."""
    return [binding_of(BY_ID[name], is_priority=False) for name in ids]
