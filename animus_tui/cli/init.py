"""`init`: the few questions that a configuration file needs."""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import closing
from getpass import getpass
from typing import TYPE_CHECKING

from animus_tui import paths
from animus_tui.atomic import ensure_folder, write_atomically
from animus_tui.cli.compose import config_path
from animus_tui.cli.connect import ServiceFinder
from animus_tui.cli.output import DONE, say, well_formed
from animus_tui.config.connect_questions import Back, ConnectQuestions
from animus_tui.config.loading import default_of, load_config
from animus_tui.config.schema import Config
from animus_tui.config.services import DEMO, Connection, overruled, told_overruled
from animus_tui.config.settings_file import SettingsFile
from animus_tui.config.template import HEAD, settings_text
from animus_tui.errors import ConfigError, UsageError, UserError
from animus_tui.printable import printable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from animus_tui.cli.arguments import Arguments
    from animus_tui.config.connect_questions import Choice, ChoicePage, Field, FormPage

ALSO_ASKED = (("chat", "name"), ("image", "save_dir"))
"""Table and key of what is asked besides what connects a service."""
ASKED = (*Connection(title="", backend="openai", image_model="any").settings(Config()), *ALSO_ASKED)
"""Table and key of what is asked."""
BACK = "<"
"""What is typed to go back to the question before."""
MOST_LISTED = 40
"""Choices that are listed at once; of more, those with the words that are typed."""
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
    say(f"{does}. Enter takes the answer in [brackets]; while a service is chosen, {BACK} goes back.\n")
    try:
        config, connector = ask(arguments, env)
    except (EOFError, KeyboardInterrupt):
        say("")
        raise UserError("The questions were not answered; nothing was written.") from None
    connector.keep()
    if is_filled_in:
        told = {place: getattr(getattr(config, place[0]), place[1]) for place in ASKED}
        SettingsFile(path, {}).change_all(
            {place: value for place, value in told.items() if value != default_of(config, *place)}
        )
    else:
        _write(path, settings_text(config, show_defaults=False))
    say(f'\nWritten: {path}\n"animus-chat" starts, "animus-chat doctor" checks what was written.')
    if names := overruled(connector.connection.settings(Config()), env):
        say(told_overruled(names, "so not all of it counts"))
    return DONE


def _asks_for_more(path: Path) -> bool:
    """Whether the application made the file, for a changed setting, and nothing stands in it that is asked."""
    try:
        with path.open(encoding="utf-8") as file:
            is_own = file.readline() == HEAD.partition("\n")[0] + "\n"
        return is_own and not SettingsFile(path, {}).stated().intersection(ASKED)
    except (OSError, ValueError, ConfigError):
        return False


class InitConnector(ServiceFinder):
    """Remembers what was answered; it is written when all questions are answered."""

    def __init__(self, arguments: Arguments, env: Mapping[str, str]) -> None:
        super().__init__(arguments, env)
        self._urls = {name: env[name] for name in ("ANIMUS_BASE_URL", "ANIMUS_GENERATION_URL") if name in env}
        self.connection = Connection(title="", backend=None)

    async def configured(self) -> Config:
        """Nothing but the address of Animus, if the environment names another one."""
        return load_config(None, self._urls)

    async def connect(self, connection: Connection) -> None:
        """Remember the connection."""
        self.connection = connection

    def keep(self) -> None:
        """Keep the keys in the keyring, if they are to be there. UserError."""
        asyncio.run(self.keep_keys(self.connection))


class TerminalAsker:
    """Asks in plain text, a line each."""

    async def choose(self, page: ChoicePage) -> str:
        """The id of the choice that is named or numbered, or what was typed."""
        say(f"\n{page.title}")
        listed, default = self._list(page.choices, page.selected)
        while True:
            answer = _answer("Choice", default)
            if answer.isdecimal() and 0 < int(answer) <= len(listed):
                return listed[int(answer) - 1].id
            if chosen := next((each.id for each in page.choices if each.id == answer.casefold()), None):
                return chosen
            fitting = [each for each in page.choices if answer.casefold() in each.label.casefold()]
            same = [each for each in fitting if each.label.casefold() == answer.casefold()] or fitting
            if len(same) == 1:
                return same[0].id
            if page.takes_other and answer and not fitting:
                return answer
            if fitting:
                listed, default = self._list(fitting, page.selected)
            else:
                say(f"It must be a number from 1 to {len(listed)}, or a name.")

    def _list(self, choices: Sequence[Choice], selected: str) -> tuple[Sequence[Choice], str]:
        """Show the choices, numbered; with them the number that Enter takes."""
        listed, section = choices[:MOST_LISTED], ""
        for number, choice in enumerate(listed, 1):
            if choice.section != section:
                section = choice.section
                say(section)
            say(f"{number:3}  {choice.label}{f'  ({choice.note})' if choice.note else ''}")
        if len(listed) < len(choices):
            say(f"     and {len(choices) - len(listed)} more: type a part of the name.")
        at = next((number for number, choice in enumerate(listed, 1) if choice.id == selected), 1)
        return listed, str(at)

    async def fill(self, page: FormPage) -> dict[str, str]:
        """What is typed into each field, a line each."""
        say(f"\n{page.title}")
        return {field.id: self._ask(field) for field in page.fields}

    def _ask(self, field: Field) -> str:
        notes = [field.hint, "it is not shown"] if field.is_secret else [field.hint]
        note = ", ".join(filter(None, notes))
        question = f"{field.label} ({note})" if note else field.label
        while True:
            answer = _answer(question, "" if field.is_secret else field.value, hidden=field.is_secret)
            if answer or not field.is_needed:
                return answer

    def tell(self, sentence: str, *, can_leave: bool = True) -> None:
        """Print what is being waited for."""
        if can_leave:
            say(sentence)

    def refuse(self, sentence: str) -> None:
        """Print what was wrong."""
        say(sentence)


def ask(arguments: Arguments, env: Mapping[str, str]) -> tuple[Config, InitConnector]:
    """The configuration that the answers on standard input make. EOFError, KeyboardInterrupt: there are none."""
    connector = InitConnector(arguments, env)
    # Not asyncio.run: Ctrl+C has to end the line that is being typed.
    with closing(asyncio.new_event_loop()) as loop:
        loop.run_until_complete(_connect(connector))
    answers: Answers = {"api": {}, "chat": {}, "image": {}}
    for (table, key), value in connector.connection.settings(Config()).items():
        if value is not None:
            answers[table][key] = value
    default = Config()
    say("")
    _setting(answers, "chat", "name", "Name of the character", default.chat.name)
    _setting(answers, "image", "save_dir", "Folder for saved pictures", str(paths.pictures_dir(None)))
    return load_config(None, {}, flags=answers), connector


async def _connect(connector: InitConnector) -> None:
    config = await connector.configured()
    await ConnectQuestions(TerminalAsker(), connector, config, suggested=DEMO).ask()


def _setting(answers: Answers, table: str, key: str, question: str, default: str) -> None:
    """Ask until the answer can be used; the default leaves the setting unset."""
    while True:
        answer = _line(question, default)
        if answer == default:
            return
        try:
            load_config(None, {}, flags={**answers, table: {**answers[table], key: answer}})
        except ConfigError as error:
            say(f"It must be {error.must_be}.")
        else:
            answers[table][key] = answer
            return


def _answer(question: str, default: str, *, hidden: bool = False) -> str:
    """What was typed. Raises Back for what goes back."""
    answer = _line(question, default, hidden=hidden)
    if answer == BACK:
        raise Back
    return answer


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
