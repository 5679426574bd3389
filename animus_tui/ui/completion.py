"""What the beginning of a prompt may become: commands, and the folders of a path. Pure but for one folder's names."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from animus_tui.ui.commands import COMMANDS, Command

MOST_FOLDERS = 8
"""Folders that are offered at once."""
LEAST_MEANT = 3
"""Letters from which a description is searched, too."""


class Offer(NamedTuple):
    """One line above the prompt."""

    text: str
    """What the prompt holds once the offer is taken; empty for a line that only explains."""
    label: str
    description: str = ""
    is_whole: bool = False
    """Nothing has to follow: Enter takes it and sends it."""


def command_offers(text: str) -> list[Offer]:
    """The commands that `text` may become; one that explains while an argument is awaited; else none.

    Names that begin with what was typed come first, then those whose description has a word that does.
    """
    if not text.startswith("/") or text.startswith("//") or "\n" in text:
        return []
    typed, blank, argument = text[1:].lower().partition(" ")
    if blank:
        return [
            _explanation(command) for command in COMMANDS if command.name == typed and not argument.strip()
        ]
    begun = [command for command in COMMANDS if command.name.startswith(typed)]
    meant = [command for command in COMMANDS if command not in begun and _mentions(command, typed)]
    return [_offer(command) for command in (*begun, *meant)]


def folder_offers(typed: str, *, most: int = MOST_FOLDERS) -> list[Offer]:
    """The folders that a path after `/save ` may go on with, by name; none where nothing can be read.

    It asks the disk, which may take its time.
    """
    head, slash, beginning = typed.rpartition("/")
    folder = Path(head + slash or ".").expanduser()
    try:
        with os.scandir(folder) as entries:
            names = sorted(entry.name for entry in entries if entry.is_dir())
    except (OSError, ValueError):
        return []
    fitting = [
        name
        for name in names
        if name.lower().startswith(beginning.lower()) and name.isprintable() and (beginning or name[0] != ".")
    ]
    return [Offer(f"/save {head}{slash}{name}/", f"{head}{slash}{name}/") for name in fitting[:most]]


def path_begun(text: str) -> str | None:
    """The path that is being typed after `/save `; None when it is something else."""
    word, blank, typed = text.partition(" ")
    return typed if blank and word.lower() == "/save" and typed.strip() and "\n" not in typed else None


def _mentions(command: Command, typed: str) -> bool:
    return len(typed) >= LEAST_MEANT and any(
        word.lower().startswith(typed) for word in command.description.split()
    )


def _offer(command: Command) -> Offer:
    blank = " " if command.argument else ""
    return Offer(
        f"/{command.name}{blank}", command.usage, command.description, is_whole=not command.is_required
    )


def _explanation(command: Command) -> Offer:
    return Offer("", command.usage, command.description)
