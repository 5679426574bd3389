"""Reading a slash command that was typed."""

from __future__ import annotations

import difflib
import re

from msgspec import Struct

from animus_tui.config.actions import COMMANDS
from animus_tui.errors import UserError
from animus_tui.late_pattern import late_pattern

ALIASES = {alias: command.id for command in COMMANDS for alias in command.aliases}
"""Other name of a command → its name."""
_NAMES = {command.id: command for command in COMMANDS}
_CALL = late_pattern(r"/(\w*)(?:\s(.*))?", re.DOTALL)


class CommandCall(Struct, frozen=True):
    """An action that was asked for, by a command that was typed or by a key."""

    name: str
    """The id of the action."""
    argument: str = ""
    text: str = ""
    """As it was typed; empty when a key asked for it."""


def parse(text: str) -> CommandCall | str:
    """A command, or the text that is to be said. Two slashes say one: `//image` is ordinary text, and so is a path.

    Raises UserError for an unknown command and for a missing or superfluous argument.
    """
    if text.startswith("//"):
        return text[1:]
    call = _CALL.fullmatch(text)
    if call is None:
        return text
    word, argument = call[1].lower(), (call[2] or "").strip()
    command = _NAMES.get(ALIASES.get(word, word))
    if command is None:
        raise UserError(_unknown(word))
    if command.needs_argument and not argument:
        raise UserError(f"/{command.id} needs words: {command.command}")
    if argument and not command.argument:
        raise UserError(f"/{command.id} stands alone; send the rest as a message of its own.")
    return CommandCall(command.id, argument, text)


def _unknown(word: str) -> str:
    near = difflib.get_close_matches(word, list(_NAMES), n=1)
    hint = f"did you mean /{near[0]}?" if near else "/help shows what there is."
    return f"There is no command /{word}; {hint} Begin with // to say it."
