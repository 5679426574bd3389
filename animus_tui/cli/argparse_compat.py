"""What argparse keeps to itself and the command line needs all the same, in one module.

argparse names no type for what `add_subparsers` returns, and has no way to walk through a parser or to write out one
option as its help does. The manual page and the completion scripts, whose tests hold all of this, are made from that.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Commands = argparse._SubParsersAction  # noqa: SLF001
"""What `add_subparsers` returns."""


def arguments_of(parser: argparse.ArgumentParser) -> Sequence[argparse.Action]:
    """The options and arguments of a parser, in order, with its commands as one of them."""
    return parser._actions  # noqa: SLF001


def commands_of(parser: argparse.ArgumentParser) -> Iterator[tuple[str, str, argparse.ArgumentParser]]:
    """Name, summary and parser of each command."""
    for action in arguments_of(parser):
        if isinstance(action, Commands):
            summaries = {each.dest: each.help or "" for each in action._choices_actions}  # noqa: SLF001
            yield from ((name, summaries.get(name, ""), command) for name, command in action.choices.items())


def options_of(parser: argparse.ArgumentParser) -> Iterator[tuple[str, str]]:
    """Each option or argument as the help shows it: its names and values, and its explanation."""
    formatter = argparse.HelpFormatter(parser.prog)
    for action in arguments_of(parser):
        if not isinstance(action, Commands):
            explanation = formatter._expand_help(action) if action.help else ""  # noqa: SLF001
            yield formatter._format_action_invocation(action), explanation  # noqa: SLF001
