"""The tables of the README, made from the table of actions: `python -m tests.support.readme_tables` prints them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from animus_tui.chat.images.option_parser import OPTIONS
from animus_tui.config.action import Action
from animus_tui.config.actions import COMMANDS, KEY_ACTIONS
from animus_tui.config.keymap import key_names
from animus_tui.ui.commands.places import READING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

NAMES = {"escape": "Esc"}


def tables() -> dict[str, str]:
    """Title → table, in the order in which they stand there."""
    keys = ((", ".join(map(spelled, key_names(action.keys))), action.help) for action in KEY_ACTIONS)
    found = {"Anywhere": table("key", keys)}
    found["In the conversation"] = table("key", ((each.shown, each.help) for each in READING))
    found["Commands"] = table(
        "command", ((", ".join(spellings(command)), command.help) for command in COMMANDS)
    )
    options = ((f"`{option.word} {option.takes}`", option.help) for option in OPTIONS)
    return found | {"Options": table("option", options)}


def spelled(key: str) -> str:
    """`ctrl+shift+r` is `Ctrl+Shift+R`."""
    return "+".join(NAMES.get(part, part.capitalize()) for part in key.split("+"))


def spellings(command: Action) -> Iterator[str]:
    """`/quit` and its other names."""
    yield f"`{command.command}`"
    yield from (f"`/{alias}`" for alias in command.aliases)


def table(what: str, rows: Iterable[tuple[str, str]]) -> str:
    """A table of two columns; a bar in a cell would end it."""
    lines = (f"| {left} | {right} |" for left, right in (map(_cell, row) for row in rows))
    return "\n".join((f"| {what} | what it does |", "|---|---|", *lines))


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    for title, lines in tables().items():
        sys.stdout.write(f"### {title}\n\n{lines}\n\n")
