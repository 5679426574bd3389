"""The slash commands: one table that feeds parsing, completion, the palette and the help."""

from __future__ import annotations

import difflib
import re
from typing import Literal

from animus_tui.values import Value

CommandName = Literal[
    "image",
    "edit",
    "batch",
    "video",
    "again",
    "regenerate",
    "form",
    "character",
    "save",
    "view",
    "gallery",
    "find",
    "new",
    "retry",
    "help",
    "quit",
]


class Command(Value, frozen=True):
    """Something to be typed after a slash."""

    name: CommandName
    argument: str
    """What follows the name, as the help shows it; empty when nothing does."""
    is_required: bool
    """Whether it works only with an argument."""
    description: str
    takes_options: bool = False
    """Whether options such as `--size 1024x768` may stand behind the words."""

    @property
    def usage(self) -> str:
        """`/image PROMPT`."""
        return f"/{self.name} {self.argument}".rstrip()


COMMANDS: tuple[Command, ...] = (
    Command("image", "PROMPT", True, "Paint a picture from your own words; -- offers options.", True),
    Command("edit", "PROMPT", True, "Change the last picture, the chosen one, or one at an address.", True),
    Command("batch", "PROMPTS", True, "Paint several pictures at once, one from each line.", True),
    Command("video", "[WORDS]", False, "Turn the picture into a short clip."),
    Command("again", "[PROMPT]", False, "Paint the picture again with other words or options.", True),
    Command("regenerate", "", False, "Paint the picture again with a new seed."),
    Command("form", "", False, "Set size, seed and all else of a picture in a form."),
    Command("character", "[NAME]", False, "Choose whose face the pictures get, or none."),
    Command("save", "[PATH]", False, "Save the picture, or all; a folder is used from then on."),
    Command("view", "", False, "View the picture as large as the screen, and from it all the others."),
    Command("gallery", "", False, "See every picture that was ever made, and go to where it stands."),
    Command("find", "[WORDS]", False, "Find what was said or painted."),
    Command("new", "", False, "Begin a new conversation."),
    Command("retry", "", False, "Ask again for what failed."),
    Command("help", "", False, "Show keys and commands."),
    Command("quit", "", False, "Leave; everything is saved already."),
)
_BY_NAME: dict[str, Command] = {command.name: command for command in COMMANDS}
ALIASES: dict[str, CommandName] = {"exit": "quit"}
"""Other names of commands, as other programs call them."""
_CALL = r"/(\w*)(?:\s(.*))?"  # compiled with the first command: no start needs it


class CommandError(ValueError):
    """It begins like a command and is none; `str()` is one sentence that a person can act on."""


class CommandCall(Value, frozen=True):
    """A command that was typed."""

    name: CommandName
    argument: str


def parse(text: str) -> CommandCall | str:
    """A command, or the text that is to be said. Two slashes say one: `//image` is ordinary text, and so is a path.

    Raises CommandError for an unknown command and for a missing or superfluous argument.
    """
    if text.startswith("//"):
        return text[1:]
    call = re.fullmatch(_CALL, text, re.DOTALL)
    if call is None:
        return text
    word, argument = call[1].lower(), (call[2] or "").strip()
    command = _BY_NAME.get(ALIASES.get(word, word))
    if command is None:
        raise CommandError(_unknown(word))
    if command.is_required and not argument:
        raise CommandError(f"/{command.name} needs words: {command.usage}")
    if argument and not command.argument:
        raise CommandError(f"/{command.name} stands alone; send the rest as a message of its own.")
    return CommandCall(command.name, argument)


def _unknown(word: str) -> str:
    near = difflib.get_close_matches(word, list(_BY_NAME), n=1)
    hint = f"did you mean /{near[0]}?" if near else "/help shows what there is."
    return f"There is no command /{word}; {hint} Begin with // to say it."
