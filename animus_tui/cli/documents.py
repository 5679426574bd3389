"""`completion` and `man`: what other programs are told of the command line, made from its parser."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import shtab

from animus_tui import __version__
from animus_tui.cli.argparse_compat import arguments_of, commands_of, options_of
from animus_tui.cli.grammar import whole_parser
from animus_tui.cli.output import DONE, say

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Mapping

    from animus_tui.cli.arguments import Arguments

_IDS = "animus-chat conversations 2>/dev/null | cut -d' ' -f1"
_KEYS = "animus-chat characters 2>/dev/null | cut -d' ' -f1"
_BASH = f"""\
_animus_chat_ids() {{
  compgen -W "$({_IDS})" -- "$1"
}}
_animus_chat_characters() {{
  compgen -W "$({_KEYS})" -- "$1"
}}
"""
_ZSH = f"""\
_animus_chat_ids() {{
  compadd -- ${{(f)"$({_IDS})"}}
}}
_animus_chat_characters() {{
  compadd -- ${{(f)"$({_KEYS})"}}
}}
"""

PREAMBLES = {"bash": _BASH, "zsh": _ZSH, "fish": ""}
"""Shell → the functions that give the ids, and the keys of characters."""


def completion(arguments: Arguments, env: Mapping[str, str]) -> int:
    """Print the script that completes commands, options, files and ids in a shell."""
    parser = whole_parser()
    ids = {"bash": "_animus_chat_ids", "zsh": "_animus_chat_ids", "fish": f"({_IDS})"}
    characters = dict.fromkeys(("bash", "zsh"), "_animus_chat_characters") | {"fish": f"({_KEYS})"}
    for each in (parser, *(command for _, _, command in _all_commands(parser))):
        for action in arguments_of(each):
            if action.metavar == "FILE":
                action.complete = shtab.FILE  # type: ignore[attr-defined]
            elif action.metavar == "ID" and action.dest in ("conversation", "id", "ids"):
                action.complete = ids  # type: ignore[attr-defined]
            elif action.metavar == "NAME" and action.dest in ("name", "character"):
                action.complete = characters  # type: ignore[attr-defined]
    say(shtab.complete(parser, shell=arguments.shell, preamble=PREAMBLES[arguments.shell]), end="")
    return DONE


def man(arguments: Arguments, env: Mapping[str, str]) -> int:
    """Print the manual page."""
    say("\n".join(_page(whole_parser())))
    return DONE


def _page(parser: argparse.ArgumentParser) -> Iterator[str]:
    """The lines of the manual page, for `man`."""
    yield f'.TH ANIMUS\\-CHAT 1 "" "animus\\-chat {__version__}" "User commands"'
    yield from (".SH NAME", "animus\\-chat \\- talk with characters in the terminal, pictures included")
    yield ".SH SYNOPSIS"
    yield from _example(parser.format_usage().removeprefix("usage: "))
    yield from (".SH DESCRIPTION", _roff(parser.description or ""))
    yield ".SH OPTIONS"
    yield from _options(parser)
    yield ".SH COMMANDS"
    for name, summary, command in _all_commands(parser):
        yield f".SS {_roff(name)}"
        yield from (_roff(f"{(command.description or summary).rstrip('.')}."), ".PP")
        yield from _example(command.format_usage().removeprefix("usage: "))
        yield from _options(command)
        yield from _examples(command)
    yield from (".SH EXAMPLES", *_example(re.sub(r"\A.*?:\n", "", _part(parser, 0))))
    yield from (".SH SETTINGS", _roff(_part(parser, 1)))


def _all_commands(parser: argparse.ArgumentParser) -> Iterator[tuple[str, str, argparse.ArgumentParser]]:
    """Name, summary and parser of each command, and below it of its actions."""
    for name, summary, command in commands_of(parser):
        yield name, summary, command
        yield from ((f"{name} {action}", told, each) for action, told, each in _all_commands(command))


def _options(parser: argparse.ArgumentParser) -> Iterator[str]:
    for words, explanation in options_of(parser):
        yield from (".TP", f".B {_roff(words)}", _roff(explanation) or "\\&")


def _examples(parser: argparse.ArgumentParser) -> Iterator[str]:
    if parser.epilog:
        yield from (".PP", "Examples:", *_example(parser.epilog.removeprefix("examples:\n")))


def _part(parser: argparse.ArgumentParser, index: int) -> str:
    """What stands below the help, in parts with a blank line between them."""
    return (parser.epilog or "").split("\n\n")[index]


def _example(text: str) -> Iterator[str]:
    """Lines that are not filled, as an example."""
    yield from (".PP", ".nf", *(_roff(line) or "\\&" for line in text.rstrip().splitlines()), ".fi")


def _roff(text: str) -> str:
    """Text in which nothing is a request or an escape."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-").replace("…", "...")
    return "\n".join(f"\\&{line}" if line.startswith((".", "'")) else line for line in escaped.splitlines())
