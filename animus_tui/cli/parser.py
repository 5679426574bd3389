"""The parser of the command line, and the options that several commands have."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any, NoReturn

from animus_tui.cli.output import WRONG_USAGE, complain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from animus_tui.cli.argparse_compat import Commands

COMMON = ("config", "demo", "conversation", "last", "new", "temporary", "character", "graphics")
"""Options that may stand before the name of a command."""
LARGEST_PORT = 65535
SHOWN_LENGTH = 40
"""Characters of a wrong number that an error shows."""


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one sentence."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and where help is, and leave with exit code 2."""
        complain(f'{message}. "{self.prog} --help" shows usage.')
        raise SystemExit(WRONG_USAGE)


def add_command(
    commands: Commands[Parser],
    name: str,
    *,
    summary: str,
    description: str,
    examples: str,
    usage: str | None = None,
) -> Parser:
    """Add a command; `summary` stands in the list of commands, `examples` below the help of its own."""
    return commands.add_parser(
        name,
        help=summary,
        description=description,
        epilog=f"examples:\n{examples}",
        usage=usage,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


class CollectOption(argparse.Action):
    """Collects name and value; what is allowed is known where pictures are made."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,
    ) -> None:
        """Keep the option beside those before it."""
        before = getattr(namespace, "options", ())
        namespace.options = (*before, (self.option_strings[0].removeprefix("--"), values))


def add_config(parser: Parser) -> None:
    """Add `--config`."""
    # Suppressed, so that a command does not reset what was said before its name.
    parser.add_argument(
        "--config", metavar="FILE", type=named, default=argparse.SUPPRESS, help="the configuration file"
    )


def add_service(parser: Parser) -> None:
    """Add what decides which service answers."""
    add_config(parser)
    parser.add_argument(
        "--demo", action="store_true", default=argparse.SUPPRESS, help="use the embedded demo server, offline"
    )


def add_conversation(parser: Parser, *, temporary: bool = False, character: bool = True) -> None:
    """Add what decides in which conversation to go on.

    `temporary`: that may be one which is not kept; `character`: whether it is said here with whom a new one begins.
    """
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--conversation",
        metavar="ID",
        default=argparse.SUPPRESS,
        help="go on with this conversation; the beginning of its id is enough",
    )
    which.add_argument(
        "-c",
        "--continue",
        dest="last",
        action="store_true",
        default=argparse.SUPPRESS,
        help="go on with the conversation used last",
    )
    which.add_argument(
        "--new", action="store_true", default=argparse.SUPPRESS, help="begin a new conversation"
    )
    if character:
        parser.add_argument(
            "--character",
            metavar="NAME",
            type=named,
            default=argparse.SUPPRESS,
            help="begin a new conversation with this character; the beginning of its name is enough",
        )
    if temporary:
        which.add_argument(
            "--temporary",
            action="store_true",
            default=argparse.SUPPRESS,
            help="begin a conversation of which nothing is kept on disk",
        )


def add_graphics(parser: Parser) -> None:
    """Add how pictures are drawn."""
    parser.add_argument(
        "--graphics",
        choices=("auto", "kitty", "iterm2", "sixel", "mosaic", "block", "none"),
        default=argparse.SUPPRESS,
        help="how pictures are drawn",
    )


def add_events(parser: Parser) -> None:
    """Add how an exchange is told."""
    parser.add_argument("--json", action="store_true", help="print one event a line")
    parser.add_argument(
        "-v", "--verbose", action="store_true", help="print progress and notes to standard error"
    )


def port(text: str) -> int:
    """A port number, 0 for a free one."""
    # Python refuses to read a number of thousands of digits.
    if not text.isdecimal() or len(text) > len(str(LARGEST_PORT)) or int(text) > LARGEST_PORT:
        shown = text if len(text) <= SHOWN_LENGTH else f"{text[:SHOWN_LENGTH]}…"
        raise argparse.ArgumentTypeError(f'"{shown}" is not a port: 0 to {LARGEST_PORT}')
    return int(text)


def named(text: str) -> str:
    """A name that is not blank."""
    if not text.strip():
        raise argparse.ArgumentTypeError("a name is missing, this is blank")
    return text
