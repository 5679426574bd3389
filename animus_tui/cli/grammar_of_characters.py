"""The grammar of the commands about characters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from animus_tui.cli.parser import Parser, add_command, add_config, named

if TYPE_CHECKING:
    from animus_tui.cli.argparse_compat import Commands


def add_characters(commands: Commands[Parser]) -> None:
    """Add `characters`."""
    parser = add_command(
        commands,
        "characters",
        summary="list all characters",
        description="List all characters: key, where each comes from, name, description. Those of the configuration\n"
        "come first, then those that were imported, then those that come with the application.",
        examples="""\
  animus-chat characters
  animus-chat characters --json | jq -r .name
""",
    )
    add_config(parser)
    parser.add_argument(
        "--json", action="store_true", help="an object a line: key, name, origin, description, portrait"
    )


def add_character(commands: Commands[Parser]) -> None:
    """Add `character` with its actions."""
    parser = add_command(
        commands,
        "character",
        summary="import, export or remove a character",
        description="Import characters from cards, write one to a card, or remove one that was imported.",
        usage="animus-chat character import FILE...\n       animus-chat character export NAME -o FILE\n"
        "       animus-chat character remove NAME",
        examples="""\
  animus-chat character import ~/Downloads/*.png
  animus-chat character export henrik -o henrik.png
  animus-chat character remove henrik-vold
""",
    )
    add_config(parser)
    actions = parser.add_subparsers(
        prog="animus-chat character", dest="action", metavar="ACTION", title="actions", required=True
    )
    _add_character_import(actions)
    _add_character_export(actions)
    _add_character_remove(actions)


def _add_character_import(actions: Commands[Parser]) -> None:
    parser = add_command(
        actions,
        "import",
        summary="import characters from cards",
        description="Import the character of each card and print its name: PNG, JSON and CharX of version 1, 2 and 3,\n"
        "as SillyTavern, Chub, Agnai and RisuAI write them. A second one of the same name gets a number.",
        examples="""\
  animus-chat character import ~/Downloads/card.png
""",
    )
    parser.add_argument("files", nargs="+", metavar="FILE", type=named, help="a card; it is not changed")
    add_config(parser)


def _add_character_export(actions: Commands[Parser]) -> None:
    parser = add_command(
        actions,
        "export",
        summary="write a character to a card",
        description="Write a character to a new file and print its path: a PNG with the card in it, or JSON, of\n"
        "version 2, which other programs read. Nothing of an imported card is lost.",
        examples="""\
  animus-chat character export henrik -o henrik.png
  animus-chat character export "Henrik Vold" -o henrik.json
""",
    )
    _add_name(parser)
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        type=named,
        required=True,
        help="a new file that ends with .png or .json; none is ever overwritten",
    )
    add_config(parser)


def _add_character_remove(actions: Commands[Parser]) -> None:
    parser = add_command(
        actions,
        "remove",
        summary="remove an imported character",
        description="Delete a character that was imported, with its card and its portrait. Its conversations stay.",
        examples="""\
  animus-chat character remove henrik-vold
""",
    )
    _add_name(parser)
    add_config(parser)


def _add_name(parser: Parser) -> None:
    parser.add_argument(
        "name", metavar="NAME", type=named, help="the character: name, beginning of it, or key"
    )
