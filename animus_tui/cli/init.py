"""`init`: the few questions that a configuration file needs."""

from __future__ import annotations

import os
import sys
from getpass import getpass
from typing import TYPE_CHECKING

from animus_tui import paths
from animus_tui.atomic import ensure_folder, write_atomically
from animus_tui.cli.compose import config_path
from animus_tui.cli.output import DONE, say, well_formed
from animus_tui.config.loading import default_of, load_config
from animus_tui.config.schema import AUTO_MODEL, Config
from animus_tui.config.settings_file import SettingsFile
from animus_tui.config.template import HEAD, settings_text
from animus_tui.errors import ConfigError, UsageError, UserError
from animus_tui.printable import printable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from animus_tui.cli.arguments import Arguments

SERVICES = """\
Which service answers?
  1  Animus, signed in with a token provider: an endpoint of your own that hands out tokens
  2  Animus, signed in with an API key
  3  another one with OpenAI's chat API, such as Ollama, LM Studio or llama.cpp
  4  none yet: the embedded demo answers, on this machine alone\
"""
OLLAMA = "http://127.0.0.1:11434/v1"
"""Where Ollama listens unless it is told otherwise."""
ASKED = (
    ("api", "backend"),
    ("api", "base_url"),
    ("api", "token_provider_url"),
    ("api", "api_key"),
    ("chat", "name"),
    ("chat", "model"),
    ("image", "save_dir"),
)
"""Table and key of what is asked."""
Answers = dict[str, dict[str, object]]


def run(arguments: Arguments, env: Mapping[str, str]) -> int:
    """Ask and write the file, readable by its owner alone. Nothing is written when the questions are not answered."""
    path = config_path(arguments, env)
    if os.path.exists(path) and not os.path.isfile(path):  # noqa: PTH110, PTH113 (these never raise)
        raise UsageError(f"{path} is not a file that could be replaced; name another.")
    is_filled_in = not arguments.force and _asks_for_more(path)
    if os.path.exists(path) and not arguments.force and not is_filled_in:  # noqa: PTH110
        raise UsageError(f"{path} exists already; --force replaces it.")
    if sys.stdin is None or sys.stdout is None:
        raise UsageError("There is nobody to ask: standard input or output is closed.")
    does = f"This fills in {path} and keeps what stands in it" if is_filled_in else f"This writes {path}"
    say(f"{does}. Enter takes the answer in [brackets].\n")
    try:
        config = ask()
    except (EOFError, KeyboardInterrupt):
        say("")
        raise UserError("The questions were not answered; nothing was written.") from None
    if is_filled_in:
        told = {place: getattr(getattr(config, place[0]), place[1]) for place in ASKED}
        SettingsFile(path, {}).change_all(
            {place: value for place, value in told.items() if value != default_of(config, *place)}
        )
    else:
        _write(path, settings_text(config, show_defaults=False))
    say(f'\nWritten: {path}\n"animus-chat" starts, "animus-chat doctor" checks what was written.')
    return DONE


def _asks_for_more(path: Path) -> bool:
    """Whether the application made the file, for a changed setting, and nothing stands in it that is asked."""
    try:
        with path.open(encoding="utf-8") as file:
            is_own = file.readline() == HEAD.partition("\n")[0] + "\n"
        return is_own and not SettingsFile(path, {}).stated().intersection(ASKED)
    except (OSError, ValueError, ConfigError):
        return False


def ask() -> Config:
    """The configuration that the answers on standard input make. EOFError, KeyboardInterrupt: there are none."""
    answers: Answers = {"api": {}, "chat": {}, "image": {}}
    say(SERVICES)
    choice = _line("Choice", "4")
    while choice not in ("1", "2", "3", "4"):
        choice = _line("1, 2, 3 or 4", "4")
    if choice == "1":
        _setting(answers, "api", "token_provider_url", "Address of the token provider")
    elif choice == "2":
        _setting(answers, "api", "api_key", "API key (it is not shown)", hidden=True)
    elif choice == "3":
        answers["api"]["backend"] = "openai"
        _setting(answers, "api", "base_url", "Address of the service", OLLAMA)
        answers["api"].setdefault("base_url", OLLAMA)
        key = "API key (it is not shown), or Enter where none is needed"
        _setting(answers, "api", "api_key", key, hidden=True, optional=True)
    default = Config()
    _setting(answers, "chat", "name", "Name of the character", default.chat.name)
    _setting(answers, "chat", "model", "Model", AUTO_MODEL if choice == "3" else default.chat.model)
    _setting(answers, "image", "save_dir", "Folder for saved pictures", str(paths.pictures_dir(None)))
    return load_config(None, {}, flags=answers)


def _setting(
    answers: Answers,
    table: str,
    key: str,
    question: str,
    default: str = "",
    *,
    hidden: bool = False,
    optional: bool = False,
) -> None:
    """Ask until the answer can be used; the default, or where it is `optional` none, leaves the setting unset."""
    while True:
        answer = _line(question, default, hidden=hidden)
        if answer == default:
            if default or optional:
                return
            continue
        try:
            load_config(None, {}, flags={**answers, table: {**answers[table], key: answer}})
        except ConfigError as error:
            say(f"It must be {error.must_be}.")
        else:
            answers[table][key] = answer
            return


def _line(question: str, default: str, *, hidden: bool = False) -> str:
    prompt = printable(f"{question} [{default}]: " if default else f"{question}: ", newlines=False)
    if sys.stdin.isatty():
        answer = getpass(prompt) if hidden else input(prompt)
    else:
        say(prompt, end="")
        answer = sys.stdin.readline()
        if not answer:
            raise EOFError
        say("")  # nobody pressed Enter on the screen
    # An arrow key that was pressed on the way is no part of a name.
    return printable(well_formed(answer), newlines=False).strip() or default


def _write(path: Path, text: str) -> None:
    """Write the file whole or not at all, mode 0600. UserError when the disk refuses."""
    target = path.resolve()  # a link stays a link
    try:
        ensure_folder(target.parent)
        write_atomically(target, text.encode())
    except OSError as error:
        raise UserError(f"{path} cannot be written: {error.strerror or error}.") from None
