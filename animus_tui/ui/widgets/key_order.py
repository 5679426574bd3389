"""Keys that come together, as from somebody who types fast: the focus moves at once, and the keys behind follow it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from animus_tui.ui.textual_compat import bindings_for, forwarded

if TYPE_CHECKING:
    from textual import events
    from textual.widget import Widget

FOCUS_KEYS = frozenset({"tab", "shift+tab"})
"""They move the focus, wherever they do nothing else."""


def follows_focus(widget: Widget, event: events.Key) -> bool:
    """Hand a key on that came for `widget` before a key ahead of it had moved the focus; whether that was so."""
    focused = widget.screen.focused
    if focused is None or focused is widget:
        return False
    focused.post_message(forwarded(event))
    return True


def follows_screen(widget: Widget, event: events.Key | events.Paste) -> bool:
    """Hand on what came for `widget` before a key ahead of it had opened another screen; whether that was so."""
    shown = widget.app.screen
    if shown is widget.screen or shown.focused is None:
        return False
    shown.focused.post_message(forwarded(event))
    return True


async def moves_focus(widget: Widget, key: str) -> bool:
    """Do at once what the screen does with a key that moves the focus; False when it is none.

    Left to Textual it is done after the keys behind it in a burst, and these would be typed where the focus was.
    """
    if key not in FOCUS_KEYS or (active := widget.screen.active_bindings.get(key)) is None:
        return False
    return await widget.app.run_action(active.binding.action, active.node)


async def runs_binding(widget: Widget, key: str) -> bool:
    """Do at once what a key is bound to on the widget itself; False when that is nothing.

    Left to Textual it is done after the keys behind it in a burst: a slow line would scramble what is typed.
    """
    for binding in bindings_for(widget, key):
        if await widget.app.run_action(binding.action, widget):
            return True
    return False


class KeyOrder:
    """Mixed into a widget in which one types, before its own class: fast keys arrive where they were meant to."""

    async def on_key(self: Widget, event: events.Key) -> None:  # type: ignore[misc]  # mixed into widgets only
        """Take a key that is for another widget, or that moves the focus, before the widget's own handler."""
        if follows_focus(self, event) or await moves_focus(self, event.key):
            event.stop()
            event.prevent_default()
