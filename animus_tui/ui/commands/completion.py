"""What the beginning of a prompt may become: commands, and the folders of a path. Pure but for one folder's names."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from animus_tui.chat.abilities import EVERYTHING, OPTION_NEEDS
from animus_tui.chat.images.moments import BY_WORD, MOMENTS
from animus_tui.chat.images.option_parser import OPTIONS, PLAIN, SOURCE
from animus_tui.config.actions import BY_ID, COMMANDS
from animus_tui.late_pattern import late_pattern
from animus_tui.picture_files import SUFFIXES
from animus_tui.ui.commands.parser import ALIASES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from animus_tui.chat.abilities import Abilities
    from animus_tui.chat.images.moments import Moment
    from animus_tui.chat.images.option_parser import Option
    from animus_tui.config.action import Action

MOST_FOLDERS = 8
"""Folders that are offered at once."""
SUFFIXES_OF = {"files": (".json", ".jsonl", ".zip"), "pictures": SUFFIXES}
"""Suffixes of the files that are offered where files are: those that can be imported, and pictures."""
PATH_COMMANDS = {
    command.id: command for command in COMMANDS if command.completes in ("folders", *SUFFIXES_OF)
}
"""The commands behind which the folders of a path are offered."""
MOST_NAMES = 50
"""Names that are offered at once."""
MODEL_COMMAND = "/model"
IMAGE_COMMAND = "image"
WAYS = {
    "auto": "A promised picture is made at once",
    "ask": "You are asked before a promised picture is made",
    "off": "A promised picture is not made, unless you ask for it",
}
"""What promised pictures can become, as `[image] when` says it."""
STYLE_COMMAND = "/style"
NO_STYLE = "none"
"""Behind it: no style any more."""
NameKind = Literal["model", "image_model", "sampler", "style", "character"]
"""What names there are of: models that answer, models that make pictures, samplers of those, styles, characters."""
NAMED_BY: dict[str, NameKind] = {
    **{f"/{command.id}": "character" for command in COMMANDS if command.completes == "characters"},
    MODEL_COMMAND: "model",
    STYLE_COMMAND: "style",
}
"""The commands behind which a name stands."""
_LISTED: dict[str, NameKind] = {"model": "image_model", "sampler": "sampler"}
"""Options of a picture whose values a service lists."""
LEAST_MEANT = 3
"""Letters from which a description is searched, too."""


VALUES = {
    "size": ("1024x1024", "1024x768", "768x1024", "1280x720", "720x1280"),
    "count": ("4", "2"),
    "face-lora": ("on", "off"),
    "body-lora": ("on", "off"),
    "face-swap": ("on", "off"),
    "character": ("none",),
}
"""What is offered for an option."""
_OPTIONS = late_pattern(r"/(\w+)\s(?:.*\s)?--(?P<name>[\w-]*)", re.DOTALL)
_VALUE = late_pattern(r"/(\w+)\s(?:.*\s)?--(?P<name>[\w-]+)[ =](?P<value>\S*)", re.DOTALL)


class Offer(Struct, frozen=True):
    """One line above the prompt."""

    text: str
    """What the prompt holds once the offer is taken; empty for a line that only explains."""
    label: str
    description: str = ""
    is_whole: bool = False
    """Nothing has to follow: Enter takes it and sends it."""


def command_offers(text: str, abilities: Abilities = EVERYTHING) -> list[Offer]:
    """The commands that `text` may become; its options and their values; what is awaited; else none.

    The name that was typed whole comes first, then those that begin with it, then those whose description has a word
    that does. What needs more than the `abilities` of the services is not offered.
    """
    if text.startswith("/") and "--" in text:
        return _option_offers(text, abilities)
    if not text.startswith("/") or text.startswith("//") or "\n" in text:
        return []
    typed, blank, argument = text[1:].lower().partition(" ")
    known = [command for command in COMMANDS if command.needs in {"", *abilities}]
    if blank and typed in BY_ID and BY_ID[typed].completes == "ways":
        begun_ways = [way for way in WAYS if way.startswith(argument.strip()) and way != argument.strip()]
        return [Offer(f"/{typed} {way}", way, WAYS[way], is_whole=True) for way in begun_ways]
    if blank and typed == IMAGE_COMMAND and argument.strip():
        begun_moments = [moment for moment in MOMENTS if moment.word.startswith(argument)]
        return _moment_offers(begun_moments, known) if argument not in BY_WORD else []
    if blank and typed == IMAGE_COMMAND:
        return [*(_offer(each) for each in known if each.id == typed), *_moment_offers(MOMENTS, known)]
    if blank:
        return [_explanation(command) for command in known if command.id == typed and not argument.strip()]
    meant_by_alias = {ALIASES[alias] for alias in ALIASES if typed and alias.startswith(typed)}
    begun = [command for command in known if command.id.startswith(typed) or command.id in meant_by_alias]
    begun.sort(key=lambda command: command.id != ALIASES.get(typed, typed))
    meant = [command for command in known if command not in begun and _mentions(command, typed)]
    return [_offer(command) for command in (*begun, *meant)]


def is_prompt_too(text: str) -> bool:
    """Whether what is typed may as well be left as it is, so that no offer is marked.

    A lone `--` ends a prompt, and words behind `/image` are one.
    """
    return text.endswith("--") or ("--" not in text and text.lower().startswith(f"/{IMAGE_COMMAND} "))


def _moment_offers(moments: Sequence[Moment], known: Sequence[Action]) -> list[Offer]:
    """The words that stand for a picture of the moment, where pictures can be made."""
    if BY_ID[IMAGE_COMMAND] not in known:
        return []
    return [
        Offer(f"/{IMAGE_COMMAND} {each.word}", each.word, each.meaning, is_whole=True) for each in moments
    ]


def _option_offers(text: str, abilities: Abilities) -> list[Offer]:
    """The options that the last word may become, or what the option before it takes."""
    named, begun = _OPTIONS.fullmatch(text), _VALUE.fullmatch(text)
    found = named or begun
    command = BY_ID.get(found[1]) if found is not None else None
    if command is None or command.completes not in ("options", "edit_options"):
        return []
    if command.needs not in {"", *abilities}:
        return []
    known = {
        option.name: _told(option)
        for option in OPTIONS
        if OPTION_NEEDS.get(option.name, option.name) in abilities
    }
    if command.completes == "edit_options":
        known[SOURCE] = f"--{SOURCE} URL|FILE", "the picture to change, from elsewhere"
    else:
        known.pop("strength", None)
        known[PLAIN] = f"--{PLAIN}", "without the appearance and the style of this conversation"
    if named is not None:
        typed = named["name"]
        before = text[: len(text) - len(typed) - 2]
        fitting = [name for name in known if name.startswith(typed) and f"--{name} " not in before]
        return [Offer(f"{before}--{name} ", *known[name]) for name in fitting]
    if begun is None or begun["name"] not in known:
        return []
    value = begun["value"]
    before = text[: len(text) - len(value)]
    values = [each for each in VALUES.get(begun["name"], ()) if each.startswith(value) and each != value]
    if not values and not value:
        return [Offer("", *known[begun["name"]])]
    return [Offer(before + each, each, known[begun["name"]][1]) for each in values]


def _told(option: Option) -> tuple[str, str]:
    return f"{option.word} {option.takes}", option.help


def path_offers(text: str, *, most: int = MOST_FOLDERS) -> list[Offer]:
    """What a path behind a command may go on with, by name: folders, or files too; none where nothing can be read.

    It asks the disk, which may take its time.
    """
    word, _, typed = text.partition(" ")
    command = PATH_COMMANDS[word[1:].lower()]
    head, slash, beginning = typed.rpartition("/")
    folder = Path(head + slash or ".").expanduser()
    suffixes = SUFFIXES_OF.get(command.completes, ())
    try:
        with os.scandir(folder) as entries:
            found = sorted(
                entry.name + "/" * entry.is_dir()
                for entry in entries
                if entry.is_dir() or entry.name.lower().endswith(suffixes)
            )
    except (OSError, ValueError):
        return []
    fitting = [
        f"{head}{slash}{name}"
        for name in found
        if name.lower().startswith(beginning.lower()) and name.isprintable() and (beginning or name[0] != ".")
    ]
    return [Offer(f"/{command.id} {path}", path, is_whole=not path.endswith("/")) for path in fitting[:most]]


class NameBegun(Struct, frozen=True):
    """The name of something that a service lists, as far as it is typed."""

    kind: NameKind
    before: str
    """What stands before it."""
    typed: str


def name_begun(text: str, abilities: Abilities) -> NameBegun | None:
    """The name of a model or a sampler that is being typed; None when it is something else."""
    word, blank, typed = text.partition(" ")
    if blank and word.lower() in NAMED_BY and "\n" not in text:
        return NameBegun(NAMED_BY[word.lower()], f"{word.lower()} ", typed.strip())
    found = _VALUE.fullmatch(text) if text.startswith("/") else None
    command = BY_ID.get(found[1]) if found is not None else None
    if found is None or command is None or command.completes not in ("options", "edit_options"):
        return None
    kind = _LISTED.get(found["name"])
    if kind is None or found["name"] not in abilities:
        return None
    return NameBegun(kind, text[: len(text) - len(found["value"])], found["value"])


def is_name_optional(begun: NameBegun) -> bool:
    """Whether the command may as well stand without a name, so that no offer is marked."""
    return begun.kind == "character" and not begun.typed


def name_offers(begun: NameBegun, names: Sequence[str]) -> list[Offer]:
    """The names that have what was typed, those first that begin with it; none where that is one's name.

    Behind an option those of several words are quoted.
    """
    wanted, is_option = begun.typed.casefold(), begun.kind in _LISTED.values()
    is_said = begun.kind == "character" and any(name.casefold() == wanted for name in names)
    if is_said or begun.typed in names:
        return []
    fitting = [name for name in names if wanted in name.casefold() and name.isprintable()]
    if is_option:
        fitting = [name for name in fitting if '"' not in name]
    fitting.sort(key=lambda name: not name.casefold().startswith(wanted))
    return [
        Offer(
            begun.before + (f'"{name}"' if is_option and " " in name else name), name, is_whole=not is_option
        )
        for name in fitting[:MOST_NAMES]
    ]


def path_begun(text: str) -> str | None:
    """The path that is being typed after a command that takes one; None when it is something else."""
    word, blank, typed = text.partition(" ")
    takes_path = word[:1] == "/" and word[1:].lower() in PATH_COMMANDS
    return typed if blank and takes_path and typed.strip() and "\n" not in typed else None


def _mentions(command: Action, typed: str) -> bool:
    return len(typed) >= LEAST_MEANT and any(word.lower().startswith(typed) for word in command.help.split())


def _offer(command: Action) -> Offer:
    blank = " " if command.argument else ""
    return Offer(f"/{command.id}{blank}", command.command, command.help, is_whole=not command.needs_argument)


def _explanation(command: Action) -> Offer:
    return Offer("", command.command, command.help)
