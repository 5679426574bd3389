"""Keys as they are shown on the screen."""

from __future__ import annotations

from textual.keys import format_key

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
