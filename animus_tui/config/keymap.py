"""Which keys run which action: those of the table, and the user's own in their place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from animus_tui.config.actions import KEY_ACTIONS
from animus_tui.errors import UserError
from animus_tui.late_pattern import late_pattern

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_KEYS: dict[str, str] = {action.id: action.keys for action in KEY_ACTIONS}
"""Action → key or keys."""

# What a terminal sends for the left one is the right one: they are the same key.
_SAME_KEY = {"ctrl+m": "enter", "ctrl+i": "tab", "ctrl+left_square_bracket": "escape"}
_KEY = late_pattern(r"(?:(?:ctrl|alt|shift|super|meta|hyper)\+)*(?:[a-z0-9_]+|[^\sA-Z,])")
_TYPED = late_pattern(r"(?:shift\+)?(?:[^\s]|space)")


def key_names(keys: str) -> list[str]:
    """The single keys of a comma-separated list, blanks removed."""
    return [key.strip() for key in keys.split(",") if key.strip()]


class KeyConflictError(UserError):
    """A key that cannot do what it is set to do: the action it was set for and what it must be instead."""

    def __init__(self, action: str, must_be: str) -> None:
        super().__init__(f"The key of {action} must be {must_be}.")
        self.action = action
        self.must_be = must_be


def keymap(own: Mapping[str, str]) -> dict[str, str]:
    """Action → keys, the user's own in place of the defaults; empty for one whose default key the user has taken.

    Raises KeyConflictError for a key that is malformed, needed for typing, or bound to two actions.
    """
    taken = {_SAME_KEY.get(key, key) for keys in own.values() for key in key_names(keys)}
    gone = {action.id for action in KEY_ACTIONS if action.gives_way and taken & set(key_names(action.keys))}
    gone -= own.keys()
    chosen = {action: keys for action, keys in {**DEFAULT_KEYS, **own}.items() if action not in gone}
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
    return chosen | dict.fromkeys(gone, "")
