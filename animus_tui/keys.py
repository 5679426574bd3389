"""The actions that have a key: one table for the configuration, the screen, its footer and its help.

No default is the prefix of tmux (ctrl+b) or of screen (ctrl+a).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from animus_tui.values import Value

if TYPE_CHECKING:
    from collections.abc import Mapping


class Action(Value, frozen=True):
    """Something that a key does."""

    id: str
    """Its name in `[keys]` and in the application's keymap."""
    keys: str
    """Default key or keys, comma separated, as Textual names them."""
    label: str
    """A word or two for the footer."""
    description: str
    """One sentence for the help."""


ACTIONS: tuple[Action, ...] = (
    Action("send", "enter", "Send", "Send the message."),
    Action("newline", "shift+enter,alt+enter,ctrl+j", "New line", "Begin a new line in the message."),
    Action("cancel", "escape", "Cancel", "Stop the answer or the picture that is under way."),
    Action("retry", "ctrl+t", "Retry", "Ask again for the answer or the picture that failed."),
    Action(
        "regenerate",
        "ctrl+r",
        "Again",
        "Paint the picture again with a new seed; the old one stays.",
    ),
    Action(
        "changes",
        "ctrl+shift+r,f3",
        "Change",
        "Paint the picture again with other words or settings, in a form.",
    ),
    Action("form", "ctrl+g", "Form", "Set a picture's words, size, seed and all else in a form."),
    Action("save", "ctrl+s", "Save", "Save the picture as a file of its own."),
    Action("reasoning", "ctrl+o", "Reasoning", "Show or fold the reasoning of the last answer."),
    Action("find", "ctrl+f", "Find", "Find what was said or painted."),
    Action("gallery", "f4", "Gallery", "Show all pictures of all conversations."),
    Action("copy_selection", "ctrl+c", "Copy", "Copy what the mouse has marked."),
    Action("new", "ctrl+n", "New", "Begin a new conversation."),
    Action("help", "f1", "Help", "Show keys and commands."),
    Action("suspend", "ctrl+z", "Suspend", "Back to the shell; its fg command brings the application back."),
    Action("quit", "ctrl+q", "Quit", "Leave; everything is saved already."),
)

DEFAULT_KEYS: dict[str, str] = {action.id: action.keys for action in ACTIONS}
"""Action → key or keys."""

# What a terminal sends for the left one is the right one: they are the same key.
_SAME_KEY = {"ctrl+m": "enter", "ctrl+i": "tab", "ctrl+left_square_bracket": "escape"}
_KEY = re.compile(r"(?:(?:ctrl|alt|shift|super|meta|hyper)\+)*(?:[a-z0-9_]+|[^\sA-Z,])")
_TYPED = re.compile(r"(?:shift\+)?(?:[^\s]|space)")


def key_names(keys: str) -> list[str]:
    """The single keys of a comma-separated list, blanks removed."""
    return [key.strip() for key in keys.split(",") if key.strip()]


class KeyConflictError(ValueError):
    """A key that cannot do what it is set to do: the action it was set for and what it must be instead."""

    def __init__(self, action: str, must_be: str) -> None:
        super().__init__(f"The key of {action} must be {must_be}.")
        self.action = action
        self.must_be = must_be


def keymap(own: Mapping[str, str]) -> dict[str, str]:
    """Action → keys, the user's own in place of the defaults.

    Raises KeyConflictError for a key that is malformed, needed for typing, or bound to two actions.
    """
    chosen = {**DEFAULT_KEYS, **own}
    owners: dict[str, str] = {}
    for action, keys in chosen.items():
        if not key_names(keys):
            raise KeyConflictError(action, f'a key, such as "{DEFAULT_KEYS[action]}"')
        for key in key_names(keys):
            if _KEY.fullmatch(key) is None:
                raise KeyConflictError(action, f'a key like "ctrl+r" or "f5", and "{key}" is none')
            if _TYPED.fullmatch(key) is not None:
                raise KeyConflictError(action, f'a key that types nothing, such as "alt+x", and "{key}" does')
            other = owners.setdefault(_SAME_KEY.get(key, key), action)
            if other != action:
                mine, theirs = (action, other) if action in own else (other, action)
                raise KeyConflictError(mine, f'a key that is free, and "{key}" belongs to "{theirs}"')
    return chosen
