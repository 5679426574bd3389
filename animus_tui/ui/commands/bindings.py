"""Key bindings of the actions in the table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.binding import Binding

from animus_tui.actions import BY_ID

if TYPE_CHECKING:
    from animus_tui.actions import Action


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
